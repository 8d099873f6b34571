package input

import (
	"errors"
	"slices"
)

// maxHeld is how many keys can be down at a time. Two hands do not reach it.
const maxHeld = 32

// held is what a filter has let down and not yet up. Its zero value holds nothing.
type held struct {
	keys    []Usage // in the order they went down
	buttons Buttons
	blocked Buttons // down at the engineer's, but not let through; they count again once they were up
}

// key takes a key that is to pass and reports whether it changes anything: a key that is down
// does not go down again, and only a held one comes up.
func (h *held) key(k Key) bool {
	i := slices.Index(h.keys, k.Usage)
	switch {
	case k.Down && i < 0 && len(h.keys) < maxHeld:
		h.keys = append(h.keys, k.Usage)
		return true
	case !k.Down && i >= 0:
		h.keys = slices.Delete(h.keys, i, i+1)
		return true
	}
	return false
}

// pass returns p as it may go on: without the buttons that are blocked.
func (h *held) pass(p Pointer) Pointer {
	h.blocked &= p.Buttons
	p.Buttons &^= h.blocked
	h.buttons = p.Buttons
	return p
}

// block refuses p: all its buttons count as up until the engineer has let go of them. What was
// held is released where the pointer is.
func (h *held) block(p Pointer, next Sink) error {
	err := h.releaseButtons(next)
	if !p.Stay {
		h.blocked = p.Buttons
	}
	return err
}

func (h *held) releaseButtons(next Sink) error {
	if h.buttons == 0 {
		return nil
	}
	h.blocked |= h.buttons
	h.buttons = 0
	return next.Pointer(Pointer{Stay: true})
}

// release lets everything go, the key that went down last first. It goes on after an error.
func (h *held) release(next Sink) error {
	var errs []error
	for _, u := range slices.Backward(h.keys) {
		errs = append(errs, next.Key(Key{Usage: u}))
	}
	h.keys = h.keys[:0]
	return errors.Join(append(errs, h.releaseButtons(next))...)
}
