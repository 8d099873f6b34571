package spine

import (
	"context"
	"image"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// holds counts how often the Pause key is held.
type holds struct{ n atomic.Int32 }

func (h *holds) count() int { return int(h.n.Load()) }

// around counts what grab holds.
func (h *holds) around(grab func(context.Context, func()) (io.Closer, error)) func(context.Context, func()) (io.Closer, error) {
	return func(ctx context.Context, fn func()) (io.Closer, error) {
		_, err := grab(ctx, fn)
		h.n.Add(1)
		return h, err
	}
}

func (h *holds) Close() error {
	h.n.Add(-1)
	return nil
}

// presses reports whether the engineer's keys come through.
func (s *stage) presses() bool {
	before := s.keyboard.Count()
	s.engineer.Key(engineer.Key{Usage: keyB, Down: true})
	s.engineer.Key(engineer.Key{Usage: keyB})
	time.Sleep(time.Second)
	return s.keyboard.Count() > before
}

// sees reports whether the engineer sees what is painted now.
func (s *stage) sees(shade byte) bool {
	s.desktop.paint(image.Rect(0, 0, 320, 200), shade, 1, 2)
	time.Sleep(time.Second)
	return s.shows()
}

// TestResumeByScript has a script that the engineer left behind press on when the customer has paused, at any level: neither picture
// nor input comes back. Two digits bring back what was there.
func TestResumeByScript(t *testing.T) {
	for _, level := range []session.Access{session.ViewOnly, session.SharedControl} {
		t.Run(level.String(), func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				s.customer.SetAccess(level, customer.Proof{})
				s.customer.Pause()
				has[customer.PauseChanged](s, &s.toC, 1)
				for range 1000 {
					s.customer.Resume(customer.Proof{})
				}
				if s.presses() || s.sees(9) {
					s.Error("the pause is over without two digits")
				}
				if why, _ := last[customer.Trouble](&s.toC); why.Problem == nil || why.Problem.Code != problem.DigitsWait {
					s.Errorf("told %v", why.Problem)
				}
				time.Sleep(31 * time.Second)
				s.resume()
				s.await("the pause is over", func() bool { return !lastOf[customer.PauseChanged](&s.toC).Paused })
				if !s.sees(10) || s.presses() != (level == session.SharedControl) || lastLevel(s) != level {
					s.Error("not all is back that was there before")
				}
			})
		})
	}
}

// TestResumeByAPress needs no digits as long as the engineer could leave nothing behind.
func TestResumeByAPress(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ViewOnly)
		s.customer.Pause()
		has[customer.PauseChanged](s, &s.toC, 1)
		if s.sees(5) {
			s.Error("the picture goes on")
		}
		s.customer.Resume(customer.Proof{})
		s.customer.Resume(customer.Proof{}) // twice is as good as once
		if s.await("the picture", s.shows); lastOf[customer.PauseChanged](&s.toC).Paused {
			s.Error("the customer still reads that it is paused")
		}
		if n := len(all[customer.AccessChanged](&s.toC)); n != 1 {
			s.Errorf("the level is told %d times", n)
		}
	})
}

// TestStillThereByScript answers that somebody is there without the digits: control ends.
func TestStillThereByScript(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		time.Sleep(customer.ConfirmTime)
		asked := has[customer.StillThere](s, &s.toC, 1)
		if len(asked.Digits) != 2 {
			s.Fatalf("asked %+v", asked)
		}
		for i := range 2 {
			s.customer.StillHere(customer.Proof{Digits: "x"})
			if again := has[customer.StillThere](s, &s.toC, i+2); again.Until != asked.Until || again.Digits == asked.Digits && i == 0 {
				s.Errorf("asked %+v and then %+v", asked, again)
			}
		}
		for range 1000 {
			s.customer.StillHere(customer.Proof{})
		}
		time.Sleep(customer.AnswerTime)
		has[customer.StillThereGone](s, &s.toC, 1)
		if lastLevel(s) != session.ViewOnly || s.presses() {
			s.Errorf("level %v: a script keeps control", lastLevel(s))
		}
		s.customer.StillHere(customer.Proof{Digits: lastNeeds(s).Digits}) // nothing is asked any more
		time.Sleep(time.Second)
		if lastLevel(s) != session.ViewOnly {
			s.Error("an answer to nothing raises the level")
		}
	})
}

// TestStillThereWhilePaused uses the digits for the pause, while it is asked whether somebody is there: that question gets others.
func TestStillThereWhilePaused(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		s.customer.Pause()
		time.Sleep(customer.ConfirmTime)
		first := has[customer.StillThere](s, &s.toC, 1)
		s.resume()
		second := has[customer.StillThere](s, &s.toC, 2)
		if second.Digits == first.Digits || second.Until != first.Until || second.Digits != lastNeeds(s).Digits {
			s.Errorf("asked %+v and then %+v; the next digits are %q", first, second, lastNeeds(s).Digits)
		}
		s.customer.StillHere(customer.Proof{Digits: second.Digits})
		has[customer.StillThereGone](s, &s.toC, 1)
		time.Sleep(2 * customer.AnswerTime)
		if lastLevel(s) != session.SharedControl || !s.presses() {
			s.Error("control is gone though somebody is there")
		}
	})
}

// TestConfirmSooner asks as soon as the configuration wants, and never later than is usual.
func TestConfirmSooner(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{
		0: customer.ConfirmTime, time.Minute: time.Minute, -time.Minute: customer.ConfirmTime, 5 * time.Hour: customer.ConfirmTime,
	} {
		play(t, func(_ *stage, c *customer.Config) { c.Confirm = given }, func(s *stage) {
			s.start(session.SharedControl)
			began := time.Now()
			synctest.Wait()
			time.Sleep(want - time.Second)
			if n := len(all[customer.StillThere](&s.toC)); n != 0 {
				s.Errorf("%v: asked after %v", given, time.Since(began))
			}
			has[customer.StillThere](s, &s.toC, 1)
		})
	}
}
