package customer

import (
	"context"
	"image"
	"math"
	"time"

	"assist/app/wire"
	"assist/media/frame"
	"assist/media/motion"
)

const (
	// filmGap is the least time between two frames of motion.
	filmGap = 30 * time.Millisecond
	// bestQuantizer and worstQuantizer bound the quality. Better is not seen in what moves, and is repaid at rest: from 30 to 26, 0.4
	// dB more take libaom nearly twice the time.
	bestQuantizer, worstQuantizer = 30, 60
	// firstFast and firstSlow are where a stream begins on links faster and slower than fastFilm bytes a second.
	firstFast, firstSlow = 34, 56
	fastFilm             = 200 << 10
	// filmShare is which part of the link's bytes a film may take, at so many frames a second.
	filmShare, filmRate = 0.8, 24
	// leastRate is what a link is taken for that has not shown more, in bytes a second.
	leastRate = 16 << 10
	// burst is by how much faster than the link a frame's packets may leave: the link is seldom known better.
	burst = 1.5
	// halfSteps is how many steps of the quantizer halve the bytes, about.
	halfSteps = 5
	// mostFilm is the most bytes of a frame: what a message carries, beside what stands around them.
	mostFilm = wire.MaxMotion - 4<<10
	// maxFrameStep is how many steps the quantizer goes from one frame to the next.
	maxFrameStep = 6
)

// film is the motion plane of a picture. The zero film is ready.
type film struct {
	size      image.Point // of the picture
	encoder   *motion.Encoder
	stream    uint32
	index     uint32
	mend      bool // the next frame is made from the key frame: the other end lacks some that came after
	quantizer int
	sent      time.Time
	buf       []byte
	waiting   bool // there is something to paint, but it is not time
	used      bool // frames went out
	broken    bool // the codec has failed: no more motion in this picture
}

// pause is how long the film has to wait before its next frame.
func (f *film) pause(now time.Time) time.Duration { return max(f.sent.Add(filmGap).Sub(now), 0) }

// close ends the stream.
func (f *film) close() {
	if f.encoder != nil {
		f.encoder.Close()
		f.encoder = nil
	}
}

// roll sends the next frame of motion, if one is due.
func (s *sender) roll(ctx context.Context, now time.Time) error {
	f := &s.film
	if f.waiting = f.pause(now) > 0 && s.plan.InMotion() > 0; f.waiting {
		return nil
	}
	tiles, area, anew := s.plan.Motion()
	if len(tiles) == 0 {
		return nil
	}
	if err := f.begin(area, anew, s.p.turn); err != nil {
		s.giveUp(err)
		return nil
	}
	if err := s.p.turn.flow.room(ctx); err != nil {
		return err
	}
	var err error
	active := make([]image.Rectangle, len(tiles))
	for i, t := range tiles {
		active[i] = image.Rectangle{Min: t.Min.Mul(frame.Tile), Max: t.Max.Mul(frame.Tile)}
	}
	o := motion.Options{Key: f.index == 0, FromKey: f.mend, Photo: s.plan.Photos(), Quantizer: f.quantizer}
	f.buf, err = f.encoder.Encode(f.buf[:0], s.last, active, o)
	if err == nil && len(f.buf) > mostFilm && f.quantizer < worstQuantizer { // again, and coarser
		f.quantizer = min(f.quantizer+2*maxFrameStep, worstQuantizer)
		f.close()
		s.plan.Restart()
		f.waiting, f.sent = true, now
		return nil
	}
	if err != nil || len(f.buf) > mostFilm {
		s.giveUp(err)
		return nil
	}
	return s.project(area, tiles)
}

// project sends the frame that was encoded.
func (s *sender) project(area image.Rectangle, tiles []image.Rectangle) error {
	f, turn := &s.film, s.p.turn
	rate := turn.flow.rate()
	f.adapt(len(f.buf), rate)
	turn.Track().SetRate(burst * float64(max(rate, leastRate)))
	m := &wire.Motion{
		Frame: turn.flow.rolled(len(f.buf)), Stream: f.stream, Index: f.index, Base: f.base(), Rect: area, Tiles: tiles, Bytes: f.buf,
	}
	f.index, f.sent, f.used, f.mend = f.index+1, time.Now(), true, false
	return turn.Send(turn.ctx, m)
}

// base is the place of the frame that the one at hand is made from.
func (f *film) base() uint32 {
	if f.mend || f.index == 0 {
		return 0
	}
	return f.index - 1
}

// giveUp goes on without motion after a fault of the codec.
func (s *sender) giveUp(err error) {
	s.p.l.r.cfg.Log.Warn("no motion", "error", err, "bytes", len(s.film.buf))
	s.film.close()
	s.film.broken = true
}

// begin makes the encoder of an area. A stream of another area, or one begun anew, is a new one.
func (f *film) begin(area image.Rectangle, anew bool, t *turn) error {
	if f.encoder != nil && !anew {
		return nil
	}
	f.close()
	e, err := motion.NewEncoder(area, motion.Settings{})
	if err != nil {
		return err
	}
	f.encoder, f.index, f.mend = e, 0, false
	f.stream = t.streams.Add(1)
	if f.quantizer == 0 {
		f.quantizer = firstSlow
		if t.flow.rate() > fastFilm {
			f.quantizer = firstFast
		}
	}
	return nil
}

// adapt chooses the quantizer of the next frame by the bytes of this one. A key frame is larger than those that follow,
// and says little.
func (f *film) adapt(bytes, rate int) {
	target := float64(rate) * filmShare / filmRate
	if f.index == 0 || target <= 0 || bytes <= 0 {
		return
	}
	step := int(math.Round(halfSteps * math.Log2(float64(bytes)/target)))
	f.quantizer += min(max(step, -maxFrameStep), maxFrameStep)
	f.quantizer = min(max(f.quantizer, bestQuantizer), worstQuantizer)
}
