package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"assist/signaling"
	"assist/signaling/account"
)

// greet says hello once as role.
func (c *Conn) greet(ctx context.Context, role signaling.Role) (signaling.Welcome, error) {
	w, err := ask[signaling.Welcome](ctx, c, signaling.Hello{Version: signaling.Version, Role: role})
	if err != nil {
		return signaling.Welcome{}, err
	}
	if w.Version != signaling.Version {
		return signaling.Welcome{}, ErrVersion
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.greeted = role
	return w, nil
}

// Relays returns relays with fresh credentials, good for making a link within the next quarter of an hour.
func (c *Conn) Relays(ctx context.Context) ([]signaling.Relay, error) {
	r, err := ask[signaling.Relays](ctx, c, signaling.Renew{})
	return r.Relays, err
}

// Measured tells the service how far away relays are, and returns their names in the order in which they are best used
// together with the other end.
func (c *Conn) Measured(ctx context.Context, times []signaling.RoundTrip) ([]string, error) {
	o, err := ask[signaling.Order](ctx, c, signaling.Measured{Relays: times})
	return o.Names, err
}

// Ended writes a line into the audit log about a session that is over. It may be said over any connection: of a customer's app or one
// in the middle of a session with the attempt and the token from [Conn.Join], of an engineer's with the attempt that the same
// account accepted. Errors: ErrUnknown if there is no such session, or none of this app's, or not any more; ErrUsed if it was said
// before; ErrService and those of the connection.
func (c *Conn) Ended(ctx context.Context, e signaling.Ended) error { return c.yes(ctx, e) }

// yes sends a request that is answered with a yes or a no.
func (c *Conn) yes(ctx context.Context, m signaling.Message) error {
	_, err := ask[signaling.Done](ctx, c, m)
	return err
}

// The customer's side.

// Hello greets the service as a customer's app. It comes first.
func (c *Conn) Hello(ctx context.Context) (signaling.Welcome, error) {
	return c.greet(ctx, signaling.Customer)
}

// Join claims a room and returns what the engineer answers. After it comes Confirm, Reject or Leave.
//
// Errors: ErrUnknown, ErrExpired, ErrUsed, ErrBurnt, ErrCancelled, ErrClaimed, ErrTooManyTries, ErrEngineerGone,
// ErrEngineerSilent, ErrService, and those of the connection. If ctx ends before an answer is there, Leave ends the claim.
func (c *Conn) Join(ctx context.Context, j signaling.Join) (signaling.Reply, error) {
	return ask[signaling.Reply](ctx, c, j)
}

// Confirm says that the engineer knows the secret, and sends m3. The event Accepted follows when the engineer has
// checked it, and RoomGone if that cannot happen any more.
func (c *Conn) Confirm(ctx context.Context, m3 []byte) error {
	return c.yes(ctx, signaling.Confirm{M3: m3})
}

// Reject says that the secret was wrong. The room is open again, or burnt if no guess is left.
func (c *Conn) Reject(ctx context.Context) error { return c.yes(ctx, signaling.Reject{}) }

// Leave gives up a join, which counts as a guess. Without a join it does nothing.
func (c *Conn) Leave(ctx context.Context) error { return c.yes(ctx, signaling.Leave{}) }

// The engineer's side.

// Account is what a sign-in yields.
type Account struct {
	Certificate []byte // signed by the organisation
	ExportKey   []byte // secret; only this password yields it, the service does not know it
	Relays      []signaling.Relay
}

// LogValue keeps the export key out of every log.
func (Account) LogValue() slog.Value { return slog.StringValue("[account]") }

// String keeps the export key out of every print.
func (Account) String() string { return "[account]" }

// GoString keeps the export key out of every print.
func (Account) GoString() string { return "[account]" }

// SignIn signs an engineer in. It takes about a quarter of a second of computing, by design. Any fault in name or password is
// ErrSignInFailed, and it may take longer after failures.
func (c *Conn) SignIn(ctx context.Context, name, password string) (Account, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	attempt, ke1, err := account.Start(name, password)
	if errors.Is(err, account.ErrPassword) {
		return Account{}, ErrSignInFailed // no account has a password like this
	}
	if err != nil {
		return Account{}, fmt.Errorf("client: %w", err)
	}
	c.mu.Lock()
	greeted := c.greeted
	c.mu.Unlock()
	if greeted == "" {
		if _, err := c.greet(ctx, signaling.Engineer); err != nil {
			return Account{}, err
		}
	}
	challenge, err := ask[signaling.Challenge](ctx, c, signaling.SignInStart{Account: name, KE1: ke1})
	if errors.Is(err, signaling.ErrMessage) {
		return Account{}, ErrSignInFailed // not a text that can be sent, so not a name
	}
	if err != nil {
		return Account{}, err
	}
	ke3, exportKey, failed := attempt.Finish(challenge.KE2)
	in, err := ask[signaling.SignedIn](ctx, c, signaling.SignInFinish{KE3: ke3})
	if err != nil {
		return Account{}, err
	}
	if failed != nil { // the service says yes to a password it cannot have checked
		return Account{}, ErrSignInFailed
	}
	return Account{in.Certificate, exportKey, in.Relays}, nil
}

// OpenRoom asks for a room. Errors: ErrRoomsFull, ErrSignInRequired, ErrService, and those of the connection.
func (c *Conn) OpenRoom(ctx context.Context) (signaling.Room, error) {
	return ask[signaling.Room](ctx, c, signaling.OpenRoom{})
}

// ExtendRoom adds ten minutes to a room's life, once: then ErrExtended. Other errors say how the room ended.
func (c *Conn) ExtendRoom(ctx context.Context, digits string) (signaling.Room, error) {
	return ask[signaling.Room](ctx, c, signaling.ExtendRoom{Room: digits})
}

// ResumeRoom takes up a room that this account opened over a connection that was lost since. Errors say how the room ended.
func (c *Conn) ResumeRoom(ctx context.Context, digits string) (signaling.Room, error) {
	return ask[signaling.Room](ctx, c, signaling.ResumeRoom{Room: digits})
}

// CancelRoom takes a room back. A customer who is connecting is told.
func (c *Conn) CancelRoom(ctx context.Context, digits string) error {
	return c.yes(ctx, signaling.CancelRoom{Room: digits})
}

// BurnRoom ends a room because somebody tampers with it. A customer who is connecting is told.
func (c *Conn) BurnRoom(ctx context.Context, digits string) error {
	return c.yes(ctx, signaling.BurnRoom{Room: digits})
}

// Answer sends m2 to the customer of attempt. ErrCustomerGone: there is nobody any more.
func (c *Conn) Answer(ctx context.Context, attempt string, m2 []byte) error {
	return c.yes(ctx, signaling.Answer{Attempt: attempt, M2: m2})
}

// Accept says that m3 of attempt was right. The room is used from now on. Without a yes no session may begin.
func (c *Conn) Accept(ctx context.Context, attempt string) error {
	return c.yes(ctx, signaling.Accept{Attempt: attempt})
}

// Either side, in the middle of a session.

// Meet greets the service and waits, from then on, for the other end of the session that ticket is derived from: what it
// passes arrives as the event Passed. It comes first. The relays are for one more link, to be made within minutes.
//
// Errors: ErrTooManyTries, ErrVersion, ErrService, and those of the connection.
func (c *Conn) Meet(ctx context.Context, ticket string) ([]signaling.Relay, error) {
	w, err := c.greet(ctx, signaling.Session)
	if err != nil {
		return nil, err
	}
	return w.Relays, c.yes(ctx, signaling.Meet{Ticket: ticket})
}

// Pass gives b to the other end, if it is there. That it is not is no error.
func (c *Conn) Pass(ctx context.Context, b []byte) error {
	return c.yes(ctx, signaling.Pass{Bytes: b})
}
