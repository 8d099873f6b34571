package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"assist/cmd/internal/marker"
	"assist/cmd/internal/measure"
	"assist/cmd/internal/painter"
	"assist/cmd/internal/scene"
	"assist/media/frame"
)

// lookPause is how long at least between two pictures of a whole display: taking them is work for the display.
const lookPause = 15 * time.Millisecond

// opening is the desktop that the first picture shows.
type opening struct {
	want  *frame.Frame
	text  *measure.Text
	first uint16
	mark  image.Point
}

// openDesktop puts the desktop on the customer's display.
func (t *theatre) openDesktop(ctx context.Context) (*opening, error) {
	s, err := scene.New(scene.Rest)
	if err != nil {
		return nil, err
	}
	o := &opening{want: frame.New(scene.Size.X, scene.Size.Y), first: t.reserve(0), mark: s.Marks[0]}
	s.Begin(o.want, o.first)
	o.text = measure.NewText(o.want, s.Text)
	_, err = t.painter.do(ctx, painter.Order{Begin: scene.Rest, First: o.first})
	return o, err
}

// sighted is when the first picture was there.
type sighted struct {
	offset   image.Point
	marker   time.Time // something was there
	readable time.Time
	err      error
}

// watchFirst waits until the desktop can be read on the engineer's display.
func (t *theatre) watchFirst(ctx context.Context, o *opening) (got sighted) {
	found := false
	for {
		shot, err := t.engineer.eye.All()
		if err != nil {
			return sighted{err: err}
		}
		now := time.Now()
		if at, ok := marker.Find(shot, o.first); ok && !found {
			got.offset, got.marker, found = at.Sub(o.mark), now, true
		}
		if found && o.text.Share(shot, got.offset) >= measure.Readable {
			got.readable = now
			return got
		}
		if err := t.nextLook(ctx); err != nil {
			if !found {
				err = fmt.Errorf("no picture came at its own size: %w", err)
			}
			return sighted{err: err}
		}
	}
}

// nextLook waits until another picture of the engineer's display is worth taking.
func (t *theatre) nextLook(ctx context.Context) error {
	due := time.Now().Add(lookPause)
	if err := t.engineer.eye.Wait(ctx); err != nil {
		return err
	}
	time.Sleep(time.Until(due))
	return nil
}

// findOffset finds out where the customer's display is on the engineer's.
func (t *theatre) findOffset(ctx context.Context, o *opening) (offset image.Point, err error) {
	for {
		shot, err := t.engineer.eye.All()
		if err != nil {
			return offset, err
		}
		if at, ok := marker.Find(shot, o.first); ok {
			return at.Sub(o.mark), nil
		}
		if err := t.nextLook(ctx); err != nil {
			return offset, fmt.Errorf("the picture is not there at its own size: %w", err)
		}
	}
}

// errNotEqual says that the displays never showed the same.
var errNotEqual = errors.New("the displays never showed the same")

// rest is the customer's display at rest, as far as the engineer is to see it.
type rest struct {
	a     *stagehand
	parts []image.Rectangle
	since time.Time // parts are from then
	want  *frame.Frame
}

// windowPause is how long windows of the customer's program are taken to stay where they are.
const windowPause = 500 * time.Millisecond

// refresh looks again if something was painted there.
func (r *rest) refresh(ctx context.Context) error {
	changed := r.a.t.customer.eye.Changed()
	if r.want != nil && !changed {
		return nil
	}
	if time.Since(r.since) > windowPause {
		covered, err := r.a.c.covered(ctx)
		if err != nil {
			return err
		}
		r.parts, r.since = measure.Without(scene.Screen, covered), time.Now()
	}
	var err error
	r.want, err = r.a.t.customer.eye.All()
	return err
}

// awaitEqual waits until the engineer's display shows what the customer's does, which must be at rest, and returns since when.
func (a *stagehand) awaitEqual(ctx context.Context) (time.Time, error) {
	r := &rest{a: a}
	for {
		if err := r.refresh(ctx); err != nil {
			return time.Time{}, err
		}
		shot, err := a.t.engineer.eye.All()
		if err != nil {
			return time.Time{}, err
		}
		now := time.Now()
		if measure.Same(r.want, shot, a.offset, r.parts) {
			return now, nil
		}
		if err := a.t.nextLook(ctx); err != nil {
			if ctx.Err() != nil {
				err = errNotEqual
			}
			return time.Time{}, err
		}
	}
}
