//go:build linux || freebsd || netbsd || openbsd

package overlay_test

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
	"go.uber.org/goleak"

	"assist/media/capture/capturetest"
	"assist/media/internal/xconn"
	"assist/media/overlay"
	"assist/media/window"
)

// helperMode makes the test program show an overlay until it is killed.
const helperMode = "OVERLAY_TEST_SHOW"

func TestMain(m *testing.M) {
	if os.Getenv(helperMode) != "" {
		showUntilKilled()
	}
	goleak.VerifyTestMain(m)
}

func showUntilKilled() {
	o, err := overlay.Open(overlay.Options{})
	if err != nil {
		os.Exit(1)
	}
	o.Show(control)
	io.Copy(io.Discard, os.Stdin)
	os.Exit(2)
}

var (
	amber = color.RGBA{0xf0, 0xa0, 0x00, 0xff}
	red   = color.RGBA{0xc6, 0x1c, 0x1c, 0xff}
	grey  = color.RGBA{0x37, 0x47, 0x4f, 0xff}
	blue  = color.RGBA{0x10, 0x20, 0xd0, 0xff} // of the other program's windows
)

var (
	control = overlay.Sign{Level: overlay.Controlled, Text: "Erin Engineer (Example Support) can control your screen", Since: time.Now()}
	view    = overlay.Sign{Level: overlay.Seen, Text: "Erin Engineer (Example Support) can see your screen", Since: time.Now()}
)

// soon is how long the overlay may take, on a machine that is busy with other tests; the overlay itself rests for less than 200 ms.
const soon = 5 * time.Second

// program is another program on the display.
type program struct {
	t testing.TB
	*xconn.Conn
	clicks atomic.Int32
	focus  atomic.Int32 // changes of the focus
}

