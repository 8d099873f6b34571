package viewer

import (
	"image"
	"math/rand/v2"
	"sync"
	"testing"

	"assist/app/engineer"
)

// paper is a sink that keeps a picture and counts.
type paper struct {
	picture                        *image.RGBA
	resizes, paints, shapes, moves int
	begun                          bool
	onBegin                        func()
	pixels                         int
	shape                          *image.RGBA
	hot, at                        image.Point
}

func (p *paper) resize(size image.Point) {
	p.resizes++
	p.begun = false
	p.picture = image.NewRGBA(image.Rectangle{Max: size})
	for i := 3; i < len(p.picture.Pix); i += 4 {
		p.picture.Pix[i] = 0xff
	}
}

func (p *paper) begin() {
	p.begun = true
	if p.onBegin != nil {
		p.onBegin()
	}
}

func (p *paper) paint(picture *engineer.Frame, dirty []image.Rectangle) {
	p.paints++
	for _, r := range dirty {
		p.pixels += r.Dx() * r.Dy()
		picture.ToRGBA(p.picture, r)
	}
}

func (p *paper) cursor(shape *image.RGBA, hot image.Point) { p.shapes++; p.shape, p.hot = shape, hot }
func (p *paper) cursorAt(at image.Point)                   { p.moves++; p.at = at }

// window is a goroutine's queue of functions, as Fyne has one.
type window struct {
	mu    sync.Mutex
	queue []func()
}

func (w *window) post(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, f)
}

// run runs what is in the queue and returns how much that was.
func (w *window) run() int {
	w.mu.Lock()
	queue := w.queue
	w.queue = nil
	w.mu.Unlock()
	for _, f := range queue {
		f()
	}
	return len(queue)
}

func newFeed() (*feed, *paper, *window) {
	p, w := &paper{}, &window{}
	return &feed{post: w.post, out: p}, p, w
}

// blank is a black frame.
func blank(width, height int) *engineer.Frame {
	return &engineer.Frame{Pix: make([]byte, 4*width*height), Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}
}

// same reports whether the picture shows the frame.
func same(m *image.RGBA, f *engineer.Frame) bool {
	want := image.NewRGBA(m.Rect)
	f.ToRGBA(want, f.Rect)
	return m.Rect.Size() == f.Rect.Size() && string(m.Pix) == string(want.Pix)
}

// scribble fills a random rectangle and returns it.
func scribble(f *engineer.Frame, r *rand.Rand) image.Rectangle {
	x, y := r.IntN(f.Rect.Dx()), r.IntN(f.Rect.Dy())
	rect := image.Rect(x, y, x+1+r.IntN(f.Rect.Dx()-x), y+1+r.IntN(f.Rect.Dy()-y))
	f.Fill(rect, byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()))
	return rect
}

func TestManyPaintsMakeOneHandOver(t *testing.T) {
	f, p, w := newFeed()
	frame := blank(120, 90)
	f.Resize(image.Pt(120, 90))
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		f.Paint(frame, []image.Rectangle{scribble(frame, r)})
		f.CursorAt(image.Pt(r.IntN(120), r.IntN(90)))
	}
	f.CursorAt(image.Pt(7, 8))
	if n := w.run(); n != 1 {
		t.Errorf("%d hand-overs waited, want 1", n)
	}
	if p.resizes != 1 || p.paints != 1 || p.moves != 1 {
		t.Errorf("%d resizes, %d paints, %d moves; want one of each", p.resizes, p.paints, p.moves)
	}
	if !same(p.picture, frame) {
		t.Error("the picture is not the last frame")
	}
	if p.at != image.Pt(7, 8) {
		t.Errorf("pointer at %v", p.at)
	}
	if w.run() != 0 {
		t.Error("a hand-over was asked for that nothing was left for")
	}
}

func TestOnlyWhatChangedIsCopied(t *testing.T) {
	f, p, w := newFeed()
	frame := blank(100, 100)
	f.Resize(image.Pt(100, 100))
	f.Paint(frame, []image.Rectangle{frame.Rect})
	w.run()
	p.pixels = 0
	frame.Fill(image.Rect(10, 10, 20, 15), 1, 2, 3)
	f.Paint(frame, []image.Rectangle{image.Rect(10, 10, 20, 15)})
	w.run()
	if p.pixels != 50 {
		t.Errorf("%d pixels copied for 50 that changed", p.pixels)
	}
	if !same(p.picture, frame) {
		t.Error("the picture is not the frame")
	}
}

