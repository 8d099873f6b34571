package dial

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// maxRounds is how many answers of one proxy a connection takes: a first 407, one that is stale, NTLM's
// two, and before them a ticket that is refused.
const maxRounds = 6

// tunnel is the making of a connection through an HTTP proxy.
type tunnel struct {
	d      *Dialer
	race   *race
	proxy  Proxy
	target string
	alive  func(time.Duration)
	conn   net.Conn // nil before the first and after one the proxy closes

	said   challenge   // what was answered last
	with   credentials // of the answer
	cnonce string
	guess  bool // the answer was given before the proxy asked
	opened bool // NTLM's first message is said
	denied bool // the ticket was refused
}

// throughHTTP makes a connection through an HTTP proxy (RFC 9110 section 9.3.6).
func (d *Dialer) throughHTTP(ctx context.Context, r *race, p Proxy, target string, alive func(time.Duration)) (net.Conn, error) {
	t := &tunnel{d: d, race: r, proxy: p, target: target, alive: alive}
	header, err := t.usual()
	for round := 0; err == nil && round < maxRounds; round++ {
		var rep reply
		if rep, err = t.round(ctx, header); err != nil {
			break
		}
		if rep.status/100 == 2 {
			if header != "" {
				d.logins.accepted(p, t.said, t.cnonce)
			}
			return t.conn, nil
		}
		header, err = t.next(ctx, rep)
	}
	if t.conn != nil {
		_ = t.conn.Close()
	}
	if err == nil {
		err = fmt.Errorf("%w: no end of questions", ErrProxyLogin)
	}
	return nil, err
}

// round asks for the tunnel and reads the answer.
func (t *tunnel) round(ctx context.Context, header string) (rep reply, err error) {
	if t.conn == nil {
		if t.conn, err = t.d.toProxy(ctx, t.proxy, t.alive); err != nil {
			t.conn = nil
			return reply{}, err
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nProxy-Connection: Keep-Alive\r\n", t.target, t.target)
	if header != "" {
		fmt.Fprintf(&b, "Proxy-Authorization: %s\r\n", header)
	}
	b.WriteString("\r\n")
	again := false
	err = during(ctx, t.conn, func() error {
		if _, err := io.WriteString(t.conn, b.String()); err != nil {
			return err
		}
		const mostEarly = 4 // answers before the answer
		for range mostEarly {
			head, err := readHead(t.conn)
			if err != nil {
				return err
			}
			if rep, err = parseReply(head); err != nil {
				return err
			}
			if rep.status >= 200 {
				break
			}
		}
		if rep.status == http.StatusProxyAuthRequired {
			again = rep.skip(t.conn)
		}
		return nil
	})
	if rep.status/100 != 2 && !again {
		_ = t.conn.Close()
		t.conn = nil
	}
	return rep, err
}

// next returns what to say after an answer that is not yes.
func (t *tunnel) next(ctx context.Context, rep reply) (header string, err error) {
	switch {
	case rep.status == http.StatusProxyAuthRequired:
		return t.answer(ctx, rep.challenges)
	case rep.status >= 500:
		return "", fmt.Errorf("%w: status %d", ErrProxyTarget, rep.status)
	case rep.status >= 300:
		return "", fmt.Errorf("%w: status %d", ErrProxyRefused, rep.status)
	}
	return "", fmt.Errorf("%w: status %d", ErrProxyReply, rep.status)
}

// usual returns what the proxy wanted the last time.
func (t *tunnel) usual() (header string, err error) {
	l := t.d.logins
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of(t.proxy)
	if g.usual != nil && g.usual.scheme == "negotiate" && g.pass.lasts() {
		if header, err := g.pass.header(); err == nil {
			t.said, t.guess = *g.usual, true
			return header, nil
		}
	}
	if g.usual == nil || g.usual.scheme == "negotiate" || g.known == nil {
		return "", nil
	}
	g.uses++
	t.said, t.with, t.guess, t.cnonce = *g.usual, *g.known, true, g.cnonce
	return t.say(g.uses)
}

// answer answers the challenges of a 407.
func (t *tunnel) answer(ctx context.Context, list []challenge) (string, error) {
	if t.opened && t.said.scheme == "ntlm" {
		for _, c := range list {
			if c.scheme == "ntlm" && c.token != "" {
				t.said.token, t.opened, t.guess = c.token, false, false
				return t.say(1)
			}
		}
	}
	if header, ok := t.negotiate(ctx, list); ok {
		return header, nil
	}
	c, ok := pick(list)
	switch {
	case ok:
	case t.denied:
		return "", fmt.Errorf("%w: refused (negotiate)", ErrProxyLogin)
	case offers(list, "negotiate"):
		return "", ErrProxyTicket
	default:
		return "", fmt.Errorf("%w: no known way to log in", ErrProxyLogin)
	}
	stale := strings.EqualFold(c.params["stale"], "true") && t.said.params["nonce"] != c.params["nonce"]
	if t.said.scheme != "" && !t.guess && !stale {
		t.d.logins.refuse(t.race.id, t.proxy, t.with)
		return "", fmt.Errorf("%w: refused (%s)", ErrProxyLogin, t.said.scheme)
	}
	began := time.Now()
	with, err := t.d.logins.get(ctx, t.race.id, ProxyLogin{
		Proxy: t.proxy, Realm: c.params["realm"], Scheme: c.scheme, Clear: c.scheme == "basic" && t.proxy.Kind != HTTPS,
	})
	if err != nil {
		return "", err
	}
	const patience = 5 * time.Second // of a proxy whose answer a person thinks about
	if t.conn != nil && time.Since(began) > patience {
		_ = t.conn.Close()
		t.conn = nil
	}
	c.token = ""
	t.said, t.with, t.guess, t.cnonce = c, with, false, newNonce()
	return t.say(1)
}

// say returns the header that answers t.said.
func (t *tunnel) say(count uint32) (string, error) {
	switch t.said.scheme {
	case "digest":
		return digest(t.said, http.MethodConnect, t.target, t.with.user, t.with.password, t.cnonce, count), nil
	case "basic":
		pair := t.with.user + ":" + string(t.with.password)
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)), nil
	}
	return t.sayNTLM()
}
