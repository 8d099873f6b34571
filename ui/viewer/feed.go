package viewer

import (
	"image"
	"image/color"
	"image/draw"
	"sync"

	"assist/app/engineer"
)

// Limits of what the other end may announce.
const (
	maxSide   = 8192 // of a picture, pixels
	maxCursor = 256  // of a pointer's shape, pixels
	maxDirty  = 64   // rectangles kept apart before they are taken as one
)

// sink shows pictures. It is called on the window's goroutine only. The one of this package is made of canvas
// images; a native child window can stand in its place.
type sink interface {
	// resize announces the size of the pictures that follow, black until painted.
	resize(size image.Point)
	// paint takes over the parts dirty of picture, which is valid during the call only.
	paint(picture *image.RGBA, dirty []image.Rectangle)
	// cursor changes the pointer's shape; nil hides it. hot is the pixel that points.
	cursor(shape *image.RGBA, hot image.Point)
	// cursorAt moves the pointer, in pixels of the picture.
	cursorAt(p image.Point)
}

// feed is the engineer.Screen: it takes pictures on the session's goroutine and hands what changed since the last
// time over to a sink on the window's. One hand-over waits at most, whatever comes in meanwhile is part
// of it, so a slow window shows the newest picture and skips those before.
type feed struct {
	post func(func()) // runs a function on the window's goroutine, later
	out  sink

	mu      sync.Mutex
	waiting bool
	back    *image.RGBA
	resized bool
	dirty   []image.Rectangle
	shape   *shape
	at      image.Point
	moved   bool
}

// shape is a new pointer; its picture is nil for one that cannot be seen.
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
	back := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(back, back.Rect, image.NewUniform(color.Black), image.Point{}, draw.Src)
	f.change(func() bool {
		f.back, f.dirty, f.resized = back, nil, true
		return true
	})
}

// Paint implements engineer.Screen.
func (f *feed) Paint(frame *engineer.Frame, dirty []image.Rectangle) {
	f.change(func() bool {
		if f.back == nil || frame == nil || frame.Rect.Size() != f.back.Rect.Size() {
			return false
		}
		for _, r := range dirty {
			if r = r.Intersect(frame.Rect); r.Empty() {
				continue
			}
			frame.ToRGBA(f.back, r)
			f.dirty = append(f.dirty, r.Sub(frame.Rect.Min))
		}
		if len(f.dirty) > maxDirty {
			f.dirty = append(f.dirty[:0], union(f.dirty))
		}
		return len(f.dirty) > 0
	})
}

// CursorShape implements engineer.Screen.
func (f *feed) CursorShape(c *engineer.Cursor) {
	s := toShape(c)
	f.change(func() bool { f.shape = s; return true })
}

// CursorAt implements engineer.Screen.
func (f *feed) CursorAt(p image.Point) {
	f.change(func() bool { f.at, f.moved = p, true; return true })
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

// take runs on the window's goroutine. The lock is held while the changed parts are copied, so that the session cannot
// write into them.
func (f *feed) take() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = false
	if f.resized {
		f.resized = false
		f.out.resize(f.back.Rect.Size())
	}
	if len(f.dirty) > 0 {
		f.out.paint(f.back, f.dirty)
		f.dirty = f.dirty[:0]
	}
	if f.shape != nil {
		f.out.cursor(f.shape.picture, f.shape.hot)
		f.shape = nil
	}
	if f.moved {
		f.moved = false
		f.out.cursorAt(f.at)
	}
}

// toShape converts a pointer's pixels. One that does not keep to its own size is not shown.
func toShape(c *engineer.Cursor) *shape {
	if c == nil || c.Size.X <= 0 || c.Size.Y <= 0 || c.Size.X > maxCursor || c.Size.Y > maxCursor ||
		len(c.Pix) < 4*c.Size.X*c.Size.Y {
		return &shape{}
	}
	m := image.NewRGBA(image.Rectangle{Max: c.Size})
	for i := 0; i < len(m.Pix); i += 4 {
		alpha := c.Pix[i+3]
		m.Pix[i], m.Pix[i+1], m.Pix[i+2] = min(c.Pix[i+2], alpha), min(c.Pix[i+1], alpha), min(c.Pix[i], alpha)
		m.Pix[i+3] = alpha
	}
	return &shape{picture: m, hot: c.Hot}
}

func union(rects []image.Rectangle) image.Rectangle {
	var all image.Rectangle
	for _, r := range rects {
		all = all.Union(r)
	}
	return all
}
