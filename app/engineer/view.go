package engineer

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"assist/app/session"
	"assist/app/wire"
	"assist/media/canvas"
	"assist/media/exact"
)

const (
	// maxFrameBytes caps one frame of the exact plane on the wire: the raw pixels of two 4K displays.
	maxFrameBytes = 48 << 20
	// maxAgain is how often the exact picture may be wrong over one link before the session ends.
	maxAgain = 8
)

// errPicture means picture data that no honest program sends.
var errPicture = errors.New("engineer: picture")

// view puts the picture together from its two planes and shows it while the level allows it.
type view struct {
	t     *talk
	began time.Time
	frame uint32 // whose parts come in
	whole uint32 // the last of the exact plane that was whole
	told  time.Time
	parts []byte
	next  *uint8 // the display that the next frame is a picture of; nil for the one before

	mu       sync.Mutex // guards what follows: each plane has a goroutine of its own
	decoder  *exact.Decoder
	lost     bool // waits for a new picture of the exact plane
	again    int
	canvas   canvas.Canvas
	film     film
	received uint64 // bytes of both planes over this link
	size     image.Point
	hidden   bool // something was decoded but not shown
	cursor   uint32
}

func newView(t *talk) *view { return &view{t: t, decoder: exact.NewDecoder(), began: time.Now()} }

// begin makes the view ready for the pictures of a new link. What is shown stays until the first of them.
func (v *view) begin() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.film.close()
	v.decoder, v.canvas, v.film = exact.NewDecoder(), canvas.Canvas{}, film{}
	v.frame, v.whole, v.parts, v.next, v.received, v.hidden, v.lost, v.again = 0, 0, v.parts[:0], nil, 0, false, false, 0
}

// receive takes what comes on the exact plane's channel. Pieces may overtake the message that raises the level, so they are decoded
// whatever the level: skipping one would break the stream.
func (v *view) receive(n *turn) error {
	for {
		m, err := n.Receive(n.ctx, wire.Exact)
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case *wire.Part:
			err = v.take(n, m)
		case *wire.Release:
			err = v.release(n, m)
		case *wire.View:
			v.next = &m.Display
		case *wire.LinkReport:
			v.t.tally.report.Store(m)
		default:
			err = fmt.Errorf("%w: %T", errPicture, m)
		}
		if err != nil {
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
	v.t.tally.exact.Add(uint64(len(p.Bytes)))
	if !p.Last {
		return v.progress(n, p)
	}
	again, err := v.paint(p.Frame, v.parts)
	v.whole, v.told = p.Frame, time.Now()
	seen := v.seen(p.Frame, len(p.Bytes))
	v.parts = v.parts[:0]
	if err != nil {
		return err
	}
	return v.answer(n, again, seen)
}

// progressTime is how often the other end is told how a large frame gets on.
const progressTime = 500 * time.Millisecond

// progress tells what has come of a frame so far.
func (v *view) progress(n *turn, p *wire.Part) error {
	seen := v.seen(v.whole, len(p.Bytes))
	if time.Since(v.told) < progressTime {
		return nil
	}
	v.told = time.Now()
	return n.Send(n.ctx, seen)
}

// answer sends what there is to say to a frame.
func (v *view) answer(n *turn, again *wire.Again, seen *wire.Seen) error {
	if again != nil {
		if err := n.Send(n.ctx, again); err != nil {
			return err
		}
	}
	return n.Send(n.ctx, seen)
}

// seen is the answer to a frame of so many bytes.
func (v *view) seen(number uint32, bytes int) *wire.Seen {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.received += uint64(bytes)
	return &wire.Seen{Frame: number, Received: v.received, Stamp: uint32(time.Since(v.began).Milliseconds())}
}

// paint decodes a frame and shows what changed. When it cannot be decoded, the customer's end is to be asked to begin anew,
// a few times.
func (v *view) paint(number uint32, msg []byte) (*wire.Again, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lost {
		if !exact.Begins(msg) {
			return nil, nil
		}
		v.decoder, v.lost = exact.NewDecoder(), false
	}
	_, dirty, err := v.decoder.Decode(msg)
	if err == nil {
		if v.next != nil {
			v.t.c.screen.Shows(*v.next)
			v.next = nil
		}
		v.show(v.canvas.Exact(v.decoder.Frame(), dirty))
		return nil, nil
	}
	v.lost = true
	if v.again++; v.again > maxAgain {
		return nil, fmt.Errorf("%w: %w", errPicture, err)
	}
	v.t.c.cfg.Log.Warn("exact picture lost", "error", err)
	return &wire.Again{Plane: wire.ExactPlane, Frame: number}, nil
}

// release shows tiles of the exact plane again.
func (v *view) release(n *turn, m *wire.Release) error {
	v.mu.Lock()
	v.show(v.canvas.Release(m.Frame, m.Tiles))
	v.mu.Unlock()
	return n.Send(n.ctx, v.seen(m.Frame, 0))
}

// show shows the changed parts of the canvas, if the level allows it. v.mu is held.
func (v *view) show(dirty []image.Rectangle) {
	f := v.canvas.Frame()
	if f == nil || len(dirty) == 0 {
		return
	}
	if v.t.level.get() < session.ViewOnly {
		v.hidden = true
		return
	}
	screen := v.t.c.screen
	if size := f.Rect.Size(); size != v.size {
		v.size = size
		screen.Resize(size)
		dirty = []image.Rectangle{{Max: size}}
	}
	screen.Paint(f, dirty)
	v.t.tally.pictures.Add(1)
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
	if f := v.canvas.Frame(); v.hidden && f != nil {
		v.hidden = false
		v.show([]image.Rectangle{f.Rect})
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
