package hotkey

import (
	"slices"
	"sync"

	"github.com/jezek/xgb/xproto"
)

// keycodes is a set of keys.
type keycodes [256]bool

func setOf(codes []xproto.Keycode) (s keycodes) {
	for _, c := range codes {
		s[c] = true
	}
	return s
}

// presses decides which events are a press of the key. The zero presses knows no key yet. Its methods may be called from
// any goroutine and do not wait.
//
// A key that was the one when it was first learned stays the one: a program must not be able to take the customer's way out
// off the keyboard. Keys pressed after the mapping has changed and before it is known are judged when it is.
type presses struct {
	mu      sync.Mutex
	first   keycodes
	now     keycodes
	unsure  keycodes
	changes uint // of the mapping
	learned uint // of them, when it was last read
	known   bool // it was read
	last    press
	told    []uint16 // of which devices last was told
}

// press is one press of a key. The server gives all events of it the same time.
type press struct {
	code xproto.Keycode
	at   xproto.Timestamp
}

// byGrab stands for the device in an event of the passive grab. No device has this number.
const byGrab = 0xffff

// change says that the mapping is another one.
func (p *presses) change() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changes++
}

// changed returns how often the mapping has changed, for learn.
func (p *presses) changed() uint {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changes
}

// learn says which codes are the key, read after so many changes. It reports whether one was pressed meanwhile.
func (p *presses) learn(changes uint, codes []xproto.Keycode) (fire bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = setOf(codes)
	if !p.known {
		p.first, p.known = p.now, true
	}
	for _, c := range codes {
		fire = fire || p.unsure[c]
		p.unsure[c] = false
	}
	if p.learned = changes; p.changes == changes {
		p.unsure = keycodes{}
	}
	return fire
}

// grabbed takes a key of the passive grab, and reports whether that is a press that was not known yet.
func (p *presses) grabbed(code xproto.Keycode, at xproto.Timestamp) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.press(press{code, at}, byGrab)
}

// heard takes a key of any kind that a device was told of, and reports whether that is a press that was not known yet.
func (p *presses) heard(code xproto.Keycode, at xproto.Timestamp, device uint16) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now[code] || p.first[code] {
		return p.press(press{code, at}, device)
	}
	if !p.known || p.learned != p.changes {
		p.unsure[code] = true
	}
	return false
}

// press notes what is told of a press, and reports whether it is another one than the last: two may have the same time. p.mu is
// held.
func (p *presses) press(now press, by uint16) bool {
	if now == p.last && !slices.Contains(p.told, by) {
		p.told = append(p.told, by)
		return false
	}
	p.last, p.told = now, append(p.told[:0], by)
	return true
}
