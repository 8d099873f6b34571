package server

import (
	"errors"
	"strings"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/audit"
	"assist/signaling/client"
)

// agreed brings a customer and an engineer into a session, and returns how each says that it ended well.
func agreed(t *testing.T, customer, engineer *client.Conn) (ofCustomer, ofEngineer signaling.Ended) {
	t.Helper()
	j, reply := meet(t, customer, engineer, openRoom(t, engineer))
	if err := customer.Confirm(t.Context(), []byte("m3")); err != nil {
		t.Fatal(err)
	}
	next[signaling.Confirmed](t, engineer)
	if err := engineer.Accept(t.Context(), j.Attempt); err != nil {
		t.Fatal(err)
	}
	next[signaling.Accepted](t, customer)
	ofEngineer = signaling.Ended{
		Attempt: j.Attempt, Session: strings.Repeat("ab", 8), Started: time.Now(), Finished: time.Now(), Reason: "customer-ended",
	}
	ofCustomer = ofEngineer
	ofCustomer.Report = reply.Report
	return ofCustomer, ofEngineer
}

// because returns the line with another reason.
func because(e signaling.Ended, reason string) signaling.Ended {
	e.Reason = reason
	return e
}

// TestReportOverAnotherConnection loses both connections to the service in the middle of a session.
func TestReportOverAnotherConnection(t *testing.T) {
	for _, tt := range []struct {
		name    string
		restart bool
		connect func(*service, *testing.T) *client.Conn
	}{
		{"a customer's", false, (*service).customer},
		{"one that resumes", false, func(x *service, t *testing.T) *client.Conn { return x.party(t, theTicket) }},
		{"after a restart", true, (*service).customer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			x := serve(t, dir)
			customer, engineer := x.customer(t), x.engineer(t)
			ofCustomer, ofEngineer := agreed(t, customer, engineer)
			_, _ = customer.Close(), engineer.Close()
			if tt.restart {
				x.end()
				x = serve(t, dir)
			}
			again := tt.connect(x, t)
			for _, reason := range []string{signaling.Alarm, "customer-ended"} { // in this order: an end does not keep an alarm out
				if err := again.Ended(t.Context(), because(ofCustomer, reason)); err != nil {
					t.Errorf("%s: %v", reason, err)
				}
				if err := tt.connect(x, t).Ended(t.Context(), because(ofCustomer, reason)); !errors.Is(err, client.ErrUsed) {
					t.Errorf("%s, said again: %v", reason, err)
				}
			}
			if err := x.engineer(t).Ended(t.Context(), ofEngineer); err != nil {
				t.Errorf("the engineer: %v", err)
			}
			got := map[string]int{}
			for _, e := range x.recorded(t, audit.SessionEnded) {
				got[e.Role+" "+e.Account+" "+e.Reason]++
				if e.Attempt != ofEngineer.Attempt || e.Session != ofEngineer.Session {
					t.Errorf("recorded %+v", e)
				}
			}
			if len(got) != 3 || got["customer  alarm"] != 1 || got["customer  customer-ended"] != 1 || got["engineer ann customer-ended"] != 1 {
				t.Errorf("the audit log has %v", got)
			}
		})
	}
}

// TestReportOfAnothersSession has strangers, and the ends of other sessions, say how a session went.
func TestReportOfAnothersSession(t *testing.T) {
	x := serve(t, t.TempDir())
	customer, engineer := x.customer(t), x.engineer(t)
	ofCustomer, ofEngineer := agreed(t, customer, engineer)
	other, otherEngineer := agreed(t, x.customer(t), engineer)
	mixed := ofCustomer
	mixed.Report = other.Report
	missing := otherEngineer
	missing.Attempt = strings.Repeat("0", 32)

	open, reply := meet(t, x.customer(t), engineer, openRoom(t, engineer)) // a guess that nobody has accepted
	guess := signaling.Ended{Attempt: open.Attempt, Report: reply.Report, Reason: signaling.Alarm}
	ofGuess := guess
	ofGuess.Report = ""
	late := func() *client.Conn {
		x.jump(25 * time.Hour)
		return customer
	}
	for _, tt := range []struct {
		name string
		by   *client.Conn
		says signaling.Ended
	}{
		{"without a token", x.customer(t), ofEngineer},
		{"with another's token", x.customer(t), mixed},
		{"with another's token, when it resumes", x.party(t, theTicket), mixed},
		{"before it is accepted", x.customer(t), guess},
		{"the engineer, before it is accepted", engineer, ofGuess},
		{"of an attempt that is not there", engineer, missing},
		{"another engineer", x.engineerAs(t, "bob"), ofEngineer},
		{"a day later", late(), ofCustomer},
	} {
		if err := tt.by.Ended(t.Context(), tt.says); !errors.Is(err, client.ErrUnknown) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if all := x.recorded(t, audit.SessionEnded); len(all) != 0 {
		t.Errorf("recorded: %+v", all)
	}
}
