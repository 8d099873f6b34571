//go:build linux || freebsd || netbsd || openbsd

package capture_test

import (
	"context"
	"errors"
	"image"
	"os"
	"strings"
	"testing"
	"time"

	"assist/media/capture"
	"assist/media/capture/capturetest"
)

// opener opens the source that Open chooses on a server started with these arguments.
func opener(calm time.Duration, args ...string) capturetest.Opener {
	return func(t *testing.T, o capture.Options) (capture.Source, capturetest.Stage) {
		t.Helper()
		capturetest.Xvfb(t, args...)
		stage := capturetest.NewPainter(t, calm)
		return open(t, o), stage
	}
}

func open(t *testing.T, o capture.Options) capture.Source {
	t.Helper()
	s, err := capture.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func next(t *testing.T, s capture.Source) capture.Update {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	u, err := s.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestX11(t *testing.T) { capturetest.Run(t, opener(150*time.Millisecond)) }

// A server on another machine shares no memory.
func TestX11WithoutSharedMemory(t *testing.T) {
	capturetest.Run(t, opener(150*time.Millisecond, "-screen", "0", "640x480x24", "-extension", "MIT-SHM"))
}

// A server without damage reports is read by screenshots.
func TestScreenshot(t *testing.T) {
	capturetest.Run(t, opener(700*time.Millisecond, "-screen", "0", "640x480x24", "-extension", "DAMAGE"))
}

func TestOpenWithout(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want error
		text string
	}{
		{"display", map[string]string{"DISPLAY": ""}, capture.ErrUnsupported, "DISPLAY is not set"},
		{"server", map[string]string{"DISPLAY": ":65000"}, capture.ErrUnsupported, "no display"},
		{"sense", map[string]string{"DISPLAY": "what"}, capture.ErrUnsupported, "what"},
		{"display, on Wayland", map[string]string{"DISPLAY": "", "XDG_SESSION_TYPE": "wayland"}, capture.ErrWayland, ""},
		{"server, on Wayland", map[string]string{"DISPLAY": ":65000", "WAYLAND_DISPLAY": "wayland-0"}, capture.ErrWayland, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("XDG_SESSION_TYPE", "")
			t.Setenv("WAYLAND_DISPLAY", "")
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			_, err := capture.Open(capture.Options{})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("Open: %v; want %v with %q", err, tt.want, tt.text)
			}
		})
	}
}

// A plain X server that runs beside a Wayland session, as in a window of it, can be read.
func TestPlainServerOnWayland(t *testing.T) {
	capturetest.Xvfb(t)
	t.Setenv("XDG_SESSION_TYPE", "wayland")
	if u := next(t, open(t, capture.Options{})); u.Frame.Rect != image.Rect(0, 0, 640, 480) {
		t.Errorf("frame %v", u.Frame.Rect)
	}
}

// Screens of 256 colours are not read, and there is no panic in trying.
func TestFewColours(t *testing.T) {
	capturetest.Xvfb(t, "-screen", "0", "640x480x8")
	if _, err := capture.Open(capture.Options{}); !errors.Is(err, capture.ErrUnsupported) {
		t.Errorf("Open: %v, want %v", err, capture.ErrUnsupported)
	}
}

