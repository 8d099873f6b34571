// Package linktest is a link in memory, for sessions without a network.
package linktest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"assist/app/link"
	"assist/app/wire"
	"assist/media/peer"
)

// Link is one end.
type Link struct {
	net    *Network
	id     [32]byte
	states chan peer.State
	in     map[wire.Channel]chan []byte

	mu     sync.Mutex
	other  *Link
	joined chan struct{}
	gone   chan struct{}
	up     bool
	quiet  bool // nothing comes, the network is cut or the other end gone
	down   bool
	fall   [2]*time.Timer // to interrupted, and to down
	dead   atomic.Bool    // its relay is
	held   atomic.Int32   // messages that do not get through
	sent   uint64
	got    uint64
	offers bool
	track  Track
}

var _ link.Carrier = (*Link)(nil)

// Fingerprint implements link.Carrier.
func (l *Link) Fingerprint() [32]byte { return l.id }

// Offer implements link.Carrier: the description is the link's number.
func (l *Link) Offer(context.Context) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.offers = true
	return bytes.Clone(l.id[:]), nil
}

// Answer implements link.Carrier.
func (l *Link) Answer(_ context.Context, offer []byte) ([]byte, error) {
	if err := l.meet(offer); err != nil {
		return nil, err
	}
	return bytes.Clone(l.id[:]), nil
}

// Accept implements link.Carrier.
func (l *Link) Accept(answer []byte) error { return l.meet(answer) }

func (l *Link) meet(id []byte) error {
	if len(id) != len(l.id) {
		return peer.ErrDescription
	}
	l.net.mu.Lock()
	other := l.net.links[[32]byte(id)]
	l.net.mu.Unlock()
	if other == nil {
		return fmt.Errorf("linktest: %w", peer.ErrDescription)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.other == nil {
		l.other = other
		close(l.joined)
	}
	return nil
}

// Connect implements link.Carrier.
func (l *Link) Connect(ctx context.Context, remote [32]byte) error {
	select {
	case <-l.joined:
	case <-ctx.Done():
		return ctx.Err()
	}
	if l.other.id != remote {
		return peer.ErrFingerprint
	}
	for _, wait := range []<-chan struct{}{l.other.joined, l.net.uncut()} {
		select {
		case <-wait:
		case <-l.gone:
			return peer.ErrClosed
		case <-l.other.gone:
			return peer.ErrClosed
		case <-ctx.Done():
			l.Lose()
			return ctx.Err()
		}
	}
	l.mu.Lock()
	l.up = true
	l.mu.Unlock()
	l.tell(peer.Up)
	return nil
}

// silence lets the link fall silent, and down after a while.
func (l *Link) silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.up || l.down || l.quiet {
		return
	}
	l.quiet = true
	l.fall[0] = time.AfterFunc(peer.Silence, func() { l.tell(peer.Interrupted) })
	l.fall[1] = time.AfterFunc(peer.Silence+peer.Patience, l.Lose)
}

// speak ends a silence.
func (l *Link) speak() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.quiet || l.down || l.dead.Load() || l.other.isDown() {
		return
	}
	l.quiet = false
	l.fall[1].Stop()
	if !l.fall[0].Stop() {
		l.tell(peer.Up)
	}
}

func (l *Link) isDown() bool {
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

// Watch implements link.Carrier.
func (l *Link) Watch() <-chan peer.State { return l.states }

// Stats implements link.Carrier.
func (l *Link) Stats() peer.Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return peer.Stats{Sent: l.sent, Received: l.got}
}

// Interrupt says that the link fell silent, or that it goes on.
func (l *Link) Interrupt(on bool) {
	if on {
		l.tell(peer.Interrupted)
	} else {
		l.tell(peer.Up)
	}
}

// Lose ends the link as a dead relay does. The other end hears nothing more.
func (l *Link) Lose() {
	if other := l.lose(); other != nil {
		other.silence()
	}
}

func (l *Link) lose() (other *Link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil
	}
	l.down = true
	for _, t := range l.fall {
		if t != nil {
			t.Stop()
		}
	}
	l.tell(peer.Down)
	close(l.gone)
	return l.other
}

func (l *Link) tell(s peer.State) {
	select {
	case l.states <- s:
	default:
	}
}

// Close implements link.Carrier. The other end notices, unless the network is cut.
func (l *Link) Close() error {
	other := l.lose()
	if other == nil {
		return nil
	}
	if !l.net.isCut() && !l.dead.Load() {
		other.lose()
		return nil
	}
	other.silence()
	if l.dead.Load() || int(other.held.Load())+len(other.in[wire.Control])+len(other.in[wire.Chat]) > 0 {
		return peer.ErrUnsent
	}
	return nil
}
