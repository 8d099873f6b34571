package customer

import (
	"context"
	"errors"
	"sync"

	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/capture"
	"assist/media/input"
	"assist/media/peer"
)

// picture sends the screen, from one moment at which the level allows it to the next at which it does not. Each
// picture begins both planes anew.
//
//	picture.go (from when to when) -> sender.go (updates, planes, what is owed) -> film.go (the motion plane)
type picture struct {
	l      *live
	turn   *turn
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	source capture.Source             // nil until it is open
	again  [wire.MotionPlane + 1]bool // planes that the engineer's end wants to begin anew
	stream uint32                     // of motion: the other end has its key frame
	wake   context.CancelFunc         // ends the sender's waiting
}

// startPicture starts sending once the picture before has stopped.
func (l *live) startPicture() *picture {
	t := l.turn.Load()
	ctx, cancel := context.WithCancel(t.ctx)
	p := &picture{l: l, turn: t, cancel: cancel, done: make(chan struct{})}
	before := l.before
	l.before = p
	t.picture.Store(p)
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

// beginAgain makes a plane begin anew, or go on from what the other end has of it.
func (p *picture) beginAgain(m *wire.Again) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again[m.Plane] = true
	if m.Plane == wire.MotionPlane {
		p.stream = m.Frame
	}
	if p.wake != nil {
		p.wake()
	}
}

// asked takes the planes that are to begin anew, and the stream of motion that the other end has a key frame of.
func (p *picture) asked() (exact, motion bool, stream uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	exact, motion = p.again[wire.ExactPlane], p.again[wire.MotionPlane]
	clear(p.again[:])
	return exact, motion, p.stream
}

// stop stops the picture. It does not wait: a picture that follows does.
func (p *picture) stop() { p.cancel() }

// run captures, encodes and sends until ctx ends.
func (p *picture) run(ctx context.Context) error {
	source, err := p.l.r.cfg.OpenScreen(capture.Options{Mask: p.l.r.cfg.OwnWindows, Numbers: &p.l.screens.numbers})
	if err != nil {
		return err
	}
	defer source.Close()
	p.l.screens.begin(source)
	p.mu.Lock()
	p.source = source
	p.mu.Unlock()
	s := sender{p: p}
	defer s.film.close()
	for {
		if err := p.turn.flow.room(ctx); err != nil {
			return err
		}
		work, err := s.next(ctx, source)
		if err != nil {
			return err
		}
		if p.l.level() < session.ViewOnly || p.l.paused.Load() {
			return nil // the loop is about to stop this picture
		}
		if err := work(ctx); err != nil {
			return err
		}
	}
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
