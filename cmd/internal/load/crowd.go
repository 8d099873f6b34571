package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"assist/signaling"
	"assist/signaling/client"
)

// Fill fills a service. The codes come last, as they live for minutes only. Close ends the crowd.
func Fill(ctx context.Context, s Service, accounts []Account, size Size, log func(string, ...any)) (*Crowd, error) {
	ctx, stop := context.WithCancel(ctx)
	all := len(accounts) + size.Forms + size.Sessions + 2*size.Resuming
	c := &Crowd{service: s, size: size, addresses: uint64(all/perAddress + 1), conns: map[*client.Conn]bool{}, stop: stop}
	if err := c.fill(ctx, accounts, log); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Crowd) fill(ctx context.Context, accounts []Account, log func(string, ...any)) error {
	if len(accounts) == 0 {
		return errors.New("load: no engineers")
	}
	var mu sync.Mutex
	log("  %d engineers sign in", len(accounts))
	err := each(ctx, len(accounts), signInsAtOnce, func(ctx context.Context, i int) error {
		e, err := c.newEngineer(ctx, accounts[i])
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			c.engineers = append(c.engineers, e)
		}
		return err
	})
	if err != nil {
		return err
	}
	log("  %d customers open the form, %d sessions resume", c.size.Forms, c.size.Resuming)
	err = each(ctx, c.size.Forms, atOnce, func(ctx context.Context, _ int) error {
		_, err := c.newForm(ctx)
		return err
	})
	if err == nil {
		err = each(ctx, c.size.Resuming, atOnce, func(ctx context.Context, _ int) error { return c.newPair(ctx) })
	}
	if err != nil {
		return err
	}
	log("  %d sessions begin with a code, then %d codes wait", c.size.Sessions, c.size.Codes*len(c.engineers))
	return errors.Join(c.fillRooms(ctx), c.failure())
}

// signInsAtOnce is small: each takes four threads and 64 MiB.
const signInsAtOnce = 2

// fillRooms lets every engineer begin sessions one after the other, and then open codes that wait.
func (c *Crowd) fillRooms(ctx context.Context) error {
	n := len(c.engineers)
	return each(ctx, n, n, func(ctx context.Context, i int) error {
		e := c.engineers[i]
		for range share(c.size.Sessions, n, i) {
			if err := e.pace.WaitN(ctx, 3); err != nil { // code, answer and accept
				return err
			}
			if err := c.begin(ctx, e); err != nil {
				return err
			}
		}
		for range c.size.Codes {
			if err := e.pace.Wait(ctx); err != nil {
				return err
			}
			if _, err := e.code(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// share is how many of all the ith of n has.
func share(all, n, i int) int { return all*(i+1)/n - all*i/n }

// each calls f for 0…n-1, some at once, and returns the first error, with which the rest ends.
func each(ctx context.Context, n, most int, f func(context.Context, int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	turns := make(chan int)
	var wg sync.WaitGroup
	for range min(most, n) {
		wg.Go(func() {
			for i := range turns {
				call, cancel := context.WithTimeout(ctx, fillTime)
				if err := f(call, i); err != nil {
					stop(err)
				}
				cancel()
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		turns <- i
	}
	close(turns)
	wg.Wait()
	return context.Cause(ctx)
}

// fillTime is how long one of several may take, a whole engineer's sessions included.
const fillTime = 3 * time.Minute

// Work does what people do: rate times a second a session begins with a new code, another one ends, and the ends of a third
// one pass each other something. It returns the times of all calls.
func (c *Crowd) Work(ctx context.Context, rate float64, d time.Duration) (Calls, error) {
	c.mu.Lock()
	c.timed = Calls{}
	c.mu.Unlock()
	n := int(rate * d.Seconds())
	pause := time.Duration(float64(time.Second) / rate)
	began := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		if err := sleep(ctx, time.Until(began.Add(time.Duration(i)*pause))); err != nil {
			break
		}
		wg.Go(func() { c.turn(ctx, i) })
	}
	wg.Wait()
	rest := sleep(ctx, time.Until(began.Add(time.Duration(n)*pause)))
	c.mu.Lock()
	timed := c.timed
	c.timed = nil
	c.mu.Unlock()
	return timed, errors.Join(rest, c.failure(), c.lost())
}

// turn is what happens at once: the turns are spread over engineers and pairs.
func (c *Crowd) turn(ctx context.Context, i int) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := c.begin(ctx, c.engineers[i%len(c.engineers)]); err != nil {
		c.fail(err)
		return
	}
	if err := c.end(ctx); err != nil {
		c.fail(err)
	}
	if len(c.pairs) == 0 {
		return
	}
	if err := c.pass(ctx, c.pairs[i%len(c.pairs)]); err != nil {
		c.fail(err)
	}
}

// lost returns an error if any connection is not there any more that should be.
func (c *Crowd) lost() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	engineers := map[*client.Conn]bool{}
	for _, e := range c.engineers {
		engineers[e.conn] = true // they listen themselves
	}
	n, why := 0, error(nil)
	for conn := range c.conns {
		if engineers[conn] {
			continue
		}
		select {
		case event := <-conn.Events():
			if l, ok := event.(signaling.Lost); ok {
				n, why = n+1, l.Err
			}
		default:
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("load: %d connections were lost: %w", n, why)
}

// sleep waits for d, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
