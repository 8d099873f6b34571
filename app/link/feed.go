package link

import (
	"context"

	"assist/app/wire"
)

// Feed reads one channel for as long as a session lasts and hands its messages on, so that who waits for them can wait
// for other things, too.
type Feed struct {
	// Up is closed when the link has come up.
	Up chan struct{}
	// Messages yields what arrives, in order.
	Messages chan wire.Message
	// Done is closed when nothing will arrive any more; Err then says why.
	Done chan struct{}
	Err  error
}

// Feed calls connect, if there is one, and then reads channel ch until ctx ends or the link fails.
func (c *Conn) Feed(ctx context.Context, ch wire.Channel, connect func(context.Context) error) *Feed {
	f := &Feed{Up: make(chan struct{}), Messages: make(chan wire.Message), Done: make(chan struct{})}
	go func() {
		defer close(f.Done)
		if connect != nil {
			if f.Err = connect(ctx); f.Err != nil {
				return
			}
		}
		close(f.Up)
		f.Err = c.read(ctx, ch, f.Messages)
	}()
	return f
}

// read hands on what arrives.
func (c *Conn) read(ctx context.Context, ch wire.Channel, to chan<- wire.Message) error {
	for {
		m, err := c.Receive(ctx, ch)
		if err != nil {
			return err
		}
		select {
		case to <- m:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Wait waits until the feed has stopped, which it does when its context ends.
func (f *Feed) Wait() { <-f.Done }
