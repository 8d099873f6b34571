//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"image"
	"slices"
	"testing"

	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// The system's own pointer is taken away over the window and comes back.
func TestOwnPointer(t *testing.T) {
	d := newDesk(t)
	r := d.show(image.Pt(200, 150))
	d.fake(xproto.MotionNotify, 0, r.Min.X+30, r.Min.Y+30)
	_, err := xfixes.QueryVersion(d.Conn.Conn, 4, 0).Reply()
	d.must(err)
	seen := func() bool {
		m, err := xfixes.GetCursorImage(d.Conn.Conn).Reply()
		d.must(err)
		for _, p := range m.CursorImage {
			if p != 0 {
				return true
			}
		}
		return false
	}
	until(t, "the pointer is there", seen)
	d.OwnPointer(false)
	until(t, "the pointer is away", func() bool { return !seen() })
	d.OwnPointer(true)
	until(t, "the pointer is back", seen)
}

func TestMouse(t *testing.T) {
	d := newDesk(t)
	r := d.show(image.Pt(200, 150))
	d.fake(xproto.MotionNotify, 0, 5, 5)
	d.fake(xproto.ButtonPress, 1, 5, 5) // beside the picture, and held while it moves on
	d.fake(xproto.MotionNotify, 0, r.Min.X+10, r.Min.Y+20)
	d.fake(xproto.ButtonRelease, 1, 0, 0)
	d.fake(xproto.MotionNotify, 0, r.Min.X+11, r.Min.Y+20)
	d.ear.hears(t, "at (11,20)")
	d.fake(xproto.ButtonPress, 3, 0, 0)
	d.fake(xproto.MotionNotify, 0, r.Max.X+5, r.Min.Y-6)
	d.fake(xproto.ButtonRelease, 3, 0, 0)
	d.ear.hears(t, "button 3 true (11,20)", "at (205,-6)", "button 3 false (205,-6)")
	d.fake(xproto.MotionNotify, 0, r.Min.X, r.Min.Y)
	for _, b := range []byte{4, 5, 6, 7, 9} {
		d.fake(xproto.ButtonPress, b, 0, 0)
		d.fake(xproto.ButtonRelease, b, 0, 0)
	}
	d.ear.hears(t, "at (0,0)", "wheel 0,-1 (0,0)", "wheel 0,1 (0,0)", "wheel -1,0 (0,0)", "wheel 1,0 (0,0)",
		"button 9 true (0,0)", "button 9 false (0,0)")
}

// Keys are heard while the surrounding window has the keyboard, wherever the pointer is, and that window hears them, too.
func TestKeys(t *testing.T) {
	d := newDesk(t)
	r := d.show(image.Pt(200, 150))
	const a = 38
	for _, at := range []image.Point{{5, 5}, r.Min.Add(image.Pt(9, 9)), {-10, -10}} {
		d.fake(xproto.MotionNotify, 0, at.X, at.Y)
		d.fake(xproto.KeyPress, a, 0, 0)
		d.fake(xproto.KeyRelease, a, 0, 0)
	}
	heard := func() (n int) {
		for _, s := range d.ear.heard() {
			if s == "key 38 true" || s == "key 38 false" {
				n++
			}
		}
		return n
	}
	until(t, "six keys", func() bool { return heard() == 6 })
	d.mu.Lock()
	if d.keys != 6 {
		t.Errorf("the window around heard %d events of 6", d.keys)
	}
	d.mu.Unlock()
	other := newShell(t, image.Rect(430, 0, 500, 50))
	until(t, "blur", func() bool { l := d.ear.heard(); return l[len(l)-1] == "blur" })
	d.fake(xproto.KeyPress, a, 0, 0)
	d.fake(xproto.KeyRelease, a, 0, 0)
	until(t, "the other window hears", func() bool { other.mu.Lock(); defer other.mu.Unlock(); return other.keys == 2 })
	if heard() != 6 {
		t.Error("keys of another window were heard")
	}
}

// A key after a click outside the picture may be for something else, and one after a click or a turn of the wheel on it not.
func TestElsewhere(t *testing.T) {
	d := newDesk(t)
	r := d.show(image.Pt(200, 150))
	click := func(button byte, x, y int) {
		d.fake(xproto.MotionNotify, 0, x, y)
		d.fake(xproto.ButtonPress, button, 0, 0)
		d.fake(xproto.ButtonRelease, button, 0, 0)
	}
	for _, tt := range []struct {
		name string
		do   func()
		want bool
	}{
		{"outside", func() { click(1, 5, 5) }, true},
		{"nothing since", func() {}, false},
		{"on it", func() { click(3, r.Min.X+5, r.Min.Y+5) }, false},
		{"outside, then on it", func() { click(1, 5, 5); click(1, r.Min.X+5, r.Min.Y+5) }, false},
		{"on it, then outside", func() { click(1, r.Min.X+5, r.Min.Y+5); click(2, 5, 5) }, true},
		{"a turn of the wheel outside", func() { click(5, 5, 5) }, false},
	} {
		d.ear.heard()
		tt.do()
		d.fake(xproto.KeyPress, 38, 0, 0)
		d.fake(xproto.KeyRelease, 38, 0, 0)
		until(t, tt.name, func() bool { l := d.ear.heard(); return len(l) > 0 && l[len(l)-1] == "key 38 false" })
		if got := slices.Contains(d.ear.heard(), "elsewhere"); got != tt.want {
			t.Errorf("%s: elsewhere %v, want %v", tt.name, got, tt.want)
		}
		d.ear.heardLast(t, "key 38 false")
	}
}

// A key that is held repeats as going down, and goes up once.
func TestRepeat(t *testing.T) {
	d := newDesk(t)
	const a = 38
	d.fake(xproto.KeyPress, a, 0, 0)
	until(t, "the key repeats", func() bool { return len(d.ear.heard()) > 3 })
	d.fake(xproto.KeyRelease, a, 0, 0)
	until(t, "the key is up", func() bool { l := d.ear.heard(); return l[len(l)-1] == "key 38 false" })
	for _, s := range d.ear.heard()[:len(d.ear.heard())-1] {
		if s != "key 38 true" {
			t.Errorf("heard %q while it was held", s)
		}
	}
}
