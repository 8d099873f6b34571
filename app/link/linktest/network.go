package linktest

import (
	"crypto/rand"
	"sync"

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
