package engineer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"assist/app/link"
	"assist/app/problem"
	"assist/app/wire"
	"assist/media/motion"
	"assist/media/peer"
)

// turn is one link of the session, with what runs over it.
type turn struct {
	*link.Turn
	ctx    context.Context // ends with the link or the session
	cancel context.CancelFunc
	parts  sync.WaitGroup
}

// openTurn begins the session's first link.
func (t *talk) openTurn() error {
	first, err := link.Open(t.m.link, t.m.keys, t.m.remote, t.c.cfg.Log)
	if err != nil {
		return err
	}
	t.turn = t.newTurn(first)
	t.mail = link.NewMail(first)
	return nil
}

func (t *talk) newTurn(lt *link.Turn) *turn {
	n := &turn{Turn: lt}
	n.ctx, n.cancel = context.WithCancel(lt.Context(t.ctx))
	return n
}

// holdLine keeps the session's link from here on.
func (t *talk) holdLine() (err error) {
	t.line, err = link.Hold(t.ctx, link.Config{
		Keys: t.m.keys, NewCarrier: t.c.cfg.NewLink, Redial: t.c.cfg.Redial, Log: t.c.cfg.Log,
	}, t.turn.Turn)
	if err != nil {
		return err
	}
	t.runParts()
	return nil
}

// runParts begins what runs over a link. All of it begins anew with each.
func (t *talk) runParts() {
	t.hands.Take()
	t.view.begin()
	t.spawn("picture", t.view.receive)
	t.spawn("motion", t.view.receiveMotion)
	t.spawn("pointer", t.view.receivePointer)
	t.spawn("hands", t.sendHands)
	t.reachable.Store(true)
}

// spawn runs part until the turn ends. A part that fails ends the session; that the link is down, the line says, after the
// last word on it.
func (t *talk) spawn(name string, part func(*turn) error) {
	n := t.turn
	n.parts.Go(func() {
		if err := part(n); err != nil && n.ctx.Err() == nil && !errors.Is(err, peer.ErrClosed) {
			t.fail(linkProblem(fmt.Errorf("%s: %w", name, err)))
		}
	})
}

// stop ends what runs over a link, and waits for it.
func (n *turn) stop() {
	n.cancel()
	n.parts.Wait()
}

// linkChanged takes news of the line.
func (t *talk) linkChanged() error {
	for _, c := range t.line.Changes() {
		if ended, ok := errors.AsType[*link.OverError](c.Over); ok {
			return customerEnded(ended.Reason)
		}
		if c.Over != nil {
			return linkProblem(c.Over)
		}
		if c.Turn != nil {
			t.resume(c.Turn)
		} else if c.Up {
			t.hands.Put(release{}) // the customer's end has released all
		}
		t.linkUp, t.until = c.Up, c.Until
		t.reachable.Store(c.Up)
		t.tellLink()
	}
	return nil
}

// resume goes on over a new link. The customer's end says anew which level holds.
func (t *talk) resume(lt *link.Turn) {
	stats := t.turn.Stats()
	t.received, t.sent = t.received+stats.Received, t.sent+stats.Sent
	t.tally.newLink()
	t.turn.stop()
	t.turn = t.newTurn(lt)
	t.mail.Move(lt)
	t.witness.NewLink()
	t.send(t.hello())
	for id, level := range t.asked { // what became of it is not known
		delete(t.asked, id)
		t.c.cfg.Notify(AskRefused{Access: level, Silence: true})
	}
	t.runParts()
}

// hello says which program this is, and which chat messages it has.
func (t *talk) hello() *wire.Hello {
	return &wire.Hello{
		Version: wire.Version, Program: t.c.cfg.Program, System: t.c.cfg.System, Heard: t.mail.Heard(),
		Motion: motion.Supported(),
	}
}

// hangUp ends the link. What the customer could not be told is told through the service, when it can be reached.
func (t *talk) hangUp() {
	if t.turn == nil {
		return
	}
	t.turn.stop()
	if t.line == nil {
		t.turn.Close()
		return
	}
	reason, ours := endReason(t.err)
	if last := t.line.Close(reason); ours {
		t.last = last
	}
}

// endReason is what the customer is told about an end with err, and whether there is anything to tell.
func endReason(err error) (reason wire.Reason, ours bool) {
	switch problem.Of(err) {
	case problem.EngineerEnded:
		return wire.ByPerson, true
	case problem.PeerMisbehaved:
		return wire.Misbehaved, true
	case problem.ServiceVersion:
		return wire.WrongFormat, true
	case problem.Internal:
		return wire.Broken, true
	}
	return wire.ByPerson, false
}

// deliver tells the customer in the background that the session is over, if that is not known to have arrived.
func (c *Console) deliver(ctx context.Context, t *talk) {
	if last := t.last; last != nil {
		c.later.Go(func() { last.Deliver(ctx) })
	}
}
