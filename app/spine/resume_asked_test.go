package spine

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
	"assist/media/input"
)

// TestCutWhileAsked drops the link while the question is open: the answer counts all the same.
func TestCutWhileAsked(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer customer.Consent
		want   problem.Code // "" for a session
	}{
		{"yes", customer.Consent{Access: session.SharedControl, Proof: called}, ""},
		{"no", customer.Consent{}, problem.ConsentDeclined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.meet()
				s.await("the link", func() bool { return len(s.links) == 2 })
				time.Sleep(time.Second)
				s.net.Cut()
				time.Sleep(30 * time.Second)
				synctest.Wait()
				s.net.Mend()
				s.customer.Answer(tt.answer)
				if tt.want == "" {
					s.within(5*time.Second, "the picture", s.shows)
					s.engineer.Key(engineer.Key{Usage: keyB, Down: true})
					s.await("a key", func() bool { held, _ := s.keyboard.Held(); return slices.Equal(held, []input.Usage{keyB}) })
					s.customer.Stop()
					tt.want = problem.CustomerEnded
				}
				for _, p := range []*problem.Error{has[customer.Ended](s, &s.toC, 1).Problem, has[engineer.Ended](s, &s.toE, 1).Problem} {
					if p.Code != tt.want {
						s.Errorf("told %v", p)
					}
				}
			})
		})
	}
}

// TestSilenceWhileCut leaves the question open over a link that is gone for good.
func TestSilenceWhileCut(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.meet()
		time.Sleep(time.Second)
		s.net.Cut()
		time.Sleep(customer.AnswerTime + time.Minute)
		synctest.Wait()
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.ConsentTimeout {
			s.Errorf("customer is told %v", p)
		}
		if p := has[engineer.Ended](s, &s.toE, 1).Problem; p.Code != problem.ConsentTimeout {
			s.Errorf("engineer is told %v", p)
		}
	})
}
