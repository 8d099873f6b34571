package customer

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"time"

	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/capture"
	"assist/media/exact"
	"assist/media/frame"
	"assist/media/input"
	"assist/media/peer"
)

// picture sends the screen, from one moment at which the level allows it to the next at which it does not. Each
// picture begins a new stream of the exact plane.
type picture struct {
	l      *live
	turn   *turn
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	source capture.Source // nil until it is open
	list   []capture.Display
	shown  uint8
}

// startPicture starts sending once the picture before has stopped.
func (l *live) startPicture() *picture {
	t := l.turn.Load()
	ctx, cancel := context.WithCancel(t.ctx)
	p := &picture{l: l, turn: t, cancel: cancel, done: make(chan struct{})}
	before := l.before
	l.before = p
	l.wg.Go(func() {
		defer close(p.done)
		if before != nil {
			<-before.done
		}
		if err := p.run(ctx); err != nil && ctx.Err() == nil {
			l.pictureFailed(err)
		}
	})
	return p
}

// stop stops the picture. It does not wait: a picture that follows does.
func (p *picture) stop() { p.cancel() }

// choose shows another display.
func (p *picture) choose(id uint8) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := slices.ContainsFunc(p.list, func(d capture.Display) bool { return d.ID == id })
	if p.source == nil || !known {
		return
	}
	if err := p.source.Select(id); err != nil {
		p.l.r.cfg.Log.Warn("display not selected", "error", err)
		return
	}
	p.shown = id
	p.l.send(&wire.Displays{Shown: id, List: p.list})
}

// run captures, encodes and sends until ctx ends.
func (p *picture) run(ctx context.Context) error {
	source, err := p.l.r.cfg.OpenScreen(capture.Options{Mask: p.l.r.cfg.OwnWindows})
	if err != nil {
		return err
	}
	defer source.Close()
	p.mu.Lock()
	p.source = source
	p.mu.Unlock()
	s := sender{p: p, size: image.Pt(-1, -1)}
	for {
		if err := p.turn.flow.room(ctx); err != nil {
			return err
		}
		update, err := s.next(ctx, source)
		if err != nil {
			return err
		}
		if p.l.level() < session.ViewOnly || p.l.paused.Load() {
			return nil // the loop is about to stop this picture
		}
		if err := s.send(ctx, update); err != nil {
			return err
		}
	}
}

// sender turns updates into messages.
type sender struct {
	p       *picture
	size    image.Point
	encoder *exact.Encoder
	checked bool // the other end has compared what it shows
	buf     []byte
	pointer image.Point
}

// restTime is how long nothing changes before the engineer's window is asked to compare its picture with ours.
const restTime = 300 * time.Millisecond

// next waits for the next update. When the picture has come to rest, it lets the other end compare it, once.
func (s *sender) next(ctx context.Context, source capture.Source) (capture.Update, error) {
	if s.encoder != nil && !s.checked {
		rest, cancel := context.WithTimeout(ctx, restTime)
		u, err := source.Next(rest)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return u, err
		}
		if err := s.check(ctx); err != nil {
			return u, err
		}
	}
	return source.Next(ctx)
}

// check sends what the other end compares its picture with.
func (s *sender) check(ctx context.Context) (err error) {
	s.checked = true
	if s.buf, err = s.encoder.Check(s.buf[:0]); err != nil {
		return err
	}
	return s.parts(ctx)
}

// send sends one update. It sends with the turn's context, not the picture's: a message cut short would end
// its channel, and the next picture needs it.
func (s *sender) send(ctx context.Context, u capture.Update) error {
	turn := s.p.turn
	if u.Displays != nil {
		s.p.setDisplays(u.Displays)
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
	if len(u.Dirty) == 0 {
		return nil
	}
	return s.frame(ctx, u.Frame, u.Dirty)
}

// frame encodes and sends one picture.
func (s *sender) frame(ctx context.Context, f *frame.Frame, dirty []image.Rectangle) (err error) {
	if size := f.Rect.Size(); size != s.size || s.encoder == nil {
		if s.encoder, err = exact.NewEncoder(size); err != nil {
			return err
		}
		s.size = size
	}
	s.checked = false
	for {
		if s.buf, err = s.encoder.Encode(s.buf[:0], f, dirty); err != nil {
			return err
		}
		if err := s.parts(ctx); err != nil || !s.encoder.Owed() {
			return err
		}
		dirty = nil // what is owed is known to the encoder
		if err := s.p.turn.flow.room(ctx); err != nil {
			return err
		}
	}
}

// parts sends what was encoded, and gives up between two parts of it when ctx ends.
func (s *sender) parts(ctx context.Context) error {
	if len(s.buf) == 0 {
		return nil
	}
	number := s.p.turn.flow.sent(len(s.buf))
	for rest := s.buf; ; {
		n := min(len(rest), wire.PartSize)
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

// setDisplays passes the list of monitors on to the engineer and to the way in.
func (p *picture) setDisplays(list []capture.Display) {
	p.mu.Lock()
	p.list = list
	if p.shown = shownOf(list, p.shown); p.shown != 0 {
		p.source.Select(p.shown)
	}
	shown := p.shown
	p.mu.Unlock()
	p.l.displays(list)
	p.l.send(&wire.Displays{Shown: shown, List: list})
}

// shownOf is the display that is shown of a new list: the one before, if it is still there.
func shownOf(list []capture.Display, before uint8) uint8 {
	if slices.ContainsFunc(list, func(d capture.Display) bool { return d.ID == before }) {
		return before
	}
	return 0
}

// bounds returns where the displays are.
func (p *picture) bounds() []image.Rectangle {
	p.mu.Lock()
	defer p.mu.Unlock()
	bounds := make([]image.Rectangle, len(p.list))
	for i, d := range p.list {
		bounds[i] = d.Bounds
	}
	return bounds
}

// pictureFailed says that the screen cannot be shown. The session goes on as chat.
func (l *live) pictureFailed(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, peer.ErrClosed) {
		return
	}
	l.r.cfg.Log.Warn("picture failed", "error", err)
	l.r.box.Put(trouble{screenProblem(err), session.ChatOnly})
}

// screenProblem turns a fault of the screen into what people are told.
func screenProblem(err error) *problem.Error {
	why := problem.ScreenUnsupported
	if errors.Is(err, capture.ErrWayland) {
		why = problem.ScreenWayland
	}
	return problem.New(why, err)
}

// inputProblem turns a fault of the way in into what people are told.
func inputProblem(err error) *problem.Error {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	if !errors.Is(err, input.ErrUnsupported) {
		return problem.New(problem.Internal, err)
	}
	return problem.New(problem.InputUnsupported, err)
}
