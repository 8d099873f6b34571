package engineer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"assist/app/identity"
	"assist/app/problem"
	"assist/app/transcript"
	"assist/app/wire"
)

// newWitness makes this end of the session's transcript, which self signs.
func newWitness(m *meeting, self *identity.Session) *transcript.Witness {
	return transcript.NewWitness(transcript.Session{
		ID: m.id, Identity: self.Chain, Engineer: self.Engineer,
		Customer: transcript.Customer{
			Name: m.card.Name, Number: m.card.CustomerNumber, Case: m.card.CaseNumber,
			Branch: m.card.Branch, Country: m.card.Country, Product: m.card.Product,
		},
	}, self.Sign)
}

// entry takes an entry of the customer's end, and answers with this end's signature.
func (t *talk) entry(m *wire.Entry) error {
	head, err := t.witness.Take(m)
	switch {
	case errors.Is(err, transcript.ErrContradiction):
		t.c.cfg.Log.Warn("transcript not signed from here on", "session", t.m.id, "error", err)
	case err != nil:
		return problem.New(problem.PeerMisbehaved, fmt.Errorf("engineer: %w", err))
	case head != nil && !t.witness.Settled():
		t.send(head)
	case head != nil: // the last one: the link may close right behind it
		ctx, cancel := context.WithTimeout(context.Background(), goodbyeTime)
		defer cancel()
		t.turn.Send(ctx, head) // who is gone need not hear it
	}
	return nil
}

// settle waits for the transcript's end, which the customer's end writes when it has heard this end's last word: for a
// moment from when the session was over.
func (t *talk) settle(over time.Time) {
	limit := time.NewTimer(time.Until(over.Add(goodbyeTime)))
	defer limit.Stop()
	t.witness.SentEnd()
	for !t.witness.Settled() {
		select {
		case <-limit.C:
			return
		case <-t.turn.Control.Done:
			return
		case msg := <-t.turn.Control.Messages:
			switch msg := msg.(type) {
			case *wire.Entry:
				if t.entry(msg) != nil {
					return
				}
			case *wire.End:
				return
			}
		}
	}
}

// forgetSelf ends who the engineer is. A session that goes on keeps the key until its transcript is signed.
func (c *Console) forgetSelf() {
	if t := c.talk.Load(); c.self != nil && (t == nil || t.self != c.self) {
		c.self.Erase()
	}
	c.self = nil
}

// forgetTalk forgets the session, and its key if the engineer has signed out meanwhile.
func (c *Console) forgetTalk(t *talk) {
	c.talk.Store(nil)
	if t.self != c.self {
		t.self.Erase()
	}
}
