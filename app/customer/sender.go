package customer

import (
	"context"
	"errors"
	"image"
	"time"

	"assist/app/wire"
	"assist/media/capture"
	"assist/media/exact"
	"assist/media/frame"
	"assist/media/motion"
	"assist/media/plan"
)

// sender turns updates into messages of the two planes: what is to be exact at once, what goes by motion, and what is owed.
type sender struct {
	p       *picture
	last    *frame.Frame // the newest picture, good until the source gives another
	encoder *exact.Encoder
	plan    *plan.Planner
	film    film
	begun   bool // the encoder has made a message
	checked bool // the other end has compared what it shows
	buf     []byte
	pointer image.Point
	shown   uint8 // what last is a picture of: capture.All or the ID of a display
}

// restTime is how long nothing changes before the engineer's window is asked to compare its picture with ours.
const restTime = 300 * time.Millisecond

// leastWait is how long a newer picture may take to come before what is owed of this one is sent.
const leastWait = time.Millisecond

// work is a part of the picture's business that is due.
type work func(context.Context) error

// next waits for what is to be done next: a new picture, or something owed. The source's picture stays good until then.
func (s *sender) next(ctx context.Context, source capture.Source) (work, error) {
	wait, due := s.due()
	rest, cancel := context.WithCancel(ctx)
	if due != nil {
		rest, cancel = context.WithTimeout(ctx, wait)
	}
	defer cancel()
	s.p.mu.Lock()
	s.p.wake = cancel
	exactly, moving := s.p.again[wire.ExactPlane], s.p.again[wire.MotionPlane]
	s.p.mu.Unlock()
	if s.last != nil && (exactly || moving) {
		return s.restart, nil
	}
	u, err := source.Next(rest)
	switch {
	case err == nil:
		return func(ctx context.Context) error { return s.send(ctx, u) }, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded) && due != nil:
		return due, nil
	case rest.Err() != nil:
		return func(context.Context) error { return nil }, nil // woken: look again
	}
	return nil, err
}

// due is what is to be done if nothing changes, and when. It is nil for nothing.
func (s *sender) due() (time.Duration, work) {
	if s.last == nil {
		return 0, nil
	}
	now := time.Now()
	wait, owed := s.plan.Wait(now)
	soon := func(d time.Duration) {
		if !owed || d < wait {
			wait, owed = d, true
		}
	}
	if s.encoder.Owed() {
		soon(0)
	}
	if s.film.waiting {
		soon(s.film.pause(now))
	}
	if owed {
		return max(wait, leastWait), func(ctx context.Context) error { return s.frame(ctx, nil) }
	}
	if !s.checked {
		return restTime, s.check
	}
	return 0, nil
}

// check sends what the other end compares its picture with.
func (s *sender) check(ctx context.Context) (err error) {
	s.checked = true
	if s.buf, err = s.encoder.Check(s.buf[:0]); err != nil {
		return err
	}
	return s.parts(ctx)
}

// restart begins the planes anew that the engineer's end has lost.
func (s *sender) restart(ctx context.Context) error {
	exactly, moving, stream := s.p.asked()
	if moving {
		s.mend(stream)
	}
	if !exactly {
		return s.frame(ctx, nil)
	}
	s.encoder = nil
	return s.frame(ctx, []image.Rectangle{s.last.Rect})
}

// mend makes the next frame of motion one that the other end can decode, whatever it lacks: made from the key frame if it has that of
// the stream, or one itself.
func (s *sender) mend(stream uint32) {
	if s.film.encoder != nil && s.film.stream == stream {
		s.film.mend = true
		s.plan.Refresh()
		return
	}
	s.plan.Restart()
	s.film.close()
}

// send sends one update. It sends with the turn's context, not the picture's: a message cut short would end
// its channel, and the next picture needs it.
func (s *sender) send(ctx context.Context, u capture.Update) error {
	turn := s.p.turn
	if u.Displays != nil {
		s.p.setDisplays(u)
	}
	if u.Cursor != nil {
		if err := turn.Send(turn.ctx, &wire.CursorShape{Cursor: *u.Cursor}); err != nil {
			return err
		}
	}
	if u.Pointer != s.pointer {
		s.pointer = u.Pointer
		seq := s.p.l.cursorSeq.Add(1)
		if err := turn.Send(turn.ctx, &wire.CursorAt{Sequence: seq, At: u.Pointer}); err != nil {
			return err
		}
	}
	if s.last == nil || u.Shown != s.shown { // another picture, though perhaps of the same size
		s.encoder = nil
		if err := turn.Send(turn.ctx, &wire.View{Display: u.Shown}); err != nil {
			return err
		}
	}
	if s.last, s.shown = u.Frame, u.Shown; len(u.Dirty) == 0 {
		return nil
	}
	return s.frame(ctx, u.Dirty)
}

