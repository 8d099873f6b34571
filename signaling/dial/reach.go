package dial

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// reach makes a connection along a way, with nothing said on it yet to who is at its end.
func (d *Dialer) reach(ctx context.Context, r *race, w Way, alive func(time.Duration)) (net.Conn, error) {
	target := net.JoinHostPort(r.goal.host, strconv.Itoa(int(w.Port)))
	switch w.Proxy.Kind {
	case Direct:
		if r.goal.relay == "" {
			return d.hop(ctx, r.goal.network, target, alive)
		}
		c, err := d.toRelay(ctx, r, w, target, alive)
		if err != nil {
			return nil, err
		}
		if at, ok := c.RemoteAddr().(*net.TCPAddr); ok && !d.mayRelay(r.goal.host, at.AddrPort().Addr()) {
			_ = c.Close() // nothing was said
			return nil, fault(ErrConnect, errOwn)
		}
		return c, nil
	case SOCKS5:
		return d.throughSOCKS(ctx, r, w.Proxy, target, alive)
	}
	return d.throughHTTP(ctx, r, w.Proxy, target, alive)
}

// toRelay makes a TCP connection to a relay: if it is where the service is, to the address that has just answered there, so that the
// name is not asked for again.
func (d *Dialer) toRelay(ctx context.Context, r *race, w Way, target string, alive func(time.Duration)) (net.Conn, error) {
	if at, ok := d.address(r.goal.host); ok {
		c, err := d.hop(ctx, r.goal.network, netip.AddrPortFrom(at, w.Port).String(), alive)
		if err == nil || ctx.Err() != nil {
			return c, err
		}
	}
	return d.hop(ctx, r.goal.network, target, alive)
}

// address returns where the service was a moment ago, if that is the host.
func (d *Dialer) address(host string) (netip.Addr, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at, sameHost(host, d.host) && d.at.IsValid() && time.Since(d.atWhen) < addressLife
}

// located notes where the service is: c leads to it directly, and has proved it.
func (d *Dialer) located(c net.Conn) {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.at, d.atWhen = a.AddrPort().Addr(), time.Now()
	}
}

// ackLater is called with each TCP socket before it connects, and makes it say that it has heard something together with its own next
// words, instead of at once and alone: who connects here speaks first. That saves a third of the packets of a handshake. What is more,
// the other end first measures the round trip with a packet of some size, and does not think later on, over a slow line, that much of
// what it sends is lost. It is nil where the system has no such setting.
var ackLater func(network, address string, c syscall.RawConn) error

// hop makes a TCP connection.
func (d *Dialer) hop(ctx context.Context, network, addr string, alive func(time.Duration)) (net.Conn, error) {
	within, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	began := time.Now()
	c, err := d.tcp(within, network, addr)
	if err != nil {
		return nil, connectFault(err)
	}
	alive(time.Since(began))
	return c, nil
}

// toProxy makes a connection to a proxy.
func (d *Dialer) toProxy(ctx context.Context, p Proxy, alive func(time.Duration)) (net.Conn, error) {
	c, err := d.hop(ctx, "tcp", p.Addr, alive)
	if err != nil || p.Kind != HTTPS {
		return c, err
	}
	host, _, _ := net.SplitHostPort(p.Addr)
	// The system's roots: a proxy has nothing to do with the service's authority.
	secure := tls.Client(c, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host})
	within, cancel := context.WithTimeout(ctx, replyTime)
	defer cancel()
	if err := secure.HandshakeContext(within); err != nil {
		_ = c.Close()
		return nil, fault(ErrProxyReply, fmt.Errorf("TLS to the proxy: %w", err))
	}
	return secure, nil
}

// during runs talk, which reads and writes c, and ends it when ctx does or after [replyTime].
func during(ctx context.Context, c net.Conn, talk func() error) error {
	within, cancel := context.WithTimeout(ctx, replyTime)
	defer cancel()
	past := time.Unix(1, 0)
	stop := context.AfterFunc(within, func() { _ = c.SetDeadline(past) })
	err := talk()
	if !stop() && err == nil {
		err = within.Err()
	}
	if err != nil {
		return connectFault(err)
	}
	return c.SetDeadline(time.Time{})
}
