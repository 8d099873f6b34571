package peer

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/proxy"
)

var errNotNeeded = errors.New("peer: another relay has answered")

// dialer opens TCP connections to relays for the WebRTC library, which would speak no TLS on them: for
// turns: relays that is done here.
type dialer struct{ link *Link }

// Dial implements proxy.Dialer. Only IPv4 is asked for by the library that means anything; a call for IPv6
// would make a second connection to the same relay.
func (d dialer) Dial(networkName, address string) (_ net.Conn, err error) {
	defer d.link.guard()
	n := d.link.net
	i, t, err := n.target(address)
	if err != nil || networkName != "tcp4" {
		return nil, errors.ErrUnsupported
	}
	if err := n.wait(i); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(n.ctx, dialTime)
	defer cancel()
	over := make(chan struct{})
	defer close(over)
	go func() { // what another relay makes needless ends at once, and costs no more bytes
		select {
		case <-n.won.done():
			cancel()
		case <-over:
		}
	}()
	c, err := n.dial(ctx, t)
	if err != nil {
		n.cfg.Log.Debug("relay not reached", "relay", t.relay, "err", err)
		return nil, err
	}
	if n.won.isSet() {
		_ = c.Close()
		return nil, errNotNeeded
	}
	s := &stream{Conn: c, network: n}
	return s, n.keep(s)
}

// dial reaches a relay by TCP, and by TLS within it where wanted.
func (n *network) dial(ctx context.Context, t target) (net.Conn, error) {
	c, err := n.connect(ctx, t.String())
	if err != nil || !t.tls {
		return c, err
	}
	conf := &tls.Config{}
	if n.cfg.TLS != nil {
		conf = n.cfg.TLS.Clone()
	}
	conf.ServerName = t.host
	secure := tls.Client(c, conf)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("peer: relay: %w", err)
	}
	return secure, nil
}

func (n *network) connect(ctx context.Context, address string) (net.Conn, error) {
	switch d := n.cfg.Dialer.(type) {
	case nil:
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	case proxy.ContextDialer:
		return d.DialContext(ctx, "tcp", address)
	default:
		return d.Dial("tcp", address)
	}
}

// streamStuck is how long a relay may take no bytes.
const streamStuck = 20 * time.Second

// stream is a TCP or TLS connection to a relay.
type stream struct {
	net.Conn
	network *network

	mu    sync.Mutex
	asked [8][12]byte // ids of the questions asked last
	next  int
}

// repeats reports whether a message is a question to the relay that was asked before. The library asks again after 0.2 s, as over UDP;
// nothing gets lost here (RFC 8489 section 6.2.2), and a slow line takes longer than that.
func (s *stream) repeats(p []byte) bool {
	const header, classBits, first = 20, 0x0110, 0xc0
	if len(p) < header || p[0]&first != 0 || binary.BigEndian.Uint16(p)&classBits != 0 {
		return false
	}
	id := [12]byte(p[8:header])
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.asked[:], id) {
		return true
	}
	s.asked[s.next%len(s.asked)] = id
	s.next++
	return false
}

// LocalAddr implements net.Conn. The library needs a TCP address, whatever a proxy's connection has, and takes an
// IPv6 one for the wish to have an IPv6 relayed address.
func (s *stream) LocalAddr() net.Addr {
	if a, ok := s.Conn.LocalAddr().(*net.TCPAddr); ok && a.IP.To4() != nil {
		return a
	}
	return &net.TCPAddr{IP: net.IPv4zero, Port: 9}
}

// Read implements net.Conn.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.network.received.Add(uint64(n))
	if n > 0 {
		// Messages may be cut anywhere here. An answer of the relay alone is rare and does no harm.
		s.network.heardNow()
		if classify(p[:n]) == granted {
			s.network.settle(s)
		}
	}
	return n, err
}

// Write implements net.Conn. p is a whole message.
func (s *stream) Write(p []byte) (int, error) {
	if s.repeats(p) {
		return len(p), nil
	}
	if err := s.Conn.SetWriteDeadline(time.Now().Add(streamStuck)); err != nil {
		return 0, err
	}
	if !s.network.leaves(p) {
		return len(p), nil
	}
	return s.Conn.Write(p)
}

// Close implements net.Conn.
func (s *stream) Close() error {
	s.network.drop(s)
	return s.Conn.Close()
}
