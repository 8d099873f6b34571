package dial

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// Numbers of SOCKS5 (RFC 1928, RFC 1929).
const (
	socksVersion    = 5
	socksNoLogin    = 0
	socksLogin      = 2
	socksNoMethod   = 0xff
	socksConnect    = 1
	socksIPv4       = 1
	socksName       = 3
	socksIPv6       = 4
	socksLoginVer   = 1
	maxSocksText    = 255
	socksDone       = 0
	socksNotAllowed = 2
	socksBadCommand = 7
)

// errSocksLogin says that the proxy takes nobody without a login.
var errSocksLogin = errors.New("login wanted")

// throughSOCKS makes a connection through a SOCKS5 proxy. The proxy resolves the name.
func (d *Dialer) throughSOCKS(ctx context.Context, r *race, p Proxy, target string, alive func(time.Duration)) (net.Conn, error) {
	d.logins.mu.Lock()
	with := d.logins.of(p).known
	d.logins.mu.Unlock()
	c, err := d.trySOCKS(ctx, p, target, with, alive)
	if with == nil && errors.Is(err, errSocksLogin) {
		var given credentials
		if given, err = d.logins.get(ctx, r.id, ProxyLogin{Proxy: p, Scheme: "socks5", Clear: true}); err != nil {
			return nil, err
		}
		with = &given
		c, err = d.trySOCKS(ctx, p, target, with, alive)
	}
	if with != nil && errors.Is(err, errSocksLogin) {
		d.logins.refuse(r.id, p, *with)
		return nil, fault(ErrProxyLogin, errors.New("refused (socks5)"))
	}
	return c, err
}

// trySOCKS makes a connection with a login, or without one.
func (d *Dialer) trySOCKS(ctx context.Context, p Proxy, target string, with *credentials, alive func(time.Duration)) (net.Conn, error) {
	c, err := d.toProxy(ctx, p, alive)
	if err != nil {
		return nil, err
	}
	err = during(ctx, c, func() error {
		if err := socksGreet(c, with); err != nil {
			return err
		}
		return socksAsk(c, target)
	})
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// socksGreet agrees on a method and logs in.
func socksGreet(c io.ReadWriter, with *credentials) error {
	hello := []byte{socksVersion, 1, socksNoLogin}
	if with != nil {
		hello = []byte{socksVersion, 2, socksNoLogin, socksLogin}
	}
	answer, err := socksTalk(c, hello, 2)
	switch {
	case err != nil:
		return err
	case answer[0] != socksVersion:
		return fmt.Errorf("%w: not SOCKS5", ErrProxyReply)
	case answer[1] == socksNoLogin:
		return nil
	case answer[1] == socksNoMethod:
		return fault(ErrProxyLogin, errSocksLogin)
	case answer[1] != socksLogin || with == nil:
		return fmt.Errorf("%w: method %d", ErrProxyReply, answer[1])
	}
	if with.user == "" || len(with.user) > maxSocksText || len(with.password) > maxSocksText {
		return fault(ErrProxyLogin, errSocksLogin)
	}
	login := append([]byte{socksLoginVer, byte(len(with.user))}, with.user...)
	login = append(append(login, byte(len(with.password))), with.password...)
	if answer, err = socksTalk(c, login, 2); err != nil {
		return err
	}
	if answer[1] != 0 {
		return fault(ErrProxyLogin, errSocksLogin)
	}
	return nil
}

// socksAsk asks for a connection to target.
func socksAsk(c io.ReadWriter, target string) error {
	host, portText, err := net.SplitHostPort(target)
	if err != nil {
		return fault(ErrAddress, err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return fault(ErrAddress, err)
	}
	ask := []byte{socksVersion, socksConnect, 0}
	if a, err := netip.ParseAddr(host); err != nil {
		if len(host) > maxSocksText {
			return fmt.Errorf("%w: name of %d bytes", ErrAddress, len(host))
		}
		ask = append(append(ask, socksName, byte(len(host))), host...)
	} else if a = a.Unmap(); a.Is4() {
		ask = append(append(ask, socksIPv4), a.AsSlice()...)
	} else {
		ask = append(append(ask, socksIPv6), a.AsSlice()...)
	}
	answer, err := socksTalk(c, binary.BigEndian.AppendUint16(ask, uint16(port)), 4)
	switch {
	case err != nil:
		return err
	case answer[0] != socksVersion:
		return fmt.Errorf("%w: not SOCKS5", ErrProxyReply)
	case answer[1] == socksNotAllowed:
		return fmt.Errorf("%w: SOCKS5", ErrProxyRefused)
	case answer[1] == socksDone:
		return socksBound(c, answer[3])
	case answer[1] < socksBadCommand:
		return fmt.Errorf("%w: SOCKS5 answer %d", ErrProxyTarget, answer[1])
	}
	return fmt.Errorf("%w: SOCKS5 answer %d", ErrProxyReply, answer[1])
}

// socksBound reads the address at the end of the answer, which nobody needs.
func socksBound(c io.Reader, kind byte) error {
	length := 0
	switch kind {
	case socksIPv4:
		length = 4
	case socksIPv6:
		length = 16
	case socksName:
		var n [1]byte
		if _, err := io.ReadFull(c, n[:]); err != nil {
			return err
		}
		length = int(n[0])
	default:
		return fmt.Errorf("%w: address of kind %d", ErrProxyReply, kind)
	}
	_, err := io.ReadFull(c, make([]byte, length+2)) // and the port
	return err
}

// socksTalk says something and reads an answer of n bytes.
func socksTalk(c io.ReadWriter, say []byte, n int) ([]byte, error) {
	if _, err := c.Write(say); err != nil {
		return nil, err
	}
	answer := make([]byte, n)
	_, err := io.ReadFull(c, answer)
	return answer, err
}
