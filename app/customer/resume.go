package customer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"assist/app/journal"
	"assist/app/link"
	"assist/app/problem"
	"assist/app/transcript"
	"assist/app/wire"
	"assist/media/peer"
)

// turn is one link of the session, and what this end counts on it.
type turn struct {
	*link.Turn
	ctx     context.Context // ends with the link or the session
	cancel  context.CancelFunc
	parts   sync.WaitGroup
	flow    *flow                   // frames on the way
	slow    bool                    // what the customer was told of the link; the loop's
	streams atomic.Uint32           // of motion, begun on it
	inputs  atomic.Uint32           // input messages received, for Move.After
	buttons atomic.Uint32           // what the engineer holds, for moves
	picture atomic.Pointer[picture] // the last one begun on it
}

// stop ends what runs over a link, and waits for it.
func (t *turn) stop() {
	t.cancel()
	t.parts.Wait()
}

// ears are what the loop hears of a turn.
type ears struct {
	*turn
	control, chat         <-chan wire.Message
	controlOver, chatOver <-chan struct{}
}

// listen returns the ears of the present turn.
func (l *live) listen() ears {
	t := l.turn.Load()
	return ears{t, t.Control.Messages, t.Chat.Messages, t.Control.Done, t.Chat.Done}
}

// takeTurn goes on with a turn: everything that is not the session's own begins anew. Nothing of the turn before takes effect
// any more when it returns.
func (l *live) takeTurn(lt *link.Turn) {
	if before := l.turn.Load(); before != nil {
		before.stop()
	}
	t := &turn{Turn: lt, flow: newFlow(lt.Stats().RoundTrip)}
	t.ctx, t.cancel = context.WithCancel(lt.Context(l.ctx))
	if before := l.turn.Swap(t); before != nil && before.slow {
		l.r.cfg.Notify(LineChanged{}) // nothing is known of the new one
	}
	l.spawn("report", t, l.reportLink)
	l.spawn("input", t, l.receiveInput)
	l.spawn("pointer", t, l.receivePointer)
	l.spawn("picture", t, l.receiveSeen)
}

// spawn runs part until the turn ends. A part that fails ends the session; that the link is down, the line says, after the
// last word on it.
func (l *live) spawn(name string, t *turn, part func(*turn) error) {
	t.parts.Go(func() {
		if err := part(t); err != nil && t.ctx.Err() == nil && !errors.Is(err, peer.ErrClosed) {
			l.fail(linkProblem(fmt.Errorf("%s: %w", name, err)))
		}
	})
}

// holdLine keeps the session's link from here on.
func (l *live) holdLine() (err error) {
	if l.line, err = l.r.line(l.ctx, l.m); err != nil {
		l.fail(err)
		return err
	}
	l.takeTurn(l.m.turn)
	l.turn.Load().flow.hint(l.m.probe.rate, l.m.probe.trip)
	l.mail = link.NewMail(l.m.turn)
	return nil
}

// line holds the link of a meeting.
func (r *Runner) line(ctx context.Context, m *meeting) (*link.Line, error) {
	return link.Hold(ctx, link.Config{
		Keys: m.keys, NewCarrier: r.cfg.NewLink, Redial: r.cfg.Redial, Log: r.cfg.Log,
	}, m.turn)
}

// lastWord tells the engineer in the background that the session is over, if that is not known to have arrived.
func (r *Runner) lastWord(ctx context.Context, last *link.LastWord) {
	if last != nil {
		r.later.Go(func() { last.Deliver(ctx) })
	}
}

// linkChanged takes news of the line.
func (l *live) linkChanged() error {
	for _, c := range l.line.Changes() {
		if ended, ok := errors.AsType[*link.OverError](c.Over); ok {
			return engineerEnded(ended.Reason)
		}
		if c.Over != nil {
			return linkProblem(c.Over)
		}
		if c.Turn != nil {
			l.resume(c.Turn)
		}
		l.setLink(c.Up, c.Until)
	}
	return nil
}

// resume tells the engineer over a new link what holds: the level, which nothing has raised meanwhile, and what was not
// answered. The picture and the input follow when the link counts as up.
func (l *live) resume(lt *link.Turn) {
	l.takeTurn(lt)
	l.mail.Move(lt)
	l.hello()
	if level := l.level(); level.Valid() {
		l.send(&wire.Access{Level: wire.Level(level)})
		l.send(&wire.Picture{Paused: l.paused.Load()})
	}
	l.send(&wire.InputState{State: uint8(l.told)})
	if l.author != nil {
		l.author.Again()
	}
}

// setLink takes whether the link is up. While it is not there is no input and no picture, no question is open, and no level
// rises.
func (l *live) setLink(up bool, until time.Time) {
	if up == l.linkUp {
		return
	}
	l.mu.Lock()
	l.linkUp = up
	l.gate()
	l.mu.Unlock()
	l.note(func(j *journal.Journal) error { return j.Link(up) })
	l.entry(func(a *transcript.Author) error { return a.Link(up) })
	l.r.cfg.Notify(LinkChanged{Up: up, Until: until})
	if !up {
		l.closeRequest(wire.Silence)
	}
	l.runPicture()
	l.tellInput()
}

// goodbye tells the engineer that the session is over, over the link if it is up. It reports whether an answer may come.
func (l *live) goodbye(err error) bool {
	if !l.linkUp || problem.Of(err) == problem.LinkLost {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	l.turn.Load().Farewell(ctx, &wire.End{Reason: goodbyeReason(err)})
	return true
}

// hangUp ends the line. What the engineer could not be told is told through the service, when it can be reached.
func (l *live) hangUp(ctx context.Context, err error) {
	last := l.line.Close(goodbyeReason(err))
	switch problem.Of(err) {
	case problem.LinkLost, problem.EngineerEnded:
		return
	}
	l.r.lastWord(ctx, last)
}
