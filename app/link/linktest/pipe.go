package linktest

import (
	"bytes"
	"context"

	"assist/app/e2e"
	"assist/app/wire"
	"assist/media/peer"
)

// Pipe implements link.Carrier.
func (l *Link) Pipe(ch wire.Channel) e2e.Pipe { return pipe{l, ch} }

type pipe struct {
	l  *Link
	ch wire.Channel
}

func (p pipe) Send(ctx context.Context, msg []byte) error {
	l := p.l
	select {
	case <-l.joined:
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.ch == wire.MotionChannel {
		if err := l.track.fits(len(msg)); err != nil {
			return err
		}
	}
	msg = l.net.pass(bytes.Clone(msg), p.ch)
	if msg == nil || l.dead.Load() {
		return nil
	}
	select {
	case <-l.gone:
		return peer.ErrClosed
	default:
	}
	switch p.ch {
	case wire.Pointer, wire.MotionChannel: // may be lost
		if !l.net.isCut() {
			l.other.push(p.ch, msg)
		}
		return nil
	}
	select {
	case l.other.in[p.ch] <- msg:
	case <-l.gone:
		return peer.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	l.mu.Lock()
	l.sent += uint64(len(msg))
	l.mu.Unlock()
	return nil
}

// push puts in what may be lost, in the place of the oldest if there is no room.
func (l *Link) push(ch wire.Channel, msg []byte) {
	for {
		select {
		case l.in[ch] <- msg:
			return
		default:
		}
		select {
		case <-l.in[ch]:
		default:
		}
	}
}

func (p pipe) Receive(ctx context.Context) ([]byte, error) {
	l := p.l
	select {
	case msg := <-l.in[p.ch]:
		return l.take(ctx, msg)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.gone:
	}
	if l.net.isCut() {
		return nil, peer.ErrClosed
	}
	select { // what had arrived before the end
	case msg := <-l.in[p.ch]:
		return l.take(ctx, msg)
	default:
		return nil, peer.ErrClosed
	}
}

// take takes a message that was sent, once it gets through.
func (l *Link) take(ctx context.Context, msg []byte) ([]byte, error) {
	whole := l.net.uncut()
	select {
	case <-whole:
	default:
		l.held.Add(1)
		defer l.held.Add(-1)
		select {
		case <-whole:
		case <-l.gone:
			return nil, peer.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got += uint64(len(msg))
	return msg, nil
}
