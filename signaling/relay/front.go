package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"assist/signaling/crowd"
)

const (
	// sniffTime is how long a connection may take to say what it is, TLS handshake included.
	sniffTime = 10 * time.Second
	// maxUnsorted is how many connections may be about to say it. Who has most of them makes room for others, see package crowd.
	maxUnsorted = 512
	// minShare is how many of them one address may have; a larger share is a sixteenth of all that it may have. Beyond that its own
	// oldest makes room. New ones come at one share a second, after two at once: so each has a second for its TLS handshake
	// however many come, and a company of MaxPerAddress that lost its line is back in a quarter of a minute.
	minShare   = 32
	shareOfMax = 16

	tlsRecord = 0x16 // RFC 8446 section 5.1: a handshake record
	maxSTUN   = 0x03 // RFC 7983 section 7: first bytes 0 to 3 are STUN
)

// front accepts TCP connections, finds out what each one speaks and hands it on. When there are too many, those who have most lose
// theirs first, but none that carries an allocation or for which the service has vouched.
type front struct {
	lns  []net.Listener
	tls  *tls.Config
	log  *slog.Logger
	http *queue
	turn *queue
	wg   sync.WaitGroup

	entrance *crowd.Turnstile
	places   *crowd.Crowd[*tracked] // of every connection that is not closed
	unsorted *crowd.Crowd[*tracked] // of those that have not said what they are

	mu      sync.Mutex
	stopped bool
	live    map[*tracked]struct{}  // every connection that is not closed
	tcp     map[clientKey]*tracked // likewise, by client
	sockets map[*socket]struct{}   // WebSockets
	streams map[clientKey]*stream
}

func newFront(lns []net.Listener, cfg Config) *front {
	conf := cfg.TLS.Clone()
	conf.NextProtos = []string{"http/1.1"} // the http.Server sees no TLS connection, so it cannot do better
	share := max(minShare, cfg.MaxPerAddress/shareOfMax)
	return &front{
		lns: lns, tls: conf, log: cfg.Log,
		http:     newQueue(lns[0].Addr()),
		turn:     newQueue(lns[0].Addr()),
		entrance: crowd.NewTurnstile(time.Second/time.Duration(share), 2*share),
		places: crowd.New[*tracked](crowd.Limits{
			Most: cfg.MaxConns, PerLine: cfg.MaxPerAddress, Reserve: cfg.MaxConns / 4,
		}),
		unsorted: crowd.New[*tracked](crowd.Limits{Most: maxUnsorted, PerLine: share, Yield: true}),
		live:     make(map[*tracked]struct{}),
		tcp:      make(map[clientKey]*tracked),
		sockets:  make(map[*socket]struct{}),
		streams:  make(map[clientKey]*stream),
	}
}

func (f *front) start() {
	for _, ln := range f.lns {
		f.wg.Go(func() { f.accept(ln) })
	}
}

func (f *front) accept(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, or a client that went at once
			time.Sleep(10 * time.Millisecond)
			continue
		}
		t := f.track(c)
		if t == nil {
			_ = c.Close()
			continue
		}
		f.wg.Go(func() { f.sort(t) })
	}
}

// track takes c in, or returns nil when there are too many. Others may have to go for it: their readers close the rest.
func (f *front) track(c net.Conn) *tracked {
	from := crowd.OfConn(c.RemoteAddr())
	if !f.entrance.Allow(from, time.Now()) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return nil
	}
	t := &tracked{Conn: c, front: f}
	place, out := f.places.Enter(t, from)
	if place == nil {
		return nil
	}
	t.place = place
	f.live[t] = struct{}{}
	f.tcp[t.key()] = t
	var unheard *crowd.Place[*tracked]
	t.unsorted, unheard = f.unsorted.Enter(t, from)
	for _, o := range []*crowd.Place[*tracked]{out, unheard} {
		if o != nil {
			_ = o.Value.Conn.Close()
		}
	}
	return t
}

// sorted notes that t has said what it is.
func (f *front) sorted(t *tracked) { f.unsorted.Leave(t.unsorted) }

// sort reads what t speaks and hands it on, or closes it.
func (f *front) sort(t *tracked) {
	conn, where := f.sniff(t)
	f.sorted(t)
	if where == nil || conn.SetDeadline(time.Time{}) != nil {
		_ = t.Close()
		return
	}
	if s, ok := conn.(*secured); ok {
		s.tcp = t
	}
	if where == f.turn {
		conn = f.remember(t, newStream(conn))
	}
	if !where.push(conn) {
		_ = conn.Close()
		_ = t.Close()
	}
}

// sniff returns the connection to hand on, with nothing read from it, and where to. A nil queue means
// that it is to be closed.
func (f *front) sniff(c net.Conn) (net.Conn, *queue) {
	ctx, cancel := context.WithTimeout(context.Background(), sniffTime)
	defer cancel()
	by, _ := ctx.Deadline()
	if c.SetDeadline(by) != nil {
		return c, nil
	}
	first, outer, err := peek(c)
	switch {
	case err != nil:
		return c, nil
	case first <= maxSTUN:
		return outer, f.turn
	case first != tlsRecord:
		if portOf(c.LocalAddr()) == httpPort {
			_ = redirect(outer)
		}
		return c, nil
	}
	inner := tls.Server(outer, f.tls)
	if err := inner.HandshakeContext(ctx); err != nil {
		f.log.Debug("TLS handshake failed", "from", c.RemoteAddr(), "err", err)
		return c, nil
	}
	first, plain, err := peek(inner)
	switch {
	case err != nil:
		return c, nil
	case first <= maxSTUN:
		return plain, f.turn
	default:
		return &secured{Conn: plain, tls: inner}, f.http
	}
}

// allocated notes that a TURN connection has, or no longer has, an allocation.
func (f *front) allocated(client clientKey, has bool) {
	f.mu.Lock()
	s, t := f.streams[client], f.tcp[client]
	f.mu.Unlock()
	if s != nil {
		s.allocated.Store(has)
	}
	if t != nil && has {
		f.places.Keep(t.place)
	}
}

// remember makes s known by its client until t, the connection below it, is closed.
func (f *front) remember(t *tracked, s *stream) *stream {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, open := f.live[t]; open {
		t.stream = s
		f.streams[s.key()] = s
	}
	return s
}

// forget takes t, which has been closed, out of every list.
func (f *front) forget(t *tracked) {
	f.sorted(t)
	f.places.Leave(t.place)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.live, t)
	if key := t.key(); f.tcp[key] == t {
		delete(f.tcp, key)
	}
	f.forgetStream(t.stream)
}

// forgetStream takes s out of the list of streams. f.mu is locked.
func (f *front) forgetStream(s *stream) {
	if s != nil && f.streams[s.key()] == s {
		delete(f.streams, s.key())
	}
}

// stop ends accepting and closes every connection but those the service has taken over.
func (f *front) stop() {
	for _, ln := range f.lns {
		_ = ln.Close()
	}
	f.turn.shut()
	f.http.shut()
	f.mu.Lock()
	f.stopped = true
	var rest []io.Closer
	for t := range f.live {
		if !t.served.Load() {
			rest = append(rest, t)
		}
	}
	for s := range f.sockets {
		rest = append(rest, s)
	}
	f.mu.Unlock()
	for _, c := range rest {
		_ = c.Close()
	}
}

// wait returns when every goroutine of the front has ended.
func (f *front) wait() { f.wg.Wait() }
