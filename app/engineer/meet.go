package engineer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"assist/app/customer"
	"assist/app/e2e"
	"assist/app/link"
	"assist/app/problem"
	"assist/app/task"
	"assist/signaling"
	"assist/signaling/client"
)

// meeting is a customer who typed the room of the code, and after Confirm one who knows the secret, too.
type meeting struct {
	attempt string // the service's name for it
	account string // the engineer's that it met
	card    Card
	link    link.Carrier
	remote  [32]byte // fingerprint of the customer's DTLS certificate
	proof   *e2e.Engineer
	keys    *e2e.Keys // after the proof
	id      string    // public id of the session, the same at both ends
}

func (m *meeting) close() {
	m.link.Close()
	m.proof.Erase()
	if m.keys != nil {
		m.keys.Erase()
	}
}

// heard takes what the service tells.
func (c *Console) heard(ctx context.Context, ev signaling.Event) {
	d := c.desk
	switch ev := ev.(type) {
	case signaling.Joined:
		c.joined(ctx, ev)
	case signaling.Confirmed:
		if d.attempt != nil { // the customer was quicker than the service's word that M2 has arrived
			<-d.attempt.Done
			c.answered(ctx)
		}
		if m := d.pending; m != nil && m.attempt == ev.Attempt {
			c.confirmed(ctx, m, ev.M3)
		}
	case signaling.Rejected:
		c.failed(ctx, ev.Left)
	case signaling.CustomerLeft:
		c.failed(ctx, ev.Left)
	case signaling.RoomGone:
		if d.hasCode() && ev.Room == string(d.code.Room) {
			c.roomGone(ctx, ev.Reason)
		}
	case signaling.Lost:
		c.serviceLost(ctx, ev.Err)
	}
}

// joined answers a customer who typed the room. Every answer is a guess used, whatever comes of it: it tells a customer with
// a wrong secret so. The service counts, too, but is not relied on.
func (c *Console) joined(ctx context.Context, ev signaling.Joined) {
	d := c.desk
	if !d.hasCode() || ev.Room != string(d.code.Room) || c.talk.Load() != nil {
		c.cfg.Log.Info("customer for no code", "room", ev.Room)
		return
	}
	d.dropAttempt()
	if d.left <= 0 {
		c.roomGone(ctx, signaling.Burnt)
		return
	}
	d.left--
	if len(ev.Relays) > 0 {
		d.account.Relays = ev.Relays // fresher than those of the sign-in
	}
	spare := d.spare
	d.spare = nil
	fits := first(d.account.Relays) == d.spareAt // else packets would make a detour over two relays
	secret, self := d.code, c.self
	d.attempt = task.Start(ctx, func(ctx context.Context) (*meeting, error) {
		ctx, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		carrier, err := takeSpare(spare, fits, func() (link.Carrier, error) { return c.cfg.NewLink(d.account.Relays) })
		if err != nil {
			return nil, fmt.Errorf("engineer: link: %w", err)
		}
		m, err := answer(ctx, d, carrier, ev, func(o e2e.Offer, a e2e.Answer) (*e2e.Engineer, []byte, error) {
			a.Chain = self.Chain
			return e2e.Respond(secret, ev.M1, a, self.Sign)
		})
		if err != nil {
			carrier.Close()
		}
		return m, err
	})
}

// takeSpare returns the link that was made ready, if it fits, or a new one.
func takeSpare(spare *task.Task[link.Carrier], fits bool, fresh func() (link.Carrier, error)) (link.Carrier, error) {
	if spare != nil {
		<-spare.Done
		if spare.Err == nil && fits {
			return spare.Value, nil
		}
		if spare.Err == nil {
			spare.Value.Close()
		}
	}
	return fresh()
}

