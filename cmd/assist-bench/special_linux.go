package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"assist/cmd/internal/scene"
	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// errNotTheirs says that an act is one for our own program only.
var errNotTheirs = errors.New("not measured: it is about our own program")

// chat measures how long a message from the customer takes while a page scrolls. The message is seen when the window's
// trace says so, which is written ten times a second.
func (a *stagehand) chat(ctx context.Context, steps int) error {
	o, ok := a.c.(*ours)
	if !ok {
		return errNotTheirs
	}
	c := o.session.Customer
	open := func(l trace.Line) bool { return l.Elements["chat-entry"].Visible }
	if err := c.ClickUntil(ctx, "bar", "chat", open); err != nil {
		return err
	}
	p, err := a.begin(ctx, scene.Page, steps)
	if err != nil {
		return err
	}
	played := make(chan error, 1)
	go func() { played <- p.play(ctx, steps) }()
	took, err := o.say(ctx, "The page is moving.", a.line.Patience)
	if err := errors.Join(err, <-played); err != nil {
		return err
	}
	a.put(chat, message, took.Seconds())
	return nil
}

// say types a message at the customer's, once the picture has been busy for a while, and waits for it at the engineer's.
func (o *ours) say(ctx context.Context, text string, patience time.Duration) (took time.Duration, err error) {
	c := o.session.Customer
	if err := errors.Join(c.Click(ctx, "bar", "chat-entry"), c.Type(ctx, text)); err != nil {
		return 0, err
	}
	_ = stage.Pause(ctx, 3*time.Second)
	began := time.Now()
	if err := c.Do(ctx, "key", "Return"); err != nil {
		return 0, err
	}
	err = within(ctx, patience, func(ctx context.Context) error {
		_, err := o.session.Engineer.Windows.Until(ctx, "the message", func(l trace.Line) bool {
			return strings.Contains(l.Elements["chat-last"].Text, text)
		})
		return err
	})
	return time.Since(began), err
}

// Times of the line that becomes slow, from the first step.
const (
	slowAfter = 3 * time.Second
	slowFrom  = 5 * time.Second // after the line became slow: from here on the picture must have caught up
	slowUntil = 8 * time.Second
	slowTick  = 50 * time.Millisecond
)

// slowDown makes the line slow while a page scrolls, and measures how old the newest picture is at worst.
func (a *stagehand) slowDown(ctx context.Context, steps int) error {
	if a.t.lab == nil {
		return a.t.labMissing
	}
	p, err := a.begin(ctx, scene.Page, steps)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	p.follow(ctx, false)
	var turned time.Time
	timer := time.AfterFunc(slowAfter, func() {
		slow := a.line
		slow.Rate = slowed
		a.t.set(slow)
		turned = time.Now()
	})
	defer timer.Stop()
	err = p.play(ctx, steps)
	p.stop()
	p.watching.Wait()
	if err != nil {
		return err
	}
	worst := time.Duration(0)
	for at := turned.Add(slowFrom); at.Before(turned.Add(slowUntil)); at = at.Add(slowTick) {
		n, ok := p.theirs[0].At(at)
		if !ok {
			return fmt.Errorf("nothing was seen %v after the line became slow", at.Sub(turned))
		}
		if painted, ok := p.own[0].When(n + 1); ok { // the first step that was not seen yet
			worst = max(worst, at.Sub(painted))
		}
	}
	a.put(step, age, worst.Seconds())
	return nil
}
