package engineer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"assist/app/link"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/peer"
	"assist/signaling"
)

// levelBox is the level that holds, readable from every goroutine of a session.
type levelBox struct{ v atomic.Uint32 }

func (b *levelBox) get() session.Access  { return session.Access(b.v.Load()) }
func (b *levelBox) set(a session.Access) { b.v.Store(uint32(a)) }

// spawn runs part until the session ends. A part that fails ends the session; that the link is down, the control channel
// says, after the last word on it.
func (t *talk) spawn(name string, part func(context.Context) error) {
	t.wg.Go(func() {
		if err := part(t.ctx); err != nil && t.ctx.Err() == nil && !errors.Is(err, peer.ErrClosed) {
			t.fail(linkProblem(fmt.Errorf("%s: %w", name, err)))
		}
	})
}

// send sends a message of the loop's own. Who cannot send has lost the link, which the loop learns from the link.
func (t *talk) send(m wire.Message) {
	if err := t.conn.Send(t.ctx, m); err != nil && t.ctx.Err() == nil {
		t.c.cfg.Log.Info("not sent", "type", m.Type(), "error", err)
	}
}

// close stops every part, waits for it, and ends the link.
func (t *talk) close() {
	t.fail(nil)
	t.wg.Wait()
	if t.control != nil {
		t.control.Wait()
	}
	t.m.close()
}

// over is why the session ends with a feed that ended with err: if the session was over before, for that reason.
func (t *talk) over(err error) error {
	if t.ctx.Err() != nil {
		return t.cause()
	}
	return linkProblem(err)
}

// cause is why the session's context ended.
func (t *talk) cause() error {
	err := context.Cause(t.ctx)
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	return problem.New(problem.EngineerEnded, err)
}

// goodbye sends the last message, if the link is up and it was not the customer who ended.
func (t *talk) goodbye(why error) {
	select {
	case <-t.control.Up:
	default:
		return
	}
	reason := wire.ByPerson
	switch problem.Of(why) {
	case problem.EngineerEnded:
	case problem.PeerMisbehaved:
		reason = wire.Misbehaved
	case problem.ServiceVersion:
		reason = wire.WrongFormat
	case problem.Internal:
		reason = wire.Broken
	default:
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	t.conn.Send(ctx, &wire.End{Reason: reason}) // who is gone need not hear it
}

// customerEnded is how the customer's End looks to the engineer.
func customerEnded(reason wire.Reason) error {
	why := problem.CustomerEnded
	switch reason {
	case wire.Declined:
		why = problem.ConsentDeclined
	case wire.NoAnswer:
		why = problem.ConsentTimeout
	case wire.Misbehaved:
		why = problem.PeerMisbehaved
	case wire.ByPanicKey:
		why = problem.PanicKey
	case wire.WrongFormat:
		why = problem.ServiceVersion
	}
	return problem.New(why, nil)
}

// linkProblem turns a fault of the link into what people are told.
func linkProblem(err error) error {
	switch {
	case errors.Is(err, link.ErrHostile), errors.Is(err, errPicture):
		return problem.New(problem.PeerMisbehaved, err)
	case errors.Is(err, peer.ErrFingerprint):
		return problem.New(problem.HandshakeBroken, err)
	case errors.Is(err, peer.ErrNoRelay):
		return problem.New(problem.RelayUnreachable, err)
	}
	return problem.New(problem.LinkLost, fmt.Errorf("engineer: %w", err))
}

// tellEnded writes the session's line for the audit log.
func (d *desk) tellEnded(ctx context.Context, t *talk, why problem.Code) {
	levels := make([]signaling.Level, 0, min(len(t.levels), signaling.MaxLevels))
	for _, l := range t.levels[:cap(levels)] {
		levels = append(levels, signaling.Level{Access: l.access.String(), At: l.at})
	}
	_, err := request(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, d.Ended(ctx, signaling.Ended{
			Attempt: t.m.attempt, Session: t.m.id, Started: t.started, Finished: time.Now(), Reason: string(why), Levels: levels,
		})
	})
	if err != nil {
		t.c.cfg.Log.Info("session's end not recorded", "error", err)
	}
}
