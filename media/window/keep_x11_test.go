//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"assist/media/capture/capturetest"
)

// keep keeps a window until the test ends, and counts what was lost.
func keep(t *testing.T, f Finder, w xproto.Window) (lost *atomic.Int32, ended chan error) {
	t.Helper()
	lost, ended = &atomic.Int32{}, make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		ended <- f.Keep(ctx, uintptr(w), Keeping{Lost: func(Loss) { lost.Add(1) }, Log: slog.New(slog.DiscardHandler)})
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return lost, ended
}

// seen reports whether a window can be seen whole and takes clicks in its middle.
func (p program) seen(w xproto.Window) bool {
	p.t.Helper()
	a, err := xproto.GetWindowAttributes(p.Conn.Conn, w).Reply()
	p.must(err)
	g, err := xproto.GetGeometry(p.Conn.Conn, xproto.Drawable(w)).Reply()
	p.must(err)
	at, err := xproto.TranslateCoordinates(p.Conn.Conn, w, p.Screen.Root, 0, 0).Reply()
	p.must(err)
	r := image.Rect(0, 0, int(g.Width), int(g.Height)).Add(image.Pt(int(at.DstX), int(at.DstY)))
	if a.MapState != xproto.MapStateViewable || !r.In(image.Rect(0, 0, 640, 480)) || r.Dx() < 200 || r.Dy() < 80 {
		return false
	}
	middle := r.Min.Add(r.Size().Div(2))
	p.must(xproto.WarpPointerChecked(p.Conn.Conn, 0, p.Screen.Root, 0, 0, 0, 0, int16(middle.X), int16(middle.Y)).Check())
	q, err := xproto.QueryPointer(p.Conn.Conn, p.Screen.Root).Reply()
	p.must(err)
	return q.Child == w // a window without input, or with another above, is not where the pointer is
}

// until waits until the window is seen, or not.
func (p program) until(w xproto.Window, seen bool, what string) {
	p.t.Helper()
	for began := time.Now(); p.seen(w) != seen; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 5*time.Second {
			p.t.Fatalf("%s: seen %v", what, !seen)
		}
	}
}

// Each thing that a program left behind can do to the bar is undone, and the program is not fought for it.
func TestKeep(t *testing.T) {
	at := image.Rect(100, 100, 400, 200)
	for _, tt := range []struct {
		name string
		do   func(o program, bar xproto.Window)
	}{
		{"moved off the screen", func(o program, bar xproto.Window) { o.place(bar, at.Add(image.Pt(3000, 3000))) }},
		{"moved nearly off the screen", func(o program, bar xproto.Window) { o.place(bar, at.Add(image.Pt(450, 0))) }},
		{"unmapped", func(o program, bar xproto.Window) { o.must(xproto.UnmapWindowChecked(o.Conn.Conn, bar).Check()) }},
		{"made tiny", func(o program, bar xproto.Window) { o.place(bar, image.Rect(100, 100, 110, 110)) }},
		{"without input", func(o program, bar xproto.Window) { o.noInput(bar) }},
		{"without anything to see", func(o program, bar xproto.Window) {
			o.noInput(bar)
			o.must(shape.RectanglesChecked(o.Conn.Conn, shape.SoSet, shape.SkBounding, xproto.ClipOrderingUnsorted, bar, 0, 0, nil).Check())
		}},
		{"covered", func(o program, bar xproto.Window) {
			o.show(o.window(o.Screen.Root, image.Rect(0, 0, 640, 480), 0, somebody))
		}},
		{"covered by one that takes the clicks only", func(o program, bar xproto.Window) {
			w, err := xproto.NewWindowId(o.Conn.Conn)
			o.must(err)
			o.must(xproto.CreateWindowChecked(o.Conn.Conn, 0, w, o.Screen.Root, 200, 120, 100, 60, 0, xproto.WindowClassInputOnly, 0,
				xproto.CwOverrideRedirect, []uint32{1}).Check())
			o.show(w)
		}},
		{"put into a hidden window", func(o program, bar xproto.Window) {
			into := o.window(o.Screen.Root, image.Rect(0, 0, 640, 480), 0, somebody)
			o.must(xproto.ReparentWindowChecked(o.Conn.Conn, bar, into, 0, 0).Check())
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			unsure(t)
			p, o := newProgram(t), newProgram(t)
			bar := p.window(p.Screen.Root, at, 0, os.Getpid())
			p.show(bar)
			f := own(t)
			lost, _ := keep(t, f, bar)
			p.until(bar, true, "before")
			time.Sleep(2 * newsRest) // seen by the keeper as well
			tt.do(o, bar)
			p.until(bar, true, "afterwards")
			if n := lost.Load(); n != 0 {
				t.Errorf("lost %d times", n)
			}
		})
	}
}

// Where the customer puts it on the screen, there it stays; and a window of ours may be above it.
func TestKeepLetsBe(t *testing.T) {
	capturetest.Xvfb(t)
	p := newProgram(t)
	bar := p.window(p.Screen.Root, image.Rect(100, 100, 400, 200), 0, os.Getpid())
	p.show(bar)
	f := own(t)
	lost, _ := keep(t, f, bar)
	moved := image.Rect(330, 370, 630, 470)
	p.place(bar, moved)
	p.show(p.window(p.Screen.Root, image.Rect(300, 300, 640, 480), 0, os.Getpid()))
	time.Sleep(2 * (placeGrace + coverGrace))
	if g, err := xproto.GetGeometry(p.Conn.Conn, xproto.Drawable(bar)).Reply(); err != nil || int(g.X) != moved.Min.X || int(g.Y) != moved.Min.Y {
		t.Errorf("put at %d,%d: %v", g.X, g.Y, err)
	}
	if p.seen(bar) || lost.Load() != 0 {
		t.Errorf("raised above our own window, or lost %d times", lost.Load())
	}
}

// What cannot be put back is lost.
func TestKeepGone(t *testing.T) {
	unsure(t)
	p, o := newProgram(t), newProgram(t)
	bar := p.window(p.Screen.Root, image.Rect(100, 100, 400, 200), 0, os.Getpid())
	p.show(bar)
	f := own(t)
	lost, ended := keep(t, f, bar)
	time.Sleep(2 * newsRest)
	o.must(xproto.DestroyWindowChecked(o.Conn.Conn, bar).Check())
	select {
	case err := <-ended:
		if !errors.Is(err, ErrGone) || lost.Load() != 1 {
			t.Errorf("%v, lost %d times", err, lost.Load())
		}
	case <-time.After(5 * time.Second):
		t.Error("still kept")
	}
}

// A program that covers it again and again is not fought: the window is lost.
func TestKeepContested(t *testing.T) {
	unsure(t)
	p, o := newProgram(t), newProgram(t)
	bar := p.window(p.Screen.Root, image.Rect(100, 100, 400, 200), 0, os.Getpid())
	p.show(bar)
	f := own(t)
	lost, _ := keep(t, f, bar)
	time.Sleep(2 * newsRest)
	for began := time.Now(); lost.Load() == 0; time.Sleep(20 * time.Millisecond) {
		o.place(bar, image.Rect(3000, 3000, 3300, 3100))
		if time.Since(began) > 10*time.Second {
			t.Fatal("not lost after ten seconds")
		}
	}
}
