// Package linktest is a link in memory, for sessions without a network.
package linktest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

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
	whole  chan struct{} // closed while the network is not cut
}

// Cut cuts the network: nothing arrives, and links fall silent, and down after a while, as real ones do. Mend ends that.
func (n *Network) Cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.whole = make(chan struct{})
	for _, l := range n.links {
		l.silence()
	}
}

// Mend makes the network whole again. What was on the way on a link that is not down arrives.
func (n *Network) Mend() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.whole)
	for _, l := range n.links {
		l.speak()
	}
}

// Kill ends every link there is, as a dying relay does: nothing arrives any more, and nobody is told.
func (n *Network) Kill() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.links {
		l.silence()
		l.dead.Store(true)
	}
}

// uncut returns a channel that is closed while the network is not cut.
func (n *Network) uncut() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.whole
}

// isCut reports whether nothing arrives.
func (n *Network) isCut() bool {
	select {
	case <-n.uncut():
		return false
	default:
		return true
	}
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
func NewNetwork() *Network {
	whole := make(chan struct{})
	close(whole)
	return &Network{links: map[[32]byte]*Link{}, whole: whole}
}

// NewLink returns a link that is not connected.
func (n *Network) NewLink() *Link {
	l := &Link{net: n, states: make(chan peer.State, 16), gone: make(chan struct{}), joined: make(chan struct{}), in: map[wire.Channel]chan []byte{}}
	rand.Read(l.id[:])
	for _, ch := range wire.Channels {
		l.in[ch] = make(chan []byte, depth)
	}
	l.track.l = l
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
