package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"assist/signaling"
)

// meetCredentialLife is how long credentials of a relay are good for making a link again. Nobody signs in for them, as for
// those of a customer.
const meetCredentialLife = 5 * time.Minute

// party is an app in the middle of a session whose link is gone. It is given a relay's credentials, and what the other
// end passes. Nothing of it is kept: after a restart, or on another node, the two find each other as before.
type party struct {
	*conn
	ticket   string // "" before meet
	unlisten func()
	kept     bool // it has one of the places that are for sessions that resume
}

// newParty returns the role. Half of the places that are kept are for its like: nobody signs in for them, and engineers must find some
// as well.
func newParty(c *conn) *party {
	x := &party{conn: c}
	if x.kept = c.s.resuming.Add(1) <= int64(c.s.MaxConns/8); x.kept {
		c.keep()
	} else {
		c.s.resuming.Add(-1)
	}
	return x
}

func (x *party) handle(ctx context.Context, id uint32, m signaling.Message) error {
	switch m := m.(type) {
	case signaling.Meet:
		return x.meet(ctx, id, m)
	case signaling.Pass:
		return x.pass(ctx, id, m)
	case signaling.Ended:
		return x.report(ctx, id, m)
	}
	return errOrder
}

func (x *party) meet(ctx context.Context, id uint32, m signaling.Meet) error {
	if x.ticket != "" {
		return errOrder
	}
	unlisten, err := x.s.Bus.Listen(ticketSubject(m.Ticket), x.take)
	if err != nil {
		return x.fail(ctx, id, err)
	}
	x.ticket, x.unlisten = m.Ticket, unlisten
	return x.answer(ctx, id, signaling.Done{})
}

func (x *party) pass(ctx context.Context, id uint32, m signaling.Pass) error {
	if x.ticket == "" {
		return errOrder
	}
	message, err := json.Marshal(letter{Kind: "passed", From: x.id, Bytes: m.Bytes})
	if err != nil {
		return fmt.Errorf("server: letter: %w", err)
	}
	if err := x.s.Bus.Publish(ticketSubject(x.ticket), message); err != nil {
		return x.fail(ctx, id, err)
	}
	return x.answer(ctx, id, signaling.Done{})
}

func (x *party) deliver(ctx context.Context, l letter) error {
	if l.Kind != "passed" || l.From == x.id {
		return nil
	}
	return x.tell(ctx, signaling.Passed{Bytes: l.Bytes})
}

// late ends the connection: an app that still needs one makes another, with fresh credentials.
func (x *party) late(context.Context) error { return errLate }

func (x *party) gone(context.Context) {
	if x.kept {
		x.s.resuming.Add(-1)
	}
	if x.unlisten != nil {
		x.unlisten()
	}
}

// ticketSubject is where the two ends of a session meet.
func ticketSubject(ticket string) string { return "session." + ticket }
