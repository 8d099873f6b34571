package server

import (
	"context"
	"errors"
	"time"

	"assist/signaling"
	"assist/signaling/audit"
	"assist/signaling/report"
	"assist/signaling/room"
)

// reasonOf is what an app is told of err.
func reasonOf(err error) signaling.Reason {
	for _, r := range []struct {
		err    error
		reason signaling.Reason
	}{
		{room.ErrUnknown, signaling.Unknown},
		{room.ErrExpired, signaling.Expired},
		{room.ErrUsed, signaling.Used},
		{room.ErrBurnt, signaling.Burnt},
		{room.ErrCancelled, signaling.Cancelled},
		{room.ErrClaimed, signaling.Claimed},
		{room.ErrExtended, signaling.Extended},
		{room.ErrFull, signaling.RoomsFull},
		{report.ErrUnknown, signaling.Unknown},
		{report.ErrTaken, signaling.Used},
	} {
		if errors.Is(err, r.err) {
			return r.reason
		}
	}
	return signaling.Internal
}

// record writes e into the audit log. What must not happen unrecorded waits for it, and does not happen if it fails.
func (c *conn) record(ctx context.Context, e audit.Event) error {
	e.Address = c.addr.String()
	return c.s.Trail.Record(ctx, e)
}

// note is record for what has happened already: a failure is logged.
func (c *conn) note(ctx context.Context, e audit.Event) {
	if err := c.record(ctx, e); err != nil {
		c.log.Error("not recorded", "type", e.Type, "err", err)
	}
}

// noteStranger is note for what anybody can cause at will. A flood is counted in the next record instead of filling
// the disk.
func (c *conn) noteStranger(ctx context.Context, e audit.Event) {
	if !c.s.strange.Allow() {
		c.s.missed.Add(1)
		return
	}
	e.Missed = c.s.missed.Swap(0)
	c.note(ctx, e)
}

// report takes what a customer's app, on whatever connection, says of a session's end.
func (c *conn) report(ctx context.Context, id uint32, m signaling.Ended) error {
	kind := report.CustomerEnd
	if m.Reason == signaling.Alarm {
		kind = report.CustomerAlarm
	}
	return c.settle(ctx, id, kind, report.Proof{Token: string(m.Report)}, m)
}

// settle records how an app says a session went, if it has the proof for it and has not said so before.
func (c *conn) settle(ctx context.Context, id uint32, k report.Kind, proof report.Proof, m signaling.Ended) error {
	role := signaling.Customer
	if k == report.EngineerEnd {
		role = signaling.Engineer
	}
	err := c.s.Reports.Take(ctx, m.Attempt, k, proof, func() error { return c.ended(ctx, role, proof.Account, m) })
	if err != nil {
		return c.fail(ctx, id, err)
	}
	return c.answer(ctx, id, signaling.Done{})
}

// ended records how an app says a session went.
func (c *conn) ended(ctx context.Context, role signaling.Role, account string, m signaling.Ended) error {
	e := audit.Event{
		Type: audit.SessionEnded, Role: string(role), Account: account, Attempt: m.Attempt, Session: m.Session,
		Reason: m.Reason, Started: m.Started, Finished: m.Finished,
	}
	if e.Finished.IsZero() {
		e.Finished = time.Now().UTC().Round(time.Millisecond)
	}
	for _, l := range m.Levels {
		e.Levels = append(e.Levels, audit.Level{Access: l.Access, At: l.At})
	}
	return c.record(ctx, e)
}

// pause waits for d, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
