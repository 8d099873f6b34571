//go:build linux || freebsd || netbsd || openbsd

package overlay_test

import (
	"errors"
	"image"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"assist/media/capture/capturetest"
	"assist/media/overlay"
	"assist/media/window"
)

func TestLevels(t *testing.T) {
	p := stage(t)
	p.window(desktop)
	o := newOverlay(t, overlay.Options{})
	p.until("nothing before Show", bare(desktop))
	o.Show(view)
	p.until("amber", both(framed(desktop, amber), signed(desktop, amber, 5)))
	o.Show(control)
	p.until("red", both(framed(desktop, red), signed(desktop, red, 5)))
	if rs := o.Rects(); len(rs) != 1 || !rs[0].In(desktop) || rs[0].Dy() > 60 {
		t.Errorf("places of signs: %v", rs)
	}
	o.Show(overlay.Sign{Text: "Erin Engineer (Example Support) is connected"})
	p.until("a sign without a frame", both(signed(desktop, grey, 0), not(framed(desktop, grey))))
	o.Hide()
	p.until("nothing after Hide", bare(desktop))
	if rs := o.Rects(); len(rs) != 0 {
		t.Errorf("places of signs after Hide: %v", rs)
	}
	o.Show(control)
	p.until("red again", framed(desktop, red))
	if err := errors.Join(o.Close(), o.Close()); err != nil {
		t.Error(err)
	}
	p.until("nothing after Close", bare(desktop))
}

// A click on the frame or the sign reaches the window beneath, and the focus stays where it was throughout.
func TestClicksPassAndFocusStays(t *testing.T) {
	p := stage(t)
	w := p.window(desktop)
	p.must(xproto.SetInputFocusChecked(p.Conn.Conn, xproto.InputFocusPointerRoot, w, xproto.TimeCurrentTime).Check())
	p.picture()
	p.focus.Store(0)
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	p.until("red", both(framed(desktop, red), signed(desktop, red, 5)))
	for i, at := range append(edge(desktop, 2), image.Pt(640, 20)) {
		p.click(at)
		p.picture() // the events before its answer have been counted
		if got := int(p.clicks.Load()); got != i+1 {
			t.Errorf("the click at %v did not reach the window beneath", at)
		}
	}
	o.Show(view)
	p.until("amber", framed(desktop, amber))
	p.raise(w)
	p.until("amber again", framed(desktop, amber))
	o.Hide()
	p.until("nothing", bare(desktop))
	r, err := xproto.GetInputFocus(p.Conn.Conn).Reply()
	p.must(err)
	if r.Focus != w || p.focus.Load() != 0 {
		t.Errorf("the focus is %v, not %v, and changed %d times", r.Focus, w, p.focus.Load())
	}
}

// What comes on top, or is done to the overlay's own windows, is undone.
func TestStaysOnTop(t *testing.T) {
	p := stage(t)
	w := p.window(desktop)
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	ok := both(framed(desktop, red), signed(desktop, red, 5))
	p.until("red", ok)
	each := func(do func(own xproto.Window)) func() {
		return func() {
			for _, own := range p.overlayWindows() {
				do(own)
			}
			p.picture()
		}
	}
	c := p.Conn.Conn
	for _, tt := range []struct {
		name string
		do   func()
	}{
		{"another window is raised", func() { p.raise(w) }},
		{"a new window", func() { p.window(desktop) }},
		{"its windows are lowered", each(func(own xproto.Window) {
			xproto.ConfigureWindow(c, own, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeBelow})
		})},
		{"moved", each(func(own xproto.Window) {
			xproto.ConfigureWindow(c, own, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{3000, 3000})
		})},
		{"made small", each(func(own xproto.Window) {
			xproto.ConfigureWindow(c, own, xproto.ConfigWindowWidth|xproto.ConfigWindowHeight, []uint32{1, 1})
		})},
		{"hidden", each(func(own xproto.Window) { xproto.UnmapWindow(c, own) })},
		{"destroyed", each(func(own xproto.Window) { xproto.DestroyWindow(c, own) })},
		{"cut out", each(func(own xproto.Window) {
			shape.Rectangles(c, shape.SoSet, shape.SkBounding, xproto.ClipOrderingUnsorted, own, 0, 0, nil)
		})},
		{"put into a hidden window", func() {
			hidden := p.window(desktop)
			xproto.UnmapWindow(c, hidden)
			each(func(own xproto.Window) { xproto.ReparentWindow(c, own, hidden, 0, 0) })()
		}},
		{"its connection is closed", func() { xproto.KillClient(c, uint32(p.overlayWindows()[0])) }},
	} {
		tt.do()
		t.Logf("%s: right after %v", tt.name, p.until(tt.name, ok))
	}
}

