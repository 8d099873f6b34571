//go:build linux || freebsd || netbsd || openbsd

package overlay_test

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
	"go.uber.org/goleak"

	"assist/media/capture/capturetest"
	"assist/media/internal/xconn"
	"assist/media/overlay"
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

// processor is the time that this process has used.
func processor(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
