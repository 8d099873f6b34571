package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"assist/cmd/internal/eye"
	"assist/cmd/internal/marker"
	"assist/cmd/internal/measure"
	"assist/cmd/internal/painter"
	"assist/cmd/internal/scene"
	"assist/media/frame"
)

// part is one scene while it is measured.
type part struct {
	a       *stagehand
	act     string
	scene   *scene.Scene
	picture *frame.Frame // as the scene draws it, for comparison
	first   uint16
	last    uint16
	began   time.Time // the first step was ordered
	took    time.Duration

	own, theirs []*eye.Sightings // at the customer's and the engineer's display: of the steps, and of the probe
	stop        context.CancelFunc
	watching    sync.WaitGroup
	mu          sync.Mutex
	failed      error
	samples     []sample
	covered     []image.Rectangle
}

// sample is a picture of what moves, as the engineer saw it.
type sample struct {
	number uint16
	shot   *frame.Frame
}

// begin shows step 0 of a scene.
func (a *stagehand) begin(ctx context.Context, name string, steps int) (*part, error) {
	s, err := scene.New(name)
	if err != nil {
		return nil, err
	}
	p := &part{a: a, act: name, scene: s, picture: frame.New(scene.Size.X, scene.Size.Y), first: a.t.reserve(steps)}
	p.last = p.first + uint16(steps)
	s.Begin(p.picture, p.first)
	if p.covered, err = a.c.covered(ctx); err != nil {
		return nil, err
	}
	_, err = a.t.painter.do(ctx, painter.Order{Begin: name, First: p.first})
	return p, err
}

// number is the marker's at step n.
func (p *part) number(n int) uint16 { return p.first + uint16(n) }

// targets are the markers on a display that shows the customer's at an offset.
func (p *part) targets(offset image.Point) []eye.Targets {
	list := []eye.Targets{{Offset: offset, Marks: p.scene.Marks, Lowest: p.first, Highest: p.last}}
	if p.scene.ProbeEvery > 0 {
		list = append(list, eye.Targets{Offset: offset, Marks: []image.Point{p.scene.Probe}, Lowest: p.first, Highest: p.last})
	}
	return list
}

// ready waits until step 0 is on the engineer's display, and for a while until all of it is equal.
func (p *part) ready(ctx context.Context) error {
	seen := []*eye.Sightings{eye.NewSightings(), eye.NewSightings()}
	err := within(ctx, p.a.line.Patience, func(ctx context.Context) error {
		ctx, done := context.WithCancel(ctx)
		defer done()
		return p.a.t.engineer.eye.Follow(ctx, p.targets(p.a.offset), seen, func(uint16) error { done(); return nil })
	})
	if err != nil {
		return err
	}
	if _, ok := seen[0].Last(); !ok {
		return fmt.Errorf("the scene was not seen within %v", p.a.line.Patience)
	}
	if _, err := p.a.equalWithin(ctx, p.a.line.Patience); err != nil && !errors.Is(err, errNotEqual) {
		return err
	}
	if p.a.lossy {
		return p.a.quiet(ctx)
	}
	return nil
}

// follow begins to watch both displays.
func (p *part) follow(ctx context.Context, samples bool) {
	p.own = []*eye.Sightings{eye.NewSightings(), eye.NewSightings()}
	p.theirs = []*eye.Sightings{eye.NewSightings(), eye.NewSightings()}
	ctx, p.stop = context.WithCancel(ctx)
	var whole func(uint16) error
	if samples {
		whole = p.sampler()
	}
	p.watching.Go(func() { p.fail(p.a.t.customer.eye.Follow(ctx, p.targets(image.Point{}), p.own, nil)) })
	p.watching.Go(func() { p.fail(p.a.t.engineer.eye.Follow(ctx, p.targets(p.a.offset), p.theirs, whole)) })
}

func (p *part) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = errors.Join(p.failed, err)
}

// Samples of the picture in motion.
const (
	samplePause = 400 * time.Millisecond
	maxSamples  = 10
)

