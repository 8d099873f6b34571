package dial

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

const (
	// ticketTime is how long a ticket may take to get.
	ticketTime = 3 * time.Second
	// ticketRest is how long a ticket must last yet to be shown.
	ticketRest = time.Minute
	// maxToken is the longest token, in bytes: proxies take no endless headers.
	maxToken = 40 << 10
)

// errNoTicket says that Negotiate is not possible. It decides nothing: the other schemes are left.
var errNoTicket = errors.New("no ticket")

// pass is a ticket for one proxy.
type pass struct {
	until time.Time
	// token makes what is shown, a new one each time: a proxy that sees one twice takes it for stolen (RFC 4120 section
	// 3.2.3).
	token func() ([]byte, error)
}

// tickets gets the person's pass for HTTP on a host, without asking the person. It returns soon after ctx has ended.
type tickets func(ctx context.Context, host string) (*pass, error)

// negotiate answers an offer of Negotiate (RFC 4559 section 4) with a ticket, if there is one: nobody has to be asked, and
// the proxy learns no password. ok is false if the other schemes' turn has come. Kerberos needs one message; what the proxy
// says of itself is not looked at, because what goes through the tunnel is sealed.
func (t *tunnel) negotiate(ctx context.Context, list []challenge) (header string, ok bool) {
	if t.said.scheme == "negotiate" {
		guess := t.guess
		t.d.logins.refusePass(t.race.id, t.proxy, guess)
		t.said, t.guess = challenge{}, false
		if t.conn != nil { // squid takes no other scheme on a connection that has seen Negotiate
			_ = t.conn.Close()
			t.conn = nil
		}
		if !guess {
			t.denied = true
			return "", false
		}
	}
	if t.said.scheme != "" || t.denied || !offers(list, "negotiate") {
		return "", false
	}
	header, err := t.d.logins.pass(ctx, t.race.id, t.proxy)
	if err != nil {
		t.d.cfg.Log.Debug("no ticket for proxy", "proxy", t.proxy, "error", err)
		return "", false
	}
	t.said, t.with = challenge{scheme: "negotiate"}, credentials{}
	return header, true
}

// pass returns a header with the ticket for a proxy, and gets the ticket first if it is not known. That is tried once in
// each race.
func (l *logins) pass(ctx context.Context, race uint64, p Proxy) (header string, err error) {
	ctx, cancel := context.WithTimeout(ctx, ticketTime)
	defer cancel()
	for {
		l.mu.Lock()
		g := l.of(p)
		switch {
		case g.noPass >= race || l.ctx.Err() != nil:
			defer l.mu.Unlock()
			return "", fault(errNoTicket, g.why)
		case g.pass.lasts():
			defer l.mu.Unlock()
			return g.pass.header()
		case g.fetching == nil:
			l.fetch(g, race, p)
		}
		fetched := g.fetching
		l.mu.Unlock()
		select {
		case <-fetched:
		case <-ctx.Done():
			return "", fmt.Errorf("%w: %w", errNoTicket, ctx.Err())
		}
	}
}

// fetch begins to get the ticket for a proxy. l.mu is locked.
func (l *logins) fetch(g *login, race uint64, p Proxy) {
	fetched := make(chan struct{})
	g.fetching = fetched
	l.wg.Go(func() {
		defer close(fetched)
		ctx, cancel := context.WithTimeout(l.ctx, ticketTime)
		defer cancel()
		host, err := ticketHost(p)
		var got *pass
		if err == nil {
			got, err = l.tickets(ctx, host)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		g.fetching = nil
		if err == nil && got.lasts() {
			g.pass = got
		} else {
			g.pass, g.noPass, g.why = nil, race, err
		}
	})
}

// refusePass notes that a proxy does not take the ticket. One from an earlier race may only be too old.
func (l *logins) refusePass(race uint64, p Proxy, old bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of(p)
	g.pass = nil
	if g.usual != nil && g.usual.scheme == "negotiate" {
		g.usual = nil
	}
	if !old {
		g.noPass, g.why = race, errors.New("refused")
	}
}

// lasts reports whether there is a pass, and for long enough.
func (p *pass) lasts() bool { return p != nil && time.Until(p.until) > ticketRest }

// header shows the pass.
func (p *pass) header() (string, error) {
	token, err := p.token()
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", errNoTicket, err)
	case len(token) > maxToken:
		return "", fmt.Errorf("%w: token of %d bytes", errNoTicket, len(token))
	}
	return "Negotiate " + base64.StdEncoding.EncodeToString(token), nil
}

// ticketHost returns the name a proxy's ticket is for: as it was given, since DNS is not to be believed about it. An address
// has none.
func ticketHost(p Proxy) (string, error) {
	host, _, err := net.SplitHostPort(p.Addr)
	if err != nil {
		return "", errors.New("malformed address")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil || !validHost(host) {
		return "", errors.New("proxy has no name")
	}
	return host, nil
}
