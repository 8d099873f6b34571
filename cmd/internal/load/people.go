package load

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"assist/signaling"
	"assist/signaling/client"
	"golang.org/x/time/rate"
)

// What an engineer's app says at most while the place fills, in calls a second and at once: below what the service takes for a
// flood.
const (
	paceRate  = 12
	paceBurst = 12
)

// engineer is somebody with codes, whose app answers by itself.
type engineer struct {
	crowd *Crowd
	conn  *client.Conn
	pace  *rate.Limiter
}

// form is what customers have typed.
var form = json.RawMessage(`{"name":"Cleo Customer","customer_number":"4711-08","case":"TS012345","branch":"724","country":"JP","product":"Storage Server 8"}`)

// newEngineer signs in.
func (c *Crowd) newEngineer(ctx context.Context, a Account) (*engineer, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.SignIn(ctx, a.Name, a.Password); err != nil {
		return nil, fmt.Errorf("load: engineer %s: %w", a.Name, err)
	}
	e := &engineer{crowd: c, conn: conn, pace: rate.NewLimiter(paceRate, paceBurst)}
	c.wg.Go(e.listen)
	return e, nil
}

// listen answers customers until the connection is over.
func (e *engineer) listen() {
	for event := range e.conn.Events() {
		switch m := event.(type) {
		case signaling.Joined:
			e.call(Answer, func(ctx context.Context) error { return e.conn.Answer(ctx, m.Attempt, noise(answerSize)) })
		case signaling.Confirmed:
			e.call(Accept, func(ctx context.Context) error { return e.conn.Accept(ctx, m.Attempt) })
		case signaling.Lost:
			if !errors.Is(m.Err, client.ErrClosed) {
				e.crowd.fail(fmt.Errorf("load: an engineer's connection: %w", m.Err))
			}
		default:
			e.crowd.fail(fmt.Errorf("load: an engineer's app was told %T", m))
		}
	}
}

// call makes a call for which nobody waits.
func (e *engineer) call(name string, f func(context.Context) error) {
	e.crowd.wg.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), callTime)
		defer cancel()
		err := e.crowd.time(name, func() error { return f(ctx) })
		if err != nil && !errors.Is(err, client.ErrClosed) {
			e.crowd.fail(err)
		}
	})
}

// code opens a room.
func (e *engineer) code(ctx context.Context) (digits string, err error) {
	err = e.crowd.time(Code, func() error {
		r, err := e.conn.OpenRoom(ctx)
		digits = r.Digits
		return err
	})
	return digits, err
}

// customer is somebody in a session that began with a code.
type customer struct {
	conn    *client.Conn
	attempt string
	report  signaling.Token
	began   time.Time
}

// newForm connects a customer's app that shows its form.
func (c *Crowd) newForm(ctx context.Context) (*client.Conn, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn, c.time(Hello, func() error { return greet(ctx, conn) })
}

// errNoRelay says that the service gave no relay with credentials.
var errNoRelay = errors.New("load: no relay's credentials were given")

func greet(ctx context.Context, conn *client.Conn) error {
	w, err := conn.Hello(ctx)
	if err == nil && (len(w.Relays) == 0 || w.Relays[0].Credential == "") {
		return errNoRelay
	}
	return err
}

// begin takes a session from the new code to the accepted customer.
func (c *Crowd) begin(ctx context.Context, e *engineer) error {
	digits, err := e.code(ctx)
	if err != nil {
		return err
	}
	conn, err := c.newForm(ctx)
	if err != nil {
		return err
	}
	var reply signaling.Reply
	err = c.time(Join, func() (err error) {
		reply, err = conn.Join(ctx, signaling.Join{Room: digits, Form: form, M1: noise(offerSize)})
		return err
	})
	if err != nil {
		return err
	}
	if err := c.time(Confirm, func() error { return conn.Confirm(ctx, noise(confirmSize)) }); err != nil {
		return err
	}
	if err := accepted(ctx, conn); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions = append(c.sessions, &customer{conn, reply.Attempt, reply.Report, time.Now()})
	return nil
}

// accepted waits until the engineer has accepted.
func accepted(ctx context.Context, conn *client.Conn) error {
	select {
	case event := <-conn.Events():
		if _, ok := event.(signaling.Accepted); !ok {
			return fmt.Errorf("load: the customer's app was told %T instead of accepted", event)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("load: not accepted: %w", ctx.Err())
	}
}

// end ends the oldest session, and both ends tell.
func (c *Crowd) end(ctx context.Context) error {
	c.mu.Lock()
	if len(c.sessions) == 0 {
		c.mu.Unlock()
		return nil
	}
	oldest := c.sessions[0]
	c.sessions = c.sessions[1:]
	c.mu.Unlock()
	line := signaling.Ended{
		Attempt: oldest.attempt, Report: oldest.report, Session: oldest.attempt[:16], Started: oldest.began, Reason: "done",
		Levels: []signaling.Level{{Access: "shared-control", At: oldest.began}},
	}
	err := c.time(Ended, func() error { return oldest.conn.Ended(ctx, line) })
	c.leave(oldest.conn)
	return err
}

// newPair connects both ends of a session whose link is gone.
func (c *Crowd) newPair(ctx context.Context) error {
	ticket := hex.EncodeToString(noise(16))
	var pair [2]*client.Conn
	for i := range pair {
		conn, err := c.connect(ctx)
		if err != nil {
			return err
		}
		relays, err := conn.Meet(ctx, ticket)
		if err == nil && len(relays) == 0 {
			err = errNoRelay
		}
		if err != nil {
			return fmt.Errorf("load: resuming: %w", err)
		}
		pair[i] = conn
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pairs = append(c.pairs, pair)
	return nil
}

// pass says something from one end of a resuming session to the other, which must hear it.
func (c *Crowd) pass(ctx context.Context, pair [2]*client.Conn) error {
	if err := c.time(Pass, func() error { return pair[0].Pass(ctx, noise(passSize)) }); err != nil {
		return err
	}
	select {
	case event := <-pair[1].Events():
		if _, ok := event.(signaling.Passed); !ok {
			return fmt.Errorf("load: the other end was told %T instead of what was passed", event)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("load: nothing was passed: %w", ctx.Err())
	}
}