func newProgram(t testing.TB) *program {
	t.Helper()
	p := &program{t: t}
	c, err := xconn.Dial("", func(e []byte) {
		switch e[0] & 0x7f {
		case xproto.ButtonPress:
			p.clicks.Add(1)
		case xproto.FocusIn, xproto.FocusOut:
			p.focus.Add(1)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	p.Conn = c
	for _, name := range []string{"XTEST", "RANDR", "SHAPE"} {
		if _, found, err := c.Use(name); err != nil || !found {
			t.Fatalf("%s: %v, %v", name, found, err)
		}
	}
	return p
}

func (p *program) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// window shows a blue window, as of a menu or a program without decorations, on top.
func (p *program) window(r image.Rectangle) xproto.Window {
	p.t.Helper()
	c := p.Conn.Conn
	w, err := xproto.NewWindowId(c)
	p.must(err)
	const events = xproto.EventMaskButtonPress | xproto.EventMaskFocusChange
	p.must(xproto.CreateWindowChecked(c, p.Screen.RootDepth, w, p.Screen.Root, int16(r.Min.X), int16(r.Min.Y),
		uint16(r.Dx()), uint16(r.Dy()), 0, xproto.WindowClassInputOutput, p.Screen.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{0x1020d0, 1, events}).Check())
	p.must(xproto.MapWindowChecked(c, w).Check())
	return w
}

func (p *program) raise(w xproto.Window) {
	p.t.Helper()
	p.must(xproto.ConfigureWindowChecked(p.Conn.Conn, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove}).Check())
}

// picture returns what the display shows.
func (p *program) picture() *image.RGBA {
	p.t.Helper()
	g, err := xproto.GetGeometry(p.Conn.Conn, xproto.Drawable(p.Screen.Root)).Reply()
	p.must(err)
	r, err := xproto.GetImage(p.Conn.Conn, xproto.ImageFormatZPixmap, xproto.Drawable(p.Screen.Root), 0, 0, g.Width, g.Height, 0xffffffff).Reply()
	p.must(err)
	img := image.NewRGBA(image.Rect(0, 0, int(g.Width), int(g.Height)))
	for i := 0; i+3 < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = r.Data[i+2], r.Data[i+1], r.Data[i], 0xff
	}
	return img
}

// until waits until ok holds for what the display shows.
func (p *program) until(what string, ok func(*image.RGBA) bool) time.Duration {
	p.t.Helper()
	began := time.Now()
	for {
		img := p.picture()
		if ok(img) {
			return time.Since(began)
		}
		if time.Since(began) > soon {
			file := filepath.Join(os.TempDir(), "overlay-failed.png")
			if f, err := os.Create(file); err == nil {
				png.Encode(f, img)
				f.Close()
			}
			p.t.Fatalf("%s: not after %v; picture in %s", what, soon, file)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// edge is n pixels inside a display.
func edge(m image.Rectangle, n int) []image.Point {
	in := m.Inset(n)
	mid := in.Min.Add(in.Max).Div(2)
	return []image.Point{
		in.Min, {in.Max.X - 1, in.Min.Y}, {in.Min.X, in.Max.Y - 1}, in.Max.Sub(image.Pt(1, 1)),
		{mid.X, in.Min.Y}, {mid.X, in.Max.Y - 1}, {in.Min.X, mid.Y}, {in.Max.X - 1, mid.Y},
	}
}

func all(img *image.RGBA, at []image.Point, c color.RGBA) bool {
	return !slices.ContainsFunc(at, func(p image.Point) bool { return img.RGBAAt(p.X, p.Y) != c })
}

// framed reports whether there is a frame of a colour round m, as wide as it should be and no wider.
func framed(m image.Rectangle, c color.RGBA) func(*image.RGBA) bool {
	return func(img *image.RGBA) bool {
		return all(img, edge(m, 0), c) && all(img, edge(m, 4), c) && !all(img, edge(m, 5)[5:], c)
	}
}

// bare reports whether there is nothing of an overlay round m, or of signs anywhere.
func bare(m image.Rectangle) func(*image.RGBA) bool {
	return func(img *image.RGBA) bool {
		for _, c := range []color.RGBA{amber, red, grey} {
			if slices.ContainsFunc(append(edge(m, 0), edge(m, 8)...), func(p image.Point) bool { return img.RGBAAt(p.X, p.Y) == c }) {
				return false
			}
		}
		return true
	}
}

// signed reports whether a sign of a colour is in the middle of the top of m, with words on it.
func signed(m image.Rectangle, c color.RGBA, below int) func(*image.RGBA) bool {
	return func(img *image.RGBA) bool {
		x := (m.Min.X + m.Max.X) / 2
		if img.RGBAAt(x, m.Min.Y+below+1) != c {
			return false
		}
		words := 0
		for dx := -100; dx < 100; dx++ {
			if img.RGBAAt(x+dx, m.Min.Y+below+14) != c {
				words++
			}
		}
		return words > 20 && words < 160
	}
}

func both(conditions ...func(*image.RGBA) bool) func(*image.RGBA) bool {
	return func(img *image.RGBA) bool {
		return !slices.ContainsFunc(conditions, func(ok func(*image.RGBA) bool) bool { return !ok(img) })
	}
}

func not(ok func(*image.RGBA) bool) func(*image.RGBA) bool {
	return func(img *image.RGBA) bool { return !ok(img) }
}

func newOverlay(t testing.TB, opt overlay.Options) overlay.Overlay {
	t.Helper()
	o, err := overlay.Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

var desktop = image.Rect(0, 0, 1280, 720)

func stage(t testing.TB) *program {
	t.Helper()
	capturetest.Xvfb(t, "-screen", "0", "1280x720x24")
	return newProgram(t)
}

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

// click presses and releases the first button.
func (p *program) click(at image.Point) {
	p.t.Helper()
	fake := func(kind, detail byte, x, y int) {
		p.must(xtest.FakeInputChecked(p.Conn.Conn, kind, detail, 0, p.Screen.Root, int16(x), int16(y), 0).Check())
	}
	fake(xproto.MotionNotify, 0, at.X, at.Y)
	fake(xproto.ButtonPress, 1, 0, 0)
	fake(xproto.ButtonRelease, 1, 0, 0)
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

// overlayWindows finds the windows of the overlay by what they say.
func (p *program) overlayWindows() (list []xproto.Window) {
	p.t.Helper()
	c := p.Conn.Conn
	name := "_NET_WM_PID"
	a, err := xproto.InternAtom(c, false, uint16(len(name)), name).Reply()
	p.must(err)
	tree, err := xproto.QueryTree(c, p.Screen.Root).Reply()
	p.must(err)
	for _, w := range tree.Children {
		r, err := xproto.GetProperty(c, false, w, a.Atom, xproto.AtomCardinal, 0, 1).Reply()
		if err == nil && len(r.Value) == 4 && int(binary.LittleEndian.Uint32(r.Value)) == os.Getpid() {
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		p.t.Fatal("no windows of the overlay")
	}
	return list
}

// What takes no clicks is not in the way of the engineer's, and not blank in the picture.
func TestNotAmongOwnWindows(t *testing.T) {
	p := stage(t)
	f, err := window.Own()
	p.must(err)
	defer f.Close()
	o := newOverlay(t, overlay.Options{Bars: f.Rects})
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

// setMonitor makes a part of the screen a monitor.
func (p *program) setMonitor(name string, r image.Rectangle, outputs ...randr.Output) {
	p.t.Helper()
	c := p.Conn.Conn
	_, err := randr.QueryVersion(c, 1, 5).Reply()
	p.must(err)
	a, err := xproto.InternAtom(c, false, uint16(len(name)), name).Reply()
	p.must(err)
	p.must(randr.SetMonitorChecked(c, p.Screen.Root, randr.MonitorInfo{
		Name: a.Atom, NOutput: uint16(len(outputs)), Outputs: outputs,
		X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy()),
	}).Check())
}

// split makes the screen two monitors.
func (p *program) split() (left, right image.Rectangle) {
	p.t.Helper()
	res, err := randr.GetScreenResourcesCurrent(p.Conn.Conn, p.Screen.Root).Reply()
	p.must(err)
	left, right = image.Rect(0, 0, 700, 720), image.Rect(700, 0, 1280, 600)
	p.setMonitor("left", left, res.Outputs...)
	p.setMonitor("right", right)
	return left, right
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

// processor is the time that this process has used.
func processor(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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
