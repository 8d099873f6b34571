// Package server is the service's end of signaling: it takes the apps' WebSockets, signs engineers in, gives out
// rooms, and carries the three messages of a handshake between a customer and an engineer.
//
// Every socket has one goroutine that decides ([conn.run]), one that reads and one that pings. What one connection tells another goes
// through the [Bus], so that the two may be on different nodes. A wrong message, too many of them, or a fault while
// handling one costs that socket and no other.
//
// Where rooms, accounts and the audit log are kept is the business of their packages, and what is in a handshake that of
// the apps. The relay is somebody else's too: the caller passes in its addresses and credentials.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"assist/signaling"
	"assist/signaling/account"
	"assist/signaling/audit"
	"assist/signaling/crowd"
	"assist/signaling/report"
	"assist/signaling/room"
	"github.com/coder/websocket"
	"golang.org/x/time/rate"
)

// Bus carries messages between connections, on this node or another.
type Bus interface {
	// Listen calls take for every message to subject until stop is called. take must not block and reports whether it took the
	// message.
	Listen(subject string, take func(message []byte) bool) (stop func(), err error)
	// Send gives message to the one listener of subject and returns when it is taken.
	Send(ctx context.Context, subject string, message []byte) error
	// Publish gives message to all listeners of subject.
	Publish(subject string, message []byte) error
	// Ready reports whether messages can be sent and records written.
	Ready(ctx context.Context) error
}

// CredentialLife is how long credentials of a relay are good for making a link.
const CredentialLife = 15 * time.Minute

// Config is what a Server needs. The first six are required.
type Config struct {
	Bus      Bus
	Rooms    *room.Book
	Reports  *report.Book
	Accounts *account.Book
	Keys     *account.Keys
	Trail    *audit.Trail

	// Relays returns the relays for an app that reached the service under the name or address host, with credentials
	// for id that end after life. Nil: there are none.
	Relays func(host, id string, life time.Duration) []signaling.Relay
	// EndCredential makes the credentials of id worthless before their time. Nil: they end by themselves.
	EndCredential func(id string)
	// Relay serves TURN in WebSockets, at signaling.RelayPath. Nil: it is not offered.
	Relay http.Handler
	// MaxConns bounds the live WebSockets; 4000 if 0. A quarter of them is for signed-in engineers, customers in a session and sessions
	// that resume; of the others, who has most makes room. MaxPerAddress bounds those from one IPv4 address or IPv6 /56; 200 if 0, as
	// a whole company may come from one. An IPv6 /48 may have twice as many.
	MaxConns, MaxPerAddress int
	Log                     *slog.Logger // nil: slog.Default
}

// Server is the signaling service. It is an http.Handler that answers exactly the paths of signaling.Path,
// signaling.RelayPath, /livez and /readyz.
type Server struct {
	Config
	times times

	joins   *limiter         // failed joins by address
	signIns *slowdown        // failed sign-ins by address and by account
	meets   *crowd.Turnstile // connections in the middle of a session, by address
	strange *rate.Limiter    // audit records that strangers can cause
	missed  atomic.Uint64

	consoles *consoles

	places   *crowd.Crowd[*conn]
	resuming atomic.Int64 // sessions that resume in a place of their own

	mu     sync.Mutex
	closed bool
	conns  map[*conn]struct{}
	wg     sync.WaitGroup
}

// times are how long the server waits for what. Tests shorten them.
type times struct {
	headers  time.Duration // for the head of a request
	hello    time.Duration // from connecting to hello
	signIn   time.Duration // from hello to the end of the sign-in
	answer   time.Duration // for the engineer's app to send m2
	confirm  time.Duration // for the customer's app to say something after m2
	accept   time.Duration // for the engineer's app to accept m3
	idle     time.Duration // for a customer's app without a claim and without a session
	meet     time.Duration // for two ends of a session to find each other
	ping     time.Duration // between pings
	pong     time.Duration // for the answer
	write    time.Duration // for one message to go out
	farewell time.Duration // for cleaning up after a connection
}

