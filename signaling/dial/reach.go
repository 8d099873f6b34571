package dial

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"
)

// reach makes a connection along a way, with nothing said on it yet to who is at its end.
func (d *Dialer) reach(ctx context.Context, r *race, w Way, alive func(time.Duration)) (net.Conn, error) {
	target := net.JoinHostPort(r.goal.host, strconv.Itoa(int(w.Port)))
	switch w.Proxy.Kind {
	case Direct:
		c, err := d.hop(ctx, r.goal.network, target, alive)
		if err != nil || r.goal.relay == "" {
			return c, err
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
