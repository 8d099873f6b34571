package spine

import (
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// TestStrangerCalled answers the scam question with no: there is no control, whatever else is said.
func TestStrangerCalled(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.meet()
		s.customer.Answer(customer.Consent{Access: session.SharedControl})
		time.Sleep(time.Second)
		if len(all[customer.Started](&s.toC)) != 0 {
			s.Fatal("control for somebody who called")
		}
		s.customer.Answer(customer.Consent{Access: session.ViewOnly})
		has[customer.Started](s, &s.toC, 1)
		if n := has[customer.AccessChanged](s, &s.toC, 1).Needs; !n.Called || n.Check || n.Digits != "" {
			s.Errorf("control needs %+v", n)
		}
		s.customer.SetAccess(session.SharedControl, customer.Proof{})
		has[customer.AccessChanged](s, &s.toC, 2)
		if got := all[engineer.AccessChanged](&s.toE); len(got) != 1 {
			s.Errorf("the engineer sees %v", got)
		}
		s.customer.SetAccess(session.SharedControl, called)
		if ev := has[customer.AccessChanged](s, &s.toC, 3); ev.Access != session.SharedControl {
			s.Errorf("level %v", ev.Access)
		}
	})
}

// TestDigits raises a level after the engineer had control: two digits are needed, each good for one try, and after three
// wrong ones there is a wait.
func TestDigits(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.customer.SetAccess(session.ChatOnly, customer.Proof{})
		needs := has[customer.AccessChanged](s, &s.toC, 2).Needs
		if len(needs.Digits) != 2 || needs.Called {
			s.Fatalf("needs %+v", needs)
		}
		s.engineer.Ask(session.ViewOnly)
		req := has[customer.Requested](s, &s.toC, 1)
		if req.Needs.Digits != needs.Digits {
			s.Errorf("two kinds of digits: %q and %q", req.Needs.Digits, needs.Digits)
		}
		seen := map[string]bool{needs.Digits: true}
		for i := range 3 {
			s.customer.AnswerRequest(req.ID, true, customer.Proof{Digits: "x" + req.Needs.Digits[:1]})
			req = has[customer.Requested](s, &s.toC, i+2)
			seen[req.Needs.Digits] = true
		}
		if len(seen) < 2 {
			s.Error("the digits do not change")
		}
		s.customer.AnswerRequest(req.ID, true, customer.Proof{Digits: req.Needs.Digits})
		time.Sleep(time.Second)
		if got := all[engineer.AccessChanged](&s.toE); len(got) != 2 {
			s.Errorf("raised without a wait: %v", got)
		}
		time.Sleep(30 * time.Second)
		asked := all[customer.Requested](&s.toC)
		s.customer.AnswerRequest(req.ID, true, customer.Proof{Digits: asked[len(asked)-1].Needs.Digits})
		if ev := has[engineer.AccessChanged](s, &s.toE, 3); ev.Access != session.ViewOnly {
			s.Errorf("level %v", ev.Access)
		}
		s.customer.SetAccess(session.SharedControl, called) // the customer's own wish needs them, too
		time.Sleep(time.Second)
		if got := all[engineer.AccessChanged](&s.toE); len(got) != 3 {
			s.Errorf("raised without digits: %v", got)
		}
		if why, ok := last[customer.Trouble](&s.toC); !ok || why.Problem.Code != problem.DigitsWait {
			s.Errorf("told %+v", why)
		}
	})
}

// TestGuessedDigits is a script left behind that guesses, as often as it likes: it gets six tries in a session.
func TestGuessedDigits(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.customer.SetAccess(session.ViewOnly, customer.Proof{})
		has[customer.AccessChanged](s, &s.toC, 2)
		for range 1000 {
			needs, _ := last[customer.AccessChanged](&s.toC)
			guess := "42"
			if guess == needs.Needs.Digits {
				guess = "43" // a wrong guess is wanted here
			}
			s.customer.SetAccess(session.SharedControl, customer.Proof{Called: true, Digits: guess})
			time.Sleep(31 * time.Second)
		}
		if level := lastLevel(s); level != session.ViewOnly {
			s.Errorf("level %v", level)
		}
		if why, _ := last[customer.Trouble](&s.toC); why.Problem.Code != problem.DigitsLocked {
			s.Errorf("told %v", why.Problem)
		}
		needs, _ := last[customer.AccessChanged](&s.toC)
		s.customer.SetAccess(session.SharedControl, customer.Proof{Called: true, Digits: needs.Needs.Digits})
		time.Sleep(time.Second)
		if level := lastLevel(s); level != session.ViewOnly {
			s.Errorf("level %v with the right digits, after six wrong ones", level)
		}
	})
}

// TestStillThere leaves the computer alone with shared control.
func TestStillThere(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		time.Sleep(customer.ConfirmTime)
		asked := has[customer.StillThere](s, &s.toC, 1)
		s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
		time.Sleep(time.Second)
		if held, _ := s.keyboard.Held(); len(held) != 0 {
			s.Error("a key came through while the question was open")
		}
		s.customer.StillHere(customer.Proof{Digits: asked.Digits})
		has[customer.StillThereGone](s, &s.toC, 1)
		time.Sleep(customer.ConfirmTime)
		has[customer.StillThere](s, &s.toC, 2)
		time.Sleep(customer.AnswerTime)
		if ev := has[engineer.AccessChanged](s, &s.toE, 2); ev.Access != session.ViewOnly {
			s.Errorf("level %v after silence", ev.Access)
		}
		s.await("the picture goes on", s.shows)
	})
}
