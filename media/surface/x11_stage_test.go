//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"fmt"
	"image"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
	"go.uber.org/goleak"

	"assist/media/capture/capturetest"
	"assist/media/frame"
	"assist/media/internal/xconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// soon is how long an X server may take on a busy machine.
const soon = 10 * time.Second

// until waits until ok holds.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > soon {
			t.Fatalf("%s: not after %v", what, soon)
		}
	}
}

// ground is the colour of the surrounding window: blue, green, red.
var ground = [3]byte{0xd0, 0x20, 0x10}

// shell is the program around the surface: a window with a colour that hears keys itself, as the widget library's does.
type shell struct {
	testing.TB
	*xconn.Conn
	window xproto.Window
	at     image.Point // of the window on the screen

	mu      sync.Mutex
	keys    int               // events of keys that it heard itself
	painted []image.Rectangle // on the screen, as DAMAGE reports it
	damaged byte              // code of those reports
}

func newShell(t testing.TB, r image.Rectangle) *shell {
	t.Helper()
	p := &shell{TB: t, at: r.Min}
	c, err := xconn.Dial("", p.onEvent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	p.Conn = c
	for _, name := range []string{"XTEST", "XFIXES"} {
		if _, found, err := c.Use(name); err != nil || !found {
			t.Fatalf("%s: %v, %v", name, found, err)
		}
	}
	p.window, err = xproto.NewWindowId(c.Conn)
	p.must(err)
	colour := uint32(ground[0]) | uint32(ground[1])<<8 | uint32(ground[2])<<16
	p.must(xproto.CreateWindowChecked(c.Conn, c.Screen.RootDepth, p.window, c.Screen.Root, int16(r.Min.X), int16(r.Min.Y),
		uint16(r.Dx()), uint16(r.Dy()), 0, xproto.WindowClassInputOutput, c.Screen.RootVisual, xproto.CwBackPixel|xproto.CwEventMask,
		[]uint32{colour, xproto.EventMaskKeyPress | xproto.EventMaskKeyRelease | mouse}).Check())
	p.must(xproto.MapWindowChecked(c.Conn, p.window).Check())
	p.focus(p.window)
	return p
}

func (p *shell) onEvent(e []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch kind := e[0] &^ 0x80; {
	case kind == xproto.KeyPress || kind == xproto.KeyRelease:
		p.keys++
	case p.damaged != 0 && kind == p.damaged:
		p.painted = append(p.painted, image.Rect(0, 0, short(e[20:]), short(e[22:])).Add(image.Pt(short(e[16:]), short(e[18:]))))
	}
}

func (p *shell) must(errs ...error) {
	p.Helper()
	for _, err := range errs {
		if err != nil {
			p.Fatal(err)
		}
	}
}

func (p *shell) focus(w xproto.Window) {
	p.Helper()
	p.must(xproto.SetInputFocusChecked(p.Conn.Conn, xproto.InputFocusPointerRoot, w, xproto.TimeCurrentTime).Check())
}

// watch reports what is painted from now on.
func (p *shell) watch() {
	p.Helper()
	ext, found, err := p.Use("DAMAGE")
	if err != nil || !found {
		p.Fatal(found, err)
	}
	_, err = damage.QueryVersion(p.Conn.Conn, 1, 1).Reply()
	p.must(err)
	id, err := damage.NewDamageId(p.Conn.Conn)
	p.must(err)
	p.mu.Lock()
	p.damaged = ext.FirstEvent + damage.Notify
	p.mu.Unlock()
	p.must(damage.CreateChecked(p.Conn.Conn, id, xproto.Drawable(p.Screen.Root), damage.ReportLevelRawRectangles).Check())
}

// wasPainted returns what was painted since the last time.
func (p *shell) wasPainted() []image.Rectangle {
	p.Helper()
	p.sync()
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.painted
	p.painted = nil
	return list
}

// sync waits until the server has done what was asked of it.
func (p *shell) sync() { xproto.GetInputFocus(p.Conn.Conn).Reply() }

// screen is what the screen shows of the window.
func (p *shell) screen(r image.Rectangle) *frame.Frame {
	p.Helper()
	at := r.Add(p.at)
	m, err := xproto.GetImage(p.Conn.Conn, xproto.ImageFormatZPixmap, xproto.Drawable(p.Screen.Root), int16(at.Min.X), int16(at.Min.Y),
		uint16(r.Dx()), uint16(r.Dy()), 0xffffffff).Reply()
	if err != nil {
		p.Fatal(err)
	}
	return &frame.Frame{Pix: m.Data, Stride: 4 * r.Dx(), Rect: r}
}

// shows waits until the window shows f where it is, which is in pixels of the window.
func (p *shell) shows(what string, f *frame.Frame) {
	p.Helper()
	until(p, what, func() bool { return frame.SameIn(p.screen(f.Rect), f, f.Rect) })
}

// plain is a part of the window that shows nothing of the surface.
func plain(r image.Rectangle) *frame.Frame {
	f := frame.New(r.Dx(), r.Dy())
	f.Fill(f.Rect, ground[0], ground[1], ground[2])
	f.Rect = r
	return f
}

// at is f, moved.
func at(f *frame.Frame, p image.Point) *frame.Frame {
	return &frame.Frame{Pix: f.Pix, Stride: f.Stride, Rect: f.Rect.Sub(f.Rect.Min).Add(p)}
}

// fake makes an event of a real device.
func (p *shell) fake(kind, detail byte, x, y int) {
	p.Helper()
	p.must(xtest.FakeInputChecked(p.Conn.Conn, kind, detail, 0, p.Screen.Root, int16(p.at.X+x), int16(p.at.Y+y), 0).Check())
}

// ear writes down what it hears.
type ear struct {
	mu   sync.Mutex
	said []string
}

func (e *ear) add(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = append(e.said, fmt.Sprintf(format, args...))
}

func (e *ear) Key(code int, down bool) { e.add("key %d %v", code, down) }
func (e *ear) Pointer(at image.Point)  { e.add("at %v", at) }
func (e *ear) Button(number int, down bool, at image.Point) {
	e.add("button %d %v %v", number, down, at)
}
func (e *ear) Wheel(x, y int, at image.Point) { e.add("wheel %d,%d %v", x, y, at) }
func (e *ear) Blur()                          { e.add("blur") }
func (e *ear) Elsewhere()                     { e.add("elsewhere") }
func (e *ear) Gone()                          { e.add("gone") }
func (e *ear) heard() (list []string)         { e.mu.Lock(); defer e.mu.Unlock(); return slices.Clone(e.said) }

// heardLast waits until the last thing heard is want, and forgets all.
func (e *ear) heardLast(t testing.TB, want string) {
	t.Helper()
	until(t, want+" heard", func() bool { l := e.heard(); return len(l) > 0 && l[len(l)-1] == want })
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = nil
}

// hears waits until that, and no more, was heard since the last time.
func (e *ear) hears(t testing.TB, want ...string) {
	t.Helper()
	until(t, fmt.Sprintf("%v heard", want), func() bool { return slices.Equal(e.heard(), want) })
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = nil
}

// desk is a surface in a window, with a picture.
type desk struct {
	*shell
	Surface
	ear     ear
	lock    sync.Mutex
	picture *frame.Frame
}

// newDesk starts a server and opens a surface in a window of 400x300 pixels.
func newDesk(t testing.TB, args ...string) *desk {
	t.Helper()
	capturetest.Xvfb(t, args...)
	return openDesk(t)
}

func openDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{shell: newShell(t, image.Rect(20, 30, 420, 330))}
	s, err := Open(uintptr(d.window), d.readPicture, &d.ear, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	d.Surface = s
	return d
}

func (d *desk) readPicture(do func(*frame.Frame)) {
	d.lock.Lock()
	defer d.lock.Unlock()
	do(d.picture)
}

// paint makes f the picture.
func (d *desk) paint(f *frame.Frame) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.picture = f
}

// change changes a part of the picture to noise and says so.
func (d *desk) change(r image.Rectangle, seed uint64) {
	d.lock.Lock()
	d.picture.CopyRect(noise(d.picture.Rect.Dx(), d.picture.Rect.Dy(), seed), r)
	d.lock.Unlock()
	d.Changed([]image.Rectangle{r})
}

// show shows a new picture in the middle of the window at its own size, and waits until it is there.
func (d *desk) show(size image.Point) image.Rectangle {
	d.Helper()
	d.paint(noise(size.X, size.Y, 3))
	r := image.Rectangle{Max: size}.Add(image.Pt(50, 40))
	d.Place(r, r, size, nil)
	d.shows("the picture", at(d.picture, r.Min))
	return r
}
