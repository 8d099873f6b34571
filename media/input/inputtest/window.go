//go:build linux

package inputtest

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/text/encoding/charmap"

	"assist/media/input"
)

// Window is an X window over the whole screen that has the focus and notes what reaches it, as [Observer].
type Window struct {
	c  *xgb.Conn
	id xproto.Window
	at image.Point // of run alone

	second atomic.Bool

	mu    sync.Mutex
	log   []string
	typed strings.Builder
}

var _ Observer = (*Window)(nil)

// NewWindow opens a Window. It closes with the test.
func NewWindow(t testing.TB, display string) *Window {
	t.Helper()
	c, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(c).DefaultScreen(c)
	id, err := xproto.NewWindowId(c)
	if err != nil {
		t.Fatal(err)
	}
	const mask = xproto.EventMaskKeyPress | xproto.EventMaskKeyRelease | xproto.EventMaskButtonPress |
		xproto.EventMaskButtonRelease | xproto.EventMaskPointerMotion | xproto.EventMaskExposure
	err = xproto.CreateWindowChecked(c, screen.RootDepth, id, screen.Root, 0, 0,
		screen.WidthInPixels, screen.HeightInPixels, 0, xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{1, mask}).Check()
	if err != nil {
		t.Fatal(err)
	}
	xproto.MapWindow(c, id)
	for { // it can have the focus once it is there
		ev, xerr := c.WaitForEvent()
		if ev == nil && xerr == nil {
			t.Fatal("X server gone")
		}
		if _, ok := ev.(xproto.ExposeEvent); ok {
			break
		}
	}
	if err := xproto.SetInputFocusChecked(c, xproto.InputFocusParent, id, xproto.TimeCurrentTime).Check(); err != nil {
		t.Fatal(err)
	}
	w := &Window{c: c, id: id}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.run()
	}()
	t.Cleanup(func() {
		c.Close()
		<-done
	})
	return w
}

func (w *Window) run() {
	for {
		ev, err := w.c.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		switch ev := ev.(type) {
		case xproto.KeyPressEvent:
			w.note("+"+keyName(ev.Detail), w.lookUp(ev.Detail, ev.State))
		case xproto.KeyReleaseEvent:
			w.note("-"+keyName(ev.Detail), "")
		case xproto.ButtonPressEvent:
			w.note(fmt.Sprintf("b+%d", ev.Detail), "")
		case xproto.ButtonReleaseEvent:
			w.note(fmt.Sprintf("b-%d", ev.Detail), "")
		case xproto.MotionNotifyEvent:
			w.move(image.Pt(int(ev.RootX), int(ev.RootY)))
		}
	}
}

func (w *Window) note(what, typed string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, what)
	w.typed.WriteString(typed)
}

// move notes where the pointer is, if it has moved.
func (w *Window) move(to image.Point) {
	if w.at != to {
		w.at = to
		w.note(fmt.Sprintf("@%d,%d", to.X, to.Y), "")
	}
}

// Log implements Observer.
func (w *Window) Log() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// Typed implements Observer.
func (w *Window) Typed() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.typed.String()
}

// SecondGroup says that the keyboard's second group is on. Programs without the XKEYBOARD extension cannot tell
// it from AltGr.
func (w *Window) SecondGroup() { w.second.Store(true) }

// Clear implements Observer.
func (w *Window) Clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = nil
	w.typed.Reset()
}

// keyName is a key as Observer writes it; keycodes without a place are written x and the number.
func keyName(code xproto.Keycode) string {
	if u, ok := input.UsageFromX11(int(code)); ok {
		return fmt.Sprintf("%02x", u)
	}
	return fmt.Sprintf("x%d", code)
}

// lookUp is what a simple program makes of a key: it asks what the keycode means now.
func (w *Window) lookUp(code xproto.Keycode, state uint16) string {
	if state&(xproto.ModMaskControl|xproto.ModMask1|xproto.ModMask4) != 0 {
		return ""
	}
	m, err := xproto.GetKeyboardMapping(w.c, code, 1).Reply()
	if err != nil {
		return ""
	}
	sym := func(i int) rune {
		if i >= len(m.Keysyms) {
			return 0
		}
		return character(uint32(m.Keysyms[i]))
	}
	first := 0
	switch {
	case state&xproto.ModMask5 == 0:
	case w.second.Load():
		first = 2
	default:
		first = 4
	}
	shift := state&xproto.ModMaskShift != 0
	if state&xproto.ModMaskLock != 0 && unicode.IsLetter(sym(first)) {
		shift = !shift
	}
	if shift {
		first++
	}
	if shift && sym(first) == 0 { // a key of one level
		first--
	}
	if r := sym(first); r != 0 {
		return string(r)
	}
	return ""
}

// character is what the keysyms of the tests stand for.
func character(sym uint32) rune {
	switch {
	case sym == 0xff0d:
		return '\n'
	case sym == 0xff09:
		return '\t'
	case sym == 0x20ac:
		return '€'
	case sym>>24 == 1:
		return rune(sym & 0xffffff)
	case sym >= 0x20 && sym < 0x7f || sym >= 0xa0 && sym < 0x100:
		return rune(sym)
	case sym>>8 == 6:
		return charmap.KOI8R.DecodeByte(byte(sym))
	}
	return 0
}
