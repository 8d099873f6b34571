package input

import (
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// textPiece is how many characters go through the gate at a time, so that closing it never
// waits for a long text.
const textPiece = 2

// Gate is a Sink that drops everything while closed, and is closed when made. It is also the
// lock of what lies behind it: one event at a time is inside, and once Close has returned there is none and there
// comes none. Its methods may be called from any goroutine.
type Gate struct {
	mu      sync.Mutex
	next    Sink
	open    atomic.Bool // set only under mu; cleared at any time, so that nobody gets in before Close
	blocked Buttons     // down since before the gate opened
}

// NewGate returns a closed gate in front of next. If next has a method ReleaseAll, as [Tracker] has, closing
// calls it.
func NewGate(next Sink) *Gate {
	return &Gate{next: next}
}

// Open lets events through.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open.Store(true)
}

// Close waits for the event that is inside, releases what is held, and lets nothing through any more.
func (g *Gate) Close() error {
	was := g.open.Swap(false)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open.Swap(false) && !was {
		return nil
	}
	if r, ok := g.next.(interface{ ReleaseAll() error }); ok {
		return r.ReleaseAll()
	}
	return nil
}

// Key implements Sink.
func (g *Gate) Key(k Key) error {
	return g.do(func() error { return g.next.Key(k) })
}

// Pointer implements Sink.
func (g *Gate) Pointer(p Pointer) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open.Load() {
		g.blocked = p.Buttons
		return nil
	}
	g.blocked &= p.Buttons
	p.Buttons &^= g.blocked
	return g.next.Pointer(p)
}

// Text implements Sink. It drops text that is too long or not UTF-8.
func (g *Gate) Text(s string) error {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > MaxText {
		return nil
	}
	for s != "" {
		n := 0
		for range textPiece {
			_, size := utf8.DecodeRuneInString(s[n:])
			n += size
		}
		piece := s[:n]
		if err := g.do(func() error { return g.next.Text(piece) }); err != nil {
			return err
		}
		s = s[n:]
	}
	return nil
}

// do runs f inside the gate, if it is open.
func (g *Gate) do(f func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open.Load() {
		return nil
	}
	return f()
}
