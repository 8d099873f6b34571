package engineer

import (
	"assist/app/session"
	"assist/app/wire"
	"assist/media/input"
)

// release lets go of everything that is held.
type release struct{}

// UsageFromNative returns the key that the system's window calls scancode, by its place on the keyboard.
func UsageFromNative(scancode int) (Usage, bool) { return input.UsageFromNative(scancode) }

// PixelToFraction returns the wire's name for the centre of a pixel column or row of a display that has size of them.
func PixelToFraction(pixel, size int) uint16 { return input.PixelToFraction(pixel, size) }

// sendHands sends the engineer's keys and pointer. What is held is known here, too, so that losing the window's focus
// releases it by ordinary events.
func (t *talk) sendHands(n *turn) error {
	out := &sender{n: n}
	held := input.NewTracker(out)
	for {
		select {
		case <-n.ctx.Done():
			return n.ctx.Err()
		case <-t.hands.Ready():
		}
		events := t.hands.Take()
		for i, ev := range events {
			if mute := t.level.get() < session.SharedControl; mute != out.mute {
				out.mute = true // the customer's end has let go of everything
				if err := held.ReleaseAll(); err != nil {
					return err
				}
				out.mute = mute
			}
			if overtaken(ev, events[i+1:], out.last) {
				continue
			}
			if err := sendHand(held, ev); err != nil {
				return err
			}
		}
	}
}

// overtaken reports whether ev only moves the pointer and the next event moves it on.
func overtaken(ev any, rest []any, last Pointer) bool {
	p, ok := ev.(Pointer)
	if !ok || len(rest) == 0 || !isMove(p, last) {
		return false
	}
	next, ok := rest[0].(Pointer)
	return ok && isMove(next, last)
}

// isMove reports whether p does nothing but move, coming from last.
func isMove(p, last Pointer) bool {
	return p.WheelX == 0 && p.WheelY == 0 && p.Buttons == last.Buttons && p.Display == last.Display
}

func sendHand(to *input.Tracker, ev any) error {
	switch ev := ev.(type) {
	case Key:
		return to.Key(ev)
	case Pointer:
		return to.Pointer(ev)
	case string:
		return to.Text(ev)
	case release:
		return to.ReleaseAll()
	}
	return nil
}

// sender is the Sink at the end: the wire.
type sender struct {
	n     *turn
	last  Pointer
	count uint32 // input messages sent
	mute  bool   // nothing is sent
	stale bool   // the other end has not heard that the buttons are up
}

func (s *sender) Key(k Key) error { return s.send(&wire.Key{Key: k}) }

func (s *sender) Text(text string) error { return s.send(&wire.Text{Text: text}) }

// Pointer sends a change of buttons or wheel in order, and a mere move as a hint that may be lost.
func (s *sender) Pointer(p Pointer) error {
	if s.mute {
		s.stale = s.stale || s.last.Buttons != 0
		s.last = p
		return nil
	}
	if s.stale { // a button that it takes for one still held counts only once it was up
		s.stale = false
		up := p
		up.Buttons, up.WheelX, up.WheelY = 0, 0, 0
		if err := s.send(&wire.Point{Pointer: up}); err != nil {
			return err
		}
		s.last = up
	}
	move := isMove(p, s.last)
	s.last = p
	if move {
		return s.n.Send(s.n.ctx, &wire.Move{After: s.count, Display: p.Display, X: p.X, Y: p.Y})
	}
	return s.send(&wire.Point{Pointer: p})
}

func (s *sender) send(m wire.Message) error {
	if s.mute {
		return nil
	}
	s.count++
	return s.n.Send(s.n.ctx, m)
}
