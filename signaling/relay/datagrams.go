package relay

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"
)

const (
	stunHeader  = 20
	magicCookie = 0x2112A442 // RFC 8489 section 5
	allocateReq = 0x0003     // RFC 8656 section 17
	refreshReq  = 0x0004

	// minStranger is the shortest request of a stranger that is looked at, in bytes: an Allocate
	// request with a fingerprint, so that the answer, which asks for credentials, is not much longer.
	minStranger = 36
	// ipOverhead is what IPv4 and UDP add to a packet, in bytes.
	ipOverhead = 28
)

// datagrams is the UDP socket as the TURN library sees it. From a sender that has no allocation it lets in nothing
// but requests for one, and it lets out no answer to it that is, on the wire, more than one and a half times as long as
// the request: the port is of no use for flooding others under a false address.
type datagrams struct {
	net.PacketConn
	known func(net.Addr) bool

	mu      sync.Mutex
	last    string // the stranger heard last
	lastLen int
}

// ReadFrom implements net.PacketConn.
func (d *datagrams) ReadFrom(p []byte) (int, net.Addr, error) {
	const maxErrors = 100 // in a row; some systems report other ends' faults here
	for faults := 0; ; {
		n, from, err := d.PacketConn.ReadFrom(p)
		if err != nil {
			if faults++; errors.Is(err, net.ErrClosed) || faults > maxErrors {
				return 0, nil, err
			}
			continue
		}
		faults = 0
		if d.known(from) {
			return n, from, nil
		}
		if !asksForAllocation(p[:n]) {
			continue
		}
		d.mu.Lock()
		d.last, d.lastLen = from.String(), n
		d.mu.Unlock()
		return n, from, nil
	}
}

// WriteTo implements net.PacketConn. An answer that is too long for a stranger is dropped.
func (d *datagrams) WriteTo(p []byte, to net.Addr) (int, error) {
	if !d.known(to) && !d.answers(to, len(p)) {
		return len(p), nil
	}
	return d.PacketConn.WriteTo(p, to)
}

func (d *datagrams) answers(to net.Addr, n int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last == to.String() && 2*(n+ipOverhead) <= 3*(d.lastLen+ipOverhead)
}

// asksForAllocation says whether p looks like a request to make or end an allocation.
func asksForAllocation(p []byte) bool {
	if len(p) < minStranger || binary.BigEndian.Uint32(p[4:]) != magicCookie {
		return false
	}
	kind := binary.BigEndian.Uint16(p)
	return kind == allocateReq || kind == refreshReq
}
