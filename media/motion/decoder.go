package motion

import (
	"fmt"
	"image"
	"sync"

	"assist/media/frame"
)

// Decoder paints the streams of one rectangle, one after the other. It holds at most 8 bytes a pixel outside Go's heap until Close,
// whatever it is fed. Its methods may be called from several goroutines; they take turns.
type Decoder struct {
	mu    sync.Mutex
	codec *decoder // nil after Close
	area  image.Rectangle
}

// NewDecoder returns a decoder for the rectangle area, in the coordinates of the frames that it paints.
func NewDecoder(area image.Rectangle) (*Decoder, error) {
	if err := check(area); err != nil {
		return nil, err
	}
	c, err := openDecoder(area)
	if err != nil {
		return nil, err
	}
	return &Decoder{codec: c, area: area}, nil
}

// Area returns the rectangle.
func (d *Decoder) Area() image.Rectangle { return d.area }

// Decode takes the next message and paints what it shows of parts, in the coordinates of to, which must hold the decoder's rectangle.
//
// A message that was not made for the same rectangle may paint anything in parts, but nothing else, or is ErrCorrupt; then, messages
// are ErrCorrupt until a key frame comes. A message left out goes unnoticed, and the picture is then wrong: whoever carries
// messages counts them.
func (d *Decoder) Decode(msg []byte, to *frame.Frame, parts []image.Rectangle) error {
	if !d.area.In(to.Rect) {
		return fmt.Errorf("%w %v outside the frame, %v", ErrSize, d.area, to.Rect)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.codec == nil {
		return ErrClosed
	}
	if len(msg) > MaxMessage {
		msg = nil // which is no message either
	}
	if err := d.codec.decode(msg); err != nil {
		return err
	}
	for _, r := range parts {
		if r = r.Intersect(d.area); !r.Empty() {
			d.codec.paint(to, r)
		}
	}
	return nil
}

// Close frees what the decoder holds.
func (d *Decoder) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.codec != nil {
		d.codec.close()
		d.codec = nil
	}
}
