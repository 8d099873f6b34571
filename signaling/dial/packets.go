package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

const (
	// maxPacketAddrs is how many addresses of a relay are tried.
	maxPacketAddrs = 12
	// packetBuffer is the size of a socket's buffers, in bytes. The system may give less.
	packetBuffer = 1 << 20
)

// packetConn is the way of packets to one relay: a UDP socket that speaks to it and hears nobody else. The relay may have several
// addresses, of both families, and several ports. The first packet goes to the first of them; each further one, until somebody
// has answered, to one more, so a relay that answers at once costs nothing more. From then on there is but the one that did.
type packetConn struct {
	*net.UDPConn
	mu      sync.Mutex
	to      []netip.AddrPort // those that packets go to, or may
	begun   int              // how many of them packets have gone to
	settled bool             // to[0] has answered
}

// openPackets opens a socket to a relay. Errors: one of the causes.
func (d *Dialer) openPackets(ctx context.Context, host string, ports []uint16) (*packetConn, error) {
	if d.cfg.NoUDP {
		return nil, fmt.Errorf("%w: UDP is turned off", ErrConnect)
	}
	addrs := []netip.Addr{}
	if a, err := netip.ParseAddr(host); err == nil {
		addrs = append(addrs, a)
	} else if addrs, err = d.lookup(ctx, "ip", host); err != nil {
		return nil, connectFault(err)
	}
	p := &packetConn{}
	for _, port := range ports {
		for _, a := range interleave(addrs) {
			if d.mayRelay(host, a) {
				p.to = append(p.to, netip.AddrPortFrom(a, port))
			}
		}
	}
	p.to = p.to[:min(len(p.to), maxPacketAddrs)]
	switch {
	case len(addrs) == 0:
		return nil, fmt.Errorf("%w: no address", ErrDNS)
	case len(p.to) == 0:
		return nil, fault(ErrConnect, errOwn)
	}
	network := "udp"
	if !slices.ContainsFunc(p.to, func(a netip.AddrPort) bool { return a.Addr().Is6() }) {
		network = "udp4"
	}
	c, err := net.ListenUDP(network, nil)
	if err != nil {
		return nil, connectFault(err)
	}
	_ = c.SetReadBuffer(packetBuffer) // a refusal only leaves the system's own size
	_ = c.SetWriteBuffer(packetBuffer)
	p.UDPConn = c
	return p, nil
}

// Write sends a packet.
func (p *packetConn) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.settled {
		return p.UDPConn.WriteToUDPAddrPort(b, p.to[0])
	}
	p.begun = min(p.begun+1, len(p.to))
	var last error
	for i := 0; i < p.begun; {
		_, err := p.UDPConn.WriteToUDPAddrPort(b, p.to[i])
		if err == nil {
			i++
			continue
		}
		if last = err; errors.Is(err, net.ErrClosed) || len(p.to) == 1 {
			return 0, connectFault(err)
		}
		p.to = slices.Delete(p.to, i, i+1) // no route there: the next one takes its place
		p.begun = min(p.begun, len(p.to))
	}
	if p.begun == 0 {
		return 0, connectFault(last)
	}
	return len(b), nil
}

// Read receives a packet of the relay.
func (p *packetConn) Read(b []byte) (int, error) {
	const maxErrors = 100 // in a row; some systems report other ends' faults here
	for faults := 0; ; {
		n, from, err := p.UDPConn.ReadFromUDPAddrPort(b)
		if err != nil {
			late, ok := errors.AsType[net.Error](err)
			if faults++; errors.Is(err, net.ErrClosed) || ok && late.Timeout() || faults > maxErrors {
				return n, err
			}
			continue
		}
		faults = 0
		if p.hears(netip.AddrPortFrom(from.Addr().Unmap(), from.Port())) {
			return n, nil
		}
	}
}

// hears says whether a packet from there is the relay's, and keeps to the first address that answers.
func (p *packetConn) hears(from netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.to[:p.begun], from)
	if i < 0 {
		return false
	}
	p.to, p.begun, p.settled = p.to[i:i+1], 1, true
	return true
}

// RemoteAddr implements net.Conn.
func (p *packetConn) RemoteAddr() net.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	return net.UDPAddrFromAddrPort(p.to[0])
}

// sameHost compares names as DNS does.
func sameHost(a, b string) bool { return strings.EqualFold(a, b) }
