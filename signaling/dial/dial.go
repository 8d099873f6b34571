// Package dial finds a way out of the customer's or engineer's network to the service and its relays, and keeps to it.
//
// A way is a port of the service or a relay, what is spoken there, and either nothing in between, an HTTP proxy (CONNECT, RFC 9110 section 9.3.6) or a
// SOCKS5 proxy (RFC 1928). Ways are raced: the direct one to the first port begins, each further one follows when the
// one before it has failed or has had its head start. Where the first that answers is not plainly the right one, it
// must prove itself: behind it is somebody who has the service's certificate. The winner is remembered, and what
// became of each way can be asked for, so that a report can name what is wrong with the network.
//
//	            +- direct, 443                 won: kept for the next call
//	DialContext +- proxy A, 443    each way -> lost: closed
//	            +- direct, 80                  failed: cause in Attempts
//
// The package owns the ways, the proxies' logins and the names of the causes. It does not look for proxies: a [Finder]
// does. It does not know what is said on a connection: that all of it is sealed is its callers' business.
package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Ports are the service's, if nobody names another.
var Ports = []uint16{443, 80, 8200}

const (
	// headStart is what each way has before the next one is tried too.
	headStart = 500 * time.Millisecond
	// maxStart is the longest head start, for a way that has connected and may be slow.
	maxStart = 4 * time.Second
	// connectTime is how long a TCP connection may take.
	connectTime = 15 * time.Second
	// replyTime is how long a proxy may take to answer, and a TLS handshake to be done.
	replyTime = 20 * time.Second
	// againTime is how long the way that worked the last time may take.
	againTime = 5 * time.Second
	// addressLife is how long the service's address is believed.
	addressLife = time.Minute
	// maxAttempts is how many attempts are kept for a report.
	maxAttempts = 64
	maxPorts    = 8
	maxSessions = 8
)

// Config says where to and through what.
type Config struct {
	// Service is host or host:port. With a port, this is the only one.
	Service string
	// Ports are those of a service without one, best first. Nil: [Ports].
	Ports []uint16
	// Proxies looks for proxies. Nil: there are none. It is not asked about addresses of this computer, but a
	// proxy of [Typed] is used for all.
	Proxies Finder
	// TLS has the service's roots. Nil: the system's.
	TLS *tls.Config
	// NoUDP says that relays are not to be asked over UDP.
	NoUDP bool
	Log   *slog.Logger
	// Ask gets the login for a proxy from the person. It is called once for each proxy, not at the same time
	// for two; its ctx ends when the login is no longer needed or the dialer is closed, not with
	// the call that needs it: people type slowly. An error means that there is none to be had. Nil: nobody can be asked.
	Ask func(ctx context.Context, l ProxyLogin) (user, password string, err error)
}

// Attempt is what became of one way.
type Attempt struct {
	Way  Way
	When time.Time // it began
	Took time.Duration
	// Err wraps one of this package's errors. Nil: the way worked.
	Err error
}

// Dialer makes connections. Its methods may be called from any goroutine.
type Dialer struct {
	cfg   Config
	host  string
	ports []uint16
	named bool   // the service was given with its port
	fixed *fixed // the proxy that was typed, if one was
	// sessions shortens the TLS handshake with the relay that is part of the service (RFC 8446 section 2.2).
	sessions tls.ClientSessionCache
	logins   *logins
	// tcp makes a TCP connection to a proxy or without one. Tests replace it.
	tcp func(ctx context.Context, network, addr string) (net.Conn, error)
	// lookup resolves the name of a relay that is spoken to by UDP. Tests replace it.
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

	mu       sync.Mutex
	best     *Way           // proven, to the service
	bestTook time.Duration  // what it took
	at       netip.Addr     // where the service was
	atWhen   time.Time      // it was there
	carried  map[string]Way // the best to each relay, by its key
	far      map[string]measured
	felt     map[*felt]bool // live connections of links
	found    map[string]findings
	attempts []Attempt
	races    uint64
}

// New checks the configuration. Errors: ErrAddress.
func New(cfg Config) (*Dialer, error) {
	host, port, err := splitService(cfg.Service)
	if err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d := &Dialer{
		cfg: cfg, host: host, ports: cfg.Ports, found: make(map[string]findings), carried: make(map[string]Way),
		far: make(map[string]measured), sessions: tls.NewLRUClientSessionCache(maxSessions), felt: make(map[*felt]bool), lookup: net.DefaultResolver.LookupNetIP,
		tcp: (&net.Dialer{Control: ackLater}).DialContext, // IPv6 and IPv4 raced as of RFC 8305
	}
	switch {
	case port != 0:
		d.ports, d.named = []uint16{port}, true
	case len(d.ports) == 0:
		d.ports = Ports
	case len(d.ports) > maxPorts:
		return nil, fmt.Errorf("%w: %d ports", ErrAddress, len(d.ports))
	}
	if f, ok := cfg.Proxies.(fixed); ok {
		d.fixed = &f
	}
	d.logins = newLogins(cfg.Ask)
	return d, nil
}

// splitService reads host or host:port; port is 0 if there is none.
func splitService(service string) (host string, port uint16, err error) {
	host = strings.TrimSuffix(strings.TrimPrefix(service, "["), "]")
	if h, p, err := net.SplitHostPort(service); err == nil {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return "", 0, fmt.Errorf("%w: port %q", ErrAddress, p)
		}
		host, port = h, uint16(n)
	}
	if !validHost(host) {
		return "", 0, fmt.Errorf("%w: %q", ErrAddress, service)
	}
	return host, port, nil
}

