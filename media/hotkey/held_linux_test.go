package hotkey_test

import (
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"assist/media/input"
)

// Every open menu has the keyboard for itself, and so can any program. Pause works all the same.
func TestGrabWhileHeld(t *testing.T) {
	keyboard := func(mode byte) func(*testing.T, *xgb.Conn, xproto.Window) {
		return func(t *testing.T, c *xgb.Conn, root xproto.Window) {
			r, err := xproto.GrabKeyboard(c, false, root, xproto.TimeCurrentTime, mode, mode).Reply()
			if err != nil || r.Status != xproto.GrabStatusSuccess {
				t.Fatal(err, r)
			}
		}
	}
	pointer := func(t *testing.T, c *xgb.Conn, root xproto.Window) {
		r, err := xproto.GrabPointer(c, false, root, 0, xproto.GrabModeSync, xproto.GrabModeSync, 0, 0, xproto.TimeCurrentTime).Reply()
		if err != nil || r.Status != xproto.GrabStatusSuccess {
			t.Fatal(err, r)
		}
	}
	for _, tt := range []struct {
		name string
		hold func(*testing.T, *xgb.Conn, xproto.Window)
	}{
		{"a menu", keyboard(xproto.GrabModeAsync)},
		{"a program that lets no key go on", keyboard(xproto.GrabModeSync)},
		{"a program that has the pointer and lets no key go on", pointer},
		{"a program that has all keyboards", func(t *testing.T, c *xgb.Conn, root xproto.Window) {
			const masterKeyboard = 3
			openDevices(t, c).grab(masterKeyboard, root)
		}},
		{"a program that has the server", func(t *testing.T, c *xgb.Conn, _ xproto.Window) {
			if err := xproto.GrabServerChecked(c).Check(); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesktop(t)
			_, fired := grab(t)
			d.once(fired, "before")
			c, root := d.other()
			tt.hold(t, c, root)
			d.once(fired, "while it is held")
			d.key(usageCtrl, true)
			d.once(fired, "with Ctrl")
			d.key(usageCtrl, false)
			d.tap(usageA)
			wants(t, fired, false, "another key")
		})
	}
}

// A program takes the key off the keyboard, and holds the server while the change is looked at.
func TestGrabKeyRemoved(t *testing.T) {
	d := newDesktop(t)
	_, fired := grab(t)
	d.tool("xmodmap", "-e", "keycode 127 = NoSymbol")
	d.once(fired, "without the key")
	c, _ := d.other()
	err := xproto.ChangeKeyboardMappingChecked(c, 1, 191, 1, []xproto.Keysym{0xff13}).Check()
	if err == nil {
		err = xproto.GrabServerChecked(c).Check()
	}
	if err != nil {
		t.Fatal(err)
	}
	d.once(fired, "while the server is held")
	if err := xproto.UngrabServerChecked(c).Check(); err != nil {
		t.Fatal(err)
	}
	d.once(fired, "after it")
}

// What the injector types is no press of the key, whatever it borrows keycodes for.
func TestGrabTyping(t *testing.T) {
	d := newDesktop(t)
	_, fired := grab(t)
	if err := d.keys.Text("日本語 Ünïcödé €"); err != nil {
		t.Fatal(err)
	}
	wants(t, fired, false, "typing")
	for u := input.Usage(0x04); u <= 0xe7; u++ {
		if u != input.Pause {
			d.tap(u)
		}
	}
	wants(t, fired, false, "every other key")
	d.once(fired, "the key")
}
