package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"assist/media/peer"
)

// minRepeat is the least time between two repetitions of an offer, however often the engineer says that it is there.
const minRepeat = 200 * time.Millisecond

// errNoAnswer means that an offer led nowhere, and another is worth a try.
var errNoAnswer = errors.New("link: offer without a link")

// offer makes the next turn at the customer's end: offers, until one leads to a link.
func (l *Line) offer(ctx context.Context, p *place) (*Turn, error) {
	old := time.NewTimer(placeLife)
	defer old.Stop()
	for {
		turn, err := l.offerOnce(ctx, p, old.C)
		if !errors.Is(err, errNoAnswer) {
			return turn, err
		}
		l.cfg.Log.Info("offering again", "error", err)
		if err := sleep(ctx, jitter(reachFirst)); err != nil {
			return nil, err
		}
	}
}

// offerOnce makes one carrier and offers it.
func (l *Line) offerOnce(ctx context.Context, p *place, old <-chan time.Time) (_ *Turn, err error) {
	carrier, err := l.cfg.NewCarrier(p.relays)
	if err != nil {
		return nil, fmt.Errorf("link: carrier: %w", err)
	}
	defer func() {
		if err != nil {
			carrier.Close()
		}
	}()
	description, err := describe(ctx, carrier.Offer)
	if err != nil {
		return nil, fmt.Errorf("link: offer: %w", err)
	}
	l.epoch++
	mine := word{kind: offer, epoch: l.epoch, fingerprint: carrier.Fingerprint(), description: description}
	theirs, err := l.await(ctx, p, carrier, mine, old)
	if err != nil {
		return nil, err
	}
	if !l.race.agree() {
		return nil, errBack
	}
	err = carrier.Accept(theirs.description)
	var turn *Turn
	if err == nil {
		turn, err = l.connect(ctx, carrier, mine.epoch, theirs.fingerprint)
	}
	switch {
	case err == nil:
		return turn, nil
	case !l.race.failed():
		return nil, errBack
	}
	return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
}

// describe makes a description of an end.
func describe(ctx context.Context, f func(context.Context) ([]byte, error)) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, offerTime)
	defer cancel()
	return f(ctx)
}

// await says the offer until it is answered.
func (l *Line) await(ctx context.Context, p *place, carrier Carrier, mine word, old <-chan time.Time) (word, error) {
	repeat := time.NewTimer(0)
	defer repeat.Stop()
	var said time.Time
	for {
		select {
		case <-ctx.Done():
			return word{}, context.Cause(ctx)
		case <-old:
			return word{}, errPlaceOld
		case state, open := <-carrier.Watch():
			if !open || state == peer.Down {
				return word{}, fmt.Errorf("%w: %w", errNoAnswer, peer.ErrClosed)
			}
		case <-repeat.C:
			if err := l.speech.say(ctx, p, mine); err != nil {
				return word{}, err
			}
			said = time.Now()
			repeat.Reset(repeatPause)
		case ev, open := <-p.Events():
			theirs, ok, err := l.heard(ev, open)
			switch {
			case err != nil:
				return word{}, err
			case ok && theirs.kind == here:
				repeat.Reset(max(0, minRepeat-time.Since(said)))
			case ok && theirs.epoch == mine.epoch:
				return theirs, nil
			}
		}
	}
}
