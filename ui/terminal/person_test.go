package terminal

import (
	"strings"
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
)

// needs says that a level holds, and the digits that are needed next.
func needs(a session.Access, digits string) customer.AccessChanged {
	return customer.AccessChanged{Access: a, Needs: customer.Needs{Digits: digits}}
}

// TestResume ends a pause after the engineer had control: with the digits, and not with anything else.
func TestResume(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.SharedControl, customer.Needs{Digits: "31"})
		r.line("p", "p")
		r.did("pause")
		r.says("Paused", "see your screen, and use your mouse and keyboard, again?", "type 31")
		r.line("y")
		r.says("Not allowed")
		r.line("p", "13")
		r.did("resume 13")
		r.feed(needs(session.SharedControl, "52"))
		r.says("That was not right", "type 52")
		r.line("52")
		r.did("resume 52")
		r.feed(customer.PauseChanged{}, needs(session.SharedControl, "64"))
		r.says("No longer paused")
		r.line("64") // nothing is asked any more
		r.did("say 64")
		r.line("p", "p", "s") // stop goes past the question
		r.did("pause", "stop")
	})
}

func TestStillThere(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.SharedControl, customer.Needs{Digits: "31"})
		until := time.Now().Add(time.Minute)
		r.feed(customer.StillThere{Until: until, Digits: "31"})
		time.Sleep(45 * time.Second)
		r.says("Are you still there?", "1:00", "type 31", "0:30")
		r.line("", "yes")
		r.did("say yes")
		r.line("１３")
		r.did("still here 13")
		r.feed(needs(session.SharedControl, "52"), customer.StillThere{Until: until, Digits: "52"})
		r.says("That was not right", "type 52")
		r.line("52")
		r.did("still here 52")
		r.feed(customer.StillThereGone{}, needs(session.SharedControl, "64"))
		r.line("64")
		r.did("say 64")
		r.feed(customer.StillThere{Until: time.Now().Add(time.Minute), Digits: "64"})
		if strings.Contains(r.says("type 64"), "not right") {
			t.Error("what was right before is called wrong")
		}
		r.line("1") // a level is no answer
		r.did("set chat only {Check: Called:false Digits:}")
	})
}

// TestCancelTheAnswer takes a yes back while the session has not begun. A no needs nothing more.
func TestCancelTheAnswer(t *testing.T) {
	for _, line := range []string{"x", "X", "ｓ"} {
		play(t, Options{}, func(r *rig) {
			r.feed(customer.Asked{Engineer: ada, Until: time.Now().Add(time.Minute)})
			r.line("1", "", "")
			r.says("One moment", "x = cancel > ")
			r.line("", "1", line, line)
			r.did("answer {Access:chat only Journal:false CleanUp:false Proof:{Check: Called:false Digits:}}", "stop")
			r.feed(customer.Ended{Problem: problem.New(problem.CustomerEnded, nil)})
			r.says("No session took place", "You ended the session", "Code > ")
		})
	}
	play(t, Options{}, func(r *rig) {
		r.feed(customer.Asked{Engineer: ada, Until: time.Now().Add(time.Minute)})
		r.line("0", "x")
		r.did("answer {Access:none Journal:false CleanUp:false Proof:{Check: Called:false Digits:}}")
	})
}
