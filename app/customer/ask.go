package customer

import (
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
		err = m.waitUp()
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
			for _, cmd := range r.box.Take() {
				if consent, err, decided := m.decide(cmd); decided {
					return consent, err
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
		return Consent{}, problem.New(cmd.reason, nil), true
	}
	return Consent{}, nil, false
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

// waitUp waits for the link once the customer said yes.
func (m *meeting) waitUp() error {
	select {
	case <-m.control.Up: // and it does not matter here whether it is down again
		return nil
	default:
	}
	limit := time.NewTimer(connectTime)
	defer limit.Stop()
	select {
	case <-m.control.Up:
		return nil
	case <-m.control.Done:
		return m.linkGone()
	case <-limit.C:
		return problem.New(problem.RelayUnreachable, nil)
	case <-m.ctx.Done():
		return problem.New(problem.CustomerEnded, m.ctx.Err())
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
	reason := wire.ByPerson
	switch problem.Of(why) {
	case problem.ConsentDeclined:
		reason = wire.Declined
	case problem.ConsentTimeout:
		reason = wire.NoAnswer
	case problem.CustomerEnded, problem.Alarm:
	default:
		return
	}
	r.goodbye(ctx, m, reason)
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
