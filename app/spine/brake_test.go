package spine

import (
	"image"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/journal"
	"assist/app/session"
	"assist/media/input"
)

// The steps of raising a level, in order, at which it can be held up.
const (
	inBox     = "waiting behind something else"
	recording = "the log is opened"
	beginning = "the windows are told that the session has begun"
	logging   = "the level is written into the log"
	opening   = "the way in is opened"
	placing   = "the way in is told where the displays are"
	telling   = "the windows are told the level"
)

// delay is how long a step is held up.
const delay = 100 * time.Millisecond

// slow is a customer's computer that takes its time at one step, once.
type slow struct {
	step    string
	armed   atomic.Bool
	reached atomic.Bool
	opened  atomic.Int32 // how often the way in was opened
}

func (w *slow) at(step string) {
	if step == w.step && w.armed.CompareAndSwap(true, false) {
		w.reached.Store(true)
		time.Sleep(delay)
	}
}

// slowly puts w between the session and the customer's computer.
func slowly(t *testing.T, w *slow) func(*stage, *customer.Config) {
	folder := filepath.Join(t.TempDir(), "assist")
	return func(s *stage, c *customer.Config) {
		open, notify := c.OpenControl, c.Notify
		c.OpenControl = func(onState func(input.State)) (customer.Control, error) {
			w.at(opening)
			control, err := open(onState)
			return slowControl{control, w}, err
		}
		c.OpenJournal = func(j journal.Session) (*journal.Journal, error) {
			w.at(recording)
			return journal.Create(folder, j, slowSink{w})
		}
		c.Notify = func(ev customer.Event) {
			switch ev.(type) {
			case customer.Said:
				w.at(inBox)
			case customer.Started:
				w.at(beginning)
			case customer.AccessChanged, customer.PauseChanged:
				w.at(telling)
			}
			notify(ev)
		}
	}
}

type slowControl struct {
	customer.Control
	w *slow
}

func (c slowControl) Open() {
	c.w.opened.Add(1)
	c.Control.Open()
}

func (c slowControl) SetDisplays(at []image.Rectangle) {
	c.w.at(placing)
	c.Control.SetDisplays(at)
}

type slowSink struct{ w *slow }

func (k slowSink) Take(e journal.Entry) error {
	if strings.Contains(e.Text, session.SharedControl.String()) || strings.Contains(e.Text, "resumed") {
		k.w.at(logging)
	}
	return nil
}

func (slowSink) Close() error { return nil }

// act is something by which a customer takes back, and what may hold after it.
type act struct {
	name  string
	do    func(*stage)
	left  session.Access
	pause bool
}

var acts = []act{
	{"stop", func(s *stage) { s.customer.Stop() }, session.NoAccess, false},
	{"alarm", func(s *stage) { s.customer.Alarm() }, session.NoAccess, false},
	{"leave", func(s *stage) { s.customer.Leave() }, session.NoAccess, false},
	{"Pause key", func(s *stage) { s.panic() }, session.NoAccess, false},
	{"chat only", func(s *stage) { s.customer.SetAccess(session.ChatOnly, customer.Proof{}) }, session.ChatOnly, false},
	{"view only", func(s *stage) { s.customer.SetAccess(session.ViewOnly, customer.Proof{}) }, session.ViewOnly, false},
	{"pause", func(s *stage) { s.customer.Pause() }, session.SharedControl, true},
}

// way is one way for shared control to come about: what leads up to it, and the customer's yes.
type way struct {
	name  string
	to    func(*stage)
	yes   func(*stage)
	steps []string
}

// allow is the customer's yes, with a log.
func (s *stage) allow(level session.Access) {
	s.customer.Answer(customer.Consent{Access: level, Journal: true, Proof: called})
}

// seeing brings both into a live session at view only.
func (s *stage) seeing() {
	s.meet()
	s.allow(session.ViewOnly)
	has[engineer.AccessChanged](s, &s.toE, 1)
}

