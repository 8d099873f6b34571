package peer

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v4"
)

const (
	// headStart is what each relay has before the next one is tried too.
	headStart = 500 * time.Millisecond
	// dialTime is how long it may take to reach a relay by TCP, proxy and TLS included.
	dialTime = 15 * time.Second
	// udpBuffer is the size of the UDP socket's buffers, in bytes. The system may give less.
	udpBuffer = 1 << 20
)

// target is a relay as it is dialled.
type target struct {
	relay    Relay
	host     string
	port     uint16
	udp, tls bool
}

func (t target) String() string { return net.JoinHostPort(t.host, strconv.Itoa(int(t.port))) }

// parseRelays reads the relays' URLs (RFC 7065).
func parseRelays(relays []Relay) ([]target, error) {
	const most = 16
	if len(relays) == 0 || len(relays) > most {
		return nil, fmt.Errorf("%w: %d relays", ErrRelay, len(relays))
	}
	out := make([]target, len(relays))
	for i, r := range relays {
		scheme, rest, _ := strings.Cut(r.URL, ":")
		at, query, _ := strings.Cut(rest, "?")
		host, port, err := net.SplitHostPort(at)
		if err != nil {
			return nil, fmt.Errorf("%w: %q", ErrRelay, r.URL)
		}
		number, err := strconv.ParseUint(port, 10, 16)
		values, queryErr := url.ParseQuery(query)
		if err != nil || queryErr != nil || number == 0 || host == "" || r.Username == "" || r.Credential == "" {
			return nil, fmt.Errorf("%w: %q", ErrRelay, r.URL)
		}
		t := target{relay: r, host: host, port: uint16(number)}
		switch kind := scheme + " " + values.Get("transport"); kind {
		case "turn udp", "turn ":
			t.udp = true
		case "turn tcp":
		case "turns tcp", "turns ":
			t.tls = true
		default:
			return nil, fmt.Errorf("%w: %q", ErrRelay, r.URL)
		}
		out[i] = t
	}
	return out, nil
}

// The library is told a made-up name for each relay, so that dialer and network know which of several relays at one
// address is meant, and so that no name is resolved but here: behind a proxy there may be no way to.
const aliasSuffix = ".relay.invalid"

func alias(i int) string { return fmt.Sprintf("r%d%s:1", i, aliasSuffix) }

// network is all the WebRTC library sees of the system: it can open a UDP socket to a relay, and nothing else.
type network struct {
	cfg     Config
	targets []target
	ctx     context.Context // ends with the link; the library's calls have none
	cancel  context.CancelFunc
	won     onceSignal // a relay has given an address: no other need be tried

	beating        atomic.Bool // beats go out, so STUN's questions need not
	sent, received atomic.Uint64
	lastHeard      atomic.Int64 // Unix nanoseconds

	mu     sync.Mutex
	conns  map[io.Closer]bool  // true: its relay has given an address
	ways   map[string]net.Conn // of packets, by the address that stands for the relay, until they are used
	unsent int                 // see holdLittle
	shut   bool
}

func newNetwork(cfg Config, targets []target) *network {
	n := &network{cfg: cfg, targets: targets, conns: make(map[io.Closer]bool), unsent: unsentStart}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n
}

// heard returns when the last packet came from the other end.
func (n *network) heard() time.Time { return time.Unix(0, n.lastHeard.Load()) }

func (n *network) heardNow() { n.lastHeard.Store(time.Now().UnixNano()) }

// keep takes c in, to be closed with the link.
func (n *network) keep(c io.Closer) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.shut {
		_ = c.Close()
		return net.ErrClosed
	}
	if s, ok := c.(*stream); ok {
		holdLittle(s.Conn, n.unsent)
	}
	n.conns[c] = false
	return nil
}

func (n *network) drop(c io.Closer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, c)
}

// settle notes that the relay behind c has given an address, and gives up the others that have not: a question that is
// not answered is asked again for a long time otherwise.
func (n *network) settle(c io.Closer) {
	n.mu.Lock()
	n.conns[c] = true
	var rest []io.Closer
	for other, granted := range n.conns {
		if !granted {
			rest = append(rest, other)
		}
	}
	n.mu.Unlock()
	n.won.set()
	for _, other := range rest {
		_ = other.Close()
	}
}

