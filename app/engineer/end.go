package engineer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"assist/app/link"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/peer"
)

// levelBox is the level that holds, readable from every goroutine of a session.
type levelBox struct{ v atomic.Uint32 }

func (b *levelBox) get() session.Access  { return session.Access(b.v.Load()) }
func (b *levelBox) set(a session.Access) { b.v.Store(uint32(a)) }

// send sends a message of the loop's own, and does not wait. That it cannot be sent, the line tells.
func (t *talk) send(m wire.Message) { t.turn.Post(m) }

// close stops every part, waits for it, and ends the link.
func (t *talk) close() {
	t.fail(nil)
	t.hangUp()
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

// goodbye sends the last message, if the link is up and it was not the customer who ended, and reports whether it did.
func (t *talk) goodbye(why error) bool {
	select {
	case <-t.turn.Control.Up:
	default:
		return false
	}
	reason, ours := endReason(why)
	if !ours || !t.linkUp {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	t.turn.Farewell(ctx, &wire.End{Reason: reason})
	return true
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
