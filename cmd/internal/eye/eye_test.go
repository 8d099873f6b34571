//go:build linux

package eye

import (
	"context"
	"errors"
	"image"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"assist/cmd/internal/stage"
)

// patience is how long a display may take.
const patience = 20 * time.Second

// open starts a display with an eye at it, and another connection to paint with.
func open(t *testing.T) (*stage.Display, *Eye, *xgb.Conn) {
	t.Helper()
	d, err := stage.NewDisplay(t.TempDir(), "320x200")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	conn, err := d.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	own, err := d.Connect()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	if err := e.Open(); err != nil {
		t.Fatal(err)
	}
	return d, e, conn
}

// paint fills a part of the background.
func paint(t *testing.T, conn *xgb.Conn, r image.Rectangle, colour uint32) {
	t.Helper()
	root := xproto.Drawable(xproto.Setup(conn).DefaultScreen(conn).Root)
	gc, err := xproto.NewGcontextId(conn)
	if err != nil {
		t.Fatal(err)
	}
	xproto.CreateGC(conn, gc, root, xproto.GcForeground|xproto.GcSubwindowMode, []uint32{colour, xproto.SubwindowModeIncludeInferiors})
	err = xproto.PolyFillRectangleChecked(conn, root, gc, []xproto.Rectangle{{
		X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy()),
	}}).Check()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLook(t *testing.T) {
	_, e, conn := open(t)
	if e.Bounds != image.Rect(0, 0, 320, 200) {
		t.Fatalf("bounds %v", e.Bounds)
	}
	paint(t, conn, image.Rect(100, 50, 140, 90), 0x102030)
	shots, err := e.Look(image.Rect(90, 40, 110, 60), image.Rect(139, 89, 141, 91))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		shot int
		at   image.Point
		want bool
	}{{0, image.Pt(99, 50), false}, {0, image.Pt(100, 50), true}, {0, image.Pt(109, 59), true}, {1, image.Pt(139, 89), true}, {1, image.Pt(140, 90), false}} {
		p := shots[tt.shot].Row(tt.at.X, tt.at.X+1, tt.at.Y)
		if is := p[0] == 0x30 && p[1] == 0x20 && p[2] == 0x10; is != tt.want {
			t.Errorf("%v shows %v", tt.at, p)
		}
	}
	for _, bad := range []image.Rectangle{image.Rect(0, 0, 321, 5), image.Rect(-1, 0, 5, 5), {}} {
		if _, err := e.Look(bad); err == nil {
			t.Errorf("a picture of %v", bad)
		}
	}
	if _, err := e.Look(e.Bounds, image.Rect(0, 0, 1, 1)); err == nil {
		t.Error("more pixels than the display has")
	}
}

func TestWait(t *testing.T) {
	d, e, conn := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	look := func() { // what is painted after a look wakes again
		t.Helper()
		if _, err := e.All(); err != nil {
			t.Fatal(err)
		}
	}
	for e.Changed() { // what the start has painted
		look()
	}
	for i := range 3 {
		paint(t, conn, image.Rect(i, 0, i+1, 1), uint32(i+1))
		if err := e.Wait(ctx); err != nil {
			t.Fatalf("picture %d: %v", i, err)
		}
		look()
	}
	if e.Changed() {
		t.Error("changed, and nothing was painted")
	}
	soon, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := e.Wait(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("woke up for nothing: %v", err)
	}
	d.Close()
	if err := e.Wait(ctx); !errors.Is(err, ErrClosed) {
		t.Errorf("the display has gone: %v", err)
	}
}
