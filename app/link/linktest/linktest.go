// Package linktest is a link in memory, for sessions without a network.
package linktest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"assist/app/e2e"
	"assist/app/link"
	"assist/app/wire"
	"assist/media/peer"
)

// depth is how many messages a pipe holds before Send blocks, as the window of a real one does.
const depth = 8

// Network is where the links of one test find each other.
type Network struct {
	mu     sync.Mutex
	links  map[[32]byte]*Link
	tamper func(msg []byte, ch wire.Channel) []byte
}

// TamperWith makes f see every message on its way from now on; what it returns arrives, nil is lost.
func (n *Network) TamperWith(f func(msg []byte, ch wire.Channel) []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tamper = f
}

// pass returns what arrives of msg.
func (n *Network) pass(msg []byte, ch wire.Channel) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.tamper == nil {
		return msg
	}
	return n.tamper(msg, ch)
}

// NewNetwork returns an empty network.
func NewNetwork() *Network { return &Network{links: map[[32]byte]*Link{}} }

// NewLink returns a link that is not connected.
func (n *Network) NewLink() *Link {
	l := &Link{net: n, states: make(chan peer.State, 16), gone: make(chan struct{}), joined: make(chan struct{}), in: map[wire.Channel]chan []byte{}}
	rand.Read(l.id[:])
	for _, ch := range wire.Channels {
		l.in[ch] = make(chan []byte, depth)
	}
	n.mu.Lock()
	n.links[l.id] = l
	n.mu.Unlock()
	return l
}

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
	down   bool
	sent   uint64
	got    uint64
}

var _ link.Carrier = (*Link)(nil)

// Fingerprint implements link.Carrier.
func (l *Link) Fingerprint() [32]byte { return l.id }

// Offer implements link.Carrier: the description is the link's number.
func (l *Link) Offer(context.Context) ([]byte, error) { return bytes.Clone(l.id[:]), nil }

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
	select {
	case <-l.other.joined:
	case <-l.gone:
		return peer.ErrClosed
	case <-l.other.gone:
		return peer.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	l.tell(peer.Up)
	return nil
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

// Lose ends the link as a dead relay does, for this end only.
func (l *Link) Lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.down {
		l.down = true
		l.tell(peer.Down)
		close(l.gone)
	}
}

func (l *Link) tell(s peer.State) {
	select {
	case l.states <- s:
	default:
	}
}

// Close implements link.Carrier. The other end notices.
func (l *Link) Close() error {
	l.Lose()
	l.mu.Lock()
	other := l.other
	l.mu.Unlock()
	if other != nil {
		other.Lose()
	}
	return nil
}

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
	msg = l.net.pass(bytes.Clone(msg), p.ch)
	if msg == nil {
		return nil
	}
	if p.ch == wire.Pointer { // may be lost
		select {
		case l.other.in[p.ch] <- msg:
		default:
		}
		return nil
	}
	select {
	case <-l.gone:
		return peer.ErrClosed
	default:
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

func (p pipe) Receive(ctx context.Context) ([]byte, error) {
	l := p.l
	take := func(msg []byte) ([]byte, error) {
		l.mu.Lock()
		l.got += uint64(len(msg))
		l.mu.Unlock()
		return msg, nil
	}
	select {
	case msg := <-l.in[p.ch]:
		return take(msg)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.gone:
	}
	select { // what had arrived before the end
	case msg := <-l.in[p.ch]:
		return take(msg)
	default:
		return nil, peer.ErrClosed
	}
}
