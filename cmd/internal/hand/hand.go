//go:build linux

// Package hand is a hand at an X display: it presses keys and the mouse's button through XTEST, and says to the
// microsecond when. It sees nothing.
package hand

import (
	"fmt"
	"image"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// Hand is at one display. It is not safe for concurrent use.
type Hand struct {
	conn  *xgb.Conn
	root  xproto.Window
	codes map[rune]byte
}

// New makes a hand from a connection, which is the hand's from now on. See package eye for when to make it.
func New(conn *xgb.Conn) (*Hand, error) {
	h := &Hand{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, codes: map[rune]byte{}}
	err := xtest.Init(conn)
	if err == nil {
		err = h.learn()
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("hand: %w", err)
	}
	return h, nil
}

// learn reads which keys make which letters.
func (h *Hand) learn() error {
	setup := xproto.Setup(h.conn)
	lowest, count := setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)
	keys, err := xproto.GetKeyboardMapping(h.conn, lowest, count).Reply()
	if err != nil {
		return err
	}
	for i := range int(count) {
		sym := keys.Keysyms[i*int(keys.KeysymsPerKeycode)] // without Shift
		if r := rune(sym); r >= 'a' && r <= 'z' {
			h.codes[r] = byte(lowest) + byte(i)
		}
	}
	return nil
}

// Key presses and releases the key of a small Latin letter, and returns the moment before.
func (h *Hand) Key(letter rune) (time.Time, error) {
	code, ok := h.codes[letter]
	if !ok {
		return time.Time{}, fmt.Errorf("hand: there is no key for %q", letter)
	}
	return h.press(xproto.KeyPress, xproto.KeyRelease, code)
}

// Click presses and releases the first button where the pointer is, and returns the moment before.
func (h *Hand) Click() (time.Time, error) {
	return h.press(xproto.ButtonPress, xproto.ButtonRelease, 1)
}

func (h *Hand) press(down, up, detail byte) (time.Time, error) {
	at := time.Now()
	xtest.FakeInput(h.conn, down, detail, 0, h.root, 0, 0, 0)
	err := xtest.FakeInputChecked(h.conn, up, detail, 0, h.root, 0, 0, 0).Check()
	if err != nil {
		return at, fmt.Errorf("hand: %w", err)
	}
	return at, nil
}

// Move puts the pointer at a place of the display.
func (h *Hand) Move(to image.Point) error {
	err := xtest.FakeInputChecked(h.conn, xproto.MotionNotify, 0, 0, h.root, int16(to.X), int16(to.Y), 0).Check()
	if err != nil {
		return fmt.Errorf("hand: %w", err)
	}
	return nil
}

// Close ends the connection.
func (h *Hand) Close() { h.conn.Close() }
