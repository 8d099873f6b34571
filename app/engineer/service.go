package engineer

import (
	"context"
	"time"

	"assist/app/task"
)

// redial waits until the service answers again. Signing in is the engineer's to do: the password is not kept.
func (c *Console) redial(ctx context.Context) {
	c.back = task.Start(ctx, func(ctx context.Context) (struct{}, error) {
		for {
			dialCtx, cancel := context.WithTimeout(ctx, signInTime)
			service, err := c.cfg.Dial(dialCtx)
			cancel()
			if err == nil {
				service.Close()
				return struct{}{}, nil
			}
			select {
			case <-time.After(redialPause):
			case <-ctx.Done():
				return struct{}{}, ctx.Err()
			}
		}
	})
}

// serviceBack takes the end of the wait. Whoever wants a code then is asked to sign in again: not before, because the engineer
// may be reading how a session ended.
func (c *Console) serviceBack() {
	err := c.back.Err
	c.back = nil
	if err == nil {
		c.cfg.Notify(ServiceChanged{Up: true})
	}
}

// stopRedial gives the wait up.
func (c *Console) stopRedial() {
	if c.back != nil {
		c.back.Stop()
		c.back = nil
	}
}
