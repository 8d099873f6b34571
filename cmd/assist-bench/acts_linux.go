package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"assist/cmd/internal/measure"
	"assist/cmd/internal/scene"
	"assist/cmd/internal/stage"
)

// stagehand takes a contender through the acts of a line.
type stagehand struct {
	t      *theatre
	cmd    *runCmd
	c      contender
	line   line
	offset image.Point // of the customer's display on the engineer's
	out    results
	lossy  bool // the contender never becomes equal: not waited for
}

// put notes a figure.
func (a *stagehand) put(act string, k kind, v float64) { a.out[figure{a.line.Name, act, k}] = v }

// startTime is how long programs may take until the customer's question stands there, without a slow line.
const startTime = 60 * time.Second

// play goes through all acts.
func (a *stagehand) play(ctx context.Context) error {
	a.t.set(a.line)
	if err := a.raise(ctx); err != nil {
		return err
	}
	for _, act := range a.line.Acts {
		if act == first {
			continue
		}
		a.t.log("  %s", act)
		err := a.act(ctx, act)
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", act, ctx.Err())
		}
		if err != nil {
			a.t.log("  %s: %v", act, err)
		}
	}
	return nil
}

// raise brings the first picture, and what comes before and after it.
func (a *stagehand) raise(ctx context.Context) error {
	o, err := a.t.openDesktop(ctx)
	if err != nil {
		return err
	}
	if err := within(ctx, startTime+2*a.line.Patience, a.c.prepare); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second+3*a.line.Patience)
	defer cancel()
	there := make(chan sighted, 1)
	go func() { there <- a.t.watchFirst(ctx, o) }()
	began, err := a.c.show(ctx)
	if err != nil {
		cancel()
		<-there
		return fmt.Errorf("start: %w", err)
	}
	got := <-there
	if got.err != nil {
		return fmt.Errorf("first picture: %w", got.err)
	}
	a.offset = got.offset
	a.put(first, sight, got.marker.Sub(began).Seconds())
	a.put(first, readable, got.readable.Sub(began).Seconds())
	if at, err := a.equalWithin(ctx, a.line.Patience); err == nil {
		a.put(first, exact, at.Sub(began).Seconds())
	} else if !errors.Is(err, errNotEqual) {
		return err
	}
	if err := a.c.settle(ctx); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	a.offset, err = a.t.findOffset(ctx, o)
	return err
}

// lossyPatience is how long a program is waited for to become equal that need not ever be.
const lossyPatience = 3 * time.Second

// equalWithin is awaitEqual, for a while.
func (a *stagehand) equalWithin(ctx context.Context, d time.Duration) (at time.Time, err error) {
	_, isVNC := a.c.(*vnc)
	switch {
	case a.lossy:
		d = min(d, lossyPatience/3)
	case isVNC:
		d = min(d, lossyPatience)
	}
	err = within(ctx, d, func(ctx context.Context) error {
		at, err = a.awaitEqual(ctx)
		return err
	})
	a.lossy = a.lossy || isVNC && errors.Is(err, errNotEqual)
	return at, err
}

// act plays one act and notes what comes of it.
func (a *stagehand) act(ctx context.Context, act string) error {
	n := a.cmd.length(act)
	switch act {
	case idle:
		return a.idle(ctx, n.idle)
	case key, scene.Typing:
		return a.keys(ctx, act, n.steps)
	case chat:
		return a.chat(ctx, n.steps)
	case step:
		return a.slowDown(ctx, n.steps)
	}
	return a.scene(ctx, act, n.steps)
}

// idle measures a desktop on which nothing happens.
func (a *stagehand) idle(ctx context.Context, d time.Duration) error {
	p, err := a.begin(ctx, scene.Rest, 0)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	m, err := a.meter()
	if err != nil {
		return err
	}
	if err := stage.Pause(ctx, d); err != nil {
		return err
	}
	r, err := m.read()
	return a.note(idle, r, err)
}

// scene measures a scene that plays by itself.
func (a *stagehand) scene(ctx context.Context, name string, steps int) error {
	p, err := a.begin(ctx, name, steps)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	m, err := a.meter()
	if err != nil {
		return err
	}
	p.follow(ctx, name != scene.Rest)
	err = p.play(ctx, steps)
	reading := m.later(p.period()) // the last step has its time, too
	if err := errors.Join(err, p.end(ctx, err == nil)); err != nil {
		return err
	}
	r, err := reading()
	p.note()
	return a.note(name, r, err)
}

// Typing: eight keys a second, or one after the other.
const (
	typingPause = 125 * time.Millisecond
	keyPause    = 200 * time.Millisecond
	letters     = "etaoinshrdlu"
)

// keys measures what comes of the engineer's keys.
func (a *stagehand) keys(ctx context.Context, act string, count int) error {
	p, err := a.begin(ctx, scene.Typing, count)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	m, err := a.meter()
	if err != nil {
		return err
	}
	p.follow(ctx, false)
	pressed := make([]time.Time, count)
	due := time.Now()
	for i := range count {
		if pressed[i], err = a.t.engineer.hand.Key(rune(letters[i%len(letters)])); err != nil {
			break
		}
		if act == key {
			_ = within(ctx, a.line.Patience, func(ctx context.Context) error { return p.theirs[0].Until(ctx, p.number(i+1)) })
			due = time.Now().Add(keyPause + time.Duration(i*37%100)*time.Millisecond)
		} else {
			due = due.Add(typingPause)
		}
		if err = stage.Pause(ctx, time.Until(due)); err != nil || ctx.Err() != nil {
			break
		}
	}
	reading := m.later(0)
	_ = within(ctx, a.line.Patience, func(ctx context.Context) error { return p.own[0].Until(ctx, p.last) }) // the last ones are on the way
	if err := errors.Join(err, p.end(ctx, err == nil)); err != nil {
		return err
	}
	r, err := reading()
	if err := a.note(act, r, err); err != nil {
		return err
	}
	var times measure.Times
	for i, at := range pressed {
		if seen, ok := p.theirs[0].When(p.number(i + 1)); ok {
			times = append(times, seen.Sub(at))
		}
	}
	a.put(act, keySeen, measure.Milliseconds(times.Median()))
	a.put(act, keyLate, measure.Milliseconds(times.Quantile(0.95)))
	a.put(act, overtaken, float64(count-len(times)))
	return nil
}
