package dial

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// ProxyLogin says what a login is wanted for.
type ProxyLogin struct {
	Proxy  Proxy
	Realm  string // what the proxy calls itself: its text, not to be believed
	Scheme string // basic, digest, ntlm or socks5
	// Clear says that the proxy gets to see the password itself, and so does everybody on the way to it.
	Clear bool
	Again bool // the last login was refused
}

// LogValue says what for, and for whom not.
func (l ProxyLogin) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("proxy", l.Proxy), slog.String("scheme", l.Scheme), slog.Bool("again", l.Again))
}

const (
	// askDelay is how long a way through a proxy that wants a login waits for the other ways before anybody is asked.
	askDelay = time.Second
	// maxAsked is how often a person is asked about one proxy.
	maxAsked = 3
	// maxLoginText is the longest user name or password, in bytes.
	maxLoginText = 512
)

// credentials are a user name and a password.
type credentials struct {
	user     string
	password Secret
}

// String hides the credentials: fmt does not ask the password itself here.
func (credentials) String() string { return "[credentials]" }

// GoString hides the credentials.
func (credentials) GoString() string { return "[credentials]" }

// login is what is known about one proxy's login.
type login struct {
	known    *credentials
	asking   chan struct{} // closed when the person has answered; nil while nobody asks
	stop     context.CancelFunc
	waiting  int    // calls that need the answer
	asked    int    // times
	declined bool   // there is no answer to be had
	refused  uint64 // race in which the proxy refused what was known

	// What the proxy wants, to say it without being asked the next time.
	usual  *challenge
	uses   uint32 // of the usual challenge's nonce
	cnonce string

	// The ticket, if the proxy takes one.
	pass     *pass
	fetching chan struct{} // closed when the ticket is there or not to be had; nil while nobody gets it
	noPass   uint64        // race in which there was none, or it was refused
	why      error         // there was none
}

// logins are the logins of all proxies, in memory only.
type logins struct {
	ask    func(context.Context, ProxyLogin) (user, password string, err error)
	ctx    context.Context // of asking
	cancel context.CancelFunc
	wg     sync.WaitGroup
	one    chan struct{} // only one question at a time
	delay  time.Duration // askDelay
	// tickets is asked before the person is. Tests replace it.
	tickets tickets

	mu  sync.Mutex
	all map[string]*login // by the proxy's URL
}

func newLogins(ask func(context.Context, ProxyLogin) (string, string, error)) *logins {
	l := &logins{ask: ask, one: make(chan struct{}, 1), delay: askDelay, tickets: kerberosTicket, all: make(map[string]*login)}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// close ends asking, and forgets everything.
func (l *logins) close() {
	l.mu.Lock()
	l.cancel() // with the lock, so that no question begins after it
	l.mu.Unlock()
	l.wg.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.all)
}

// of returns what is known about p's login. l.mu is locked.
func (l *logins) of(p Proxy) *login {
	key := p.String()
	g, ok := l.all[key]
	if !ok {
		g = &login{}
		if p.User != "" {
			g.known = &credentials{p.User, p.Password}
		}
		l.all[key] = g
	}
	return g
}

// forget drops the logins that were declined or refused, so that people are asked again.
func (l *logins) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, g := range l.all {
		if g.asking == nil && (g.declined || g.refused > 0) {
			delete(l.all, key)
		}
	}
}

// unneeded ends the questions whose answer nobody waits for.
func (l *logins) unneeded() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.all {
		if g.asking != nil && g.waiting == 0 {
			g.stop()
		}
	}
}

// get returns the credentials for a proxy, and asks for them if they are not known. Race says which race needs them.
func (l *logins) get(ctx context.Context, race uint64, about ProxyLogin) (credentials, error) {
	if c, err := l.have(race, about.Proxy); c != nil || err != nil {
		return deref(c), err
	}
	select { // another way may win meanwhile
	case <-ctx.Done():
		return credentials{}, fault(ErrProxyLogin, ctx.Err())
	case <-time.After(l.delay):
	}
	for {
		l.mu.Lock()
		g := l.of(about.Proxy)
		if g.known != nil || g.declined || l.ctx.Err() != nil {
			l.mu.Unlock()
			c, err := l.have(race, about.Proxy)
			return deref(c), err
		}
		if g.asking == nil {
			l.question(g, about)
		}
		answered := g.asking
		g.waiting++
		l.mu.Unlock()
		var err error
		select {
		case <-answered:
		case <-ctx.Done():
			err = fault(ErrProxyLogin, ctx.Err())
		}
		l.mu.Lock()
		g.waiting--
		l.mu.Unlock()
		if err != nil {
			return credentials{}, err
		}
	}
}

func deref(c *credentials) credentials {
	if c == nil {
		return credentials{}
	}
	return *c
}

// have returns the known credentials, nil if somebody is to be asked, or an error if nobody is to be.
func (l *logins) have(race uint64, p Proxy) (*credentials, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of(p)
	switch {
	case g.known != nil:
		return g.known, nil
	case g.declined:
		return nil, fmt.Errorf("%w: none was given", ErrProxyLogin)
	case g.refused >= race:
		return nil, fmt.Errorf("%w: refused", ErrProxyLogin)
	case l.ask == nil || l.ctx.Err() != nil:
		return nil, fmt.Errorf("%w: nobody to ask", ErrProxyLogin)
	case g.asked == maxAsked:
		return nil, fmt.Errorf("%w: refused %d times", ErrProxyLogin, maxAsked)
	}
	return nil, nil
}

// question begins to ask the person. l.mu is locked.
func (l *logins) question(g *login, about ProxyLogin) {
	about.Again = g.refused > 0
	about.Realm = plainText(about.Realm)
	g.asked++
	answered := make(chan struct{})
	ctx, stop := context.WithCancel(l.ctx)
	g.asking, g.stop = answered, stop
	l.wg.Go(func() {
		defer close(answered)
		defer stop()
		c, err := l.put(ctx, about)
		l.mu.Lock()
		defer l.mu.Unlock()
		g.asking = nil
		switch {
		case err == nil:
			g.known = &c
		case ctx.Err() != nil:
			g.asked-- // it was taken back
			g.declined = l.ctx.Err() != nil
		default:
			g.declined = true
		}
	})
}

// put puts one question, after those before it.
func (l *logins) put(ctx context.Context, about ProxyLogin) (credentials, error) {
	select {
	case l.one <- struct{}{}:
		defer func() { <-l.one }()
	case <-ctx.Done():
		return credentials{}, ctx.Err()
	}
	user, password, err := l.ask(ctx, about)
	if err == nil && (user == "" || len(user) > maxLoginText || len(password) > maxLoginText) {
		err = errors.New("no usable user name and password")
	}
	return credentials{user, Secret(password)}, err
}

// refuse notes that the proxy does not take what is known.
func (l *logins) refuse(race uint64, p Proxy, c credentials) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of(p)
	if g.known != nil && *g.known == c {
		g.known, g.usual, g.refused = nil, nil, race
	}
}

// accepted notes how the proxy wants to be spoken to.
func (l *logins) accepted(p Proxy, c challenge, cnonce string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of(p)
	c.token = "" // was for that connection alone
	if g.usual == nil || g.usual.scheme != c.scheme || g.usual.params["nonce"] != c.params["nonce"] {
		g.usual, g.uses, g.cnonce = &c, 1, cnonce
	}
}
