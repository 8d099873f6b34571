package spine

import (
	"testing"
	"testing/synctest"

	"assist/app/customer"
	"assist/app/session"
)

// TestJoinRightAfterLeave presses Connect while the attempt before is still ending.
func TestJoinRightAfterLeave(t *testing.T) {
	play(t, nil, func(s *stage) {
		c := s.code()
		s.customer.Join(form, c)
		s.customer.Leave()
		s.customer.Join(form, c)
		has[customer.Connecting](s, &s.toC, 2)
		has[customer.Asked](s, &s.toC, 1)
		s.customer.Answer(customer.Consent{Access: session.ViewOnly})
		has[customer.Started](s, &s.toC, 1)
	})
}

// TestJoinNobodyWantsAnyMore presses Connect and takes that back at once: nothing is tried.
func TestJoinNobodyWantsAnyMore(t *testing.T) {
	play(t, nil, func(s *stage) {
		c := s.code()
		s.customer.Join(form, c)
		s.customer.Leave()
		s.customer.Join(form, c)
		s.customer.Leave()
		synctest.Wait()
		if n := len(all[customer.Asked](&s.toC)); n != 0 {
			t.Errorf("asked %d times", n)
		}
		s.customer.Join(form, c)
		has[customer.Asked](s, &s.toC, 1)
	})
}