// validHost reports whether host can be a name or an address, and nothing that means more where it is written.
func validHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	const longest = 253
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\@:?#[]"'<>%,;`, r) }
	return host != "" && len(host) <= longest && !strings.ContainsFunc(host, bad)
}

// Close gives up what still asks for a login, and forgets the logins. It does not close connections. A nil Dialer can be
// closed.
func (d *Dialer) Close() error {
	if d == nil {
		return nil
	}
	d.logins.close()
	return nil
}

// DialContext makes a TCP connection, or what looks like one through a proxy; its LocalAddr is a *net.TCPAddr. Network
// is tcp, tcp4 or tcp6. An addr of the service stands for all its ports: the connection may lead to
// another one. Errors: *Error, ErrAddress.
//
// If it is not known yet which way leads to the service, the ways are tried out with TLS, and the winner is dialled
// once more. [Dialer.DialTLS] does without the second connection.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	g, err := d.goal(network, addr)
	if err != nil {
		return nil, err
	}
	if !g.service || d.plain(g) {
		c, _, err := d.race(ctx, g, d.reach, false)
		return c, err
	}
	if w := d.winner(); w != nil {
		if c, err := d.again(ctx, g, *w); err == nil {
			return c, nil
		}
	}
	c, w, err := d.race(ctx, g, d.prove, true)
	if err != nil {
		return nil, err
	}
	_ = c.Close()
	return d.again(ctx, g, w)
}

// again makes a connection along the proven way alone: what else answers there need not be the service.
func (d *Dialer) again(ctx context.Context, g goal, w Way) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, againTime)
	defer cancel()
	g.only = &w
	c, _, err := d.race(ctx, g, d.reach, false)
	return c, err
}

// Dial is DialContext without an end.
func (d *Dialer) Dial(network, addr string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, addr)
}

// DialTLS makes a TLS connection to the service and checks its certificate; it is for addresses of the service only.
// Errors: *Error, ErrAddress.
func (d *Dialer) DialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	g, err := d.goal(network, addr)
	if err != nil {
		return nil, err
	}
	c, _, err := d.race(ctx, g, d.prove, true)
	return c, err
}

// Attempts returns what became of each way that was tried, oldest first, the last 64 of them.
func (d *Dialer) Attempts() []Attempt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.attempts)
}

// Found returns what was last found out about proxies for the service: who named which, where, and why not. It does not
// ask anybody.
func (d *Dialer) Found() []Found {
	if d.fixed != nil {
		return d.fixed.Find(context.Background(), d.host, d.ports[0])
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.found[foundKey(d.host, d.ports[0])].list)
}

// Best returns the way that is used, once one has worked.
func (d *Dialer) Best() (Way, bool) {
	if w := d.winner(); w != nil {
		return *w, true
	}
	return Way{}, false
}

// AskAgain forgets the logins that were refused or not given, so that the person is asked again.
func (d *Dialer) AskAgain() { d.logins.forget() }

// step is a port and what is spoken there.
type step struct {
	carry Carry
	port  uint16
}

// steps are those of one goal, best first.
type steps []step

func (l steps) has(s step) bool { return slices.Contains(l, s) }

// portSteps are steps of the service itself.
func portSteps(ports ...uint16) (l steps) {
	for _, p := range ports {
		l = append(l, step{Signaling, p})
	}
	return l
}

// goal is what a call wants to reach.
type goal struct {
	network, host string
	steps         steps
	service       bool   // it is the service, on whichever port
	relay         string // key of the relay that it is; "" if it is none
	local         bool   // it is this computer
	only          *Way   // no other one is wanted
}

func (d *Dialer) goal(network, addr string) (goal, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return goal{}, fmt.Errorf("%w: network %q", ErrAddress, network)
	}
	host, port, err := splitService(addr)
	if err != nil {
		return goal{}, err
	}
	if port == 0 {
		return goal{}, fmt.Errorf("%w: no port in %q", ErrAddress, addr)
	}
	g := goal{network: network, host: host, steps: portSteps(port), local: loopback(host)}
	// A client that was given no port names 443.
	if strings.EqualFold(host, d.host) && (slices.Contains(d.ports, port) || port == Ports[0] && !d.named) {
		g.service, g.steps = true, portSteps(d.ports...)
	}
	return g, nil
}

// plain reports whether there is only one way, so that nothing has to be tried out.
func (d *Dialer) plain(g goal) bool {
	return len(g.steps) == 1 && (d.fixed != nil || g.local || d.cfg.Proxies == nil)
}

// loopback reports whether host is this computer.
func loopback(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().IsLoopback()
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// winner returns the proven way, or nil.
func (d *Dialer) winner() *Way {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.best
}

// note keeps what became of a way.
func (d *Dialer) note(r *race, a Attempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.attempts) == maxAttempts {
		d.attempts = slices.Delete(d.attempts, 0, 1)
	}
	d.attempts = append(d.attempts, a)
	overtaken := errors.Is(a.Err, ErrOvertaken)
	switch {
	case r.goal.relay != "":
		if a.Err == nil {
			d.carried[r.goal.relay] = a.Way
		} else if d.carried[r.goal.relay] == a.Way && !overtaken {
			delete(d.carried, r.goal.relay)
		}
	case a.Err == nil && (r.proof || r.goal.service && d.plain(r.goal)):
		d.best, d.bestTook = &a.Way, a.Took
	case a.Err != nil && !overtaken && d.best != nil && *d.best == a.Way:
		d.best = nil
	}
	if a.Err == nil {
		d.cfg.Log.Info("way out", "way", a.Way, "took", a.Took)
	} else {
		d.cfg.Log.Debug("no way out", "way", a.Way, "took", a.Took, "error", a.Err)
	}
}
