package motion

import (
	"fmt"
	"image"
	"sync"

	"assist/media/frame"
)

// Encoder makes the stream of one rectangle. It holds about 25 bytes a pixel outside Go's heap until Close. Its methods may be called
// from several goroutines; they take turns.
type Encoder struct {
	mu    sync.Mutex
	codec *encoder // nil after Close
	area  image.Rectangle
	fresh bool // the next frame is a key frame
}

// NewEncoder returns an encoder for the rectangle area of frames, in their coordinates.
func NewEncoder(area image.Rectangle, s Settings) (*Encoder, error) {
	if err := check(area); err != nil {
		return nil, err
	}
	s.Threads = min(max(s.Threads, 1), 2)
	if s.Speed == 0 {
		s.Speed = MaxSpeed
	}
	s.Speed = min(max(s.Speed, MinSpeed), MaxSpeed)
	c, err := openEncoder(area, s)
	if err != nil {
		return nil, err
	}
	return &Encoder{codec: c, area: area, fresh: true}, nil
}

// Area returns the rectangle.
func (e *Encoder) Area() image.Rectangle { return e.area }

// Encode appends the message for the next frame to dst, and returns the longer dst. Only the pixels in active, in the coordinates of
// f, which must hold the encoder's rectangle, go into it: see the package. Rectangles on a grid of 16 pixels from the corner of the
// encoder's look best for their bytes. After a key frame the decoder has grey wherever it was not active. A frame in which nothing
// changed still costs about a third of the time of any other: do not encode it.
//
// After an error the next message is a key frame.
func (e *Encoder) Encode(dst []byte, f *frame.Frame, active []image.Rectangle, o Options) ([]byte, error) {
	if !e.area.In(f.Rect) {
		return dst, fmt.Errorf("%w %v outside the frame, %v", ErrSize, e.area, f.Rect)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.codec == nil {
		return dst, ErrClosed
	}
	from := fromLast
	switch {
	case o.Key || e.fresh:
		from = fromNothing
	case o.FromKey:
		from = fromKey
	}
	e.codec.begin(from == fromNothing, o.Photo)
	for _, r := range active {
		if r = r.Intersect(e.area); !r.Empty() {
			e.codec.paint(f, r)
		}
	}
	out, err := e.codec.encode(dst, from, quantizer(o.Quantizer))
	e.fresh = err != nil
	return out, err
}

// Close frees what the encoder holds. It waits for an Encode under way, for tens of milliseconds.
func (e *Encoder) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.codec != nil {
		e.codec.close()
		e.codec = nil
	}
}