// TestPaintWhileDrawing paints from a goroutine while the window takes pictures: nothing may be torn (the race detector
// watches), and the last picture must arrive.
func TestPaintWhileDrawing(t *testing.T) {
	f, p, w := newFeed()
	frame := blank(200, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := rand.New(rand.NewPCG(3, 4))
		f.Resize(image.Pt(200, 100))
		for i := range 2000 {
			f.Paint(frame, []image.Rectangle{scribble(frame, r)})
			f.CursorAt(image.Pt(i%200, i%100))
		}
	}()
	for {
		select {
		case <-done:
			w.run()
			if !same(p.picture, frame) {
				t.Error("the picture is not the last frame")
			}
			return
		default:
			w.run()
		}
	}
}

func TestNewSize(t *testing.T) {
	f, p, w := newFeed()
	first := blank(50, 40)
	first.Fill(first.Rect, 9, 9, 9)
	f.Resize(image.Pt(50, 40))
	f.Paint(first, []image.Rectangle{first.Rect})
	second := blank(30, 20)
	f.Resize(image.Pt(30, 20))
	f.Paint(first, []image.Rectangle{first.Rect}) // late, of the old size
	w.run()
	if p.paints != 0 || p.resizes != 1 {
		t.Errorf("%d paints, %d resizes: a frame of the old size was shown", p.paints, p.resizes)
	}
	second.Fill(image.Rect(5, 5, 9, 9), 1, 2, 3)
	f.Paint(second, []image.Rectangle{image.Rect(5, 5, 9, 9)})
	w.run()
	if !same(p.picture, second) {
		t.Error("the picture is not the second frame")
	}
}

func TestHostileSizesAndRectangles(t *testing.T) {
	for _, size := range []image.Point{{-1, 5}, {0, 0}, {5, maxSide + 1}, {1 << 30, 1 << 30}} {
		f, p, w := newFeed()
		f.Resize(size)
		f.Paint(blank(4, 4), []image.Rectangle{image.Rect(0, 0, 4, 4)})
		w.run()
		if p.picture.Rect.Size() != (image.Point{}) || p.paints != 0 {
			t.Errorf("size %v was taken: %v", size, p.picture.Rect)
		}
	}
	f, p, w := newFeed()
	frame := blank(10, 10)
	f.Resize(image.Pt(10, 10))
	f.Paint(frame, []image.Rectangle{image.Rect(-50, -50, 500, 500), image.Rect(20, 20, 30, 30), {}})
	f.Paint(nil, []image.Rectangle{frame.Rect})
	w.run()
	if p.pixels != 100 {
		t.Errorf("%d pixels painted of 100", p.pixels)
	}
}

func TestPaintBeforeResize(t *testing.T) {
	f, p, w := newFeed()
	f.Paint(blank(4, 4), []image.Rectangle{image.Rect(0, 0, 4, 4)})
	if w.run() != 0 || p.paints != 0 {
		t.Error("painted without a size")
	}
}

func TestCursorShape(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    *engineer.Cursor
		seen bool
	}{
		{"good", &engineer.Cursor{Size: image.Pt(2, 1), Pix: []byte{1, 2, 3, 0xff, 9, 9, 9, 0}}, true},
		{"none", nil, false},
		{"empty", &engineer.Cursor{}, false},
		{"too large", &engineer.Cursor{Size: image.Pt(257, 1), Pix: make([]byte, 4*257)}, false},
		{"too few pixels", &engineer.Cursor{Size: image.Pt(200, 200), Pix: make([]byte, 7)}, false},
		{"negative", &engineer.Cursor{Size: image.Pt(-1, -1), Pix: make([]byte, 4)}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, p, w := newFeed()
			f.CursorShape(tt.c)
			w.run()
			if (p.shape != nil) != tt.seen {
				t.Fatalf("shape %v", p.shape)
			}
			if tt.seen {
				// Premultiplied colours are never above their alpha.
				if got, want := string(p.shape.Pix), string([]byte{3, 2, 1, 0xff, 0, 0, 0, 0}); got != want {
					t.Errorf("pixels %v, want %v", []byte(got), []byte(want))
				}
			}
		})
	}
}

func BenchmarkPaint(b *testing.B) {
	f, p, w := newFeed()
	frame := blank(1920, 1080)
	f.Resize(image.Pt(1920, 1080))
	for b.Loop() {
		f.Paint(frame, []image.Rectangle{frame.Rect})
		w.run()
	}
	b.ReportMetric(float64(p.pixels)/float64(b.N), "pixels/op")
}
