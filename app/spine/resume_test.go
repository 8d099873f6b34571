package spine

import (
	"fmt"
	"image"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/link"
	"assist/app/problem"
	"assist/app/session"
	"assist/media/input"
)

// lastOf returns the last event of type T, the zero one if there is none.
func lastOf[T, E any](l *log[E]) (ev T) {
	if list := all[T](l); len(list) > 0 {
		ev = list[len(list)-1]
	}
	return ev
}

// linkUp reports whether both ends believe that the link is up. They say so when it changes.
func (s *stage) linkUp() bool {
	c, e := all[customer.LinkChanged](&s.toC), all[engineer.LinkChanged](&s.toE)
	return (len(c) == 0 || c[len(c)-1].Up) && (len(e) == 0 || e[len(e)-1].Up)
}

// linkDown waits until both know that the link is gone, which takes them as long as they are silent to each other.
func (s *stage) linkDown() {
	s.Helper()
	s.await("both know that the link is gone", func() bool {
		return !lastOf[customer.LinkChanged](&s.toC).Up && len(all[customer.LinkChanged](&s.toC)) > 0 && !lastOf[engineer.LinkChanged](&s.toE).Up
	})
}

// within waits until ok holds, at most d.
func (s *stage) within(d time.Duration, what string, ok func() bool) {
	s.Helper()
	began := time.Now()
	for synctest.Wait(); !ok(); synctest.Wait() {
		if time.Since(began) > d {
			s.Fatalf("not within %v: %s\ncustomer: %v\nengineer: %v", d, what, names(&s.toC), names(&s.toE))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestResume cuts the network for so long. The session goes on as it was.
func TestResume(t *testing.T) {
	for _, tt := range []struct{ cut, back time.Duration }{
		{10 * time.Second, 3 * time.Second}, {60 * time.Second, 5 * time.Second}, {19 * time.Minute, 5 * time.Second},
	} {
		t.Run(tt.cut.String(), func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				s.await("the picture", s.shows)
				s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
				s.await("the key", func() bool { held, _ := s.keyboard.Held(); return slices.Contains(held, keyA) })

				s.net.Cut()
				s.within(3*time.Second, "nothing held, input off", func() bool {
					held, _ := s.keyboard.Held()
					return len(held) == 0 && lastOf[customer.InputChanged](&s.toC).State == customer.InputOff
				})
				s.linkDown()
				if until := lastOf[customer.LinkChanged](&s.toC).Until; time.Until(until) > link.Limit || time.Until(until) < link.Limit-time.Second {
					s.Errorf("waits until %v", until)
				}
				s.await("the screen is not read", func() bool { return s.desktop.now.Closed() })
				events := len(s.keyboard.Events())
				for range 20 { // typed into nothing
					s.engineer.Key(engineer.Key{Usage: keyB, Down: true})
					s.engineer.Key(engineer.Key{Usage: keyB})
					s.engineer.Text("lost")
				}
				s.desktop.paint(image.Rect(3, 3, 200, 90), 7, 8, 9)
				time.Sleep(tt.cut - 3*time.Second)
				synctest.Wait()
				s.net.Mend()
				s.within(tt.back, "the picture", func() bool { return s.linkUp() && s.shows() })
				s.within(time.Second, "input", func() bool { return lastOf[engineer.InputChanged](&s.toE).State == engineer.InputOn })
				if got := len(s.keyboard.Events()); got != events {
					s.Errorf("%d events of before arrived", got-events)
				}
				s.engineer.Key(engineer.Key{Usage: keyB, Down: true})
				s.await("keys again", func() bool { held, _ := s.keyboard.Held(); return slices.Equal(held, []input.Usage{keyB}) })
				s.engineer.Pointer(engineer.Pointer{X: 500, Y: 600, Buttons: input.Left})
				s.await("buttons again", func() bool { _, buttons := s.keyboard.Held(); return buttons == input.Left })

				if n := len(all[customer.Asked](&s.toC)) + len(all[customer.Started](&s.toC)) + len(all[engineer.CustomerWaiting](&s.toE)); n != 3 {
					s.Errorf("asked, started and waiting %d times", n)
				}
				if n := len(all[customer.AccessChanged](&s.toC)); n != 1 {
					s.Errorf("the level changed %d times", n)
				}
				s.customer.Stop()
				for _, p := range []*problem.Error{has[customer.Ended](s, &s.toC, 1).Problem, has[engineer.Ended](s, &s.toE, 1).Problem} {
					if p.Code != problem.CustomerEnded {
						s.Errorf("told %v", p)
					}
				}
			})
		})
	}
}