var ways = []way{
	{"first level", func(s *stage) { s.meet() }, func(s *stage) { s.allow(session.SharedControl) },
		[]string{recording, beginning, logging, opening, placing, telling}},
	{"customer's wish", (*stage).seeing, func(s *stage) { s.customer.SetAccess(session.SharedControl, called) },
		[]string{inBox, logging, opening, placing, telling}},
	{"engineer's request", func(s *stage) {
		s.seeing()
		s.engineer.Ask(session.SharedControl)
		has[customer.Requested](s, &s.toC, 1)
	}, func(s *stage) { s.customer.AnswerRequest(all[customer.Requested](&s.toC)[0].ID, true, called) },
		[]string{inBox, logging, opening, placing, telling}},
	{"end of a pause", func(s *stage) {
		s.meet()
		s.allow(session.SharedControl)
		has[engineer.AccessChanged](s, &s.toE, 1)
		s.customer.Pause()
		has[customer.PauseChanged](s, &s.toC, 1)
	}, (*stage).resume, []string{inBox, logging, telling}},
}

// TestTakenBackWhileRaising takes back at every step of raising: whatever was to come, it does not, from the moment at which the
// press has returned.
func TestTakenBackWhileRaising(t *testing.T) {
	for _, way := range ways {
		for _, step := range way.steps {
			for _, act := range acts {
				if step == recording && act.left > session.NoAccess {
					continue // there are no such buttons yet
				}
				t.Run(way.name+"/"+step+"/"+act.name, func(t *testing.T) {
					w := &slow{step: step}
					play(t, slowly(t, w), func(s *stage) { s.takeBack(w, way, act) })
				})
			}
		}
	}
}

func (s *stage) takeBack(w *slow, way way, act act) {
	s.Helper()
	way.to(s)
	synctest.Wait()
	w.armed.Store(true)
	if w.step == inBox {
		s.customer.Say("one moment")
		synctest.Wait()
	}
	way.yes(s)
	time.Sleep(delay / 2)
	if !w.reached.Load() {
		s.Fatal("the step was never reached")
	}
	act.do(s)
	opened, events, captures := w.opened.Load(), s.keyboard.Count(), s.desktop.opens()
	s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
	time.Sleep(5 * time.Second)
	s.desktop.paint(image.Rect(0, 0, 320, 200), 7, 7, 7)
	time.Sleep(5 * time.Second)
	synctest.Wait()
	if n := w.opened.Load(); n != opened {
		s.Errorf("the way in was opened %d times after that", n-opened)
	}
	if s.keyboard.Count() != events {
		s.Error("a key came through")
	}
	if sees := act.left >= session.ViewOnly && !act.pause; s.shows() != sees {
		s.Errorf("the engineer sees the screen: %v", s.shows())
	} else if !sees && s.desktop.opens() != captures {
		s.Error("the screen was opened after that")
	}
	s.left(w.step, act)
}

// left looks at what both ends were told in the end.
func (s *stage) left(step string, act act) {
	s.Helper()
	if act.left == session.NoAccess {
		ended := has[customer.Ended](s, &s.toC, 1)
		if live := step != recording; ended.Started.IsZero() == live || len(all[customer.Started](&s.toC)) == 0 == live {
			s.Errorf("told %v", names(&s.toC))
		}
		has[engineer.Ended](s, &s.toE, 1)
		return
	}
	if c, e := lastLevel(s), lastOf[engineer.AccessChanged](&s.toE).Access; c != act.left || e != act.left {
		s.Errorf("the customer reads %v, the engineer %v", c, e)
	}
	if act.pause && !lastOf[customer.PauseChanged](&s.toC).Paused {
		s.Error("the customer does not read that it is paused")
	}
}

// TestRaisedAfterTakenBack takes control back and, at once, gives it again with what that needs: the newest wish holds.
func TestRaisedAfterTakenBack(t *testing.T) {
	w := &slow{step: inBox}
	play(t, slowly(t, w), func(s *stage) {
		s.start(session.SharedControl)
		synctest.Wait()
		w.armed.Store(true)
		s.customer.Say("one moment")
		synctest.Wait()
		s.customer.SetAccess(session.ChatOnly, customer.Proof{})
		s.customer.SetAccess(session.SharedControl, customer.Proof{Digits: lastNeeds(s).Digits})
		s.customer.Pause()
		s.customer.Resume(customer.Proof{}) // no digits: nobody's wish
		time.Sleep(time.Second)
		if level := lastLevel(s); level != session.SharedControl {
			s.Errorf("level %v", level)
		}
		if !lastOf[customer.PauseChanged](&s.toC).Paused {
			s.Error("the pause is over")
		}
		s.resume()
		s.await("the pause is over", func() bool { return !lastOf[customer.PauseChanged](&s.toC).Paused })
		s.engineer.Key(engineer.Key{Usage: keyA, Down: true})
		s.await("the key", func() bool { held, _ := s.keyboard.Held(); return len(held) == 1 })
	})
}