// close ends every socket and attempt.
func (n *network) close() {
	n.cancel()
	n.mu.Lock()
	n.shut = true
	var rest []io.Closer
	for c := range n.conns {
		rest = append(rest, c)
	}
	for _, c := range n.ways {
		rest = append(rest, c)
	}
	n.mu.Unlock()
	for _, c := range rest {
		_ = c.Close()
	}
}

// target returns the relay that a made-up name means.
func (n *network) target(address string) (int, target, error) {
	host, _, err := net.SplitHostPort(address)
	name, ok := strings.CutSuffix(host, aliasSuffix)
	if err != nil || !ok || !strings.HasPrefix(name, "r") {
		return 0, target{}, errors.ErrUnsupported
	}
	i, err := strconv.Atoi(name[1:])
	if err != nil || i < 0 || i >= len(n.targets) {
		return 0, target{}, errors.ErrUnsupported
	}
	return i, n.targets[i], nil
}

// wait waits for the turn of relay i: the relays before it have a head start, or else each end might find another first.
// It is errNotNeeded when one of them has given an address.
func (n *network) wait(i int) error {
	wait := time.NewTimer(time.Duration(i) * headStart)
	defer wait.Stop()
	select {
	case <-n.won.done():
		return errNotNeeded
	case <-n.ctx.Done():
		return net.ErrClosed
	case <-wait.C:
		return nil
	}
}