// frame sends what changed, and what else is due.
func (s *sender) frame(ctx context.Context, dirty []image.Rectangle) error {
	dirty, err := s.begin(dirty)
	if err != nil {
		return err
	}
	now := time.Now()
	look := s.plan.Begin(now, s.link(), dirty, func(r image.Rectangle) bool { return exact.Photo(s.last, r) })
	if err := s.exactly(ctx, look); err != nil {
		return err
	}
	if back := s.plan.Repaid(s.encoder.Owes); len(back) > 0 {
		if err := s.release(back); err != nil {
			return err
		}
	}
	return s.roll(ctx, now)
}

// begin makes the planes ready for the picture's size. It returns what of the picture is to be looked at.
func (s *sender) begin(dirty []image.Rectangle) ([]image.Rectangle, error) {
	size := s.last.Rect.Size()
	if s.encoder != nil && s.film.size == size {
		return dirty, nil
	}
	if s.film.used { // frames of motion that are late must not paint the new picture
		tiles := size.Add(image.Pt(frame.Tile-1, frame.Tile-1)).Div(frame.Tile)
		if err := s.release([]image.Rectangle{{Max: tiles}}); err != nil {
			return nil, err
		}
	}
	var err error
	if s.encoder, err = exact.NewEncoder(size); err != nil {
		return nil, err
	}
	s.begun = false
	s.film.close()
	s.film.size = size
	s.plan = plan.New(size)
	s.encoder.Hold = s.plan.Hold
	return []image.Rectangle{s.last.Rect}, nil
}

// link is what the planner is told of the link.
func (s *sender) link() plan.Link {
	l := s.p.l
	return plan.Link{Rate: s.p.turn.flow.rate(), Motion: l.r.films.Load() && motion.Supported() && !s.film.broken}
}

// exactly brings the exact plane nearer to parts of the picture, as far as the link has room.
func (s *sender) exactly(ctx context.Context, look []image.Rectangle) (err error) {
	if len(look) == 0 && !s.encoder.Owed() {
		return nil
	}
	s.encoder.Room, s.encoder.PhotoRoom = s.room()
	if s.buf, err = s.encoder.Encode(s.buf[:0], s.last, look); err != nil {
		return err
	}
	s.checked = s.checked && len(s.buf) == 0
	s.begun = true
	return s.parts(ctx)
}

// room is how many bytes of text the next message of the exact plane may have, or else of photos. The first one, over a slow line, has
// all text of the picture: there is nothing yet that could become newer, and as one message it is shortest. Over
// faster ones, the other end can begin to decode while this one goes on.
func (s *sender) room() (text, photos int) {
	photos = max(s.p.turn.flow.target(), leastRoom)
	if rate := s.p.turn.flow.rate(); !s.begun && rate > 0 && rate < slowRate {
		return 0, photos
	}
	return min(photos, pipeRoom), photos
}

// parts sends what was encoded, and gives up between two parts of it when ctx ends.
func (s *sender) parts(ctx context.Context) error {
	if len(s.buf) == 0 {
		return nil
	}
	number, most := s.p.turn.flow.sent(len(s.buf)), s.partSize()
	for rest := s.buf; ; {
		n := min(len(rest), most)
		if len(rest) <= most+most/8 {
			n = len(rest) // no packet of its own for a few bytes
		}
		part := &wire.Part{Frame: number, Last: n == len(rest), Bytes: rest[:n]}
		if err := s.p.turn.Send(s.p.turn.ctx, part); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if rest = rest[n:]; len(rest) == 0 {
			return nil
		}
	}
}

// Parts are so long that one takes about partTime of the link, so that the other end can tell how a large frame gets on.
const (
	partTime  = 100 * time.Millisecond
	leastPart = 1000 // about what goes into one packet
	leastRoom = 900
	slowRate  = 8 << 10 // bytes a second
	pipeRoom  = 6 << 10 // bytes of text that take an encoder some 20 ms
)

func (s *sender) partSize() int {
	n := int(float64(s.p.turn.flow.rate()) * partTime.Seconds())
	return min(max(n, leastPart), wire.PartSize-wire.PartSize/8)
}

// release gives tiles back to the exact plane.
func (s *sender) release(tiles []image.Rectangle) error {
	for len(tiles) > 0 {
		n := min(len(tiles), wire.MaxTileRects)
		number := s.p.turn.flow.sent(0)
		if err := s.p.turn.Send(s.p.turn.ctx, &wire.Release{Frame: number, Tiles: tiles[:n]}); err != nil {
			return err
		}
		tiles = tiles[n:]
	}
	return nil
}
