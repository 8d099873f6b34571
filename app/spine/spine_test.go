package spine

import (
	"image"
	"slices"
	"testing"
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/link"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/input"
)

const keyA, keyB = input.Usage(0x04), input.Usage(0x05)

// TestWholeSession is a session as it should be: code, consent, picture, keys, chat, down, up, stop.
func TestWholeSession(t *testing.T) {
	play(t, nil, func(s *stage) {
		asked := s.meet()
		if !asked.Engineer.Verified || asked.Engineer.Name != "Ada Engineer" || asked.MustCheck {
			s.Errorf("asked about %+v", asked)
		}
		waiting := has[engineer.CustomerWaiting](s, &s.toE, 1)
		if waiting.CheckNumber != asked.CheckNumber || len(asked.CheckNumber) != 6 {
			s.Errorf("check numbers %q and %q", asked.CheckNumber, waiting.CheckNumber)
		}
		if waiting.Card.Name != form.Name || waiting.Card.CustomerNumber != form.CustomerNumber {
			s.Errorf("card %+v", waiting.Card)
		}
		if s.desktop.opens() != 0 {
			s.Error("the screen was opened before consent")
		}
		s.desktop.paint(image.Rect(10, 10, 50, 40), 200, 100, 50)
		s.customer.Answer(customer.Consent{Access: session.SharedControl, Proof: called})
		if ev := has[engineer.AccessChanged](s, &s.toE, 1); ev.Access != session.SharedControl {
			s.Errorf("engineer sees level %v", ev.Access)
		}
		s.await("the picture", s.shows)
		s.desktop.paint(image.Rect(0, 0, 320, 200), 1, 2, 3)
		s.await("the next picture", s.shows)

		s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
		s.engineer.Key(engineer.Key{Usage: keyA})
		s.engineer.Text("é")
		s.await("keys", func() bool { return s.keyboard.Typed() != "" })

		s.engineer.Say("hello")
		s.customer.Say("good morning")
		s.await("both said", func() bool {
			return len(all[customer.Said](&s.toC)) == 2 && len(all[engineer.Said](&s.toE)) == 2
		})

		s.customer.Stop()
		if p := has[engineer.Ended](s, &s.toE, 1).Problem; p.Code != problem.CustomerEnded {
			s.Errorf("engineer is told %v", p)
		}
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.CustomerEnded {
			s.Errorf("customer is told %v", p)
		}
		s.await("input closed", s.keyboard.Closed)
	})
}

// TestSilenceIsNo lets the consent question go unanswered.
func TestSilenceIsNo(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.meet()
		time.Sleep(customer.AnswerTime + time.Second)
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.ConsentTimeout {
			s.Errorf("customer is told %v", p)
		}
		if p := has[engineer.Ended](s, &s.toE, 1).Problem; p.Code != problem.ConsentTimeout {
			s.Errorf("engineer is told %v", p)
		}
		if s.desktop.opens() != 0 {
			s.Error("the screen was opened")
		}
	})
}

func TestDecline(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.meet()
		s.customer.Answer(customer.Consent{})
		s.customer.Answer(customer.Consent{Access: session.SharedControl}) // a second answer is none
		for _, p := range []*problem.Error{
			has[customer.Ended](s, &s.toC, 1).Problem, has[engineer.Ended](s, &s.toE, 1).Problem,
		} {
			if p.Code != problem.ConsentDeclined {
				s.Errorf("told %v", p)
			}
		}
	})
}

// TestUnverified holds the rule for engineers whose organisation the program does not know.
func TestUnverified(t *testing.T) {
	play(t, func(_ *stage, c *customer.Config) { c.Trusted = nil }, func(s *stage) {
		asked := s.meet()
		if asked.Engineer.Verified || !asked.MustCheck {
			s.Fatalf("%+v", asked)
		}
		for _, check := range []string{"", "000000x"} {
			s.customer.Answer(customer.Consent{Access: session.SharedControl, Proof: customer.Proof{Called: true, Check: check}})
		}
		time.Sleep(time.Second)
		if len(all[customer.Started](&s.toC)) != 0 {
			s.Fatal("control without the check number")
		}
		s.customer.Answer(customer.Consent{Access: session.SharedControl, Proof: customer.Proof{Called: true, Check: asked.CheckNumber}})
		if ev := has[customer.Started](s, &s.toC, 1); ev.Access != session.SharedControl {
			s.Errorf("%+v", ev)
		}
	})
}

