package spine

import (
	"testing"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// TestUnseen has the customer's program find that the customer does not see any more what is shared: what must not go on so has stopped
// when that is said, and both are told why. A level that may go on holds.
func TestUnseen(t *testing.T) {
	for _, tt := range []struct {
		name       string
		before     session.Access
		why        problem.Code
		want       session.Access
		nothingNew bool
	}{
		{"control", session.SharedControl, problem.SignHidden, session.ViewOnly, false},
		{"a picture", session.ViewOnly, problem.SignHidden, session.ViewOnly, true},
		{"control, with our windows in the picture", session.SharedControl, problem.Unmarked, session.ChatOnly, false},
		{"a picture with our windows", session.ViewOnly, problem.Unmarked, session.ChatOnly, false},
		{"chat", session.ChatOnly, problem.Unmarked, session.ChatOnly, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.customer.Unseen(tt.why) // before a session: nothing
				s.start(tt.before)
				s.customer.Unseen(tt.why)
				s.customer.Unseen(tt.why)
				if tt.nothingNew {
					s.engineer.Say("still there")
					has[customer.Said](s, &s.toC, 1)
					if told := all[customer.Trouble](&s.toC); len(told) != 0 || lastLevel(s) != tt.before {
						s.Errorf("told %v, level %v", told, lastLevel(s))
					}
					return
				}
				if e := has[engineer.AccessChanged](s, &s.toE, 2); e.Access != tt.want {
					s.Errorf("level %v, want %v", e.Access, tt.want)
				}
				if p := has[engineer.Trouble](s, &s.toE, 1).Problem; p.Code != tt.why {
					s.Errorf("the engineer is told %v", p)
				}
				if p := has[customer.Trouble](s, &s.toC, 1).Problem; p.Code != tt.why {
					s.Errorf("the customer is told %v", p)
				}
			})
		})
	}
}
