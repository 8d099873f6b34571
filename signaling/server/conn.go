package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"assist/signaling"
	"assist/signaling/crowd"
	"github.com/coder/websocket"
	"golang.org/x/time/rate"
)

// Why a connection ends.
var (
	errClosing = errors.New("server: closing")
	errOrder   = errors.New("server: a message out of order")
	errFlood   = errors.New("server: too many messages")
	errLate    = errors.New("server: nothing heard in time")
	errSilent  = errors.New("server: no answer to a ping")
	errAccount = errors.New("server: account disabled or reset")
	errCrowded = errors.New("server: full, and most come from there")
)

// What one socket may send: 20 messages a second, and twice that at once.
const (
	messageRate  = 20
	messageBurst = 40
)

// maxLetters is how many letters of other connections may wait for one.
const maxLetters = 32

// conn is one app's connection. All but the constant fields belong to the goroutine of run.
type conn struct {
	s    *Server
	id   string // random
	addr address
	host string // the name by which the app reached the service

	credential string    // id of its relay credentials, random; only run's goroutine uses it
	far        distances // of relays, nil if nobody measured
	first      string    // relay that the app was told to use first

	log   *slog.Logger
	stop  context.CancelCauseFunc
	place *crowd.Place[*conn]
	below voucher // the connection that carries this one; may be nil

	ws      *websocket.Conn
	letters chan *letter // pointers: most channels stay empty
	timer   *time.Timer  // the role's
	role    role
}

// role is what a connection does once it is known whose app it is.
type role interface {
	// handle takes a message of the app. An error ends the connection.
	handle(ctx context.Context, id uint32, m signaling.Message) error
	// deliver takes a letter of another connection.
	deliver(ctx context.Context, l letter) error
	// late is called when the timer has run out.
	late(ctx context.Context) error
	// gone is called once, after the last of the others.
	gone(ctx context.Context)
}

// letter is what connections tell each other over the bus.
type letter struct {
	Kind    string                `json:"kind"` // joined, answered, confirmed, accepted, rejected, left, over, closed, passed
	Room    string                `json:"room,omitempty"`
	Attempt string                `json:"attempt,omitempty"`
	From    string                `json:"from,omitempty"` // connection to answer to
	Address string                `json:"address,omitempty"`
	Form    json.RawMessage       `json:"form,omitempty"`
	Bytes   []byte                `json:"bytes,omitempty"`  // m1, m2 or m3, or what was passed
	Far     []signaling.RoundTrip `json:"far,omitempty"`    // from a customer's app to relays
	Relay   string                `json:"relay,omitempty"`  // that the customer's app uses
	Report  string                `json:"report,omitempty"` // hash of the customer's token
	Left    int                   `json:"left,omitempty"`
	Burnt   bool                  `json:"burnt,omitempty"`
	Reason  signaling.Reason      `json:"reason,omitempty"`
}

func newConn(s *Server, addr address, host string, stop context.CancelCauseFunc) *conn {
	c := &conn{s: s, id: newID(), credential: newID(), addr: addr, host: host, stop: stop, letters: make(chan *letter, maxLetters)}
	c.log = s.Log.With("conn", c.id[:8], "address", addr.String())
	c.role = &stranger{c}
	return c
}

// voucher is a connection that is told when somebody is known.
type voucher interface{ Vouch() }

// belowKey is the key of the connection below in the context of a request.
type belowKey struct{}

// keep makes sure that the connection makes room for nobody any more.
func (c *conn) keep() {
	c.s.places.Keep(c.place)
	if c.below != nil {
		c.below.Vouch()
	}
}

// newID returns 128 random bits in hexadecimal.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// subject is where connection id listens.
func subject(id string) string { return "conn." + id }

// frame is a message with its id.
type frame struct {
	id uint32
	m  signaling.Message
}

// serve is the whole life of the connection: it ends with ctx, or when one of its parts does. When it returns all it started has
// ended.
func (c *conn) serve(ctx context.Context) {
	defer c.ws.CloseNow()
	stopListening, err := c.s.Bus.Listen(subject(c.id), c.take)
	if err != nil {
		c.log.Error("cannot listen", "err", err)
		return
	}
	// The socket's own context lasts longer: to end a read is to end the socket, without a goodbye.
	socket, cut := context.WithCancel(context.WithoutCancel(ctx))
	inbox := make(chan frame)
	var wg sync.WaitGroup
	wg.Go(func() {
		c.stop(c.read(socket, inbox))
		close(inbox)
	})
	wg.Go(func() { c.stop(c.ping(socket)) })
	err = c.run(ctx, inbox)
	wg.Go(func() {
		for range inbox { // so that read sees the answer to the goodbye
		}
	})
	stopListening()
	c.farewell(socket)
	c.goodbye(err)
	cut()
	wg.Wait()
}

// run decides, one thing at a time, until something ends the connection.
func (c *conn) run(ctx context.Context, inbox <-chan frame) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			c.log.Error("fault", "what", fault, "stack", string(debug.Stack()))
			err = fmt.Errorf("server: fault: %v", fault)
		}
	}()
	c.timer = time.NewTimer(c.s.times.hello)
	defer c.timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case f, more := <-inbox:
			if !more {
				return context.Cause(ctx)
			}
			err = c.role.handle(ctx, f.id, f.m)
		case l := <-c.letters:
			err = c.role.deliver(ctx, *l)
		case <-c.timer.C:
			err = c.role.late(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// farewell lets the role tell others that it is gone.
func (c *conn) farewell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.s.times.farewell)
	defer cancel()
	c.role.gone(ctx)
}