var normal = times{
	headers: 10 * time.Second, hello: 10 * time.Second, signIn: 5 * time.Minute, answer: 30 * time.Second, confirm: 30 * time.Second,
	accept: 30 * time.Second, idle: 10 * time.Minute, meet: 10 * time.Minute, ping: 25 * time.Second, pong: 10 * time.Second, write: 10 * time.Second, farewell: 5 * time.Second,
}

// New returns a server. Close it after the listeners that use it.
func New(cfg Config) (*Server, error) {
	if cfg.Bus == nil || cfg.Rooms == nil || cfg.Reports == nil || cfg.Accounts == nil || cfg.Keys == nil || cfg.Trail == nil {
		return nil, errors.New("server: configuration is incomplete")
	}
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 4000
	}
	if cfg.MaxPerAddress == 0 {
		cfg.MaxPerAddress = 200
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Relays == nil {
		cfg.Relays = func(string, string, time.Duration) []signaling.Relay { return nil }
	}
	return &Server{
		Config: cfg, times: normal,
		joins: newLimiter(), signIns: newSlowdown(), meets: crowd.NewTurnstile(meetEvery, meetBurst), strange: rate.NewLimiter(10, 600),
		places:   crowd.New[*conn](crowd.Limits{Most: cfg.MaxConns, PerLine: cfg.MaxPerAddress, Reserve: cfg.MaxConns / 4}),
		consoles: newConsoles(), conns: map[*conn]struct{}{},
	}, nil
}

// ServeHTTP answers the few paths there are, spelled exactly so, and nothing else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.RawQuery != "" || r.URL.ForceQuery {
		http.NotFound(w, r)
		return
	}
	switch r.URL.EscapedPath() {
	case signaling.Path:
		s.serveSession(w, r)
	case signaling.RelayPath:
		if s.Relay == nil {
			http.NotFound(w, r)
			return
		}
		s.Relay.ServeHTTP(w, r)
	case "/livez":
		fmt.Fprintln(w, "ok")
	case "/readyz":
		if err := s.Bus.Ready(r.Context()); err != nil {
			s.Log.Error("not ready", "err", err)
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	default:
		http.NotFound(w, r)
	}
}

// serveSession begins one WebSocket. What net/http keeps for a request is not kept for as long as a session.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request) {
	ctx, stop := context.WithCancelCause(context.WithoutCancel(r.Context())) // which ends with the hijacking
	c := newConn(s, addressOf(r.RemoteAddr), hostOf(r.Host), stop)
	c.below, _ = r.Context().Value(belowKey{}).(voucher)
	if !s.enter(c) {
		stop(nil)
		http.Error(w, "full", http.StatusServiceUnavailable)
		return
	}
	var err error
	w.Header()["Date"] = nil // bytes that nobody reads
	// A browser's page from elsewhere is refused: Accept compares Origin with the host.
	if c.ws, err = websocket.Accept(slim{w}, r, nil); err != nil {
		s.Log.Debug("no WebSocket", "address", c.addr, "err", err)
		stop(nil)
		s.leave(c)
		return
	}
	c.ws.SetReadLimit(signaling.MaxMessage)
	go func() { // Close waits for it
		defer s.leave(c)
		defer stop(nil)
		c.serve(ctx)
	}()
}

// enter takes c in unless there are too many. Another one may have to go for it.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	place, out := s.places.Enter(c, c.addr.from())
	if place == nil {
		return false
	}
	if out != nil {
		out.Value.stop(errCrowded)
	}
	c.place = place
	s.conns[c] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.places.Leave(c.place)
	s.wg.Done()
}

// Close ends every connection, tells those at their other ends, and returns when all is written. Open rooms stay open.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.stop(errClosing)
	}
	s.mu.Unlock()
	s.wg.Wait()
	return nil
}

// Serve answers HTTP on l, whose connections are TLS already, until ctx ends; then it closes the server. l is closed when it
// returns.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.times.headers,
		WriteTimeout:      30 * time.Second, // a WebSocket is taken out of this
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, belowKey{}, c)
		},
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = h.Close() // not Shutdown: what is short is not worth waiting for
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, s.Close())
}
