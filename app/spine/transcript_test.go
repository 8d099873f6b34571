package spine

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/identity"
	"assist/app/journal"
	"assist/app/link"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/app/wire"
)

// summaryTime is how long after the end both must have the summary.
const summaryTime = 2 * time.Second

// ends waits for both ends' last word, and returns their transcripts.
func (s *stage) ends(began time.Time) (mine, theirs *transcript.Finished) {
	s.Helper()
	c, e := has[customer.Ended](s, &s.toC, 1), has[engineer.Ended](s, &s.toE, 1)
	if took := time.Since(began); took > summaryTime {
		s.Errorf("the summary came after %v", took)
	}
	if c.Transcript == nil || e.Transcript == nil {
		s.Fatalf("customer %v, engineer %v", c.Transcript, e.Transcript)
	}
	return c.Transcript, e.Transcript
}

// proves reads a transcript as somebody does who trusts org.
func (s *stage) proves(f *transcript.Finished, org *identity.Organisation) transcript.Report {
	s.Helper()
	r, err := transcript.Verify(bytes.NewReader(f.Bytes()), org)
	if err != nil {
		s.Fatalf("%v\n%s", err, f.Bytes())
	}
	return r
}

// inputIs reports whether the engineer was told last that input is in the state.
func (s *stage) inputIs(state engineer.InputState) func() bool {
	return func() bool {
		list := all[engineer.InputChanged](&s.toE)
		return len(list) > 0 && list[len(list)-1].State == state
	}
}

// TestTranscript plays a session with something of everything, and ends it in every way there is.
func TestTranscript(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*stage)
		want problem.Code
		by   transcript.Person
	}{
		{"customer stops", func(s *stage) { s.customer.Stop() }, problem.CustomerEnded, transcript.TheCustomer},
		{"engineer ends", func(s *stage) { s.engineer.End() }, problem.EngineerEnded, transcript.TheEngineer},
		{"Pause key", func(s *stage) { s.panic() }, problem.PanicKey, transcript.TheCustomer},
		{"alarm, which is not the engineer's affair", func(s *stage) { s.customer.Alarm() }, problem.CustomerEnded, transcript.TheCustomer},
		{"engineer signs out, customer stops", func(s *stage) {
			s.engineer.SignOut()
			time.Sleep(time.Second)
			s.customer.Pause()
			time.Sleep(time.Second)
			s.customer.Stop()
		}, problem.CustomerEnded, transcript.TheCustomer},
		{"service lost, engineer ends", func(s *stage) {
			s.service.fall()
			time.Sleep(time.Second)
			s.engineer.End()
		}, problem.EngineerEnded, transcript.TheEngineer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var org *identity.Organisation
			play(t, func(_ *stage, c *customer.Config) { org = c.Trusted }, func(s *stage) {
				s.start(session.ViewOnly)
				s.engineer.Say("hello")
				s.customer.Say("good morning")
				has[engineer.Said](s, &s.toE, 2)
				has[customer.Said](s, &s.toC, 2)
				s.engineer.Ask(session.SharedControl)
				req := has[customer.Requested](s, &s.toC, 1)
				s.customer.AnswerRequest(req.ID, false, customer.Proof{})
				has[engineer.AskRefused](s, &s.toE, 1)
				s.customer.SetAccess(session.ChatOnly, customer.Proof{})
				has[engineer.AccessChanged](s, &s.toE, 2)
				s.customer.Pause()
				time.Sleep(time.Second)
				tt.end(s)
				mine, theirs := s.ends(time.Now())
				if !bytes.Equal(mine.Bytes(), theirs.Bytes()) {
					t.Errorf("customer's\n%s\nengineer's\n%s", mine.Bytes(), theirs.Bytes())
				}
				sum := s.proves(mine, org).Summary
				if sum.Signed != sum.Entries || sum.Reason != tt.want || sum.EndedBy != tt.by {
					t.Errorf("%+v", sum)
				}
				if sum.Customer.Name != form.Name || sum.Customer.Number != form.CustomerNumber || sum.Engineer.Name != "Ada Engineer" {
					t.Errorf("%+v", sum)
				}
				if len(sum.Levels) != 2 || sum.Levels[1].Access != session.ChatOnly || len(sum.Requests) != 1 || sum.Requests[0].Answer != transcript.No {
					t.Errorf("levels %+v, requests %+v", sum.Levels, sum.Requests)
				}
				if sum.Chat != (transcript.Chat{Customer: 1, Engineer: 1}) || len(sum.Pauses) != 1 {
					t.Errorf("chat %+v, pauses %+v", sum.Chat, sum.Pauses)
				}
				if strings.Contains(string(mine.Bytes()), "morning") {
					t.Error("chat is in the transcript")
				}
			})
		})
	}
}

