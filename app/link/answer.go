package link

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"assist/app/task"
	"assist/signaling"
)

// answering is what the engineer's end has of a place at the service.
type answering struct {
	l      *Line
	p      *place
	events <-chan signaling.Event // nil once the service is gone
	spare  Carrier                // made ready for the next offer; nil for none
	epoch  uint32                 // of the offer that is being answered
	said   atomic.Pointer[word]   // the last answer, so that it can be repeated
	next   *task.Task[*Turn]      // what becomes of the offer; nil for none
}

// answer makes the next turn at the engineer's end: it answers the newest offer until one leads to a link.
func (l *Line) answer(ctx context.Context, p *place) (*Turn, error) {
	spare, err := l.cfg.NewCarrier(p.relays)
	if err != nil {
		return nil, fmt.Errorf("link: carrier: %w", err)
	}
	a := &answering{l: l, p: p, events: p.Events(), spare: spare}
	defer a.close()
	old, repeat := time.NewTimer(placeLife), time.NewTimer(0)
	defer old.Stop()
	defer repeat.Stop()
	for {
		var done <-chan struct{}
		if a.next != nil {
			done = a.next.Done
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-old.C:
			if a.next == nil {
				return nil, errPlaceOld
			}
			old.Reset(connectTime)
		case <-repeat.C:
			if a.next == nil {
				err = l.speech.say(ctx, p, word{kind: here})
				repeat.Reset(repeatPause)
			}
		case ev, open := <-a.events:
			err = a.heard(ctx, ev, open)
		case <-done:
			turn, again := a.came()
			if again == nil {
				return turn, nil
			}
			err = again
			if errors.Is(err, errNoAnswer) {
				l.cfg.Log.Info("offer led to no link", "error", err)
				err = nil
				repeat.Reset(0)
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// heard takes what the service tells. A link that is coming up needs it no more.
func (a *answering) heard(ctx context.Context, ev signaling.Event, open bool) error {
	theirs, ok, err := a.l.heard(ev, open)
	switch {
	case errors.Is(err, errPlaceLost) && a.next != nil:
		a.events = nil
		return nil
	case err != nil || !ok:
		return err
	}
	return a.take(ctx, theirs)
}

// came returns what became of an offer. With errNoAnswer the next one may do better.
func (a *answering) came() (*Turn, error) {
	turn, err := a.next.Value, a.next.Err
	a.next = nil
	switch {
	case err == nil:
		a.l.epoch = a.epoch
		return turn, nil
	case !a.l.race.failed():
		return nil, errBack
	case a.events == nil:
		return nil, errPlaceLost
	}
	return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
}

// take takes an offer. Only a newer one than all that led to a link counts; the one that is being answered is answered once
// more.
func (a *answering) take(ctx context.Context, theirs word) error {
	l := a.l
	switch said := a.said.Load(); {
	case theirs.epoch <= l.epoch || a.next != nil && theirs.epoch < a.epoch:
		return nil
	case a.next != nil && theirs.epoch == a.epoch:
		if said == nil || said.epoch != a.epoch {
			return nil // not yet
		}
		return l.speech.say(ctx, a.p, *said)
	}
	if a.drop(); !l.race.agree() {
		return errBack
	}
	a.epoch = theirs.epoch
	carrier := a.spare
	a.spare = nil
	a.next = task.Start(ctx, func(ctx context.Context) (*Turn, error) { return a.try(ctx, carrier, theirs) })
	return nil
}

// try answers an offer and waits for the link.
func (a *answering) try(ctx context.Context, carrier Carrier, theirs word) (_ *Turn, err error) {
	if carrier == nil {
		if carrier, err = a.l.cfg.NewCarrier(a.p.relays); err != nil {
			return nil, fmt.Errorf("link: carrier: %w", err)
		}
	}
	mine := word{kind: answer, epoch: theirs.epoch, fingerprint: carrier.Fingerprint()}
	mine.description, err = describe(ctx, func(ctx context.Context) ([]byte, error) { return carrier.Answer(ctx, theirs.description) })
	if err == nil {
		err = a.l.speech.say(ctx, a.p, mine)
	}
	if err != nil {
		carrier.Close()
		return nil, fmt.Errorf("link: answer: %w", err)
	}
	a.said.Store(&mine)
	return a.l.connect(ctx, carrier, theirs.epoch, theirs.fingerprint)
}

// drop gives up what became of the last offer.
func (a *answering) drop() {
	if a.next == nil {
		return
	}
	if t, err := a.next.Stop(); err == nil {
		a.l.epoch = a.epoch
		t.abandon()
	}
	a.next = nil
}

func (a *answering) close() {
	a.drop()
	if a.spare != nil {
		a.spare.Close()
	}
}