// goodbye closes the socket so that an honest app learns why.
func (c *conn) goodbye(err error) {
	code, reason := websocket.StatusPolicyViolation, ""
	switch {
	case errors.Is(err, errClosing):
		code = websocket.StatusGoingAway
	case errors.Is(err, errCrowded):
		code = websocket.StatusTryAgainLater
	case errors.Is(err, errAccount):
		reason = string(signaling.AccountClosed)
	case errors.Is(err, errLate), errors.Is(err, errFlood):
		reason = string(signaling.TooSlow)
		if errors.Is(err, errFlood) {
			reason = string(signaling.TooManyTries)
		}
	}
	c.log.Debug("connection ended", "err", err)
	late := time.AfterFunc(time.Second, func() { _ = c.ws.CloseNow() })
	defer late.Stop()
	_ = c.ws.Close(code, reason) // the app may be gone already
}

// read passes on what the app sends, to somebody who always takes it. It returns why no more is read.
func (c *conn) read(ctx context.Context, inbox chan<- frame) error {
	allowed := rate.NewLimiter(messageRate, messageBurst)
	for {
		kind, raw, err := c.ws.Read(ctx)
		if err != nil {
			return fmt.Errorf("server: read: %w", err)
		}
		if !allowed.Allow() {
			return errFlood
		}
		if kind != websocket.MessageText {
			return signaling.ErrMessage
		}
		id, m, err := signaling.Decode(raw)
		if err != nil {
			return err
		}
		if id == 0 {
			return errOrder // not a request
		}
		inbox <- frame{id, m}
	}
}

// ping keeps the way open, and notices an app that is no longer there.
func (c *conn) ping(ctx context.Context) error {
	t := time.NewTicker(c.s.times.ping)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.C:
		}
		wait, cancel := context.WithTimeout(ctx, c.s.times.pong)
		err := c.ws.Ping(wait)
		cancel()
		if err != nil {
			return fmt.Errorf("%w: %w", errSilent, err)
		}
	}
}

// take is called by the bus.
func (c *conn) take(message []byte) bool {
	var l letter
	if err := json.Unmarshal(message, &l); err != nil {
		c.log.Error("a letter that cannot be read", "err", err)
		return false
	}
	select {
	case c.letters <- &l:
		return true
	default:
		return false
	}
}

// post sends a letter to connection id and returns when it is taken.
func (c *conn) post(ctx context.Context, id string, l letter) error {
	message, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("server: letter: %w", err)
	}
	return c.s.Bus.Send(ctx, subject(id), message)
}

// notify is post for news that the other end can do without.
func (c *conn) notify(ctx context.Context, id string, l letter) {
	if err := c.post(ctx, id, l); err != nil {
		c.log.Debug("letter not taken", "kind", l.Kind, "err", err)
	}
}

// answer sends m as the answer to request id, or as an event if id is zero.
func (c *conn) answer(ctx context.Context, id uint32, m signaling.Message) error {
	raw, err := signaling.Encode(id, m)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.s.times.write)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, raw); err != nil {
		return fmt.Errorf("server: write: %w", err)
	}
	return nil
}

// tell sends an event.
func (c *conn) tell(ctx context.Context, m signaling.Message) error { return c.answer(ctx, 0, m) }

// refuse answers with a no.
func (c *conn) refuse(ctx context.Context, id uint32, r signaling.Reason) error {
	return c.answer(ctx, id, signaling.Refused{Reason: r})
}

// fail answers with a no that stands for err, and logs what nobody should ever see.
func (c *conn) fail(ctx context.Context, id uint32, err error) error {
	r := reasonOf(err)
	if r == signaling.Internal {
		c.log.Error("cannot do what was asked", "err", err)
	}
	return c.refuse(ctx, id, r)
}

// stranger is an app that has not said hello.
type stranger struct{ *conn }

func (x *stranger) handle(ctx context.Context, id uint32, m signaling.Message) error {
	hello, ok := m.(signaling.Hello)
	if !ok {
		return errOrder
	}
	if hello.Version != signaling.Version {
		return x.refuse(ctx, id, signaling.BadVersion)
	}
	welcome := signaling.Welcome{Version: signaling.Version}
	switch hello.Role {
	case signaling.Engineer:
		x.role = newEngineer(x.conn)
		x.timer.Reset(x.s.times.signIn)
	case signaling.Session:
		if !x.s.meets.Allow(x.addr.from(), time.Now()) {
			return x.refuse(ctx, id, signaling.TooManyTries)
		}
		x.role = newParty(x.conn)
		x.timer.Reset(x.s.times.meet)
		welcome.Relays = x.s.Relays(x.host, x.credential, meetCredentialLife)
	default:
		x.role = &customer{conn: x.conn}
		x.timer.Reset(x.s.times.idle)
		welcome.Relays = x.relays()
	}
	return x.answer(ctx, id, welcome)
}

func (x *stranger) deliver(context.Context, letter) error { return nil }
func (x *stranger) late(context.Context) error            { return errLate }
func (x *stranger) gone(context.Context)                  {}
