package engineer

import (
	"errors"
	"fmt"
	"image"
	"sync"

	"assist/app/session"
	"assist/app/wire"
	"assist/media/exact"
)

// maxFrameBytes caps one frame of the exact plane on the wire: the raw pixels of two 4K displays.
const maxFrameBytes = 48 << 20

// errPicture means picture data that no honest program sends.
var errPicture = errors.New("engineer: picture")

// view decodes the picture and shows it while the level allows it.
type view struct {
	t       *talk
	decoder *exact.Decoder
	frame   uint32
	parts   []byte

	mu     sync.Mutex // guards what is shown
	size   image.Point
	hidden bool // something was decoded but not shown
	cursor uint32
}

func newView(t *talk) *view { return &view{t: t, decoder: exact.NewDecoder()} }

// begin makes the view ready for the pictures of a new link. What is shown stays until the first of them.
func (v *view) begin() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.decoder, v.frame, v.parts, v.hidden = exact.NewDecoder(), 0, v.parts[:0], false
}

// receive takes the pieces of frames. Pieces may overtake the message that raises the level, so they are decoded
// whatever the level: skipping one would break the stream.
func (v *view) receive(n *turn) error {
	for {
		m, err := n.Receive(n.ctx, wire.Exact)
		if err != nil {
			return err
		}
		part, ok := m.(*wire.Part)
		if !ok {
			return fmt.Errorf("%w: %T", errPicture, m)
		}
		if err := v.take(n, part); err != nil {
			return err
		}
	}
}

// take adds a piece. A frame that the customer's end gave up is replaced by the next one.
func (v *view) take(n *turn, p *wire.Part) error {
	if p.Frame != v.frame {
		v.frame, v.parts = p.Frame, v.parts[:0]
	}
	if len(v.parts)+len(p.Bytes) > maxFrameBytes {
		return fmt.Errorf("%w: frame of more than %d bytes", errPicture, maxFrameBytes)
	}
	v.parts = append(v.parts, p.Bytes...)
	if !p.Last {
		return nil
	}
	err := v.paint(v.parts)
	v.parts = v.parts[:0]
	if err != nil {
		return err
	}
	return n.Send(n.ctx, &wire.Seen{Frame: p.Frame})
}

// paint decodes a frame and shows what changed.
func (v *view) paint(msg []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	size, dirty, err := v.decoder.Decode(msg)
	if err != nil {
		return fmt.Errorf("%w: %w", errPicture, err)
	}
	if v.t.level.get() < session.ViewOnly {
		v.hidden = true
		return nil
	}
	v.show(size, dirty)
	return nil
}

// show shows the changed parts. v.mu is held.
func (v *view) show(size image.Point, dirty []image.Rectangle) {
	screen := v.t.c.screen
	if size != v.size {
		v.size = size
		screen.Resize(size)
		dirty = []image.Rectangle{{Max: size}}
	}
	screen.Paint(v.decoder.Frame(), dirty)
}

// levelChanged shows what was held back, or takes the picture away.
func (v *view) levelChanged() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.t.level.get() < session.ViewOnly {
		v.size = image.Point{}
		v.t.c.screen.Resize(image.Point{})
		return
	}
	if f := v.decoder.Frame(); v.hidden && f != nil {
		v.hidden = false
		v.show(f.Rect.Size(), []image.Rectangle{f.Rect})
	}
}

// receivePointer takes where the customer's pointer is. Of two places the newer one holds.
func (v *view) receivePointer(n *turn) error {
	for {
		m, err := n.Receive(n.ctx, wire.Pointer)
		if err != nil {
			return err
		}
		at, ok := m.(*wire.CursorAt)
		if !ok || !session.Allowed(m.Type(), session.Customer, v.t.level.get()) || int32(at.Sequence-v.cursor) <= 0 {
			continue
		}
		v.cursor = at.Sequence
		v.t.c.screen.CursorAt(at.At)
	}
}
