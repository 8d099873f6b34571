//go:build linux || freebsd || netbsd || openbsd

package capture_test

import (
	"context"
	"image"
	"io"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"assist/media/capture"
	"assist/media/capture/capturetest"
)

// tap stands between programs and an X server, points the environment at itself, and counts what programs send.
func tap(t testing.TB, display string) *atomic.Int64 {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tap")
	l, err := net.Listen("unix", name+display)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", name+display)
	var sent atomic.Int64
	var wg sync.WaitGroup
	var conns sync.Map
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("unix", "/tmp/.X11-unix/X"+display[1:])
			if err != nil {
				c.Close()
				return
			}
			conns.Store(c, s)
			wg.Go(func() { io.Copy(counter{s, &sent}, c); s.Close() })
			wg.Go(func() { io.Copy(c, s); c.Close() })
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Range(func(c, s any) bool {
			c.(net.Conn).Close()
			s.(net.Conn).Close()
			return true
		})
		wg.Wait()
	})
	return &sent
}

type counter struct {
	io.Writer
	n *atomic.Int64
}

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.Writer.Write(p)
}

// While nothing changes, not a byte goes to the server.
func TestNothingChangedCostsNothing(t *testing.T) {
	display, _ := capturetest.Xvfb(t)
	stage := capturetest.NewPainter(t, 0)
	sent := tap(t, display)
	s := open(t, capture.Options{Mask: func() []image.Rectangle { return nil }})
	calm := func(d time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		for {
			if _, err := s.Next(ctx); err != nil {
				return
			}
		}
	}
	calm(300 * time.Millisecond)
	before := sent.Load()
	if before == 0 {
		t.Fatal("the tap counts nothing")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Next(ctx)
	}()
	time.Sleep(50 * time.Millisecond) // into its wait; its first look at the pointer is over
	before = sent.Load()
	<-ended
	if n := sent.Load() - before; n != 0 {
		t.Errorf("%d bytes sent in a second without change, want 0", n)
	}
	stage.Fill(image.Rect(0, 0, 9, 9), 1, 2, 3)
	next(t, s)
	if sent.Load() == before {
		t.Error("a change came without a byte being sent")
	}
}

// BenchmarkPointer is what a motion of the pointer costs.
func BenchmarkPointer(b *testing.B) {
	capturetest.Xvfb(b)
	stage := capturetest.NewPainter(b, 0)
	s, err := capture.Open(capture.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	before, n := cpu(b), 0
	for b.Loop() {
		n++
		at := image.Pt(100+n%300, 100)
		stage.MovePointer(at)
		for u := (capture.Update{}); u.Pointer != at; {
			if u, err = s.Next(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(cpu(b)-before)/float64(n)/1e6, "cpu-ms/motion")
}

// BenchmarkX11 is the time from a change to its update, and the CPU time of this process for it.
func BenchmarkX11(b *testing.B) {
	for _, tt := range []struct {
		name string
		r    image.Rectangle
	}{{"pixel", image.Rect(100, 200, 101, 201)}, {"line", image.Rect(100, 200, 900, 216)}, {"all", image.Rect(0, 0, 1920, 1080)}} {
		b.Run(tt.name, func(b *testing.B) {
			capturetest.Xvfb(b, "-screen", "0", "1920x1080x24")
			stage := capturetest.NewPainter(b, 0)
			s, err := capture.Open(capture.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Next(b.Context()); err != nil {
				b.Fatal(err)
			}
			c := byte(0)
			before := cpu(b)
			n := 0
			for b.Loop() {
				c++
				n++
				stage.Fill(tt.r, c, c, 1)
				for done := false; !done; {
					u, err := s.Next(b.Context())
					if err != nil {
						b.Fatal(err)
					}
					done = u.Frame.Row(tt.r.Max.X-1, tt.r.Max.X, tt.r.Max.Y-1)[0] == c
				}
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(n)/1e6, "cpu-ms/update")
		})
	}
}
