// Package client is an app's end of the connection to the service: it dials, signs in, and turns the messages of
// package signaling into calls and events. Both the customer's and the engineer's app use it, each calling
// the methods of its own side.
//
// The service is not believed: what it sends is held against the limits of package signaling, and an answer nobody
// asked for, or of the wrong type, ends the connection. The package does not reconnect and knows no handshake and no
// certificate beyond that of TLS.
package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"assist/signaling"
	"github.com/coder/websocket"
)

// Config says where the service is and how to get there.
type Config struct {
	Service string      // host or host:port; the port is 443 if there is none
	TLS     *tls.Config // roots; nil: the system's. TLS 1.3 unless MinVersion says otherwise
	// Dial makes the TCP connection, for instance through a proxy; nil: directly.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// DialTLS, if set, makes the connection with TLS done and checked, in place of Dial and TLS.
	DialTLS func(ctx context.Context, network, addr string) (net.Conn, error)
	Log     *slog.Logger // nil: none
}

const (
	pingEvery  = 25 * time.Second // proxies cut what is silent for a minute
	pingWait   = 10 * time.Second
	writeWait  = 10 * time.Second
	closeWait  = time.Second
	maxEvents  = 64 // events nobody has read yet
	maxHeaders = 16 << 10
)

// Conn is one connection. Its methods may be called from any goroutine.
type Conn struct {
	ws     *websocket.Conn
	log    *slog.Logger
	events chan signaling.Event
	cancel context.CancelFunc
	done   chan struct{} // closed when the connection is over; err says why
	wg     sync.WaitGroup

	mu      sync.Mutex
	err     error
	greeted signaling.Role
	next    uint32
	pending map[uint32]chan signaling.Message
}

// Dial connects to the service. ctx bounds the dialling only. Errors: ErrUnreachable, ErrUntrusted, ErrFull, ErrProtocol.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	addr := cfg.Service
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = net.JoinHostPort(strings.Trim(addr, "[]"), "443")
	}
	transport := &http.Transport{
		DisableCompression:     true, // of pages, of which there are none
		DialContext:            cfg.Dial,
		DialTLSContext:         cfg.DialTLS,
		TLSClientConfig:        tlsConfig(cfg.TLS),
		MaxResponseHeaderBytes: maxHeaders,
	}
	defer transport.CloseIdleConnections()
	ws, response, err := websocket.Dial(ctx, "wss://"+addr+signaling.Path, &websocket.DialOptions{
		Host: strings.TrimSuffix(addr, ":443"), HTTPHeader: http.Header{"User-Agent": {"Assist"}}, // few bytes
		HTTPClient: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	})
	if err != nil {
		return nil, dialError(response, err)
	}
	ws.SetReadLimit(signaling.MaxMessage)
	run, cancel := context.WithCancel(context.Background())
	c := &Conn{
		ws: ws, log: cfg.Log, cancel: cancel,
		events:  make(chan signaling.Event, maxEvents+1), // one place is kept for Lost
		done:    make(chan struct{}),
		pending: map[uint32]chan signaling.Message{},
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.wg.Go(func() { c.read(run) })
	c.wg.Go(func() { c.ping(run) })
	return c, nil
}

func tlsConfig(c *tls.Config) *tls.Config {
	if c == nil {
		c = &tls.Config{}
	}
	c = c.Clone()
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS13
	}
	return c
}

func dialError(r *http.Response, err error) error {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case unverified || unknown:
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	case r == nil:
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	case r.StatusCode == http.StatusServiceUnavailable, r.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return fmt.Errorf("%w: %w", ErrProtocol, err)
}

// Events delivers what happens unasked, in order. The last event is Lost; then the channel is closed. An app that leaves
// more than 64 events unread loses the connection.
func (c *Conn) Events() <-chan signaling.Event { return c.events }

