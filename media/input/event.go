// Package input carries the engineer's keys and pointer to the customer's system through a
// chain of small filters, each with the injector's own interface [Sink]:
//
//	Gate -> Tracker -> Limiter -> LocalFirst -> Guard -> injector (the system)
//
// The gate is closed when made: nothing passes before the customer allows it. The tracker releases everything held
// when the gate closes. [NewChain] puts the filters together, so that none can be forgotten.
//
// A filter may hold back a key or button going down, never one going up: each remembers what it let down, and
// that always comes up again. A button held back stays up until the engineer has let go of it. One second
// process, the [Watchdog], releases what is held if this one dies.
//
// The package does not know sessions, levels or the link.
package input

import "errors"

// ErrUnsupported says that this system offers no way to inject input.
var ErrUnsupported = errors.New("input: unsupported")

// Usage is a key by its place on the keyboard: a usage of the USB HID Keyboard page (0x07), HID Usage
// Tables 1.5 section 10. 0x04 is the key that types A on a US keyboard, wherever it stands.
type Usage uint16

// Pause is the key that ends control. It belongs to the customer alone: see [Guard].
const Pause Usage = 0x48

// Key is a key going down or up. Keys are named by place, so the customer's layout decides what is typed.
type Key struct {
	Usage Usage
	Down  bool
}

// Buttons is the set of pointer buttons that are down.
type Buttons uint8

// The pointer buttons.
const (
	Left Buttons = 1 << iota
	Right
	Middle
	Back
	Forward
)

// Pointer is where the pointer is and which of its buttons are down.
type Pointer struct {
	Display uint8 // capture.Display.ID
	// X and Y are the place on the display: 0 is the centre of its first pixel column or row, 65535 that of its last.
	X, Y    uint16
	Buttons Buttons
	// WheelX and WheelY are notches turned, right and down positive.
	WheelX, WheelY int8
	// Stay leaves the pointer where it is: Display, X and Y mean nothing. It is for releasing: the filters
	// use it to let go of buttons without pulling the pointer out of the customer's hand, and the guard lets it press nothing.
	Stay bool
}

// Sink takes input events in order. An event that a filter drops is no error: an error means the
// system refused.
type Sink interface {
	Key(Key) error
	Pointer(Pointer) error
	// Text types characters whatever the layout. It is for characters that no key of the engineer makes.
	// At most MaxText characters; a longer text is dropped.
	Text(string) error
}

// MaxText is the largest number of characters in one Text event.
const MaxText = 1024