// TestForgedEngineer has an engineer whose certificate another organisation signed.
func TestForgedEngineer(t *testing.T) {
	play(t, func(_ *stage, c *customer.Config) { c.Trusted = stranger(t) }, func(s *stage) {
		s.customer.Join(form, s.code())
		if p := has[customer.Refused](s, &s.toC, 1).Problem; p.Code != problem.EngineerForged {
			s.Errorf("told %v", p)
		}
	})
}

// TestDownIsInstant lowers the level while a key is down: it is released, and nothing more arrives.
func TestDownIsInstant(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
		s.await("the key", func() bool { held, _ := s.keyboard.Held(); return slices.Contains(held, keyA) })
		s.customer.SetAccess(session.ViewOnly, customer.Proof{})
		if held, buttons := s.keyboard.Held(); len(held) != 0 || buttons != 0 {
			s.Errorf("held after down: %v %v", held, buttons)
		}
		before := len(s.keyboard.Events())
		s.engineer.Key(engineer.Key{Usage: keyB, Down: true})
		s.engineer.Pointer(engineer.Pointer{X: 9, Y: 9, Buttons: input.Left})
		has[engineer.AccessChanged](s, &s.toE, 2)
		time.Sleep(time.Second)
		if got := len(s.keyboard.Events()); got != before {
			s.Errorf("%d events after down", got-before)
		}
		s.desktop.paint(image.Rect(0, 0, 9, 9), 9, 9, 9)
		s.await("the picture goes on", s.shows)
		s.customer.SetAccess(session.ChatOnly, customer.Proof{})
		has[engineer.AccessChanged](s, &s.toE, 3)
		s.await("the screen is closed", func() bool { return s.desktop.now.Closed() })
	})
}

// TestAsk walks the engineer's wish for more: yes, no, silence.
func TestAsk(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ChatOnly)
		s.engineer.Ask(session.ViewOnly)
		req := has[customer.Requested](s, &s.toC, 1)
		s.customer.AnswerRequest(req.ID+1, true, customer.Proof{}) // an answer to another question
		s.customer.AnswerRequest(req.ID, true, customer.Proof{})
		if ev := has[engineer.AccessChanged](s, &s.toE, 2); ev.Access != session.ViewOnly {
			s.Errorf("level %v", ev.Access)
		}
		s.await("the picture", s.shows)

		s.engineer.Ask(session.SharedControl)
		s.customer.AnswerRequest(has[customer.Requested](s, &s.toC, 2).ID, false, customer.Proof{})
		if ev := has[engineer.AskRefused](s, &s.toE, 1); ev.Access != session.SharedControl || ev.Silence {
			s.Errorf("refused: %+v", ev)
		}

		s.engineer.Ask(session.SharedControl) // at once again: the customer is not nagged
		has[engineer.AskRefused](s, &s.toE, 2)
		if n := len(all[customer.Requested](&s.toC)); n != 2 {
			s.Errorf("%d questions", n)
		}

		time.Sleep(time.Minute)
		s.engineer.Ask(session.SharedControl)
		has[customer.Requested](s, &s.toC, 3)
		time.Sleep(customer.AnswerTime)
		if ev := has[engineer.AskRefused](s, &s.toE, 3); !ev.Silence {
			s.Errorf("silence: %+v", ev)
		}
		has[customer.RequestGone](s, &s.toC, 3)

		s.engineer.Ask(session.ChatOnly) // down needs no question
		if ev := has[engineer.AccessChanged](s, &s.toE, 3); ev.Access != session.ChatOnly {
			s.Errorf("level %v", ev.Access)
		}
	})
}

// TestInputPausesWhileAQuestionIsOpen raises from control is impossible, so it asks down from nothing: the question here
// is one for control while control was taken back.
func TestInputStates(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.await("input on", func() bool {
			list := all[engineer.InputChanged](&s.toE)
			return len(list) > 0 && list[len(list)-1].State == engineer.InputOn
		})
		s.customer.Pause()
		s.await("paused at both", func() bool {
			e := all[engineer.InputChanged](&s.toE)
			p := all[engineer.PictureChanged](&s.toE)
			return e[len(e)-1].State == engineer.InputPaused && len(p) == 1 && p[0].Paused
		})
		s.desktop.paint(image.Rect(0, 0, 320, 200), 77, 0, 0)
		s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
		time.Sleep(time.Second)
		if s.shows() {
			s.Error("the picture went on")
		}
		if held, _ := s.keyboard.Held(); len(held) != 0 {
			s.Error("a key came through")
		}
		s.resume()
		s.await("the picture is back", s.shows)
	})
}

