package spine

import (
	"testing"
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// TestCodeLeadsOnceOnly tries a code again after its session.
func TestCodeLeadsOnceOnly(t *testing.T) {
	play(t, nil, func(s *stage) {
		c := s.code()
		s.customer.Join(form, c)
		has[customer.Asked](s, &s.toC, 1)
		s.customer.Answer(customer.Consent{Access: session.ChatOnly})
		has[customer.Started](s, &s.toC, 1)
		s.engineer.End()
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.EngineerEnded {
			s.Errorf("customer is told %v", p)
		}
		s.customer.Join(form, c)
		if p := has[customer.Refused](s, &s.toC, 1).Problem; p.Code != problem.CodeUsed {
			s.Errorf("second use: %v", p)
		}
	})
}

// wrong returns a code of the same room with another secret.
func wrong(t *testing.T, c code.Code) code.Code {
	t.Helper()
	for {
		if other := (code.Code{Room: c.Room, Secret: code.NewSecret()}); other != c {
			return other
		}
	}
}

// TestWrongSecrets burns a code with three wrong guesses. A right one before that is welcome.
func TestWrongSecrets(t *testing.T) {
	play(t, nil, func(s *stage) {
		c := s.code()
		for i, left := range []int{2, 1, 0} {
			s.customer.Join(form, wrong(t, c))
			refused := has[customer.Refused](s, &s.toC, i+1)
			want := problem.CodeWrong
			if left == 0 {
				want = problem.CodeBurnt
			}
			if refused.Problem.Code != want || refused.GuessesLeft != left {
				s.Errorf("guess %d: %v, %d left", i, refused.Problem.Code, refused.GuessesLeft)
			}
			if left > 0 {
				if g := has[engineer.GuessFailed](s, &s.toE, i+1); g.Left != left {
					s.Errorf("engineer sees %d left, want %d", g.Left, left)
				}
			}
		}
		if p := has[engineer.CodeGone](s, &s.toE, 1).Problem; p.Code != problem.CodeBurnt {
			s.Errorf("engineer is told %v", p)
		}
		fresh := has[engineer.CodeReady](s, &s.toE, 2).Code
		if fresh.Room == c.Room {
			s.Error("the burnt room is back")
		}
		s.customer.Join(form, c)
		if p := has[customer.Refused](s, &s.toC, 4).Problem; p.Code == problem.CodeWrong {
			s.Errorf("the burnt code: %v", p)
		}
		s.customer.Join(form, fresh)
		has[customer.Asked](s, &s.toC, 1)
	})
}

func TestRightSecretAfterWrongOnes(t *testing.T) {
	play(t, nil, func(s *stage) {
		c := s.code()
		s.customer.Join(form, wrong(t, c))
		has[customer.Refused](s, &s.toC, 1)
		s.customer.Join(form, c)
		has[customer.Asked](s, &s.toC, 1)
	})
}

func TestCodeLife(t *testing.T) {
	for _, tt := range []struct {
		name   string
		extend bool
		after  time.Duration
		want   problem.Code // empty: the consent question
	}{
		{"in time", false, code.Validity - time.Second, ""},
		{"too late", false, code.Validity + time.Second, problem.CodeExpired},
		{"extended, in time", true, code.Validity + code.Extension - time.Second, ""},
		{"extended, too late", true, code.Validity + code.Extension + time.Second, problem.CodeExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				c := s.code()
				if tt.extend {
					s.engineer.ExtendCode()
					if ev := has[engineer.CodeReady](s, &s.toE, 2); ev.CanExtend || ev.Code != c {
						s.Errorf("extended: %+v", ev)
					}
					s.engineer.ExtendCode()
					if p := has[engineer.CodeFailed](s, &s.toE, 1).Problem; p.Code != problem.CodeExtended {
						s.Errorf("extended twice: %v", p)
					}
				}
				time.Sleep(tt.after)
				s.customer.Join(form, c)
				if tt.want == "" {
					has[customer.Asked](s, &s.toC, 1)
					return
				}
				if p := has[customer.Refused](s, &s.toC, 1).Problem; p.Code != tt.want {
					s.Errorf("told %v", p)
				}
				if p := has[engineer.CodeGone](s, &s.toE, 1).Problem; p.Code != tt.want {
					s.Errorf("engineer told %v", p)
				}
			})
		})
	}
}