// What takes no clicks is not in the way of the engineer's, and not blank in the picture.
func TestNotAmongOwnWindows(t *testing.T) {
	p := stage(t)
	f, err := window.Own()
	p.must(err)
	defer f.Close()
	o := newOverlay(t, overlay.Options{Bars: f.Rects})
	f.Through(o.Owns)
	o.Show(control)
	p.until("red", both(framed(desktop, red), signed(desktop, red, 5)))
	if rs := f.Rects(); len(rs) != 0 {
		t.Errorf("own windows: %v", rs)
	}
	if f.Focused() {
		t.Error("the overlay has the keyboard")
	}
}

// A composite manager shows windows as transparent as a property of theirs says.
func TestOpacityIsTakenBack(t *testing.T) {
	p := stage(t)
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	p.until("red", framed(desktop, red))
	c := p.Conn.Conn
	name := "_NET_WM_WINDOW_OPACITY"
	a, err := xproto.InternAtom(c, false, uint16(len(name)), name).Reply()
	p.must(err)
	own := p.overlayWindows()
	for _, w := range own {
		p.must(xproto.ChangePropertyChecked(c, xproto.PropModeReplace, w, a.Atom, xproto.AtomCardinal, 32, 1, make([]byte, 4)).Check())
	}
	p.until("opaque again", func(*image.RGBA) bool {
		return !slices.ContainsFunc(own, func(w xproto.Window) bool {
			r, err := xproto.GetProperty(c, false, w, a.Atom, xproto.AtomCardinal, 0, 1).Reply()
			return err == nil && len(r.Value) > 0
		})
	})
}

func TestMonitors(t *testing.T) {
	p := stage(t)
	p.window(desktop)
	left, right := p.split()
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	p.until("both monitors", both(framed(left, red), framed(right, red), signed(left, red, 5), signed(right, red, 5)))
	one := view
	one.Displays = []image.Rectangle{right}
	o.Show(one)
	p.until("a frame on one, signs on both", both(framed(right, amber), signed(right, amber, 5), signed(left, amber, 0), not(framed(left, amber))))
}

// Monitors come and go while the overlay is there.
func TestMonitorsChange(t *testing.T) {
	p := stage(t)
	p.window(desktop)
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	p.until("one monitor", framed(desktop, red))
	left, right := p.split()
	p.until("two monitors", both(framed(left, red), framed(right, red), signed(left, red, 5), signed(right, red, 5)))
	a, err := xproto.InternAtom(p.Conn.Conn, true, 5, "right").Reply()
	p.must(err)
	p.must(randr.DeleteMonitorChecked(p.Conn.Conn, p.Screen.Root, a.Atom).Check())
	p.until("one of them is gone", both(framed(left, red), bare(right)))
}

// A monitor where a bar can be read needs no sign: until the bar is covered, made small, moved off or hidden.
func TestSignWhereNoBarIs(t *testing.T) {
	p := stage(t)
	p.window(desktop)
	left, right := p.split()
	place := image.Rect(50, 200, 650, 280)
	var at atomic.Pointer[image.Rectangle]
	at.Store(&place)
	bar := p.window(place)
	o := newOverlay(t, overlay.Options{Bars: func() []image.Rectangle { return []image.Rectangle{*at.Load()} }})
	o.Show(control)
	onRight := both(framed(left, red), framed(right, red), signed(right, red, 5), not(signed(left, red, 5)))
	onBoth := both(framed(left, red), signed(left, red, 5), signed(right, red, 5))
	p.until("the bar is on the left", onRight)

	c := p.Conn.Conn
	cover := p.window(image.Rect(600, 250, 640, 300))
	p.until("covered", onBoth)
	p.must(xproto.DestroyWindowChecked(c, cover).Check())
	p.until("not covered any more", onRight)
	p.must(xproto.UnmapWindowChecked(c, bar).Check())
	p.until("hidden", onBoth)
	p.must(xproto.MapWindowChecked(c, bar).Check())
	p.until("shown", onRight)

	move := func(x, w int) {
		moved := image.Rect(x, 200, x+w, 280)
		at.Store(&moved)
		p.must(xproto.ConfigureWindowChecked(c, bar, xproto.ConfigWindowX|xproto.ConfigWindowWidth, []uint32{uint32(x), uint32(w)}).Check())
	}
	move(710, 560)
	p.until("moved to the right", both(signed(left, red, 5), not(signed(right, red, 5))))
	move(400, 600)
	p.until("half on each", onBoth)
	move(50, 100)
	p.until("too small to be read", onBoth)
	move(60, 500)
	p.until("back", onRight)
}