// answer makes and sends M2.
func answer(ctx context.Context, d *desk, carrier link.Carrier, ev signaling.Joined,
	respond func(e2e.Offer, e2e.Answer) (*e2e.Engineer, []byte, error),
) (*meeting, error) {
	offer, err := e2e.ReadOffer(ev.M1)
	if err != nil {
		return nil, err
	}
	form, err := customer.Parse(offer.Info)
	if err != nil {
		return nil, err
	}
	sdp, err := carrier.Answer(ctx, offer.SDP)
	if err != nil {
		return nil, fmt.Errorf("engineer: answer: %w", err)
	}
	proof, m2, err := respond(offer, e2e.Answer{SDP: sdp, Fingerprint: carrier.Fingerprint()})
	if err != nil {
		return nil, err
	}
	if err := d.Answer(ctx, ev.Attempt, m2); err != nil {
		proof.Erase()
		return nil, err
	}
	return &meeting{
		attempt: ev.Attempt, account: d.name, link: carrier, remote: offer.Fingerprint, proof: proof,
		card: Card{
			Name: form.Name, CustomerNumber: form.CustomerNumber, CaseNumber: form.CaseNumber,
			Branch: form.Branch, Country: form.Country, Product: form.Product,
		},
	}, nil
}

// answered takes the result of an answer.
func (c *Console) answered(ctx context.Context) {
	d := c.desk
	m, err := d.attempt.Value, d.attempt.Err
	d.attempt = nil
	if err != nil {
		c.cfg.Log.Warn("customer not answered", "error", err)
		c.makeSpare(ctx)
		return
	}
	d.pending = m
}

// confirmed checks the customer's proof. With it the session begins, and the code is used.
func (c *Console) confirmed(ctx context.Context, m *meeting, m3 []byte) {
	d := c.desk
	d.pending = nil
	keys, err := m.proof.Confirm(m3)
	if err != nil {
		c.cfg.Log.Warn("customer not proved", "error", err)
		m.close()
		if errors.Is(err, e2e.ErrWrongSecret) {
			c.failed(ctx, d.left)
		}
		return
	}
	m.keys = keys
	id := keys.SessionID()
	m.id = hex.EncodeToString(id[:8])
	_, err = request(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, d.Accept(ctx, m.attempt) })
	if err != nil {
		c.cfg.Log.Warn("customer not accepted", "error", err)
		m.close()
		c.cfg.Notify(CodeFailed{Problem: serviceProblem(err)})
		return
	}
	d.codeGone(c.cfg.Notify, problem.New(problem.CodeUsed, nil))
	c.startTalk(ctx, m)
}

// failed takes an attempt that led nowhere. Three of them burn the code.
func (c *Console) failed(ctx context.Context, left int) {
	d := c.desk
	d.dropAttempt()
	if !d.hasCode() {
		return
	}
	d.left = min(d.left, left)
	if d.left <= 0 {
		c.roomGone(ctx, signaling.Burnt)
		return
	}
	c.makeSpare(ctx)
	c.cfg.Notify(GuessFailed{Left: d.left})
}

// roomGone takes the end of the room. A burnt code is replaced at once: the customer is still on the phone.
func (c *Console) roomGone(ctx context.Context, reason signaling.Reason) {
	d := c.desk
	d.dropAttempt()
	why := problem.CodeExpired
	if reason == signaling.Burnt {
		why = problem.CodeBurnt
	}
	d.codeGone(c.cfg.Notify, problem.New(why, nil))
	if reason == signaling.Burnt {
		c.newCode(ctx)
	}
}

// serviceLost takes the end of the line to the service. A session goes on without it.
func (c *Console) serviceLost(ctx context.Context, err error) {
	c.cfg.Log.Warn("service lost", "error", err)
	c.desk.codeGone(c.cfg.Notify, problem.New(problem.ServiceLost, err))
	c.leave()
	if t := c.talk.Load(); t != nil && errors.Is(err, client.ErrAccountClosed) {
		t.box.Put(revoked{})
	}
	c.cfg.Notify(ServiceChanged{Up: false})
	c.redial(ctx)
}