// TestResumeEndsAfterTheLimit waits for a network that comes back too late.
func TestResumeEndsAfterTheLimit(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ViewOnly)
		s.net.Cut()
		time.Sleep(link.Limit + time.Minute)
		synctest.Wait()
		for _, p := range []*problem.Error{has[customer.Ended](s, &s.toC, 1).Problem, has[engineer.Ended](s, &s.toE, 1).Problem} {
			if p.Code != problem.LinkLost {
				s.Errorf("told %v", p)
			}
		}
		made := len(s.links)
		s.net.Mend()
		time.Sleep(10 * time.Minute)
		if s.meeting.Here() != 0 || len(s.links) > made+2 { // each makes one ready for the next code
			s.Errorf("%d at the service, %d links", s.meeting.Here(), len(s.links))
		}
	})
}

// TestRelayKilled has the relay die, again and again.
func TestRelayKilled(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		for i := range 4 {
			s.await("the picture", s.shows)
			s.net.Kill()
			s.desktop.paint(image.Rect(0, 0, 100+i, 100), byte(i), 2, 3)
			s.within(5*time.Second, "another link", func() bool { return s.linkUp() && s.shows() })
		}
	})
}

// TestServiceRestarted takes the service away with its relay. The session goes on, though the engineer has to sign in
// again for the next.
func TestServiceRestarted(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.await("the picture", s.shows)
		s.service.fall()
		s.meeting.Fall()
		s.net.Kill()
		s.desktop.paint(image.Rect(0, 0, 100, 100), 1, 2, 3)
		time.Sleep(30 * time.Second)
		s.service.rise()
		s.meeting.Rise()
		s.within(5*time.Second, "another link", func() bool { return s.linkUp() && s.shows() })
		s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
		s.await("keys", func() bool { held, _ := s.keyboard.Held(); return len(held) == 1 })
		if n := len(all[customer.Ended](&s.toC)) + len(all[engineer.Ended](&s.toE)); n != 0 {
			s.Error("the session ended")
		}
	})
}

// TestEndWhileCut ends the session over no link, in every way there is. It is over at once where it is ended, and
// as soon as it can be known at the other end.
func TestEndWhileCut(t *testing.T) {
	for _, tt := range []struct {
		name               string
		end                func(*stage)
		customer, engineer problem.Code
	}{
		{"stop", func(s *stage) { s.customer.Stop() }, problem.CustomerEnded, problem.CustomerEnded},
		{"alarm", func(s *stage) { s.customer.Alarm() }, problem.Alarm, problem.CustomerEnded},
		{"panic key", func(s *stage) { s.panic() }, problem.PanicKey, problem.PanicKey},
		{"engineer", func(s *stage) { s.engineer.End() }, problem.EngineerEnded, problem.EngineerEnded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				s.await("the picture", s.shows)
				s.net.Cut()
				s.linkDown()
				time.Sleep(30 * time.Second)
				tt.end(s)
				ended := func() (n int) { return len(all[customer.Ended](&s.toC)) + len(all[engineer.Ended](&s.toE)) }
				s.within(2*time.Second, "one end has ended", func() bool { return ended() == 1 })
				time.Sleep(30 * time.Second)
				s.net.Mend()
				s.within(5*time.Second, "both have ended", func() bool { return ended() == 2 })
				if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != tt.customer {
					s.Errorf("customer is told %v", p)
				}
				if p := has[engineer.Ended](s, &s.toE, 1).Problem; p.Code != tt.engineer {
					s.Errorf("engineer is told %v", p)
				}
				if opens := s.desktop.opens(); opens != 1 {
					s.Errorf("the screen was opened %d times", opens)
				}
				s.within(time.Minute, "nobody at the service", func() bool { return s.meeting.Here() == 0 })
			})
		})
	}
}

