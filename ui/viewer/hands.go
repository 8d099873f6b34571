package viewer

import (
	"image"
	"strings"
	"sync"

	"assist/app/engineer"
)

// Input is what the viewer can do at the customer's; engineer.Actions has it.
type Input interface {
	Key(engineer.Key)
	Pointer(engineer.Pointer)
	Text(string)
	ReleaseAll()
}

// The pointer's buttons, as engineer.Buttons numbers them.
const (
	leftButton engineer.Buttons = 1 << iota
	rightButton
	middleButton
	backButton
	forwardButton
)

const (
	maxNotches = 10   // sent for one turn of the wheel
	maxTyped   = 2000 // characters of the clipboard typed at once
)

// hands are the engineer's keyboard and mouse as the session sees them. Nothing is sent while they are closed, and
// closing lets go of everything held. Events come from the window library, on its goroutine, or from a Surface, on
// another; characters come from the library only. Which keys are down for either is known, so that a character which a sent
// key makes is not sent as text again.
type hands struct {
	to    Input
	usage func(scancode int) (engineer.Usage, bool)

	mu      sync.Mutex
	open    bool
	display uint8
	held    map[engineer.Usage]bool // sent
	armed   bool                    // Ctrl+Alt+Shift are down and nothing else was pressed since
	buttons engineer.Buttons
	last    engineer.Pointer
	placed  bool // last was sent
	wheelX  float32
	wheelY  float32

	down map[engineer.Usage]bool // as the window library has told
	own  bool                    // the next character belongs to a key
}

func newHands(to Input) *hands {
	return &hands{to: to, usage: engineer.UsageFromNative, held: map[engineer.Usage]bool{}, down: map[engineer.Usage]bool{}}
}

// setOpen opens or closes the hands.
func (h *hands) setOpen(open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open && !open {
		h.release()
	}
	h.open = open
}

// isOpen reports whether they are open.
func (h *hands) isOpen() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open
}

// setDisplay says which display the pointer is on. A button that is down comes up on the one before.
func (h *hands) setDisplay(id uint8) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.display == id {
		return
	}
	h.display = id
	if h.open && h.buttons != 0 {
		h.buttons, h.last.Buttons = 0, 0
		h.to.Pointer(h.last)
	}
}

// letGo releases every key and button at the customer's.
func (h *hands) letGo() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release()
}

// release is letGo for a caller that has the lock, like everything below that does not take it.
func (h *hands) release() {
	clear(h.held)
	clear(h.down)
	h.own, h.armed, h.placed, h.buttons = false, false, false, 0
	h.wheelX, h.wheelY = 0, 0
	if h.open {
		h.to.ReleaseAll()
	}
}

// keyDown presses the key with the system's number native.
func (h *hands) keyDown(native int) {
	u, ok := h.usage(native)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open || !ok || u == keyPause || h.held[u] {
		return
	}
	h.held[u] = true
	h.armed = h.chord()
	h.to.Key(engineer.Key{Usage: u, Down: true})
}

// keyUp releases it, and reports whether that was the sign to leave: Ctrl+Alt+Shift pressed together and let go.
func (h *hands) keyUp(native int) (leave bool) {
	u, ok := h.usage(native)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !ok || !h.held[u] {
		return false
	}
	delete(h.held, u)
	h.to.Key(engineer.Key{Usage: u})
	leave, h.armed = h.armed, false
	return leave
}

// note is told by the window library that a key went down or up, whoever sends it: characters follow.
func (h *hands) note(native int, down bool) {
	u, ok := h.usage(native)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.own = false
	switch {
	case down && ok && u != keyPause:
		h.down[u] = true
	case !down:
		delete(h.down, u)
	}
}

// keyTyped is told about every press again, and about repeated ones. The customer's system repeats keys by itself.
func (h *hands) keyTyped(native int) {
	u, ok := h.usage(native)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.own = ok && printing(u)
}

// typed sends a character that no key of ours made: composed by an input method, or from a key without a usage.
func (h *hands) typed(r rune) {
	h.mu.Lock()
	defer h.mu.Unlock()
	own := h.own
	h.own = false
	for u := range h.down {
		own = own || printing(u)
	}
	if h.open && !own {
		h.to.Text(string(r))
	}
}

// chord reports whether Ctrl, Alt and Shift are down and no other key is.
func (h *hands) chord() bool {
	ctrl := h.held[keyLeftCtrl] || h.held[keyRightCtrl]
	shift := h.held[keyLeftShift] || h.held[keyRightShift]
	if !ctrl || !shift || !h.held[keyLeftAlt] {
		return false
	}
	for u := range h.held {
		if !modifier(u) {
			return false
		}
	}
	return true
}

// press presses keys in order and releases them in the opposite one.
func (h *hands) press(keys []engineer.Usage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open {
		return
	}
	for _, u := range keys {
		h.to.Key(engineer.Key{Usage: u, Down: true})
	}
	for i := len(keys) - 1; i >= 0; i-- {
		h.to.Key(engineer.Key{Usage: keys[i]})
	}
}

// text types the start of s, and reports whether that is all of it.
func (h *hands) text(s string) (all bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open {
		return false
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	runes := []rune(s)
	n := min(len(runes), maxTyped)
	if n > 0 {
		h.to.Text(string(runes[:n]))
	}
	return n == len(runes)
}

// move puts the pointer on pixel p of a display of size pixels.
func (h *hands) move(p, size image.Point) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.point(p, size, 0, 0)
}

// pressing reports whether a button is down at the customer's.
func (h *hands) pressing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buttons != 0
}

// button presses or releases a button at p.
func (h *hands) button(b engineer.Buttons, down bool, p, size image.Point) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.open || down == (h.buttons&b != 0):
		return // for instance a release whose press was not for the customer
	case down:
		h.buttons |= b
	default:
		h.buttons &^= b
	}
	h.point(p, size, 0, 0)
}

// lift releases the buttons that are down where the pointer was last.
func (h *hands) lift() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open || h.buttons == 0 {
		return
	}
	h.buttons = 0
	h.last.Buttons = 0
	h.to.Pointer(h.last)
}

// wheel turns the wheel by parts of a notch, right and down positive. What is left of a notch is kept for the next
// turn in the same direction.
func (h *hands) wheel(x, y float32, p, size image.Point) {
	h.mu.Lock()
	defer h.mu.Unlock()
	nx, ny := notches(&h.wheelX, x), notches(&h.wheelY, y)
	if nx != 0 || ny != 0 {
		h.point(p, size, nx, ny)
	}
}

func notches(rest *float32, turned float32) int8 {
	if *rest*turned < 0 {
		*rest = 0
	}
	*rest += turned
	n := int(*rest)
	*rest -= float32(n)
	return int8(max(-maxNotches, min(n, maxNotches)))
}

func (h *hands) point(p, size image.Point, wheelX, wheelY int8) {
	if !h.open || size.X <= 0 || size.Y <= 0 {
		return
	}
	ev := engineer.Pointer{
		Display: h.display,
		X:       engineer.PixelToFraction(p.X, size.X),
		Y:       engineer.PixelToFraction(p.Y, size.Y),
		Buttons: h.buttons,
		WheelX:  wheelX,
		WheelY:  wheelY,
	}
	if h.placed && ev == h.last {
		return
	}
	h.to.Pointer(ev)
	ev.WheelX, ev.WheelY = 0, 0
	h.last, h.placed = ev, true
}
