package peer

import (
	"net"
	"syscall"
	"time"
)

const (
	// unsentTime is how much of the line's time may wait in a TCP connection to the relay before it was sent at all, within
	// unsentLeast and unsentMost bytes: whatever is to go first cannot overtake it there.
	unsentTime  = 25 * time.Millisecond
	unsentLeast = 1 << 10
	unsentMost  = 128 << 10
	// unsentStart is the limit while no rate is known.
	unsentStart = 16 << 10
)

// setUnsent limits how many bytes wait in a socket that were not sent yet. It is nil where the system cannot.
var setUnsent func(syscall.RawConn, int) error

// unsentFor returns the limit for a rate in bytes a second, 0 for one that is not known.
func unsentFor(rate float64) int {
	if rate <= 0 {
		return unsentStart
	}
	return int(min(max(rate*unsentTime.Seconds(), unsentLeast), unsentMost))
}

// limit makes the connections to relays hold little for a line of that rate.
func (n *network) limit(rate float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	unsent := unsentFor(rate)
	if unsent == n.unsent {
		return
	}
	n.unsent = unsent
	for c := range n.conns {
		if s, ok := c.(*stream); ok {
			holdLittle(s.Conn, unsent)
		}
	}
}

// holdLittle limits what waits in the socket that c ends in, if it can be reached. Failure only leaves the system's own limit.
func holdLittle(c net.Conn, unsent int) {
	if setUnsent == nil {
		return
	}
	for {
		switch outer := c.(type) {
		case syscall.Conn:
			if raw, err := outer.SyscallConn(); err == nil {
				_ = setUnsent(raw, unsent)
			}
			return
		case interface{ NetConn() net.Conn }:
			c = outer.NetConn()
		default:
			return
		}
	}
}