// The clock runs, and nothing else of the sign changes with it.
func TestClock(t *testing.T) {
	p := stage(t)
	o := newOverlay(t, overlay.Options{})
	s := control
	s.Since = time.Now()
	o.Show(s)
	p.until("red", both(framed(desktop, red), signed(desktop, red, 5)))
	before := p.picture()
	p.until("the clock", func(img *image.RGBA) bool {
		changed := image.Rectangle{}
		for y := range 720 {
			for x := range 1280 {
				if img.RGBAAt(x, y) != before.RGBAAt(x, y) {
					changed = changed.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if !changed.Empty() && (!changed.In(o.Rects()[0]) || changed.Dx() > 60) {
			t.Fatalf("%v changed", changed)
		}
		return !changed.Empty()
	})
}

// However the process ends, nothing stays.
func TestKilled(t *testing.T) {
	p := stage(t)
	p.window(desktop)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperMode+"=1")
	in, err := cmd.StdinPipe()
	p.must(err)
	defer in.Close()
	p.must(cmd.Start())
	p.until("red", framed(desktop, red))
	p.must(cmd.Process.Kill())
	cmd.Wait()
	p.until("nothing", bare(desktop))
}

// The overlay comes back over a program that comes on top again and again, but not as fast as it could.
func TestContest(t *testing.T) {
	p := stage(t)
	w := p.window(desktop)
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	p.until("red", framed(desktop, red))
	began := time.Now()
	raises := 0
	for time.Since(began) < 2*time.Second {
		if !framed(desktop, red)(p.picture()) {
			time.Sleep(time.Millisecond)
			continue
		}
		p.raise(w)
		raises++
	}
	if raises < 3 || raises > 60 {
		t.Errorf("came back %d times in 2 s", raises)
	}
	t.Logf("came back %d times in 2 s", raises)
	p.until("red in the end", framed(desktop, red))
}

// At rest the overlay uses the processor for its clock only.
func TestRest(t *testing.T) {
	p := stage(t)
	p.window(desktop)
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	p.until("red", both(framed(desktop, red), signed(desktop, red, 5)))
	before := processor(t)
	time.Sleep(2 * time.Second)
	if used := processor(t) - before; used > 20*time.Millisecond {
		t.Errorf("%v of processor time in 2 s", used)
	} else {
		t.Logf("%v of processor time in 2 s", used)
	}
}

func TestNoServer(t *testing.T) {
	t.Setenv("DISPLAY", "")
	if _, err := overlay.Open(overlay.Options{}); !errors.Is(err, overlay.ErrUnsupported) {
		t.Errorf("Open: %v, want %v", err, overlay.ErrUnsupported)
	}
}

// A server that hangs or goes away does not hold up Close.
func TestServerHangsAndGoes(t *testing.T) {
	_, server := capturetest.Xvfb(t, "-screen", "0", "1280x720x24")
	p := newProgram(t)
	o := newOverlay(t, overlay.Options{})
	o.Show(control)
	p.until("red", framed(desktop, red))
	for _, sig := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL} {
		second := newOverlay(t, overlay.Options{})
		second.Show(view)
		p.must(server.Signal(sig))
		second.Show(control)
		if err := second.Close(); err != nil {
			t.Error(err)
		}
		if sig == syscall.SIGSTOP {
			p.must(server.Signal(syscall.SIGCONT))
		}
	}
	o.Close()
}