// TestLowerWhileCut has the customer take back control while nobody is there. It stays taken.
func TestLowerWhileCut(t *testing.T) {
	for _, to := range []session.Access{session.ViewOnly, session.ChatOnly} {
		t.Run(to.String(), func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				s.await("the picture", s.shows)
				s.net.Cut()
				s.linkDown()
				s.customer.SetAccess(to, customer.Proof{})
				if ev := has[customer.AccessChanged](s, &s.toC, 2); ev.Access != to {
					s.Errorf("level %v", ev.Access)
				}
				time.Sleep(time.Minute)
				s.net.Mend()
				s.within(5*time.Second, "the level", func() bool {
					return s.linkUp() && lastOf[engineer.AccessChanged](&s.toE).Access == to
				})
				events := len(s.keyboard.Events())
				s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
				s.desktop.paint(image.Rect(0, 0, 20, 20), 1, 2, 3)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if len(s.keyboard.Events()) != events {
					s.Error("a key came through")
				}
				if s.shows() != (to == session.ViewOnly) {
					s.Errorf("the picture at %v", to)
				}
			})
		})
	}
}

// TestNothingRisesWhileCut tries every way up while nobody is there.
func TestNothingRisesWhileCut(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ChatOnly)
		s.engineer.Ask(session.ViewOnly)
		req := has[customer.Requested](s, &s.toC, 1)
		s.net.Cut()
		s.linkDown()
		has[customer.RequestGone](s, &s.toC, 1)
		s.customer.AnswerRequest(req.ID, true, customer.Proof{Called: true})
		s.customer.SetAccess(session.SharedControl, customer.Proof{Called: true})
		s.customer.SetAccess(session.ViewOnly, customer.Proof{Called: true})
		time.Sleep(10 * time.Second)
		s.net.Mend()
		s.within(5*time.Second, "up", s.linkUp)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if level := lastOf[engineer.AccessChanged](&s.toE).Access; level != session.ChatOnly {
			s.Errorf("the engineer has %v", level)
		}
		if level := lastOf[customer.AccessChanged](&s.toC).Access; level != session.ChatOnly {
			s.Errorf("the customer is told %v", level)
		}
		if ev := has[engineer.AskRefused](s, &s.toE, 1); ev.Access != session.ViewOnly {
			s.Errorf("refused %+v", ev)
		}
		if s.desktop.opens() != 0 {
			s.Error("the screen was opened")
		}
		s.customer.SetAccess(session.ViewOnly, customer.Proof{Called: true}) // now it counts
		s.await("the picture", s.shows)
	})
}

// TestPausedStaysPaused pauses before and during a cut.
func TestPausedStaysPaused(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.await("the picture", s.shows)
		s.net.Cut()
		s.linkDown()
		s.customer.Pause()
		time.Sleep(30 * time.Second)
		s.desktop.paint(image.Rect(0, 0, 20, 20), 1, 2, 3)
		s.net.Mend()
		s.within(5*time.Second, "up and paused", func() bool {
			return s.linkUp() && lastOf[engineer.PictureChanged](&s.toE).Paused && lastOf[engineer.InputChanged](&s.toE).State == engineer.InputPaused
		})
		time.Sleep(5 * time.Second)
		if s.shows() {
			s.Error("the picture goes on")
		}
		s.net.Cut()
		s.linkDown()
		s.resume()
		time.Sleep(30 * time.Second)
		s.net.Mend()
		s.within(5*time.Second, "the picture", func() bool { return s.shows() && !lastOf[engineer.PictureChanged](&s.toE).Paused })
	})
}

// said returns what one end's window shows of the other's messages.
func (s *stage) said() (toCustomer, toEngineer []string) {
	for _, m := range all[customer.Said](&s.toC) {
		if m.FromEngineer {
			toCustomer = append(toCustomer, m.Text)
		}
	}
	for _, m := range all[engineer.Said](&s.toE) {
		if m.FromCustomer {
			toEngineer = append(toEngineer, m.Text)
		}
	}
	return toCustomer, toEngineer
}

// TestChatAcrossACut loses and repeats nothing of what people wrote.
func TestChatAcrossACut(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ChatOnly)
		var want []string
		for round := range 3 {
			for i := range 12 {
				switch i {
				case 3:
					s.net.Cut()
				case 9:
					time.Sleep(30 * time.Second)
					s.net.Mend()
				}
				text := fmt.Sprint(round, " ", i)
				want = append(want, text)
				s.customer.Say(text)
				s.engineer.Say(text)
				time.Sleep(500 * time.Millisecond)
			}
			s.within(5*time.Second, "up", s.linkUp)
		}
		s.within(10*time.Second, "all messages", func() bool {
			c, e := s.said()
			return len(c) >= len(want) && len(e) >= len(want)
		})
		time.Sleep(time.Minute)
		if c, e := s.said(); !slices.Equal(c, want) || !slices.Equal(e, want) {
			s.Errorf("customer heard %q, engineer %q", c, e)
		}
	})
}
