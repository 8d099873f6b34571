//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"errors"
	"image"
	"log/slog"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"assist/media/capture/capturetest"
	"assist/media/frame"
)

func TestPixelsAtTheirOwnSize(t *testing.T) {
	d := newDesk(t)
	size := image.Pt(200, 150)
	r := d.show(size)
	d.shows("beside the picture", plain(image.Rect(0, 0, 400, 40)))
	for i := range 20 {
		d.change(image.Rect(7*i, 5*i, 7*i+20, 5*i+13), uint64(100+i))
	}
	d.shows("after changes", at(d.picture, r.Min))
	d.Hide()
	d.shows("hidden", plain(r))
	d.change(image.Rect(0, 0, 100, 100), 7)
	d.Place(r, r, size, nil)
	d.shows("shown again", at(d.picture, r.Min))
}

// A picture larger than the window is seen in part, and another part when it is moved.
func TestPanning(t *testing.T) {
	d := newDesk(t)
	d.paint(noise(900, 700, 5))
	view := image.Rect(0, 20, 400, 300)
	for _, pan := range []image.Point{{}, {X: 37, Y: 11}, {X: 500, Y: 420}} {
		picture := d.picture.Rect.Add(view.Min).Sub(pan)
		d.Place(view, picture, d.picture.Rect.Size(), nil)
		want := frame.New(view.Dx(), view.Dy())
		for y := range view.Dy() {
			copy(want.Row(0, view.Dx(), y), d.picture.Row(pan.X, pan.X+view.Dx(), pan.Y+y))
		}
		d.shows(pan.String(), at(want, view.Min))
	}
}

func TestScaledPicture(t *testing.T) {
	d := newDesk(t)
	for _, to := range []image.Point{{200, 150}, {60, 45}, {90, 100}, {400, 300}} {
		d.paint(noise(100, 75, 9))
		r := image.Rectangle{Max: to}
		d.Place(r, r, image.Pt(100, 75), nil)
		d.shows(to.String(), drawAll(d.picture, to))
		for i := range 10 {
			d.change(image.Rect(9*i, 7*i, 9*i+3, 7*i+8), uint64(50+i))
		}
		d.shows(to.String()+", changed", drawAll(d.picture, to))
	}
}

// The server is asked to paint what has changed, and nothing else.
func TestOnlyChangesArePainted(t *testing.T) {
	d := newDesk(t)
	r := d.show(image.Pt(200, 150))
	d.watch()
	until(t, "the server is at rest", func() bool { return len(d.wasPainted()) == 0 })
	part := image.Rect(16, 32, 48, 64)
	d.change(part, 77)
	d.shows("the change", at(d.picture, r.Min))
	var got []image.Rectangle
	until(t, "the change was reported", func() bool { got = append(got, d.wasPainted()...); return len(got) > 0 })
	if want := part.Add(r.Min).Add(d.at); len(got) != 1 || got[0] != want {
		t.Errorf("painted %v, want %v", got, want)
	}
}

// A server that does not come along is not sent what nobody will see.
func TestSlowServerSkipsPictures(t *testing.T) {
	_, server := capturetest.Xvfb(t)
	d := openDesk(t)
	r := d.show(image.Pt(200, 150))
	d.watch()
	until(t, "the server is at rest", func() bool { return len(d.wasPainted()) == 0 })
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	const pictures = 500
	part := image.Rect(0, 0, 100, 100)
	for i := range pictures {
		d.change(part, uint64(i))
	}
	if err := server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	d.shows("the last picture", at(d.picture, r.Min))
	if n := len(d.wasPainted()); n < 1 || n > 4 {
		t.Errorf("%d paints for %d pictures", n, pictures)
	}
}

