package input

import "image"

// Own knows this program's own windows.
type Own interface {
	// Rects are the places of the visible ones, with their frames, in desktop pixels.
	Rects() []image.Rectangle
	// Focused reports whether keys go to one of them.
	Focused() bool
}

// Guard is a Sink that keeps the engineer out of this program's own windows, so that nobody but the
// customer answers what they ask. It drops
//
//   - the pointer over an own window, and lets go of the buttons where it was before;
//   - keys and text while an own window has the focus;
//   - everything while it is paused, which it must be before a question is shown;
//   - the Pause key, the customer's way out.
type Guard struct {
	next     Sink
	own      Own // nil: there are no windows
	displays *Displays
	held     held
	paused   bool
}

// NewGuard returns a Guard in front of next. Own may be nil; displays say where a pointer is.
func NewGuard(next Sink, own Own, displays *Displays) *Guard {
	return &Guard{next: next, own: own, displays: displays}
}

// SetPaused stops or resumes everything. Pausing releases what is held.
func (g *Guard) SetPaused(on bool) error {
	g.paused = on
	if !on {
		return nil
	}
	return g.held.release(g.next)
}

// Paused reports what SetPaused set.
func (g *Guard) Paused() bool { return g.paused }

// Tick lets go of keys that the focus has taken into an own window, before they repeat there.
func (g *Guard) Tick() error {
	if len(g.held.keys) == 0 || !g.focused() {
		return nil
	}
	return g.held.release(g.next)
}

func (g *Guard) focused() bool {
	return g.own != nil && g.own.Focused()
}

// Key implements Sink.
func (g *Guard) Key(k Key) error {
	if k.Usage == Pause || k.Down && (g.paused || g.focused()) || !g.held.key(k) {
		return nil
	}
	return g.next.Key(k)
}

// Pointer implements Sink.
func (g *Guard) Pointer(p Pointer) error {
	if g.paused || !p.Stay && g.covered(p) {
		return g.held.block(p, g.next)
	}
	if p.Stay { // it is somewhere, perhaps over an own window: release only
		p.Buttons &= g.held.buttons
		p.WheelX, p.WheelY = 0, 0
		if p.Buttons == g.held.buttons {
			return nil
		}
	}
	return g.next.Pointer(g.held.pass(p))
}

// covered reports whether p is over an own window or nowhere.
func (g *Guard) covered(p Pointer) bool {
	at, ok := g.displays.Place(p)
	if !ok {
		return true
	}
	if g.own == nil {
		return false
	}
	for _, r := range g.own.Rects() {
		if at.In(r) {
			return true
		}
	}
	return false
}

// Text implements Sink.
func (g *Guard) Text(s string) error {
	if g.paused || g.focused() {
		return nil
	}
	return g.next.Text(s)
}
