package customer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"assist/app/link"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/peer"
)

// ask asks the customer what the engineer may do, while the link comes up behind the question. A nil error means that the
// engineer may, and that the link is there.
func (r *Runner) ask(ctx context.Context, m *meeting) (Consent, error) {
	m.able = newAble(r.cfg.Doors)
	until := time.Now().Add(AnswerTime)
	r.cfg.Notify(Asked{
		Engineer: m.engineer, CheckNumber: m.keys.CheckNumber(), MustCheck: !m.engineer.Verified,
		NoScreen: m.able.screen, NoControl: m.able.control, Until: until,
	})
	consent, err := r.consent(m, until)
	if err == nil {
		err = r.waitUp(m)
	}
	if err != nil {
		r.decline(ctx, m, err)
		return Consent{}, err
	}
	return consent, nil
}

// consent waits for the answer. Silence, a hang-up and a link that cannot come up are errors. A link that was up and dropped is
// none: once the customer has said yes, the session's line makes another.
func (r *Runner) consent(m *meeting, until time.Time) (Consent, error) {
	silence := time.NewTimer(time.Until(until))
	defer silence.Stop()
	gone, up := m.control.Done, m.control.Up
	for {
		select {
		case <-m.ctx.Done():
			return Consent{}, problem.New(problem.CustomerEnded, m.ctx.Err())
		case <-silence.C:
			return Consent{}, problem.New(problem.ConsentTimeout, nil)
		case <-gone:
			if err := m.linkGone(); problem.Of(err) != problem.LinkLost {
				return Consent{}, err
			}
			gone = nil
		case <-up:
			up = nil
			m.probe.begin(m)
		case msg := <-m.control.Messages:
			if err := r.beforeConsent(m, msg); err != nil {
				return Consent{}, err
			}
		case <-r.box.Ready():
			cmds := r.box.Take()
			for i, cmd := range cmds {
				if consent, err, decided := m.decide(cmd); decided {
					return consent, cmp.Or(err, endIn(cmds[i+1:]))
				}
			}
		}
	}
}

// decide is what a command of the customer means while the question is open.
func (m *meeting) decide(cmd command) (c Consent, err error, decided bool) {
	switch cmd := cmd.(type) {
	case answer:
		if cmd.Access == session.NoAccess {
			return Consent{}, problem.New(problem.ConsentDeclined, nil), true
		}
		if cmd.Access.Valid() && m.raise.grant(cmd.Access, cmd.Proof) {
			return cmd.Consent, nil, true
		}
	case leave:
		return Consent{}, problem.New(problem.ConsentDeclined, nil), true
	case stop:
		return Consent{}, endOf(cmd), true
	}
	return Consent{}, nil, false
}

// endOf is the end that a command demands once the customer said yes, nil if it demands none.
func endOf(cmd command) error {
	switch cmd := cmd.(type) {
	case leave:
		return problem.New(problem.CustomerEnded, nil)
	case stop:
		return problem.New(cmd.reason, nil)
	}
	return nil
}

// gaveUp takes what the customer did between the yes and the session, and returns the end that it demands.
func (r *Runner) gaveUp() error { return endIn(r.box.Take()) }

// endIn is the end that one of the commands demands, nil if none does.
func endIn(cmds []command) error {
	for _, cmd := range cmds {
		if err := endOf(cmd); err != nil {
			return err
		}
	}
	return nil
}

// beforeConsent takes a control message that came before the answer.
func (r *Runner) beforeConsent(m *meeting, msg wire.Message) error {
	if !session.Allowed(msg.Type(), session.Engineer, session.NoAccess) {
		r.cfg.Log.Warn("refused before consent", "type", msg.Type())
		return nil
	}
	switch msg := msg.(type) {
	case *wire.Hello:
		return r.greet(msg)
	case *wire.Pong:
		m.probe.answered(m, msg)
	case *wire.End:
		return engineerEnded(msg.Reason)
	}
	return nil
}

// greet notes what the engineer's program can do. It refuses another version of the format.
func (r *Runner) greet(h *wire.Hello) error {
	r.films.Store(h.Motion)
	if h.Version != wire.Version {
		return problem.New(problem.ServiceVersion, fmt.Errorf("customer: engineer's program speaks version %d", h.Version))
	}
	return nil
}

// waitUp waits for the link once the customer said yes, and hears whether that is taken back.
func (r *Runner) waitUp(m *meeting) error {
	limit := time.NewTimer(connectTime)
	defer limit.Stop()
	for {
		select {
		case <-m.control.Up: // and it does not matter here whether it is down again
			return nil
		default:
		}
		select {
		case <-m.control.Up:
		case <-m.control.Done:
			return m.linkGone()
		case <-limit.C:
			return problem.New(problem.RelayUnreachable, nil)
		case <-m.ctx.Done():
			return problem.New(problem.CustomerEnded, m.ctx.Err())
		case <-r.box.Ready():
			if err := r.gaveUp(); err != nil {
				return err
			}
		}
	}
}

// linkGone is why the link is gone: one that never came up has found no relay.
func (m *meeting) linkGone() error {
	err := linkProblem(m.control.Err)
	select {
	case <-m.control.Up:
	default:
		if problem.Of(err) == problem.LinkLost {
			return problem.New(problem.RelayUnreachable, err)
		}
	}
	return err
}

// decline tells the engineer why there is no session, if the link is up.
func (r *Runner) decline(ctx context.Context, m *meeting, why error) {
	switch problem.Of(why) {
	case problem.ConsentDeclined:
		r.goodbye(ctx, m, wire.Declined)
	case problem.ConsentTimeout:
		r.goodbye(ctx, m, wire.NoAnswer)
	case problem.CustomerEnded, problem.Alarm, problem.PanicKey:
		r.goodbye(ctx, m, goodbyeReason(why))
	}
}

// goodbye sends the last message, if the link is up, and gives it a moment to leave. Over a link that dropped, the service
// passes it on.
func (r *Runner) goodbye(ctx context.Context, m *meeting, reason wire.Reason) {
	select {
	case <-m.control.Up:
	default:
		return
	}
	moment, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	select {
	case <-m.control.Done:
		if line, err := r.line(m.ctx, m); err == nil {
			select {
			case <-line.Changed(): // it has seen that the link is down
			case <-moment.Done():
			}
			r.lastWord(ctx, line.Close(reason))
		}
		return
	default:
	}
	m.turn.Farewell(moment, &wire.End{Reason: reason})
}

// engineerEnded is how the engineer's End looks to the customer.
func engineerEnded(reason wire.Reason) error {
	switch reason {
	case wire.Misbehaved:
		return problem.New(problem.PeerMisbehaved, errors.New("customer: the engineer's program refused our bytes"))
	case wire.WrongFormat:
		return problem.New(problem.ServiceVersion, nil)
	}
	return problem.New(problem.EngineerEnded, nil)
}

// linkProblem turns a fault of the link into what people are told.
func linkProblem(err error) error {
	switch {
	case errors.Is(err, link.ErrHostile):
		return problem.New(problem.PeerMisbehaved, err)
	case errors.Is(err, peer.ErrFingerprint):
		return problem.New(problem.HandshakeBroken, err)
	case errors.Is(err, peer.ErrNoRelay):
		return problem.New(problem.RelayUnreachable, err)
	}
	return problem.New(problem.LinkLost, fmt.Errorf("customer: %w", err))
}
