package e2e

import (
	"context"
	"errors"
	"fmt"
)

// secureFrames is a Pipe that seals whole frames.
type secureFrames struct {
	pipe Pipe
	seal *SFrameSealer
	open *SFrameOpener
	send chan struct{}
	recv chan struct{}
}

// SecureFrames returns p with every message sealed as one frame by s and opened by o, which are then its own. Each of the two
// methods may be called by several goroutines.
//
// Frames may be lost, and a Send that fails costs that frame alone. Receive returns frames only in the order in which they
// were sealed: what is repeated, or was overtaken, is skipped.
func SecureFrames(p Pipe, s *SFrameSealer, o *SFrameOpener) Pipe {
	return &secureFrames{pipe: p, seal: s, open: o, send: make(chan struct{}, 1), recv: make(chan struct{}, 1)}
}

func (p *secureFrames) Send(ctx context.Context, msg []byte) error {
	if err := acquire(ctx, p.send); err != nil {
		return err
	}
	defer func() { <-p.send }()
	frame, err := p.seal.Seal(make([]byte, 0, len(msg)+FrameOverhead), msg, nil)
	if err != nil {
		return err
	}
	if err := p.pipe.Send(ctx, frame); err != nil {
		return fmt.Errorf("e2e: send: %w", err)
	}
	return nil
}

func (p *secureFrames) Receive(ctx context.Context) ([]byte, error) {
	if err := acquire(ctx, p.recv); err != nil {
		return nil, err
	}
	defer func() { <-p.recv }()
	for {
		frame, err := p.pipe.Receive(ctx)
		if err != nil {
			return nil, fmt.Errorf("e2e: receive: %w", err)
		}
		msg, err := p.open.openNewer(frame)
		if errors.Is(err, ErrOld) {
			continue
		}
		return msg, err
	}
}