func TestHoles(t *testing.T) {
	d := newDesk(t)
	size := image.Pt(200, 150)
	r := d.show(size)
	hole := image.Rect(100, 100, 160, 130)
	d.Place(r, r, size, []image.Rectangle{hole, image.Rect(0, 0, 60, 50)})
	d.shows("through the hole", plain(hole))
	d.change(image.Rectangle{Max: size}, 4)
	d.shows("the hole after a new picture", plain(hole))
	d.shows("the corner", plain(image.Rect(50, 40, 60, 50)))
	d.Place(r, r, size, nil)
	d.shows("without holes", at(d.picture, r.Min))
}

func TestPointerIsDrawnAndTakenAway(t *testing.T) {
	d := newDesk(t)
	r := d.show(image.Pt(200, 150))
	shape := image.NewRGBA(image.Rect(0, 0, 3, 2))
	copy(shape.Pix, []byte{
		0xff, 0, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0, 0, 0,
		0, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0, 0, 0xff, 0xff,
	})
	for _, p := range []image.Point{{10, 10}, {11, 10}, {199, 149}, {0, 0}, {100, 75}} {
		d.Pointer(shape, image.Pt(1, 0))
		d.PointerAt(p)
		want := frame.New(200, 150)
		want.CopyRect(d.picture, want.Rect)
		drawn := sprite{shape: shape, hot: image.Pt(1, 0), at: p}
		drawn.arrange(want.Rect.Size(), want.Rect.Size())
		drawn.blend(want.Pix, want.Rect)
		if frame.Equal(want, d.picture) {
			t.Fatalf("no pointer at %v", p)
		}
		d.shows("pointer at "+p.String(), at(want, r.Min))
	}
	d.PointerAt(image.Pt(200, 10))
	d.shows("pointer outside", at(d.picture, r.Min))
	d.PointerAt(image.Pt(20, 10))
	d.Pointer(nil, image.Point{})
	d.shows("no pointer", at(d.picture, r.Min))
}

func TestSprite(t *testing.T) {
	shape := image.NewRGBA(image.Rect(0, 0, 2, 2))
	copy(shape.Pix, []byte{0x40, 0x20, 0x10, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff})
	p := sprite{shape: shape, at: image.Pt(1, 1)}
	p.arrange(image.Pt(4, 4), image.Pt(4, 4))
	f := frame.New(4, 4)
	f.Fill(f.Rect, 200, 100, 50)
	p.blend(f.Pix, f.Rect)
	if got := f.Row(1, 2, 1); got[0] != 0x10+100 || got[1] != 0x20+50 || got[2] != 0x40+25 {
		t.Errorf("half opaque: %v", got)
	}
	if got := f.Row(2, 3, 1); got[0] != 200 || got[1] != 100 || got[2] != 50 {
		t.Errorf("clear: %v", got)
	}
	if got := f.Row(2, 3, 2); got[0] != 255 || got[1] != 255 || got[2] != 255 {
		t.Errorf("opaque: %v", got)
	}
	p.arrange(image.Pt(4, 4), image.Pt(40, 20))
	if want := image.Rect(10, 5, 30, 15); p.place != want {
		t.Errorf("drawn at %v, want %v", p.place, want)
	}
	p.arrange(image.Pt(4, 4), image.Pt(1, 1))
	if p.place.Empty() {
		t.Error("a small pointer has vanished")
	}
}

// Whatever is asked for, in whatever order, ends with the picture where it belongs.
func TestAnyOrder(t *testing.T) {
	d := newDesk(t)
	r := rand.New(rand.NewPCG(5, 6))
	sizes := []image.Point{{64, 48}, {300, 200}, {801, 603}}
	for range 300 {
		size := sizes[r.IntN(len(sizes))]
		switch r.IntN(6) {
		case 0:
			d.paint(noise(size.X, size.Y, r.Uint64()))
			d.Changed([]image.Rectangle{everything})
		case 1:
			w := image.Rect(0, 0, 1+r.IntN(390), 1+r.IntN(290)).Add(image.Pt(r.IntN(100)-50, r.IntN(100)-50))
			d.Place(w, w.Inset(-r.IntN(30)), size, []image.Rectangle{image.Rect(0, 0, r.IntN(400), r.IntN(300))})
		case 2:
			d.Hide()
		case 3:
			d.Changed([]image.Rectangle{image.Rect(r.IntN(900)-50, r.IntN(900)-50, r.IntN(900), r.IntN(900))})
		case 4:
			d.Pointer(image.NewRGBA(image.Rect(0, 0, r.IntN(30), r.IntN(30))), image.Pt(r.IntN(40)-5, 2))
		case 5:
			d.PointerAt(image.Pt(r.IntN(900)-50, r.IntN(900)-50))
		}
	}
	d.Pointer(nil, image.Point{})
	d.show(image.Pt(150, 100))
}

