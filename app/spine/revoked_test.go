package spine

import (
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// TestRevoked closes the engineer's account in the middle of a session, and while the customer is asked.
func TestRevoked(t *testing.T) {
	t.Run("in a session", func(t *testing.T) {
		play(t, nil, func(s *stage) {
			s.start(session.SharedControl)
			s.service.revoke()
			if ev := has[customer.Ended](s, &s.toC, 1); ev.Problem.Code != problem.EngineerRevoked || ev.Started.IsZero() {
				t.Errorf("%+v", ev)
			}
			has[engineer.Ended](s, &s.toE, 1)
		})
	})
	t.Run("while asked", func(t *testing.T) {
		play(t, nil, func(s *stage) {
			s.meet()
			s.service.revoke()
			if ev := has[customer.Ended](s, &s.toC, 1); ev.Problem.Code != problem.EngineerRevoked || !ev.Started.IsZero() {
				t.Errorf("%+v", ev)
			}
			s.customer.Answer(customer.Consent{Access: session.ViewOnly})
			time.Sleep(time.Minute)
			if n := len(all[customer.Started](&s.toC)); n != 0 {
				t.Errorf("live %d times", n)
			}
		})
	})
}

// TestNotAccepted has an engineer's program that tells the service nothing of the session: nobody is asked.
func TestNotAccepted(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.service.mute()
		s.customer.Join(form, s.code())
		if p := has[customer.Refused](s, &s.toC, 1).Problem; p.Code != problem.EngineerSilent {
			t.Errorf("told %v", p)
		}
		if n := len(all[customer.Asked](&s.toC)); n != 0 {
			t.Errorf("asked %d times", n)
		}
	})
}
