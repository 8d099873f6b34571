package input

import (
	"errors"
	"time"
)

// LocalHold is how long the engineer's input waits after the customer's own hand was seen.
const LocalHold = 2 * time.Second

// Hand sees the customer's own hand on the mouse or the keyboard.
type Hand interface {
	// Moved reports whether the hand was at work since the call before; the first call reports false. It
	// is called for every event and must be quick.
	Moved() (bool, error)
}

// LocalFirst is a Sink that lets the customer go first: their own hand releases what the engineer holds and
// keeps the engineer's input out for [LocalHold].
type LocalFirst struct {
	next  Sink
	hand  Hand // nil: nobody looks
	held  held
	until time.Time // the engineer's input waits until then
}

// NewLocalFirst returns a LocalFirst in front of next. With a nil hand everything passes.
func NewLocalFirst(next Sink, hand Hand) *LocalFirst {
	return &LocalFirst{next: next, hand: hand}
}

// Tick looks at the hand. Called often, it sees the hand's work soon after it happened and not only
// when the engineer's next event comes.
func (f *LocalFirst) Tick() error {
	if f.hand == nil {
		return nil
	}
	moved, err := f.hand.Moved()
	if err != nil || !moved {
		return err
	}
	f.until = time.Now().Add(LocalHold)
	return f.held.release(f.next)
}

// Reset forgets what the hand did until now.
func (f *LocalFirst) Reset() error {
	f.until = time.Time{}
	if f.hand == nil {
		return nil
	}
	_, err := f.hand.Moved()
	return err
}

// Holding reports whether the engineer's input waits.
func (f *LocalFirst) Holding() bool {
	return time.Now().Before(f.until)
}

// Key implements Sink.
func (f *LocalFirst) Key(k Key) error {
	if k.Down {
		if err := f.Tick(); err != nil || f.Holding() {
			return err
		}
	}
	if !f.held.key(k) {
		return nil
	}
	return f.next.Key(k)
}

// Pointer implements Sink.
func (f *LocalFirst) Pointer(p Pointer) error {
	if err := f.Tick(); err != nil || f.Holding() {
		return errors.Join(err, f.held.block(p, f.next))
	}
	return f.next.Pointer(f.held.pass(p))
}

// Text implements Sink.
func (f *LocalFirst) Text(s string) error {
	if err := f.Tick(); err != nil || f.Holding() {
		return err
	}
	return f.next.Text(s)
}
