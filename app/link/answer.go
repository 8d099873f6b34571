package link

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"assist/app/task"
)

// answering is what the engineer's end has of a place at the service.
type answering struct {
	l     *Line
	p     *place
	spare Carrier              // made ready for the next offer; nil for none
	epoch uint32               // of the offer that is being answered
	said  atomic.Pointer[word] // the last answer, so that it can be repeated
	next  *task.Task[*Turn]    // what becomes of the offer; nil for none
}

// answer makes the next turn at the engineer's end: it answers the newest offer until one leads to a link.
func (l *Line) answer(ctx context.Context, p *place) (*Turn, error) {
	a := &answering{l: l, p: p}
	defer a.close()
	var err error
	if a.spare, err = l.cfg.NewCarrier(p.relays); err != nil {
		return nil, fmt.Errorf("link: carrier: %w", err)
	}
	old, repeat := time.NewTimer(placeLife), time.NewTimer(0)
	defer old.Stop()
	defer repeat.Stop()
	events := p.Events()
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
				if err := l.speech.say(ctx, p, word{kind: here}); err != nil {
					return nil, err
				}
				repeat.Reset(repeatPause)
			}
		case ev, open := <-events:
			theirs, ok, err := l.heard(ev, open)
			if errors.Is(err, errPlaceLost) && a.next != nil { // a link that is coming up needs the service no more
				events = nil
				continue
			}
			if err == nil && ok {
				err = a.take(ctx, theirs)
			}
			if err != nil {
				return nil, err
			}
		case <-done:
			turn, err := a.next.Value, a.next.Err
			a.next = nil
			switch {
			case err == nil:
				l.epoch = a.epoch
				return turn, nil
			case !l.race.failed():
				return nil, errBack
			case events == nil:
				return nil, errPlaceLost
			}
			l.cfg.Log.Info("offer led to no link", "error", err)
			repeat.Reset(0)
		}
	}
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
