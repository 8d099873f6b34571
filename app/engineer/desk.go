package engineer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"assist/app/code"
	"assist/app/identity"
	"assist/app/link"
	"assist/app/problem"
	"assist/app/task"
	"assist/signaling"
	"assist/signaling/client"
)

// desk is what a signed-in console has at the service: at most one code, and one attempt at it.
type desk struct {
	Desk
	name    string // who signed in
	account client.Account
	spare   *task.Task[link.Carrier] // a link made ready for the next customer
	spareAt string                   // the relay that it was to use first

	code      code.Code
	until     time.Time
	canExtend bool
	expiry    *time.Timer // nil while there is no code
	left      int         // guesses left on the code
	attempt   *task.Task[*meeting]
	pending   *meeting // answered, waits for the customer's proof
}

// watch returns what the desk has to say: events of the service, and the end of the code's life.
func (d *desk) watch() (<-chan signaling.Event, <-chan time.Time) {
	if d == nil {
		return nil, nil
	}
	if d.expiry == nil {
		return d.Events(), nil
	}
	return d.Events(), d.expiry.C
}

// close gives everything up.
func (d *desk) close() {
	d.dropAttempt()
	d.dropSpare()
	d.forget()
	d.Desk.Close()
}

func (d *desk) dropSpare() {
	if d.spare != nil {
		if l, err := d.spare.Stop(); err == nil {
			l.Close()
		}
		d.spare = nil
	}
}

func (d *desk) dropAttempt() {
	if d.attempt != nil {
		if m, err := d.attempt.Stop(); err == nil {
			m.close()
		}
		d.attempt = nil
	}
	if d.pending != nil {
		d.pending.close()
		d.pending = nil
	}
}

// forget forgets the code.
func (d *desk) forget() {
	if d.expiry != nil {
		d.expiry.Stop()
	}
	d.expiry, d.code = nil, code.Code{}
}

// hasCode reports whether a code is shown.
func (d *desk) hasCode() bool { return d.expiry != nil }

// codeGone forgets the code and says why.
func (d *desk) codeGone(notify func(Event), why *problem.Error) {
	if d.hasCode() {
		d.forget()
		notify(CodeGone{Problem: why})
	}
}

// setRoom takes what the service says of the room.
func (d *desk) setRoom(r signaling.Room) {
	if d.expiry != nil {
		d.expiry.Stop()
	}
	d.until, d.canExtend = time.Now().Add(r.Remaining), r.CanExtend
	d.expiry = time.NewTimer(r.Remaining)
}

func (d *desk) ready() CodeReady {
	return CodeReady{Code: d.code, Until: d.until, CanExtend: d.canExtend}
}

// signIn starts to sign in. One attempt at a time; another one replaces it.
func (c *Console) signIn(ctx context.Context, s signIn) {
	c.leave()
	c.signing = task.Start(ctx, func(ctx context.Context) (*desk, error) {
		ctx, cancel := context.WithTimeout(ctx, signInTime)
		defer cancel()
		service, err := c.cfg.Dial(ctx)
		if err != nil {
			return nil, err
		}
		account, err := service.SignIn(ctx, s.account, s.password)
		if err != nil {
			service.Close()
			return nil, err
		}
		return &desk{Desk: service, name: strings.ToLower(strings.TrimSpace(s.account)), account: account}, nil
	})
}

// signedIn takes the result of a sign-in.
func (c *Console) signedIn(ctx context.Context) {
	d, err := c.signing.Value, c.signing.Err
	c.signing = nil
	if err != nil {
		c.cfg.Log.Info("not signed in", "error", err)
		c.cfg.Notify(SignInFailed{Problem: serviceProblem(err)})
		return
	}
	self, err := identity.NewSession(identity.AccountKey(d.account.ExportKey), d.account.Certificate, time.Now())
	clear(d.account.ExportKey)
	if err != nil {
		d.close()
		c.cfg.Notify(SignInFailed{Problem: problem.New(problem.CertificateGone, fmt.Errorf("engineer: certificate: %w", err))})
		return
	}
	c.desk, c.self = d, self
	c.cfg.Notify(SignedIn{Engineer: self.Engineer})
	c.tellUntold(ctx)
}

// request runs one short question to the service.
func request[T any](ctx context.Context, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	return f(ctx)
}

