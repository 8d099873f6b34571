//go:build windows

package overlay

import (
	"image"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"assist/media/window"
)

var (
	getPixel        = gdi32.NewProc("GetPixel")
	windowFromPoint = user32.NewProc("WindowFromPoint")
)

// until waits until ok holds.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("%s: not after %v", what, time.Since(began))
		}
	}
}

// pixelAt is what the screen shows at a place: red, green and blue from the lowest byte on.
func pixelAt(at image.Point) uint32 {
	screen, _, _ := getDC.Call(0)
	defer releaseDC.Call(0, screen)
	c, _, _ := getPixel.Call(screen, coordinate(at.X), coordinate(at.Y))
	return uint32(c)
}

// framed reports whether the first monitor has a frame of the level.
func framed(l Level) bool {
	c := l.colours().ground
	want := uint32(c.R) | uint32(c.G)<<8 | uint32(c.B)<<16
	m := readMonitors()[0].Inset(2)
	for _, at := range []image.Point{m.Min, {X: m.Max.X - 1, Y: m.Min.Y}, {X: m.Min.X, Y: m.Max.Y - 1}, {X: m.Max.X - 1, Y: m.Max.Y - 1}} {
		if pixelAt(at) != want {
			return false
		}
	}
	return true
}

func TestWindows(t *testing.T) {
	if len(readMonitors()) == 0 {
		t.Fatal("no monitors")
	}
	runtime.LockOSThread() // of the window that covers
	defer runtime.UnlockOSThread()
	before := windows.GetForegroundWindow()
	o, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	o.Show(Sign{Level: Controlled, Text: english, Since: time.Now()})
	until(t, "red", func() bool { return framed(Controlled) && len(o.Rects()) == len(readMonitors()) })
	s := o.(*system)
	sign := o.Rects()[0]
	for _, at := range []image.Point{readMonitors()[0].Min, sign.Min.Add(sign.Size().Div(2))} {
		p := point{int32(at.X), int32(at.Y)}
		w, _, _ := windowFromPoint.Call(*(*uintptr)(unsafe.Pointer(&p)))
		if s.owns(windows.HWND(w)) {
			t.Errorf("a click at %v would reach the overlay", at)
		}
	}
	own, err := window.Own()
	if err != nil {
		t.Fatal(err)
	}
	own.Through(o.Owns)
	if rs := own.Rects(); len(rs) != 0 {
		t.Errorf("own windows: %v", rs)
	}
	uncover := cover(t)
	until(t, "red above a window that was put on top", func() bool { return framed(Controlled) })
	uncover()
	o.Show(Sign{Level: Seen, Text: japanese})
	until(t, "amber", func() bool { return framed(Seen) })
	o.Hide()
	until(t, "nothing", func() bool { return !framed(Seen) && !framed(Controlled) && len(o.Rects()) == 0 })
	if now := windows.GetForegroundWindow(); now != before {
		t.Errorf("the active window changed from %v to %v", before, now)
	}
}

// cover puts a window on top of everything until the test ends.
func cover(t *testing.T) (uncover func()) {
	t.Helper()
	class, err := windowClass()
	if err != nil {
		t.Fatal(err)
	}
	m := readMonitors()[0]
	w, _, err := createWindow.Call(exTopmost|exToolWindow|exNoActivate, class, 0, wsPopup,
		coordinate(m.Min.X), coordinate(m.Min.Y), uintptr(m.Dx()), uintptr(m.Dy()), 0, 0, 0, 0)
	if w == 0 {
		t.Fatal(err)
	}
	showWindow.Call(w, swShowNoActivate)
	setWindowPos.Call(w, hwndTopmost, 0, 0, 0, 0, swpNoMove|swpNoSize|swpNoActivate)
	return func() { destroyWindow.Call(w) }
}