func TestPanicKey(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.await("the key is grabbed", func() bool { return s.panic != nil })
		if !has[customer.Started](s, &s.toC, 1).PanicKey {
			s.Error("the customer is not told of the key")
		}
		s.panic()
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.PanicKey {
			s.Errorf("customer is told %v", p)
		}
		if p := has[engineer.Ended](s, &s.toE, 1).Problem; p.Code != problem.PanicKey {
			s.Errorf("engineer is told %v", p)
		}
	})
}

// TestLinkDrops interrupts the link, and then loses it. What becomes of a lost one is in resume_test.go.
func TestLinkDrops(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
		s.await("the key", func() bool { held, _ := s.keyboard.Held(); return len(held) == 1 })
		s.links[0].Interrupt(true)
		if ev := has[customer.LinkChanged](s, &s.toC, 1); ev.Up {
			s.Error("the link is up")
		}
		s.await("the key is released", func() bool { held, _ := s.keyboard.Held(); return len(held) == 0 })
		s.links[0].Interrupt(false)
		if ev := has[customer.LinkChanged](s, &s.toC, 2); !ev.Up {
			s.Error("the link is down")
		}
		s.engineer.Key(engineer.Key{Usage: keyB, Down: true})
		s.await("keys again", func() bool { held, _ := s.keyboard.Held(); return slices.Contains(held, keyB) })
		s.links[0].Lose()
		if ev := has[customer.LinkChanged](s, &s.toC, 3); ev.Up || time.Until(ev.Until) <= link.Limit-time.Second {
			s.Errorf("customer is told %+v", ev)
		}
		s.await("the key is released", func() bool { held, _ := s.keyboard.Held(); return len(held) == 0 })
	})
}

// TestServiceLost takes the service away: before a session it is said, during one it does not matter.
func TestServiceLost(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ViewOnly)
		s.service.fall()
		if ev := has[engineer.ServiceChanged](s, &s.toE, 1); ev.Up {
			s.Error("the service is up")
		}
		s.desktop.paint(image.Rect(5, 5, 90, 90), 3, 3, 3)
		s.await("the session goes on", s.shows)
		s.customer.Stop()
		has[engineer.Ended](s, &s.toE, 1)
		s.customer.Join(form, code.Code{Room: "999", Secret: code.NewSecret()})
		if p := has[customer.Refused](s, &s.toC, 1).Problem; p.Code != problem.ServiceUnreachable {
			s.Errorf("customer is told %v", p)
		}
		s.service.rise()
		if ev := has[engineer.ServiceChanged](s, &s.toE, 2); !ev.Up {
			s.Error("the service is not back")
		}
		s.engineer.SignIn("ada", "right horse")
		has[engineer.SignedIn](s, &s.toE, 2)
	})
}

func TestSignInFails(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.engineer.SignIn("ada", "wrong")
		if p := has[engineer.SignInFailed](s, &s.toE, 1).Problem; p.Code != problem.SignInFailed {
			s.Errorf("told %v", p)
		}
		s.engineer.NewCode()
		if p := has[engineer.SignInFailed](s, &s.toE, 2).Problem; p.Code != problem.SignInRequired {
			s.Errorf("told %v", p)
		}
	})
}

// TestTampering changes one byte on the way: the session ends, and nobody believes it.
func TestTampering(t *testing.T) {
	for _, ch := range []wire.Channel{wire.Control, wire.Exact, wire.Input, wire.Chat} {
		t.Run(ch.String(), func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				s.net.TamperWith(func(msg []byte, on wire.Channel) []byte {
					if on == ch {
						msg[len(msg)/2] ^= 1
					}
					return msg
				})
				s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
				s.engineer.Say("x")
				s.engineer.Ask(session.ViewOnly)
				s.desktop.paint(image.Rect(0, 0, 50, 50), 4, 4, 4)
				c, e := has[customer.Ended](s, &s.toC, 1).Problem, has[engineer.Ended](s, &s.toE, 1).Problem
				if c.Code != problem.PeerMisbehaved && e.Code != problem.PeerMisbehaved {
					s.Errorf("told %v and %v", c, e)
				}
				if len(all[customer.Said](&s.toC)) != 0 && ch == wire.Chat {
					s.Error("a forged chat message was shown")
				}
			})
		})
	}
}