// newCode replaces the code by a fresh one.
func (c *Console) newCode(ctx context.Context) {
	d := c.desk
	if d == nil {
		c.cfg.Notify(SignInFailed{Problem: problem.New(problem.SignInRequired, nil)})
		return
	}
	c.cancelCode(ctx)
	if time.Until(c.self.NotAfter) < code.Validity+code.Extension {
		c.cfg.Notify(CodeFailed{Problem: problem.New(problem.CertificateGone, nil)})
		return
	}
	room, err := c.openRoom(ctx)
	if err != nil {
		c.cfg.Notify(CodeFailed{Problem: serviceProblem(err)})
		return
	}
	d.code = code.Code{Room: code.Room(room.Digits), Secret: code.NewSecret()}
	d.left = code.MaxGuesses
	d.setRoom(room)
	c.makeSpare(ctx)
	c.cfg.Notify(d.ready())
}

// openRoom asks for a room, and for relay credentials that will last as long.
func (c *Console) openRoom(ctx context.Context) (signaling.Room, error) {
	relays, err := request(ctx, c.desk.Relays)
	if err != nil {
		return signaling.Room{}, err
	}
	c.desk.account.Relays = relays
	return request(ctx, c.desk.OpenRoom)
}

// first is the name of the relay to use first.
func first(relays []signaling.Relay) string {
	if len(relays) == 0 {
		return ""
	}
	return relays[0].Name
}

// makeSpare makes a link ready for the next customer.
func (c *Console) makeSpare(ctx context.Context) {
	if d := c.desk; d.spare == nil {
		d.spareAt = first(d.account.Relays)
		d.spare = task.Start(ctx, func(context.Context) (link.Carrier, error) { return c.cfg.NewLink(d.account.Relays) })
	}
}

// extendCode adds ten minutes, once.
func (c *Console) extendCode(ctx context.Context) {
	d := c.desk
	if d == nil || !d.hasCode() {
		return
	}
	room, err := request(ctx, func(ctx context.Context) (signaling.Room, error) {
		return d.ExtendRoom(ctx, string(d.code.Room))
	})
	if err != nil {
		c.cfg.Notify(CodeFailed{Problem: serviceProblem(err)})
		return
	}
	d.setRoom(room)
	c.cfg.Notify(d.ready())
}

// cancelCode takes the code back, and whoever is connecting with it.
func (c *Console) cancelCode(ctx context.Context) {
	d := c.desk
	if d == nil || !d.hasCode() {
		return
	}
	d.dropAttempt()
	room := string(d.code.Room)
	d.codeGone(c.cfg.Notify, problem.New(problem.CodeCancelled, nil))
	_, err := request(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, d.CancelRoom(ctx, room) })
	if err != nil {
		c.cfg.Log.Info("room not cancelled", "error", err)
	}
}

func expiredProblem() *problem.Error { return problem.New(problem.CodeExpired, nil) }

// serviceProblems says how the service's refusals look to people.
var serviceProblems = []struct {
	err  error
	code problem.Code
}{
	{client.ErrSignInFailed, problem.SignInFailed},
	{client.ErrSignInRequired, problem.SignInRequired},
	{client.ErrTooManyTries, problem.TooManyTries},
	{client.ErrRoomsFull, problem.RoomsFull},
	{client.ErrExtended, problem.CodeExtended},
	{client.ErrExpired, problem.CodeExpired},
	{client.ErrUntrusted, problem.ServiceUntrusted},
	{client.ErrVersion, problem.ServiceVersion},
	{client.ErrFull, problem.ServiceFull},
	{client.ErrAccountClosed, problem.SignInFailed},
	{client.ErrService, problem.ServiceFault},
	{client.ErrLost, problem.ServiceLost},
	{client.ErrClosed, problem.ServiceLost},
}

// serviceProblem turns a fault on the way to the service into what people are told.
func serviceProblem(err error) *problem.Error {
	if code, ok := problem.FromNetwork(err); ok {
		return problem.New(code, fmt.Errorf("engineer: service: %w", err))
	}
	for _, p := range serviceProblems {
		if errors.Is(err, p.err) {
			return problem.New(p.code, fmt.Errorf("engineer: service: %w", err))
		}
	}
	return problem.New(problem.ServiceUnreachable, fmt.Errorf("engineer: service: %w", err))
}
