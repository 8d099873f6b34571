//go:build linux

package hand

import (
	"image"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"assist/cmd/internal/stage"
)

// window opens a window at 10,10 that is told of keys and buttons.
func window(t *testing.T, conn *xgb.Conn) {
	t.Helper()
	screen := xproto.Setup(conn).DefaultScreen(conn)
	w, err := xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	const events = xproto.EventMaskKeyPress | xproto.EventMaskKeyRelease | xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease
	xproto.CreateWindow(conn, screen.RootDepth, w, screen.Root, 10, 10, 100, 100, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwEventMask, []uint32{events})
	xproto.MapWindow(conn, w)
	if err := xproto.SetInputFocusChecked(conn, xproto.InputFocusPointerRoot, w, xproto.TimeCurrentTime).Check(); err != nil {
		t.Fatal(err)
	}
}

func TestHand(t *testing.T) {
	d, err := stage.NewDisplay(t.TempDir(), "320x200")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	own, err := d.Connect()
	if err != nil {
		t.Fatal(err)
	}
	h, err := New(own)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	conn, err := d.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	window(t, conn)
	before := time.Now()
	pressed, err := h.Key('q')
	if err != nil || pressed.Before(before) {
		t.Fatalf("%v, %v", pressed, err)
	}
	if err := h.Move(image.Pt(33, 44)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Click(); err != nil {
		t.Fatal(err)
	}
	var got []byte
	var places []image.Point
	for len(got) < 4 {
		ev, err := conn.WaitForEvent()
		if ev == nil {
			t.Fatalf("%v after %v", err, got)
		}
		switch ev := ev.(type) {
		case xproto.KeyPressEvent:
			got = append(got, byte(ev.Detail))
		case xproto.KeyReleaseEvent:
			got = append(got, byte(ev.Detail))
		case xproto.ButtonPressEvent:
			got, places = append(got, byte(ev.Detail)), append(places, image.Pt(int(ev.RootX), int(ev.RootY)))
		case xproto.ButtonReleaseEvent:
			got = append(got, byte(ev.Detail))
		}
	}
	if got[0] != h.codes['q'] || got[1] != got[0] || got[2] != 1 || got[3] != 1 {
		t.Errorf("keys and buttons %v, the key is %d", got, h.codes['q'])
	}
	if len(places) != 1 || places[0] != image.Pt(33, 44) {
		t.Errorf("clicked at %v", places)
	}
	if _, err := h.Key('é'); err == nil {
		t.Error("there is a key for é")
	}
}