// Close ends the connection. It is idempotent and waits for what the connection started.
func (c *Conn) Close() error {
	c.fail(ErrClosed)
	late := time.AfterFunc(closeWait, func() { _ = c.ws.CloseNow() })
	_ = c.ws.Close(websocket.StatusNormalClosure, "") // says goodbye if the other end still listens
	late.Stop()
	c.cancel()
	c.wg.Wait()
	return nil
}

// fail notes why the connection is over. The first reason stays.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.done)
	}
}

// cause is why the connection is over.
func (c *Conn) cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// read takes in what the service sends until the connection is over, and tells the app of the end.
func (c *Conn) read(ctx context.Context) {
	defer c.cancel() // ends ping
	for {
		kind, frame, err := c.ws.Read(ctx)
		if err != nil {
			c.fail(lost(err))
			break
		}
		if kind != websocket.MessageText {
			err = errors.New("not a text")
		} else {
			err = c.take(frame)
		}
		if err != nil {
			c.fail(fmt.Errorf("%w: %w", ErrProtocol, err))
			break
		}
	}
	_ = c.ws.CloseNow()
	c.events <- signaling.Lost{Err: c.cause()}
	close(c.events)
}

// lost is ErrLost, with the reason the service gave in its goodbye, if it gave one.
func lost(err error) error {
	if bye, ok := errors.AsType[websocket.CloseError](err); ok {
		if why, ok := refusals[signaling.Reason(bye.Reason)]; ok {
			return fmt.Errorf("%w: %w", ErrLost, why)
		}
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}

// take gives one message to who waits for it.
func (c *Conn) take(frame []byte) error {
	id, m, err := signaling.Decode(frame)
	if err != nil {
		return err
	}
	if id == 0 {
		event, ok := m.(signaling.Event)
		if !ok {
			return errors.New("not an event")
		}
		if len(c.events) >= maxEvents {
			return errors.New("too many events")
		}
		c.events <- event // there is room, and nobody else writes
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, ok := c.pending[id]
	if !ok {
		if id <= c.next {
			return nil // asked by somebody who no longer waits
		}
		return errors.New("an answer to no question")
	}
	delete(c.pending, id)
	answer <- m
	return nil
}

// ping keeps the way open, and notices when there is nobody at its end.
func (c *Conn) ping(ctx context.Context) {
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		wait, cancel := context.WithTimeout(ctx, pingWait)
		err := c.ws.Ping(wait)
		cancel()
		if err != nil {
			c.fail(fmt.Errorf("%w: no answer to a ping: %w", ErrLost, err))
			_ = c.ws.CloseNow()
			return
		}
	}
}

// ask sends a request and waits for its answer, which must be a T.
func ask[T signaling.Message](ctx context.Context, c *Conn, request signaling.Message) (T, error) {
	var none T
	m, err := c.call(ctx, request)
	if err != nil {
		return none, err
	}
	switch m := m.(type) {
	case T:
		return m, nil
	case signaling.Refused:
		return none, Error(m.Reason)
	}
	err = fmt.Errorf("%w: an answer of the wrong type", ErrProtocol)
	c.fail(err)
	_ = c.ws.CloseNow()
	return none, err
}

// call sends request under a new id and waits for the answer with this id.
func (c *Conn) call(ctx context.Context, request signaling.Message) (signaling.Message, error) {
	answer := make(chan signaling.Message, 1)
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return nil, c.cause()
	}
	c.next++
	id := c.next
	c.pending[id] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.pending, id)
	}()

	frame, err := signaling.Encode(id, request)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	// Not ctx: to end a write halfway is to end the connection.
	write, cancel := context.WithTimeout(context.Background(), writeWait)
	defer cancel()
	if err := c.ws.Write(write, websocket.MessageText, frame); err != nil {
		c.fail(fmt.Errorf("%w: %w", ErrLost, err))
		return nil, c.cause()
	}
	select {
	case m := <-answer:
		return m, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("client: %w", ctx.Err())
	case <-c.done:
		return nil, c.cause()
	}
}
