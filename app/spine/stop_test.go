package spine

import (
	"testing"
	"testing/synctest"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// ends are the ways in which a customer ends a session, with what comes of them once the answer is given.
var ends = []struct {
	name string
	do   func(*stage)
	want problem.Code
}{
	{"stop", func(s *stage) { s.customer.Stop() }, problem.CustomerEnded},
	{"alarm", func(s *stage) { s.customer.Alarm() }, problem.Alarm},
	{"leave", func(s *stage) { s.customer.Leave() }, problem.CustomerEnded},
	{"Pause key", func(s *stage) { s.panic() }, problem.PanicKey},
}

// TestStopBeforeTheLink takes the answer back while the link is not up yet: it is over at once, and nothing ever becomes live.
func TestStopBeforeTheLink(t *testing.T) {
	for _, end := range ends {
		t.Run(end.name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				c := s.code()
				s.net.Cut() // the relay is slow
				s.customer.Join(form, c)
				has[customer.Asked](s, &s.toC, 1)
				s.customer.Answer(customer.Consent{Access: session.SharedControl, Proof: called})
				time.Sleep(time.Second)
				if len(all[customer.Started](&s.toC)) != 0 {
					s.Fatal("live without a link")
				}
				end.do(s)
				synctest.Wait()
				ended := all[customer.Ended](&s.toC)
				if len(ended) != 1 || ended[0].Problem.Code != end.want || !ended[0].Started.IsZero() {
					s.Errorf("told %v", names(&s.toC))
				}
				s.net.Mend()
				time.Sleep(time.Minute)
				if len(all[customer.Started](&s.toC)) != 0 || s.desktop.opens() != 0 || len(all[engineer.AccessChanged](&s.toE)) != 0 {
					s.Errorf("it became live all the same: %v", names(&s.toC))
				}
				s.await("the report", func() bool { return s.service.reported(string(end.want)) })
			})
		})
	}
}

// TestStopWithTheAnswer gives an answer and takes it back in the same moment, over a link that is up. However the two fall, it ends,
// and nothing is shown or opened once the press has returned.
func TestStopWithTheAnswer(t *testing.T) {
	for _, end := range ends {
		t.Run(end.name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.meet()
				s.customer.Answer(customer.Consent{Access: session.SharedControl, Proof: called})
				end.do(s)
				captures := s.desktop.opens()
				s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
				if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != end.want {
					s.Errorf("customer is told %v", p)
				}
				has[engineer.Ended](s, &s.toE, 1)
				time.Sleep(time.Minute)
				if s.keyboard.Count() != 0 || s.desktop.opens() != captures {
					s.Errorf("%d keys, %d captures of %d", s.keyboard.Count(), s.desktop.opens(), captures)
				}
			})
		})
	}
}

// TestPanicKeyFromTheQuestionOn presses the Pause key while the question is open, and looks that it is let go of after the session.
func TestPanicKeyFromTheQuestionOn(t *testing.T) {
	var held holds
	play(t, func(_ *stage, c *customer.Config) { c.GrabPanicKey = held.around(c.GrabPanicKey) }, func(s *stage) {
		s.meet()
		if held.count() != 1 {
			s.Fatalf("the key is held %d times while the question is open", held.count())
		}
		s.panic()
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.PanicKey {
			s.Errorf("customer is told %v", p)
		}
		if p := has[engineer.Ended](s, &s.toE, 1).Problem; p.Code != problem.PanicKey {
			s.Errorf("engineer is told %v", p)
		}
		s.await("the key is free", func() bool { return held.count() == 0 })
		s.panic() // too late: it means nothing
		s.engineer.NewCode()
		s.customer.Join(form, has[engineer.CodeReady](s, &s.toE, 2).Code)
		has[customer.Asked](s, &s.toC, 2)
		s.customer.Answer(customer.Consent{Access: session.ViewOnly})
		has[customer.Started](s, &s.toC, 1)
		s.customer.Stop()
		has[customer.Ended](s, &s.toC, 2)
		s.await("the key is free again", func() bool { return held.count() == 0 })
	})
}
