package viewer

import (
	"image"
	"sync"

	"assist/app/engineer"
)

// Limits of what the other end may announce.
const (
	maxSide   = 8192 // of a picture, pixels
	maxCursor = 256  // of a pointer's shape, pixels
	maxDirty  = 64   // rectangles kept apart before they are taken as one
)

// sink shows pictures. It is called on the window's goroutine only.
type sink interface {
	// resize announces the size of the pictures that follow, black until painted.
	resize(size image.Point)
	// begin says that the first of them has come. What it shows is painted next, unless the feed sleeps.
	begin()
	// paint takes over the parts dirty of picture, which is valid during the call only.
	paint(picture *engineer.Frame, dirty []image.Rectangle)
	// cursor changes the pointer's shape; nil hides it. hot is the pixel that points.
	cursor(shape *image.RGBA, hot image.Point)
	// cursorAt moves the pointer, in pixels of the picture.
	cursorAt(p image.Point)
}

// feed is the engineer.Screen: it takes pictures on the session's goroutine and keeps the newest. It hands what
// changed since the last time over to a sink on the window's goroutine; one hand-over waits at most, whatever comes in
// meanwhile is part of it, so a slow window shows the newest picture and skips those before. A Surface, if there is one, is
// told at once and reads for itself; the sink then sleeps: it hears of everything but what is painted.
type feed struct {
	post func(func()) // runs a function on the window's goroutine, later
	out  sink
	// shown is told which of the customer's displays is painted from now on.
	shown func(display uint8)

	mu     sync.Mutex
	back   *engineer.Frame
	begun  bool // back was painted on
	shape  shape
	at     image.Point
	fast   Surface // nil for none
	asleep bool

	waiting bool
	news    feedNews
	dirty   []image.Rectangle
}

// feedNews is what the sink has not heard yet, besides what is painted.
type feedNews struct{ resized, begun, shaped, moved bool }

// shape is a pointer; its picture is nil for one that cannot be seen.
type shape struct {
	picture *image.RGBA
	hot     image.Point
}

var _ engineer.Screen = (*feed)(nil)

// Resize implements engineer.Screen. A size that no display has is taken as no picture.
func (f *feed) Resize(size image.Point) {
	if size.X <= 0 || size.Y <= 0 || size.X > maxSide || size.Y > maxSide {
		size = image.Point{}
	}
	back := &engineer.Frame{Pix: make([]byte, 4*size.X*size.Y), Stride: 4 * size.X, Rect: image.Rectangle{Max: size}}
	f.change(func() bool {
		f.back, f.dirty, f.begun, f.news.resized, f.news.begun = back, nil, false, true, false
		if f.fast != nil {
			f.fast.Changed([]image.Rectangle{{Max: image.Pt(maxSide, maxSide)}}) // what it shows is no more
		}
		return true
	})
}

// Paint implements engineer.Screen.
func (f *feed) Paint(frame *engineer.Frame, dirty []image.Rectangle) {
	f.change(func() bool {
		if f.back == nil || frame == nil || frame.Rect.Size() != f.back.Rect.Size() {
			return false
		}
		from := *frame
		from.Rect = f.back.Rect
		parts := make([]image.Rectangle, 0, len(dirty))
		for _, r := range dirty {
			if r = r.Sub(frame.Rect.Min).Intersect(f.back.Rect); !r.Empty() {
				f.back.CopyRect(&from, r)
				parts = append(parts, r)
			}
		}
		if len(parts) == 0 {
			return false
		}
		if f.fast != nil {
			f.fast.Changed(parts)
		}
		first := !f.begun
		f.begun, f.news.begun = true, f.news.begun || first
		if f.asleep {
			return first
		}
		if f.dirty = append(f.dirty, parts...); len(f.dirty) > maxDirty {
			f.dirty = append(f.dirty[:0], union(f.dirty))
		}
		return true
	})
}

// CursorShape implements engineer.Screen.
func (f *feed) CursorShape(c *engineer.Cursor) {
	s := toShape(c)
	f.change(func() bool {
		f.shape, f.news.shaped = s, true
		if f.fast != nil {
			f.fast.Pointer(s.picture, s.hot)
		}
		return true
	})
}

// CursorAt implements engineer.Screen.
func (f *feed) CursorAt(p image.Point) {
	f.change(func() bool {
		f.at, f.news.moved = p, true
		if f.fast != nil {
			f.fast.PointerAt(p)
		}
		return true
	})
}

// Shows implements engineer.Screen. It is not put off: a click on what a Surface has painted by then must name it.
func (f *feed) Shows(display uint8) {
	if f.shown != nil {
		f.shown(display)
	}
}

// change makes a change under the lock and asks the window to take it over, unless it has been asked already or the
// change reports that there is nothing to take.
func (f *feed) change(do func() bool) {
	f.mu.Lock()
	ask := do() && !f.waiting
	f.waiting = f.waiting || ask
	f.mu.Unlock()
	if ask {
		f.post(f.take)
	}
}

// take runs on the window's goroutine. What the sink hears may make it put the feed to sleep, or wake it.
func (f *feed) take() {
	f.mu.Lock()
	n, s, at := f.news, f.shape, f.at
	f.news, f.waiting = feedNews{}, false
	var size image.Point
	if f.back != nil {
		size = f.back.Rect.Size()
	}
	f.mu.Unlock()
	if n.resized {
		f.out.resize(size)
	}
	if n.begun {
		f.out.begin()
	}
	if n.shaped {
		f.out.cursor(s.picture, s.hot)
	}
	if n.moved {
		f.out.cursorAt(at)
	}
	f.paint()
}

// paint hands over what was painted. The lock is held meanwhile, so that the session cannot write into it.
func (f *feed) paint() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.dirty) > 0 && !f.asleep && !f.news.resized {
		f.out.paint(f.back, f.dirty)
		f.dirty = f.dirty[:0]
	}
}

// read calls do with the picture, or nil if there is none.
func (f *feed) read(do func(*engineer.Frame)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do(f.back)
}

// use makes s, or nothing for nil, hear of every change.
func (f *feed) use(s Surface) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fast = s; s != nil {
		s.Pointer(f.shape.picture, f.shape.hot)
		s.PointerAt(f.at)
	}
}

// sleep tells the sink of no paints any more; wake tells it of all that it missed, at once. Both are called on the
// window's goroutine.
func (f *feed) sleep() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asleep, f.dirty = true, nil
}

func (f *feed) wake() {
	f.mu.Lock()
	if f.asleep = false; f.begun {
		f.dirty = append(f.dirty[:0], f.back.Rect)
	}
	f.mu.Unlock()
	f.paint()
}

// toShape converts a pointer's pixels. One that does not keep to its own size is not shown.
func toShape(c *engineer.Cursor) shape {
	if c == nil || c.Size.X <= 0 || c.Size.Y <= 0 || c.Size.X > maxCursor || c.Size.Y > maxCursor ||
		len(c.Pix) < 4*c.Size.X*c.Size.Y {
		return shape{}
	}
	m := image.NewRGBA(image.Rectangle{Max: c.Size})
	for i := 0; i < len(m.Pix); i += 4 {
		alpha := c.Pix[i+3]
		m.Pix[i], m.Pix[i+1], m.Pix[i+2] = min(c.Pix[i+2], alpha), min(c.Pix[i+1], alpha), min(c.Pix[i], alpha)
		m.Pix[i+3] = alpha
	}
	return shape{picture: m, hot: c.Hot}
}

func union(rects []image.Rectangle) image.Rectangle {
	var all image.Rectangle
	for _, r := range rects {
		all = all.Union(r)
	}
	return all
}