// TestTranscriptOverNewLinks loses links while things happen. The transcript is one, whole, and signed by both.
func TestTranscriptOverNewLinks(t *testing.T) {
	for _, lose := range []string{"cut", "kill"} {
		t.Run(lose, func(t *testing.T) {
			var org *identity.Organisation
			play(t, func(_ *stage, c *customer.Config) { org = c.Trusted }, func(s *stage) {
				s.start(session.ViewOnly)
				for range 3 {
					s.engineer.Ask(session.SharedControl) // open when the link goes
					n := len(all[customer.Requested](&s.toC))
					s.await("the question", func() bool { return len(all[customer.Requested](&s.toC)) > n })
					if lose == "cut" {
						s.net.Cut()
					} else {
						s.net.Kill()
					}
					s.customer.SetAccess(session.ChatOnly, customer.Proof{}) // into nothing
					s.customer.Pause()
					s.engineer.Say("are you there?")
					s.customer.Say("hello?")
					s.linkDown()
					s.resume()
					time.Sleep(10 * time.Second)
					if lose == "cut" {
						s.net.Mend()
					}
					s.within(5*time.Second, "another link", s.linkUp)
					s.customer.SetAccess(session.ViewOnly, customer.Proof{})
					s.await("view only", func() bool { return lastOf[engineer.AccessChanged](&s.toE).Access == session.ViewOnly })
					time.Sleep(10 * time.Second)
				}
				s.customer.Stop()
				mine, theirs := s.ends(time.Now())
				if !bytes.Equal(mine.Bytes(), theirs.Bytes()) {
					t.Errorf("customer's\n%s\nengineer's\n%s", mine.Bytes(), theirs.Bytes())
				}
				sum := s.proves(mine, org).Summary
				if sum.Signed != sum.Entries || len(sum.Interruptions) != 3 || len(sum.Requests) != 3 || len(sum.Levels) != 7 {
					t.Errorf("%s", mine.Bytes())
				}
				if sum.Chat != (transcript.Chat{Customer: 3, Engineer: 3}) {
					t.Errorf("chat %+v", sum.Chat)
				}
			})
		})
	}
}

// TestTranscriptEndedWhileCut ends a session over no link. Each end closes its own copy; both are the same up to the last
// entry that both have.
func TestTranscriptEndedWhileCut(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*stage)
	}{
		{"customer", func(s *stage) { s.customer.Stop() }},
		{"engineer", func(s *stage) { s.engineer.End() }},
		{"nobody", func(*stage) { time.Sleep(link.Limit) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var org *identity.Organisation
			play(t, func(_ *stage, c *customer.Config) { org = c.Trusted }, func(s *stage) {
				s.start(session.ViewOnly)
				s.net.Cut()
				s.linkDown()
				tt.end(s)
				time.Sleep(time.Minute)
				s.net.Mend()
				c, e := has[customer.Ended](s, &s.toC, 1).Transcript, has[engineer.Ended](s, &s.toE, 1).Transcript
				mine, theirs := s.proves(c, org), s.proves(e, org)
				if mine.Summary.Signed != 2 || theirs.Summary.Signed != 2 {
					t.Errorf("customer's\n%s\nengineer's\n%s", c.Bytes(), e.Bytes())
				}
				a, b := bytes.SplitAfter(c.Bytes(), []byte("\n")), bytes.SplitAfter(e.Bytes(), []byte("\n"))
				for i := range 3 { // the heading and two entries
					if !bytes.Equal(a[i], b[i]) {
						t.Errorf("line %d: %s and %s", i+1, a[i], b[i])
					}
				}
			})
		})
	}
}

// TestTranscriptNeverLive has no session, and so no transcript.
func TestTranscriptNeverLive(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.meet()
		s.customer.Answer(customer.Consent{})
		if c, e := has[customer.Ended](s, &s.toC, 1), has[engineer.Ended](s, &s.toE, 1); c.Transcript != nil || e.Transcript != nil {
			s.Errorf("%v and %v", c.Transcript, e.Transcript)
		}
	})
}

// TestTranscriptSaved is on the disk when the customer asked for a log, and not otherwise.
func TestTranscriptSaved(t *testing.T) {
	for _, log := range []bool{true, false} {
		folder := filepath.Join(t.TempDir(), "assist")
		change := func(_ *stage, c *customer.Config) {
			c.OpenJournal = func(j journal.Session) (*journal.Journal, error) { return journal.Create(folder, j) }
		}
		play(t, change, func(s *stage) {
			s.meet()
			s.customer.Answer(customer.Consent{Access: session.ChatOnly, Journal: log})
			has[engineer.AccessChanged](s, &s.toE, 1)
			s.customer.Stop()
			ended := has[customer.Ended](s, &s.toC, 1)
			if !log {
				if _, err := os.Stat(folder); ended.TranscriptFile != "" || err == nil {
					s.Errorf("saved unasked: %q, %v", ended.TranscriptFile, err)
				}
				return
			}
			got, err := os.ReadFile(ended.TranscriptFile)
			if err != nil || !bytes.Equal(got, ended.Transcript.Bytes()) || filepath.Dir(ended.TranscriptFile) != folder {
				s.Errorf("%q: %v", ended.TranscriptFile, err)
			}
			if err := journal.Verify(ended.Journal); err != nil {
				s.Error(err)
			}
		})
	}
}

// TestTranscriptUnsigned has an engineer's end that signs nothing: the customer does not wait for it for long.
func TestTranscriptUnsigned(t *testing.T) {
	play(t, nil, func(s *stage) {
		h := s.hostileAt(session.ChatOnly)
		defer h.stop()
		began := time.Now()
		s.customer.Stop()
		f := has[customer.Ended](s, &s.toC, 1).Transcript
		if took := time.Since(began); took > summaryTime {
			s.Errorf("took %v", took)
		}
		if sum := f.Summary(); sum.Signed != 0 || sum.Entries != 3 {
			s.Errorf("%+v", sum)
		}
		if _, err := transcript.Verify(bytes.NewReader(f.Bytes()), nil); err == nil {
			s.Error("a transcript that one end made alone is valid")
		}
	})
}

// TestTranscriptForgedHead has an engineer's end that signs something else.
func TestTranscriptForgedHead(t *testing.T) {
	for _, number := range []uint32{1, 2, 3, 1 << 31} {
		play(t, nil, func(s *stage) {
			h := s.hostileAt(session.SharedControl)
			defer h.stop()
			if err := h.conn.Send(context.Background(), &wire.Head{Number: number}); err != nil {
				s.Fatal(err)
			}
			if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.PeerMisbehaved {
				s.Errorf("customer is told %v", p)
			}
			s.await("input closed", s.keyboard.Closed)
		})
	}
}