// sampler takes pictures of the region that moves, now and then, and keeps those that show one step before and after.
func (p *part) sampler() func(uint16) error {
	due := time.Now().Add(samplePause)
	t := p.targets(p.a.offset)[0]
	return func(n uint16) error {
		if n == p.first || time.Now().Before(due) || len(p.samples) == maxSamples {
			return nil
		}
		var rects []image.Rectangle
		for _, at := range t.Marks {
			rects = append(rects, marker.Bounds(at.Add(t.Offset)))
		}
		all := append(append(rects[:len(rects):len(rects)], p.scene.Region.Add(t.Offset)), rects...)
		shots, err := p.a.t.engineer.eye.Look(all...)
		if err != nil {
			return err
		}
		for i, shot := range shots {
			if seen, ok := marker.Read(shot, shot.Rect.Min); i != len(rects) && (!ok || seen != n) {
				return nil
			}
		}
		due = time.Now().Add(samplePause)
		keep := *shots[len(rects)]
		keep.Pix = append([]byte(nil), keep.Pix...)
		p.samples = append(p.samples, sample{n, &keep})
		return nil
	}
}

// period is the time of a step.
func (p *part) period() time.Duration { return time.Duration(float64(time.Second) / p.scene.Rate) }

// play has the painter play.
func (p *part) play(ctx context.Context, steps int) error {
	p.began = time.Now()
	answer, err := p.a.t.painter.do(ctx, painter.Order{Play: steps})
	if err != nil {
		return err
	}
	if answer.Late > 0 {
		p.a.t.log("  %s: %d of %d steps were painted late", p.act, answer.Late, steps)
	}
	p.took = time.Since(p.began)
	return nil
}

// end waits for the last step if the act went well, ends watching, and waits until the displays are equal.
func (p *part) end(ctx context.Context, well bool) error {
	if well {
		if n, ok := p.own[0].Last(); ok { // keys may have been lost
			_ = within(ctx, p.a.line.Patience, func(ctx context.Context) error { return p.theirs[0].Until(ctx, n) })
		}
	}
	p.stop()
	p.watching.Wait()
	p.mu.Lock()
	failed := p.failed
	p.mu.Unlock()
	if failed != nil || !well || ctx.Err() != nil {
		return errors.Join(failed, ctx.Err())
	}
	n, ok := p.own[0].Last()
	if !ok {
		return errors.New("nothing was painted")
	}
	since, _ := p.own[0].When(n)
	at, err := p.a.equalWithin(ctx, p.a.line.Patience)
	if errors.Is(err, errNotEqual) {
		return nil
	}
	if err == nil {
		p.a.put(p.act, equal, at.Sub(since).Seconds())
	}
	return err
}

// note notes what was seen of the scene.
func (p *part) note() {
	a := p.a
	if p.scene.Rate > 1 && p.scene.Name != scene.Rest {
		const late = 100 * time.Millisecond // what comes later is no frame of this time
		end, seconds := p.began.Add(p.took+late), p.took.Seconds()
		a.put(p.act, painted, float64(p.own[0].Whole(p.first+1, p.last, end))/seconds)
		a.put(p.act, frames, float64(p.theirs[0].Whole(p.first+1, p.last, end))/seconds)
	}
	i, count := 0, int(p.last-p.first)
	if p.scene.ProbeEvery > 0 {
		i, count = 1, count/p.scene.ProbeEvery
	}
	var times measure.Times
	for n := 1; n <= count; n++ {
		from, ok := p.own[i].When(p.number(n))
		to, came := p.theirs[i].When(p.number(n))
		if ok && came {
			times = append(times, to.Sub(from))
		}
	}
	if len(times) > 0 {
		a.put(p.act, seen, measure.Milliseconds(times.Median()))
		a.put(p.act, seenLate, measure.Milliseconds(times.Quantile(0.95)))
	}
	p.compare()
}

// compare holds the samples against what they should show.
func (p *part) compare() {
	var list []float64
	parts := measure.Without(p.scene.Region, p.covered)
	for _, s := range p.samples {
		p.scene.Step(p.picture, int(s.number-p.first), p.first)
		list = append(list, measure.PSNR(p.picture, s.shot, p.a.offset, parts))
	}
	if len(list) > 0 {
		p.a.put(p.act, psnr, measure.Median(list))
	}
}
