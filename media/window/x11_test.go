//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"encoding/binary"
	"errors"
	"image"
	"os"
	"slices"
	"testing"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"assist/media/capture/capturetest"
	"assist/media/internal/xconn"
)

// program is a connection that makes windows, as a program does.
type program struct {
	t testing.TB
	*xconn.Conn
}

func newProgram(t testing.TB) program {
	t.Helper()
	c, err := xconn.Dial("", func([]byte) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return program{t, c}
}

// must ends the test when a request failed.
func (p program) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// window makes a window that names a process, unless pid is 0, and is not mapped.
func (p program) window(parent xproto.Window, r image.Rectangle, border, pid int) xproto.Window {
	p.t.Helper()
	w, err := xproto.NewWindowId(p.Conn.Conn)
	p.must(err)
	p.must(xproto.CreateWindowChecked(p.Conn.Conn, p.Screen.RootDepth, w, parent, int16(r.Min.X), int16(r.Min.Y),
		uint16(r.Dx()-2*border), uint16(r.Dy()-2*border), uint16(border), xproto.WindowClassInputOutput,
		p.Screen.RootVisual, xproto.CwOverrideRedirect, []uint32{1}).Check())
	if pid != 0 {
		p.name(w, pid)
	}
	return w
}

func (p program) name(w xproto.Window, pid int) {
	p.t.Helper()
	const name = "_NET_WM_PID"
	a, err := xproto.InternAtom(p.Conn.Conn, false, uint16(len(name)), name).Reply()
	p.must(err)
	p.must(xproto.ChangePropertyChecked(p.Conn.Conn, xproto.PropModeReplace, w, a.Atom, xproto.AtomCardinal, 32, 1,
		binary.LittleEndian.AppendUint32(nil, uint32(pid))).Check())
}

func (p program) show(ws ...xproto.Window) {
	p.t.Helper()
	for _, w := range ws {
		p.must(xproto.MapWindowChecked(p.Conn.Conn, w).Check())
	}
}

func (p program) place(w xproto.Window, r image.Rectangle) {
	p.t.Helper()
	p.must(xproto.ConfigureWindowChecked(p.Conn.Conn, w,
		xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
		[]uint32{uint32(r.Min.X), uint32(r.Min.Y), uint32(r.Dx()), uint32(r.Dy())}).Check())
}

func own(t testing.TB, others ...int) Finder {
	t.Helper()
	f, err := Own(others...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func want(t *testing.T, f Finder, when string, want ...image.Rectangle) {
	t.Helper()
	if got := f.Rects(); !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", when, got, want)
	}
}

// unsure starts a server that does not say whose connection is whose.
func unsure(t testing.TB) {
	t.Helper()
	capturetest.Xvfb(t, "-screen", "0", "640x480x24", "-extension", "X-Resource")
}

const (
	somebody = 1 << 22 // process numbers are smaller on Linux
	helper   = somebody + 1
)

func TestRectsFollowWindows(t *testing.T) {
	capturetest.Xvfb(t)
	p := newProgram(t)
	root := p.Screen.Root
	before := image.Rect(5, 5, 50, 50)
	old := p.window(root, before, 0, os.Getpid())
	p.show(old)
	f := own(t)
	want(t, f, "a window that was there", before)

	r := image.Rect(100, 100, 300, 200)
	w := p.window(root, r, 3, os.Getpid())
	want(t, f, "not shown yet", before)
	p.show(w)
	want(t, f, "shown, with its border", before, r)
	p.place(w, image.Rect(20, 30, 120, 80))
	want(t, f, "moved", before, image.Rect(20, 30, 126, 86))
	p.must(xproto.UnmapWindowChecked(p.Conn.Conn, w).Check())
	want(t, f, "hidden", before)
	p.show(w)
	want(t, f, "shown again", before, image.Rect(20, 30, 126, 86))
	p.must(xproto.DestroyWindowChecked(p.Conn.Conn, w).Check())
	want(t, f, "gone", before)
	p.must(xproto.DestroyWindowChecked(p.Conn.Conn, old).Check())
	want(t, f, "all gone")
}

func TestOthersAreLeftOut(t *testing.T) {
	unsure(t)
	p, q, h := newProgram(t), newProgram(t), newProgram(t)
	root := p.Screen.Root
	r := image.Rect(100, 100, 300, 200)
	q.show(q.window(root, r, 0, somebody), q.window(root, r, 0, 0))
	f := own(t, helper)
	want(t, f, "somebody else's")
	h.show(h.window(root, r, 0, helper))
	want(t, f, "a helper's", r)
	// A menu names no process, but another window of its connection does.
	menu := image.Rect(0, 0, 20, 200)
	h.show(h.window(root, menu, 0, 0))
	want(t, f, "a helper's menu", r, menu)
}

// A menu that came before any window that names us is found when one does.
func TestNamedLater(t *testing.T) {
	unsure(t)
	p := newProgram(t)
	f := own(t)
	a, b := image.Rect(0, 0, 20, 20), image.Rect(30, 30, 90, 90)
	w1, w2 := p.window(p.Screen.Root, a, 0, 0), p.window(p.Screen.Root, b, 0, 0)
	p.show(w1, w2)
	want(t, f, "nobody's")
	p.name(w2, os.Getpid())
	want(t, f, "ours", a, b)
	p.must(xproto.DestroyWindowChecked(p.Conn.Conn, w2).Check())
	want(t, f, "the one that names us is gone", a)
	p.must(xproto.DestroyWindowChecked(p.Conn.Conn, w1).Check())
	p.show(p.window(p.Screen.Root, b, 0, 0))
	want(t, f, "all of them are gone, and with them what was known of the connection")
}

// A window manager puts a window into a decoration of its own.
func TestDecorations(t *testing.T) {
	unsure(t)
	p, wm := newProgram(t), newProgram(t)
	f := own(t)
	client := p.window(p.Screen.Root, image.Rect(0, 0, 100, 80), 0, os.Getpid())
	frame := image.Rect(200, 100, 310, 210)
	outer := wm.window(wm.Screen.Root, frame, 1, 0)
	inner := wm.window(outer, image.Rect(0, 20, 110, 110), 0, 0)
	wm.show(outer, inner)
	want(t, f, "an empty decoration")
	wm.must(xproto.ReparentWindowChecked(wm.Conn.Conn, client, inner, 5, 5).Check())
	wm.show(client)
	want(t, f, "decorated", frame)
	p.must(xproto.SetInputFocusChecked(p.Conn.Conn, xproto.InputFocusNone, client, xproto.TimeCurrentTime).Check())
	if !f.Focused() {
		t.Error("the decorated window has the keyboard, and Focused says no")
	}
	wm.must(xproto.ReparentWindowChecked(wm.Conn.Conn, client, wm.Screen.Root, 40, 50).Check())
	wm.must(xproto.DestroyWindowChecked(wm.Conn.Conn, outer).Check())
	want(t, f, "without its decoration", image.Rect(40, 50, 140, 130))
}

// A window that others are clicked through is known by what made it, and not by its shape.
func TestThrough(t *testing.T) {
	capturetest.Xvfb(t)
	p := newProgram(t)
	f := own(t)
	solid, frame := image.Rect(0, 0, 300, 50), image.Rect(0, 100, 300, 105)
	w := p.window(p.Screen.Root, solid, 0, os.Getpid())
	clear := p.window(p.Screen.Root, frame, 0, os.Getpid())
	p.show(w, clear)
	want(t, f, "both", solid, frame)
	f.Through(func(w uintptr) bool { return w == uintptr(clear) })
	want(t, f, "one is seen through", solid)
	p.noInput(w)
	p.noInput(clear)
	want(t, f, "whatever their shape", solid)
}

// noInput makes clicks pass through a window.
func (p program) noInput(w xproto.Window) {
	p.t.Helper()
	if _, found, err := p.Use("SHAPE"); err != nil || !found {
		p.t.Fatal(found, err)
	}
	p.must(shape.RectanglesChecked(p.Conn.Conn, shape.SoSet, shape.SkInput, xproto.ClipOrderingUnsorted, w, 0, 0, nil).Check())
}

func TestFocused(t *testing.T) {
	unsure(t)
	p, q := newProgram(t), newProgram(t)
	root := p.Screen.Root
	mine := p.window(root, image.Rect(0, 0, 100, 100), 0, os.Getpid())
	inside := p.window(mine, image.Rect(10, 10, 20, 20), 0, 0)
	other := q.window(root, image.Rect(200, 200, 300, 300), 0, somebody)
	p.show(mine, inside)
	q.show(other)
	f := own(t)
	focus := func(w xproto.Window) {
		t.Helper()
		p.must(xproto.SetInputFocusChecked(p.Conn.Conn, xproto.InputFocusPointerRoot, w, xproto.TimeCurrentTime).Check())
	}
	point := func(x, y int16) {
		t.Helper()
		p.must(xproto.WarpPointerChecked(p.Conn.Conn, 0, root, 0, 0, 0, 0, x, y).Check())
	}
	for _, tt := range []struct {
		name string
		do   func()
		want bool
	}{
		{"ours", func() { focus(mine) }, true},
		{"inside ours", func() { focus(inside) }, true},
		{"another's", func() { focus(other) }, false},
		{"nobody", func() { focus(xproto.InputFocusNone) }, false},
		{"follows the pointer, over ours", func() { point(50, 50); focus(xproto.InputFocusPointerRoot) }, true},
		{"follows the pointer, over another's", func() { point(250, 250) }, false},
		{"follows the pointer, over none", func() { point(400, 400) }, false},
	} {
		tt.do()
		if got := f.Focused(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestServerGoes(t *testing.T) {
	_, server := capturetest.Xvfb(t)
	p := newProgram(t)
	r := image.Rect(0, 0, 100, 100)
	p.show(p.window(p.Screen.Root, r, 0, os.Getpid()))
	f := own(t)
	want(t, f, "before", r)
	server.Kill()
	<-p.Done()
	want(t, f, "after", Everywhere)
	if !f.Focused() {
		t.Error("Focused says no when nobody can tell")
	}
}

func TestNoServer(t *testing.T) {
	t.Setenv("DISPLAY", "")
	if _, err := Own(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("Own: %v, want %v", err, ErrUnsupported)
	}
}

func BenchmarkRects(b *testing.B) {
	unsure(b)
	p := newProgram(b)
	for i := range 100 {
		w := p.window(p.Screen.Root, image.Rect(i, i, i+50, i+50), 0, somebody*(i%2)+os.Getpid()*(1-i%2))
		p.show(w)
	}
	f := own(b)
	f.Rects()
	for b.Loop() {
		f.Rects()
	}
}