func TestHostilePlaces(t *testing.T) {
	d := newDesk(t)
	ok, huge := image.Rect(0, 0, 50, 50), image.Rect(-1<<30, -1<<30, 1<<30, 1<<30)
	for _, tt := range []struct {
		window, picture image.Rectangle
		size            image.Point
	}{
		{image.Rectangle{}, ok, image.Pt(50, 50)},
		{ok, image.Rectangle{}, image.Pt(50, 50)},
		{ok, ok, image.Pt(0, 50)},
		{ok, ok, image.Pt(-1, -1)},
		{ok, ok, image.Pt(1<<30, 1<<30)},
		{huge, huge, image.Pt(50, 50)},
	} {
		d.Place(tt.window, tt.picture, tt.size, nil)
		d.Changed([]image.Rectangle{huge, {}})
		d.PointerAt(image.Pt(1<<30, -1<<30))
	}
	d.show(image.Pt(150, 100))
}

// The window around goes first, as when a program closes it.
func TestWindowAroundGoes(t *testing.T) {
	d := newDesk(t)
	d.show(image.Pt(200, 150))
	d.must(xproto.DestroyWindowChecked(d.Conn.Conn, d.window).Check())
	d.ear.heardLast(t, "gone")
	d.Changed([]image.Rectangle{everything})
	d.Close()
	d.Close()
	d.ear.hears(t)
}

func TestServerGoes(t *testing.T) {
	_, server := capturetest.Xvfb(t)
	d := openDesk(t)
	d.show(image.Pt(200, 150))
	server.Kill()
	d.ear.heardLast(t, "gone")
	d.Changed([]image.Rectangle{everything})
	d.Close()
}

// A server that hangs does not hold up Close.
func TestCloseWhileTheServerHangs(t *testing.T) {
	_, server := capturetest.Xvfb(t)
	d := openDesk(t)
	d.show(image.Pt(200, 150))
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer server.Signal(syscall.SIGCONT)
	for i := range 10 {
		d.change(image.Rect(0, 0, 100, 100), uint64(i))
	}
	closed := make(chan struct{})
	go func() { defer close(closed); d.Close() }()
	select {
	case <-closed:
	case <-time.After(soon):
		t.Error("Close hangs with the server")
	}
}

func TestUnsupported(t *testing.T) {
	try := func(t *testing.T, parent xproto.Window) {
		t.Helper()
		s, err := Open(uintptr(parent), func(func(*frame.Frame)) {}, &ear{}, slog.New(slog.DiscardHandler))
		if !errors.Is(err, ErrUnsupported) || s != nil {
			t.Errorf("Open: %v, %v, want %v", s, err, ErrUnsupported)
		}
	}
	t.Run("no server", func(t *testing.T) {
		t.Setenv("DISPLAY", "")
		try(t, 1)
	})
	t.Run("no window", func(t *testing.T) {
		capturetest.Xvfb(t)
		try(t, 1)
	})
	t.Run("no shared memory", func(t *testing.T) {
		capturetest.Xvfb(t, "-screen", "0", "640x480x24", "-extension", "MIT-SHM")
		try(t, newShell(t, image.Rect(0, 0, 50, 50)).window)
	})
	t.Run("16 bits", func(t *testing.T) {
		capturetest.Xvfb(t, "-screen", "0", "640x480x16")
		try(t, newShell(t, image.Rect(0, 0, 50, 50)).window)
	})
}
