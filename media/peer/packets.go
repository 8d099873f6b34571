package peer

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// PacketDialer is what [Config.Dialer] may be besides: it opens the way of packets to a relay, whose address is that of the
// relay's URL. Without one, packets go to the first IPv4 address of that name.
type PacketDialer interface {
	// DialPackets returns a connection that keeps packets whole.
	DialPackets(ctx context.Context, address string) (net.Conn, error)
}

// made-up addresses stand for the relays of a link where a PacketDialer opens the way (RFC 5737: they are nobody's).
var madeUp = netip.MustParsePrefix("192.0.2.0/24")

func madeUpAddr(i int) *net.UDPAddr {
	a := madeUp.Addr().As4()
	a[3] = byte(i + 1)
	return net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4(a), 1))
}

// packets is a UDP socket as the library sees it, which leads to the one relay that is spoken to first.
type packets struct {
	network *network
	once    sync.Once
	opened  chan struct{} // conn and relay are there
	conn    net.Conn
	relay   *net.UDPAddr // made up
	end     sync.Once
	gone    chan struct{}
}

func newPackets(n *network) *packets {
	return &packets{network: n, opened: make(chan struct{}), gone: make(chan struct{})}
}

// openPackets opens the way to relay i and returns the address that stands for it.
func (n *network) openPackets(ctx context.Context, d PacketDialer, i int, t target) (*net.UDPAddr, error) {
	c, err := d.DialPackets(ctx, t.String())
	if err != nil {
		return nil, err
	}
	at := madeUpAddr(i)
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, twice := n.ways[at.String()]; twice || n.shut {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	if n.ways == nil {
		n.ways = make(map[string]net.Conn)
	}
	n.ways[at.String()] = c
	return at, nil
}

// WriteTo implements net.PacketConn.
func (p *packets) WriteTo(b []byte, to net.Addr) (int, error) {
	p.once.Do(func() {
		n := p.network
		n.mu.Lock()
		defer n.mu.Unlock()
		u, ok := to.(*net.UDPAddr)
		if c := n.ways[to.String()]; ok && c != nil {
			delete(n.ways, to.String())
			p.conn, p.relay = c, u
			close(p.opened)
		}
	})
	select {
	case <-p.gone:
		return 0, net.ErrClosed
	case <-p.opened:
	default:
		return 0, errors.ErrUnsupported
	}
	if !p.network.leaves(b) {
		return len(b), nil
	}
	return p.conn.Write(b)
}

// ReadFrom implements net.PacketConn.
func (p *packets) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case <-p.gone:
		return 0, nil, net.ErrClosed
	case <-p.opened:
	}
	n, err := p.conn.Read(b)
	if err != nil {
		return n, p.relay, err
	}
	p.network.took(b[:n], p)
	return n, p.relay, nil
}

// Close implements net.PacketConn.
func (p *packets) Close() error {
	p.network.drop(p)
	p.end.Do(func() {
		close(p.gone)
		p.once.Do(func() {}) // from here on conn stays as it is
		if p.conn != nil {
			_ = p.conn.Close()
		}
	})
	return nil
}

// LocalAddr implements net.PacketConn. Nobody listens there.
func (p *packets) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4zero, Port: 9} }

// SetDeadline and its sisters implement net.PacketConn. The library does not call them here.
func (*packets) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (*packets) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (*packets) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }
