package e2e

import (
	"context"
	"errors"
	"fmt"
)

// Pipe carries whole messages both ways. Send may not keep msg, and what Receive returns belongs to the caller.
type Pipe interface {
	Send(ctx context.Context, msg []byte) error
	Receive(ctx context.Context) ([]byte, error)
}

// secure is a Pipe that seals. The two tokens stand for the right to seal and to open: sealing and sending are one
// step, or records would leave in another order than they were counted.
type secure struct {
	pipe   Pipe
	seal   *Sealer
	open   *Opener
	send   chan struct{}
	recv   chan struct{}
	broken error // held with send: an ordered record may not have left
}

// Secure returns p with every message sealed by s and opened by o, which are then its own. Each of the two methods may be
// called by several goroutines.
//
// On an ordered channel a Send that fails ends sending for good: its record may or may not have left, and neither a
// second record with its number nor a gap would be right. Receive skips unordered records that come too late.
func Secure(p Pipe, s *Sealer, o *Opener) Pipe {
	return &secure{pipe: p, seal: s, open: o, send: make(chan struct{}, 1), recv: make(chan struct{}, 1)}
}

func acquire(ctx context.Context, token chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case token <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *secure) Send(ctx context.Context, msg []byte) error {
	if err := acquire(ctx, p.send); err != nil {
		return err
	}
	defer func() { <-p.send }()
	if p.broken != nil {
		return p.broken
	}
	record, err := p.seal.Seal(make([]byte, 0, len(msg)+Overhead), msg)
	if err != nil {
		return err
	}
	if err := p.pipe.Send(ctx, record); err != nil {
		err = fmt.Errorf("e2e: send: %w", err)
		if p.seal.order == Ordered {
			p.broken = err
		}
		return err
	}
	return nil
}

func (p *secure) Receive(ctx context.Context) ([]byte, error) {
	if err := acquire(ctx, p.recv); err != nil {
		return nil, err
	}
	defer func() { <-p.recv }()
	for {
		record, err := p.pipe.Receive(ctx)
		if err != nil {
			return nil, fmt.Errorf("e2e: receive: %w", err)
		}
		msg, err := p.open.Open(nil, record)
		if errors.Is(err, ErrOld) {
			continue
		}
		return msg, err
	}
}
