package engineer

import (
	"errors"
	"fmt"
	"image"

	"assist/app/wire"
	"assist/media/frame"
	"assist/media/motion"
)

// film is the motion plane's picture as it comes in. The zero film waits for the first frame of a stream.
type film struct {
	decoder *motion.Decoder // nil: none yet
	picture *frame.Frame    // of the stream's rectangle, in the picture's coordinates
	stream  uint32
	last    uint32 // the place in the stream of the last frame that was decoded
	lost    bool   // waits for the beginning of a stream, or a frame made from it
	missed  uint32 // a stream whose beginning was missing
}

// errGap says that frames of a stream are missing.
var errGap = errors.New("a frame of motion is missing")

// take decodes a frame. It reports whether there is something to paint: not for frames of a stream before the newest, and not after a
// loss, until a frame comes that does not need what was lost.
func (f *film) take(m *wire.Motion) (bool, error) {
	newer := f.decoder == nil || int32(m.Stream-f.stream) > 0
	switch {
	case m.Index == 0 && newer:
		if err := f.begin(m); err != nil {
			return false, err
		}
	case newer: // the beginning is missing
		fresh := !f.lost || m.Stream != f.missed
		f.missed, f.lost = m.Stream, true
		return false, onlyIf(fresh, errGap)
	case m.Stream != f.stream || m.Index <= f.last:
		return false, nil
	case m.Rect != f.picture.Rect || m.Base != 0 && (f.lost || m.Base != f.last):
		fresh := !f.lost
		f.lost = true
		return false, onlyIf(fresh, errGap)
	}
	f.last, f.lost = m.Index, false
	if err := f.decoder.Decode(m.Bytes, f.picture, tilePixels(m.Tiles)); err != nil {
		f.lost = true
		return false, err
	}
	return true, nil
}

func onlyIf(ok bool, err error) error {
	if ok {
		return err
	}
	return nil
}

// begin makes the decoder of a new stream.
func (f *film) begin(m *wire.Motion) error {
	if f.decoder == nil || f.picture.Rect != m.Rect {
		f.close()
		d, err := motion.NewDecoder(m.Rect)
		if err != nil {
			return err
		}
		f.decoder = d
		f.picture = frame.New(m.Rect.Dx(), m.Rect.Dy())
		f.picture.Rect = m.Rect
	}
	f.stream, f.last, f.lost = m.Stream, 0, false
	return nil
}

// close frees the decoder.
func (f *film) close() {
	if f.decoder != nil {
		f.decoder.Close()
		f.decoder = nil
	}
}

// tilePixels turns rectangles of tiles into those of pixels.
func tilePixels(tiles []image.Rectangle) []image.Rectangle {
	list := make([]image.Rectangle, len(tiles))
	for i, t := range tiles {
		list[i] = image.Rectangle{Min: t.Min.Mul(frame.Tile), Max: t.Max.Mul(frame.Tile)}
	}
	return list
}

// receiveMotion takes the frames of the motion plane.
func (v *view) receiveMotion(n *turn) error {
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.film.close()
	}()
	for {
		m, err := n.Receive(n.ctx, wire.MotionChannel)
		if err != nil {
			return err
		}
		f, ok := m.(*wire.Motion)
		if !ok {
			return fmt.Errorf("%w: %T", errPicture, m)
		}
		v.t.tally.motion.Add(uint64(len(f.Bytes)))
		if err := v.answer(n, v.play(f), v.seen(f.Frame, len(f.Bytes))); err != nil {
			return err
		}
	}
}

// play paints a frame of motion. A stream that cannot go on is to be begun anew.
func (v *view) play(m *wire.Motion) *wire.Again {
	v.mu.Lock()
	defer v.mu.Unlock()
	if f := v.canvas.Frame(); f == nil || !m.Rect.In(f.Rect) {
		return &wire.Again{Plane: wire.MotionPlane} // it came before its picture
	}
	ok, err := v.film.take(m)
	if err != nil {
		v.t.c.cfg.Log.Debug("motion lost", "error", err)
		again := &wire.Again{Plane: wire.MotionPlane}
		if errors.Is(err, errGap) && v.film.decoder != nil && v.film.picture.Rect == m.Rect {
			again.Frame = v.film.stream
		}
		return again
	}
	if ok {
		v.show(v.canvas.Motion(m.Frame, v.film.picture, m.Rect.Min, m.Tiles))
	}
	return nil
}
