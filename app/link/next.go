package link

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"assist/app/e2e"
	"assist/signaling"
)

// How the service is looked for. Tries overlap: what was sent into a dead network is lost, and only a new try finds it
// alive at once. One try has long, for a slow line, the others not.
const (
	patientTime = 10 * time.Second
	quickTime   = 3 * time.Second
	reachFirst  = 250 * time.Millisecond // between the first tries, and twice as long each time
	reachSoon   = time.Second            // at most, at first
	reachLong   = 2 * time.Second        // at most, after a minute
	reachMost   = 4 * time.Second        // at most, where the service is there but leads nowhere
)

// Errors that lead to another place at the service.
var (
	errPlaceLost = errors.New("link: service lost")
	errPlaceOld  = errors.New("link: relay credentials are old")
)

// place is a Place where the other end may be met.
type place struct {
	Place
	relays []signaling.Relay
}

// next makes the next turn. It fails only if ctx ends, if the other end has ended the session, or with errBack.
func (l *Line) next(ctx context.Context) (*Turn, error) {
	meet := l.offer
	if l.cfg.Keys.Side() == e2e.EngineerSide {
		meet = l.answer
	}
	for pause := reachFirst; ; pause = min(2*pause, reachMost) {
		p, err := l.finder.reach(ctx)
		if err != nil {
			return nil, err
		}
		met := time.Now()
		turn, err := meet(ctx, p)
		ended, isOver := errors.AsType[*OverError](err)
		if isOver { // so that the other end knows that it was heard
			l.speech.say(ctx, p, word{kind: over, reason: ended.Reason})
		}
		p.Close()
		if err == nil || isOver || errors.Is(err, errBack) {
			return turn, err
		}
		l.cfg.Log.Info("no new link yet", "error", err)
		if time.Since(met) > patientTime {
			pause = reachFirst
		}
		if err := sleep(ctx, jitter(pause)); err != nil {
			return nil, err
		}
	}
}

// finder finds the service.
type finder struct {
	redial func(context.Context) (Place, error)
	ticket string
	log    *slog.Logger
}

// reach finds the service, and waits there for the other end. It fails only if ctx ends.
func (f *finder) reach(ctx context.Context) (*place, error) {
	trying, cancel := context.WithCancel(ctx)
	found := make(chan *place)
	var tries sync.WaitGroup
	defer tries.Wait()
	defer cancel()
	began, pause := time.Now(), reachFirst
	patient := make(chan struct{}, 1) // held by the patient try
	for {
		select {
		case patient <- struct{}{}:
			tries.Go(func() {
				f.try(trying, patientTime, found)
				<-patient
			})
		default:
			tries.Go(func() { f.try(trying, quickTime, found) })
		}
		next := time.NewTimer(jitter(pause))
		select {
		case p := <-found:
			next.Stop()
			return p, nil
		case <-ctx.Done():
			next.Stop()
			return nil, context.Cause(ctx)
		case <-next.C:
		}
		most := reachSoon
		if time.Since(began) > time.Minute {
			most = reachLong
		}
		pause = min(2*pause, most)
	}
}

// try tries once to reach the service. What it finds too late it gives up.
func (f *finder) try(ctx context.Context, most time.Duration, found chan<- *place) {
	dialling, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	p, err := f.redial(dialling)
	if err != nil {
		f.log.Debug("service not reached", "error", err)
		return
	}
	relays, err := p.Meet(dialling, f.ticket)
	if err != nil {
		f.log.Debug("service refuses", "error", err)
		p.Close()
		return
	}
	select {
	case found <- &place{p, relays}:
	case <-ctx.Done():
		p.Close()
	}
}

// heard takes an event of the place. It reports false for what is no word of the other end.
func (l *Line) heard(ev signaling.Event, open bool) (word, bool, error) {
	if !open {
		return word{}, false, errPlaceLost
	}
	passed, ok := ev.(signaling.Passed)
	if !ok {
		return word{}, false, nil // Lost: the channel is about to close
	}
	w, err := l.speech.hear(passed.Bytes)
	if err != nil {
		l.cfg.Log.Info("a word that the other end did not say now", "error", err)
		return word{}, false, nil
	}
	if w.kind == over {
		return word{}, false, &OverError{w.reason}
	}
	return w, true, nil
}

// connect brings a carrier up and seals it with the keys of the epoch. It closes what does not come up.
func (l *Line) connect(ctx context.Context, c Carrier, epoch uint32, remote [32]byte) (*Turn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	err := c.Connect(ctx, remote)
	if err == nil {
		var t *Turn
		if t, err = newTurn(c, l.cfg.Keys, epoch, l.cfg.Log, nil); err == nil {
			return t, nil
		}
	}
	c.Close()
	return nil, err
}

// jitter returns d, give or take a quarter: who lost the service together need not come back together.
func jitter(d time.Duration) time.Duration {
	return d*3/4 + rand.N(d/2)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