// ResolveUDPAddr implements transport.Net. For TCP relays the answer does not matter.
func (n *network) ResolveUDPAddr(_, address string) (*net.UDPAddr, error) {
	i, t, err := n.target(address)
	if err != nil {
		return nil, err
	}
	if !t.udp {
		return &net.UDPAddr{IP: net.IPv4zero, Port: int(t.port)}, nil
	}
	if err := n.wait(i); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(n.ctx, dialTime)
	defer cancel()
	if d, ok := n.cfg.Dialer.(PacketDialer); ok {
		return n.openPackets(ctx, d, i, t)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", t.host)
	if err != nil {
		return nil, err
	}
	return net.UDPAddrFromAddrPort(netip.AddrPortFrom(addrs[0].Unmap(), t.port)), nil
}

// ListenPacket implements transport.Net.
func (n *network) ListenPacket(network, address string) (net.PacketConn, error) {
	if _, ok := n.cfg.Dialer.(PacketDialer); ok {
		p := newPackets(n)
		return p, n.keep(p)
	}
	c, err := (&net.ListenConfig{}).ListenPacket(n.ctx, network, address)
	if err != nil {
		return nil, err
	}
	if u, ok := c.(*net.UDPConn); ok { // a refusal only leaves the system's own size
		_ = u.SetReadBuffer(udpBuffer)
		_ = u.SetWriteBuffer(udpBuffer)
	}
	s := &socket{PacketConn: c, network: n}
	return s, n.keep(s)
}

// socket is a UDP socket that hears only the relay it speaks to.
type socket struct {
	net.PacketConn
	network *network
	relay   atomic.Pointer[netip.AddrPort]
}

// WriteTo implements net.PacketConn.
func (s *socket) WriteTo(p []byte, to net.Addr) (int, error) {
	u, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	if at := u.AddrPort(); s.relay.Load() == nil {
		at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
		s.relay.CompareAndSwap(nil, &at)
	}
	if !s.network.leaves(p) {
		return len(p), nil
	}
	return s.PacketConn.WriteTo(p, to)
}

// ReadFrom implements net.PacketConn.
func (s *socket) ReadFrom(p []byte) (int, net.Addr, error) {
	const maxErrors = 100 // in a row; some systems report the relay's faults here
	for faults := 0; ; {
		n, from, err := s.PacketConn.ReadFrom(p)
		if err != nil {
			if faults++; errors.Is(err, net.ErrClosed) || faults > maxErrors {
				return n, from, err
			}
			continue
		}
		faults = 0
		u, ok := from.(*net.UDPAddr)
		if relay := s.relay.Load(); !ok || relay == nil ||
			netip.AddrPortFrom(u.AddrPort().Addr().Unmap(), u.AddrPort().Port()) != *relay {
			continue
		}
		s.network.took(p[:n], s)
		return n, from, nil
	}
}

// leaves reports whether a packet is to go to the relay, and counts it. The library goes on to ask the other end by STUN whether it
// is there, which it must until the link is up: the answers may have been lost. After that the beats are enough.
func (n *network) leaves(p []byte) bool {
	if n.beating.Load() && asks(p) {
		return false
	}
	n.sent.Add(uint64(len(p)))
	return true
}

// took counts a packet of the relay behind c, and sees what it is for.
func (n *network) took(p []byte, c io.Closer) {
	n.received.Add(uint64(len(p)))
	switch classify(p) {
	case relayed:
		n.heardNow()
	case granted:
		n.settle(c)
	}
}

// Close implements net.PacketConn.
func (s *socket) Close() error {
	s.network.drop(s)
	return s.PacketConn.Close()
}

// class is what a TURN message is for.
type class int

const (
	other   class = iota
	relayed       // it carries something of the other end
	granted       // the relay gives an address
)

// classify looks at the start of a TURN message (RFC 8656 sections 12.4, 17).
func classify(p []byte) class {
	const (
		channelData    = 0x40
		dataIndication = 0x0017
		allocated      = 0x0103
	)
	switch {
	case len(p) < 4:
		return other
	case p[0]&0xc0 == channelData:
		return relayed
	}
	switch binary.BigEndian.Uint16(p) {
	case dataIndication:
		return relayed
	case allocated:
		return granted
	}
	return other
}

// asks reports whether a TURN message carries a STUN Binding request to the other end in a channel (RFC 8656 section 12.4, RFC 8489
// section 5).
func asks(p []byte) bool {
	const channelHeader, stunHeader, binding, cookie = 4, 20, 0x0001, 0x2112a442
	if len(p) < channelHeader+stunHeader || classify(p) != relayed || p[0]&0xc0 != 0x40 {
		return false
	}
	p = p[channelHeader:]
	return binary.BigEndian.Uint16(p) == binding && binary.BigEndian.Uint32(p[4:]) == cookie
}

// The rest of transport.Net is not offered.

func (*network) ListenUDP(string, *net.UDPAddr) (transport.UDPConn, error) {
	return nil, errors.ErrUnsupported
}
func (*network) ListenTCP(string, *net.TCPAddr) (transport.TCPListener, error) {
	return nil, errors.ErrUnsupported
}
func (*network) Dial(string, string) (net.Conn, error) { return nil, errors.ErrUnsupported }
func (*network) DialUDP(string, *net.UDPAddr, *net.UDPAddr) (transport.UDPConn, error) {
	return nil, errors.ErrUnsupported
}
func (*network) DialTCP(string, *net.TCPAddr, *net.TCPAddr) (transport.TCPConn, error) {
	return nil, errors.ErrUnsupported
}
func (*network) ResolveIPAddr(string, string) (*net.IPAddr, error) { return nil, errors.ErrUnsupported }
func (*network) ResolveTCPAddr(string, string) (*net.TCPAddr, error) {
	return nil, errors.ErrUnsupported
}
func (*network) Interfaces() ([]*transport.Interface, error) { return nil, nil }
func (*network) InterfaceByIndex(int) (*transport.Interface, error) {
	return nil, errors.ErrUnsupported
}
func (*network) InterfaceByName(string) (*transport.Interface, error) {
	return nil, errors.ErrUnsupported
}
func (*network) CreateDialer(d *net.Dialer) transport.Dialer                   { return refusingDialer{} }
func (*network) CreateListenConfig(c *net.ListenConfig) transport.ListenConfig { return nil }

type refusingDialer struct{}

func (refusingDialer) Dial(string, string) (net.Conn, error) { return nil, errors.ErrUnsupported }