func TestServerGoes(t *testing.T) {
	_, server := capturetest.Xvfb(t)
	s := open(t, capture.Options{})
	next(t, s)
	got := make(chan error)
	go func() {
		for {
			if _, err := s.Next(context.Background()); err != nil {
				got <- err
				return
			}
		}
	}()
	server.Kill()
	select {
	case err := <-got:
		if !errors.Is(err, capture.ErrLost) {
			t.Errorf("Next: %v, want %v", err, capture.ErrLost)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Next does not notice that the server is gone")
	}
	if _, err := s.Next(t.Context()); !errors.Is(err, capture.ErrLost) {
		t.Errorf("Next once more: %v, want %v", err, capture.ErrLost)
	}
}

// A program that puts the pointer somewhere is seen as well.
func TestWarp(t *testing.T) {
	capturetest.Xvfb(t)
	stage := capturetest.NewPainter(t, 0)
	s := open(t, capture.Options{})
	next(t, s)
	want := image.Pt(77, 88)
	stage.Warp(want)
	for u := next(t, s); u.Pointer != want; {
		u = next(t, s)
	}
}

func TestCursorShape(t *testing.T) {
	capturetest.Xvfb(t)
	stage := capturetest.NewPainter(t, 0)
	s := open(t, capture.Options{})
	first := next(t, s).Cursor
	stage.SetCursor()
	for {
		u := next(t, s)
		if u.Cursor == nil {
			continue
		}
		if u.Cursor.Serial == first.Serial {
			t.Error("another shape has the same serial")
		}
		if want := image.Pt(3, 2); u.Cursor.Hot != want {
			t.Errorf("hot spot %v, want %v", u.Cursor.Hot, want)
		}
		if len(u.Dirty) > 0 {
			t.Errorf("a new shape changed the picture at %v", u.Dirty)
		}
		return
	}
}

// The screen's size changes while it is watched.
func TestResize(t *testing.T) {
	capturetest.Xvfb(t, "-screen", "0", "800x600x24")
	stage := capturetest.NewPainter(t, 0)
	s := open(t, capture.Options{})
	next(t, s)
	want := image.Rect(0, 0, 640, 480)
	stage.Resize(want.Size())
	for {
		u := next(t, s)
		if u.Frame.Rect != want {
			continue
		}
		if len(u.Dirty) != 1 || u.Dirty[0] != want || len(u.Displays) != 1 || u.Displays[0].Bounds != want {
			t.Errorf("first update of the new size: dirty %v, displays %v", u.Dirty, u.Displays)
		}
		break
	}
	r := image.Rect(600, 440, 640, 480)
	stage.Fill(r, 1, 2, 3)
	for u := next(t, s); u.Frame.Row(639, 640, 479)[0] != 1; {
		u = next(t, s)
	}
}

// Two screens of different sizes without RANDR, which Xvfb puts at the same place.
func TestTwoScreens(t *testing.T) {
	for _, tt := range []struct {
		name, without string
		calm          time.Duration
	}{{"damage", "DPMS", 150 * time.Millisecond}, {"screenshot", "DAMAGE", 700 * time.Millisecond}} {
		t.Run(tt.name, func(t *testing.T) {
			capturetest.Xvfb(t, "+xinerama", "-screen", "0", "640x480x24", "-screen", "1", "320x256x24",
				"-extension", "RANDR", "-extension", tt.without)
			stage := capturetest.NewPainter(t, tt.calm)
			s := open(t, capture.Options{Mask: func() []image.Rectangle { return []image.Rectangle{image.Rect(60, 0, 100, 40)} }})
			u := next(t, s)
			if len(u.Displays) != 2 || u.Displays[1].Bounds != image.Rect(0, 0, 320, 256) || u.Frame.Rect != image.Rect(0, 0, 640, 480) {
				t.Fatalf("displays %+v, frame %v", u.Displays, u.Frame.Rect)
			}
			stage.Fill(image.Rect(0, 0, 320, 256), 1, 2, 3)
			stage.MovePointer(image.Pt(10, 20))
			if err := s.Select(u.Displays[1].ID); err != nil {
				t.Fatal(err)
			}
			for u = next(t, s); u.Frame.Rect != image.Rect(0, 0, 320, 256); {
				u = next(t, s)
			}
			if len(u.Dirty) != 1 || u.Dirty[0] != u.Frame.Rect {
				t.Errorf("dirty %v, want all", u.Dirty)
			}
			for ; u.Pointer != image.Pt(10, 20); u = next(t, s) {
			}
			if p := u.Frame.Row(10, 11, 10); p[0] != 1 || p[1] != 2 || p[2] != 3 {
				t.Errorf("pixel %v of the second display, want 1 2 3", p)
			}
			if p := u.Frame.Row(60, 61, 0); p[0] != p[1] || p[1] != p[2] {
				t.Errorf("pixel %v of the hidden part, want grey", p)
			}
		})
	}
}

// No shared memory outlives the program, because its handle goes as soon as both ends hold it.
func TestNoHandleIsLeft(t *testing.T) {
	const table = "/proc/sysvipc/shm"
	before, err := os.ReadFile(table)
	if err != nil {
		t.Skipf("needs %s to see the system's shared memory: %v", table, err)
	}
	capturetest.Xvfb(t, "-screen", "0", "1111x777x24")
	next(t, open(t, capture.Options{}))
	after, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	old := map[string]bool{}
	for line := range strings.Lines(string(before)) {
		if f := strings.Fields(line); len(f) > 3 {
			old[f[1]] = true
		}
	}
	const size, destroyed = "3452988", "1"
	for line := range strings.Lines(string(after)) {
		f := strings.Fields(line)
		if len(f) > 3 && !old[f[1]] && f[3] >= size && len(f[3]) == len(size) && !strings.HasPrefix(f[2], destroyed) {
			t.Errorf("a handle is left: %s", line)
		}
	}
}
