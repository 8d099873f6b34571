package input

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"sync"
	"time"
)

// tick is how often the customer's hand and a waiting move are looked at while the gate is open.
const tick = 50 * time.Millisecond

// State says whether the engineer's input passes, and what keeps it out.
type State uint8

// The states of a Chain. The first that fits counts.
const (
	Off       State = iota // the gate is closed
	Prompt                 // a question is open
	LocalHand              // the customer's own hand goes first
	On                     // input passes
)

// String names the state for logs.
func (s State) String() string {
	return [...]string{"off", "prompt", "local hand", "on"}[s]
}

// ChainOptions are what a chain asks and tells.
type ChainOptions struct {
	Own  Own  // this program's windows; nil if it has none
	Hand Hand // the customer's hand; nil takes the injector itself if it is one
	// OnState is told the state when it changes, in order, from a goroutine of the chain; states that
	// pass within a moment may be left out. It must not call Chain.Close.
	OnState func(State)
	Log     *slog.Logger
}

// Chain is all the filters in front of an injector, in the right order. It is the Sink for the engineer's
// events. Its methods may be called from any goroutine.
type Chain struct {
	gate     *Gate
	limiter  *Limiter
	local    *LocalFirst
	guard    *Guard
	injector Injector
	displays Displays
	onState  func(State)
	log      *slog.Logger

	changed chan struct{}
	stop    context.CancelFunc
	wait    sync.WaitGroup
}

var _ Sink = (*Chain)(nil)

// NewChain returns a shut chain that ends in injector and owns it. Call Close in the end.
func NewChain(injector Injector, o ChainOptions) *Chain {
	if o.Hand == nil {
		o.Hand, _ = injector.(Hand)
	}
	c := &Chain{injector: injector, onState: o.OnState, log: o.Log, changed: make(chan struct{}, 1)}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.guard = NewGuard(injector, o.Own, &c.displays)
	c.local = NewLocalFirst(c.guard, o.Hand)
	c.limiter = NewLimiter(c.local)
	c.gate = NewGate(NewTracker(c.limiter))
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.wait.Go(func() { c.run(ctx) })
	return c
}

// Open lets the engineer's input through.
func (c *Chain) Open() {
	c.locked(func() error {
		if c.gate.open.Load() {
			return nil
		}
		c.limiter.Reset()
		if err := c.local.Reset(); err != nil {
			c.log.Warn("input: hand", "err", err) // the first event will meet it, too
		}
		c.gate.open.Store(true)
		return nil
	})
	c.note()
}

// Shut keeps the engineer's input out and releases what is held. When it returns, not one event
// more reaches the system until Open.
func (c *Chain) Shut() error {
	err := c.gate.Close()
	c.note()
	return err
}

// SetPrompt says that a question is open for the customer, or no longer. It returns when input is out; call it
// before the question is shown.
func (c *Chain) SetPrompt(on bool) error {
	err := c.locked(func() error { return c.guard.SetPaused(on) })
	c.note()
	return err
}

// SetDisplays says where the displays are, by capture.Display.ID, in desktop pixels.
func (c *Chain) SetDisplays(bounds []image.Rectangle) {
	c.locked(func() error {
		c.displays.Set(bounds)
		c.injector.SetDisplays(bounds)
		return nil
	})
}

// State returns whether input passes.
func (c *Chain) State() State {
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	switch {
	case !c.gate.open.Load():
		return Off
	case c.guard.Paused():
		return Prompt
	case c.local.Holding():
		return LocalHand
	}
	return On
}

// Key implements Sink.
func (c *Chain) Key(k Key) error { return c.gate.Key(k) }

// Pointer implements Sink.
func (c *Chain) Pointer(p Pointer) error { return c.gate.Pointer(p) }

// Text implements Sink.
func (c *Chain) Text(s string) error { return c.gate.Text(s) }

// Close shuts the chain for good and closes the injector.
func (c *Chain) Close() error {
	err := c.Shut()
	c.stop()
	c.wait.Wait()
	return errors.Join(err, c.injector.Close())
}

// locked runs f while no event is inside.
func (c *Chain) locked(f func() error) error {
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	return f()
}

// note makes run look at the state.
func (c *Chain) note() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// run tells the state and does what time asks for. Nothing ticks while the gate is closed.
func (c *Chain) run(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	t.Stop()
	told := Off
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.changed:
		case <-t.C:
			c.work()
		}
		s := c.State()
		if s == told {
			continue
		}
		if told == Off {
			t.Reset(tick)
		} else if s == Off {
			t.Stop()
		}
		told = s
		if c.onState != nil {
			c.onState(s)
		}
	}
}

// work gives the filters the time.
func (c *Chain) work() {
	for _, f := range []func() error{c.local.Tick, c.guard.Tick, c.limiter.Tick} {
		if err := c.gate.do(f); err != nil {
			c.log.Warn("input: tick", "err", err)
			return
		}
	}
}
