//go:build linux

// Package painter plays the scenes of package scene on an X display, as a program of its own: it has one window that fills the
// screen beneath all others, takes the keyboard, and does what lines on its standard input tell it.
//
//	{"begin":"page","first":700}   show step 0; markers count from 700
//	{"play":120}                   play the next 120 steps at the scene's rate
//
// It answers each line, when that is done, with one of its own:
//
//	{"done":"page","late":3}       three steps came more than a period late
//
// In a scene that waits for keys, every key is a step. The package does not look at the screen.
package painter

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"assist/cmd/internal/scene"
)

// Order is a line that the painter reads.
type Order struct {
	Begin string `json:"begin,omitempty"`
	First uint16 `json:"first,omitempty"`
	Play  int    `json:"play,omitempty"`
}

// Answer is a line that the painter writes.
type Answer struct {
	Done string `json:"done"` // the scene
	Late int    `json:"late"`
}

// painter is what happens between the lines and the display.
type painter struct {
	canvas *canvas
	scene  *scene.Scene
	first  uint16
	step   int
	pace   *rand.Rand
}

// Run plays on the display that the environment names, until in or ctx ends.
func Run(ctx context.Context, in io.Reader, out io.Writer) error {
	c, err := newCanvas(scene.Size)
	if err != nil {
		return fmt.Errorf("painter: %w", err)
	}
	defer c.close()
	p := &painter{canvas: c, pace: rand.New(rand.NewPCG(7, 7))}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	orders := readOrders(ctx, in)
	answers := json.NewEncoder(out)
	for {
		select {
		case o, ok := <-orders:
			if !ok {
				return nil
			}
			a, err := p.do(ctx, o)
			if err != nil {
				return fmt.Errorf("painter: %w", err)
			}
			if err := answers.Encode(a); err != nil {
				return fmt.Errorf("painter: %w", err)
			}
		case ev, ok := <-c.events:
			if err := p.handle(ev, ok); err != nil {
				return fmt.Errorf("painter: %w", err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// readOrders reads lines until in or ctx ends.
func readOrders(ctx context.Context, in io.Reader) <-chan Order {
	orders := make(chan Order)
	go func() {
		defer close(orders)
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			var o Order
			if json.Unmarshal(lines.Bytes(), &o) != nil {
				return
			}
			select {
			case orders <- o:
			case <-ctx.Done():
				return
			}
		}
	}()
	return orders
}

func (p *painter) do(ctx context.Context, o Order) (Answer, error) {
	if o.Begin != "" {
		return p.begin(o)
	}
	if p.scene == nil {
		return Answer{}, errors.New("no scene to play")
	}
	late, err := p.play(ctx, o.Play)
	return Answer{p.scene.Name, late}, err
}

func (p *painter) begin(o Order) (Answer, error) {
	s, err := scene.New(o.Begin)
	if err != nil {
		return Answer{}, err
	}
	p.scene, p.first, p.step = s, o.First, 0
	s.Begin(p.canvas.frame, p.first)
	if err := p.canvas.focus(); err != nil {
		return Answer{}, err
	}
	return Answer{Done: s.Name}, p.canvas.put(scene.Screen)
}

// play shows n steps. A step that comes late makes all later ones later: none is left out.
func (p *painter) play(ctx context.Context, n int) (late int, err error) {
	if p.scene.Rate <= 0 {
		return 0, fmt.Errorf("%s goes by keys", p.scene.Name)
	}
	period := time.Duration(float64(time.Second) / p.scene.Rate)
	due := time.Now()
	for range n {
		due = due.Add(p.interval(period))
		if wait := time.Until(due); wait < -period {
			late++
			due = time.Now()
		} else if err := p.pause(ctx, wait); err != nil || ctx.Err() != nil {
			return late, err
		}
		if err := p.next(); err != nil {
			return late, err
		}
	}
	return late, nil
}

// interval is how long until the next step: even, but for the scene that rests, whose changes come when they like.
func (p *painter) interval(period time.Duration) time.Duration {
	if p.scene.Name != scene.Rest {
		return period
	}
	return period*6/10 + time.Duration(p.pace.Int64N(int64(period*8/10)))
}

// pause waits, and handles what the window is told meanwhile.
func (p *painter) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return nil
		case ev, ok := <-p.canvas.events:
			if err := p.handle(ev, ok); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// handle takes what the window is told; ok is false when there will be nothing more.
func (p *painter) handle(ev event, ok bool) error {
	switch {
	case !ok:
		return errors.New("the display has gone")
	case ev.key && p.scene != nil && p.scene.Rate == 0:
		return p.next()
	case !ev.exposed.Empty():
		return p.canvas.put(ev.exposed.Intersect(scene.Screen))
	}
	return nil
}

// next shows the next step.
func (p *painter) next() error {
	p.step++
	return p.canvas.put(p.scene.Step(p.canvas.frame, p.step, p.first)...)
}
