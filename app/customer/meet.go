package customer

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"assist/app/e2e"
	"assist/app/identity"
	"assist/app/link"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/task"
	"assist/signaling"
	"assist/signaling/client"
)

// errClosed means that the customer closed the form.
var errClosed = errors.New("customer: closed")

// place is what can be made ready while the form is typed: a line to the service and an offer with
// gathered candidates.
type place struct {
	desk  Desk
	gone  chan struct{} // closed when the service is
	news  chan signaling.Event
	link  link.Carrier
	offer []byte
	made  time.Time
}

func (p *place) close() {
	if p == nil {
		return
	}
	if p.link != nil {
		p.link.Close()
	}
	p.desk.Close()
	<-p.gone
}

// listen takes what the service tells until it is gone: that the engineer accepted, or never will, and that the engineer's account
// was closed, which ends the session.
func (p *place) listen(closed func()) {
	defer close(p.gone)
	for ev := range p.desk.Events() {
		switch ev.(type) {
		case signaling.Accepted, signaling.RoomGone:
			select {
			case p.news <- ev:
			default: // of an attempt that nobody waits for
			}
		case signaling.Revoked:
			closed()
		}
	}
}

// accepted waits until the service knows that the engineer accepted, and has written it down: nobody is asked to allow a session that
// is in no record.
func (p *place) accepted(ctx context.Context, attempt string) error {
	wait, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	for {
		select {
		case ev := <-p.news:
			switch ev := ev.(type) {
			case signaling.Accepted:
				if ev.Attempt == attempt {
					return nil
				}
			case signaling.RoomGone:
				return joinProblem(ctx, client.Error(ev.Reason))
			}
		case <-p.gone:
			return problem.New(problem.ServiceLost, errors.New("customer: service lost before the engineer accepted"))
		case <-wait.Done():
			return joinProblem(ctx, wait.Err())
		}
	}
}

// fresh reports whether the place can still be used to join.
func (p *place) fresh() bool {
	select {
	case <-p.gone:
		return false
	default:
		return time.Since(p.made) < prepareLife
	}
}

// prepare dials the service and gathers an offer.
func (r *Runner) prepare(ctx context.Context) (p *place, err error) {
	ctx, cancel := context.WithTimeout(ctx, prepareTime)
	defer cancel()
	desk, err := r.cfg.Dial(ctx)
	if err != nil {
		return nil, serviceProblem(err)
	}
	p = &place{desk: desk, gone: make(chan struct{}), news: make(chan signaling.Event, 4), made: time.Now()}
	go p.listen(func() { r.stop(problem.EngineerRevoked) })
	defer func() {
		if err != nil {
			p.close()
			p = nil
		}
	}()
	welcome, err := desk.Hello(ctx)
	if err != nil {
		return p, serviceProblem(err)
	}
	if p.link, err = r.cfg.NewLink(welcome.Relays); err != nil {
		return p, problem.New(problem.RelayUnreachable, fmt.Errorf("customer: link: %w", err))
	}
	if p.offer, err = p.link.Offer(ctx); err != nil {
		return p, problem.New(problem.RelayUnreachable, fmt.Errorf("customer: offer: %w", err))
	}
	return p, nil
}

// meeting is a proven pair: the engineer knows the code, and both have the keys.
type meeting struct {
	*place
	ctx      context.Context // ends with the meeting
	cancel   context.CancelFunc
	id       string // public id of the session, the same at both ends
	attempt  string // the service's name for it, and what lets this end tell how it ended
	token    signaling.Token
	keys     *e2e.Keys
	engineer identity.Engineer
	chain    []byte   // the engineer's certificates
	remote   [32]byte // fingerprint of the engineer's DTLS certificate
	form     Form
	raise    raise
	able     able
	panicKey bool       // it ends the session
	turn     *link.Turn // the first
	control  *link.Feed // of it
	probe    probe
}

// open seals the link and lets it come up.
func (m *meeting) open(ctx context.Context, log *slog.Logger) (err error) {
	if m.turn, err = link.Open(m.link, m.keys, m.remote, log); err != nil {
		return err
	}
	m.control = m.turn.Control
	m.raise = newRaise(m)
	m.ctx, m.cancel = context.WithCancel(ctx)
	return nil
}

func (m *meeting) close() {
	if m.cancel != nil {
		m.cancel()
		m.turn.Close()
	}
	m.place.close()
	m.keys.Erase()
}

// refusal is an attempt that led nowhere. What was prepared is kept where it can be used again.
type refusal struct {
	Refused
	keep *place
}

func (r *refusal) Error() string { return r.Problem.Error() }

// refused tells why an attempt led nowhere and makes ready for the next.
func (r *Runner) refused(ctx context.Context, err error) *task.Task[*place] {
	var keep *place
	told := Refused{Problem: problem.New(problem.Of(err), err)}
	if ref, ok := errors.AsType[*refusal](err); ok {
		told, keep = ref.Refused, ref.keep
	}
	if !errors.Is(err, context.Canceled) {
		r.cfg.Log.Info("code refused", "problem", told.Problem)
		r.cfg.Notify(told)
	}
	if keep != nil {
		return task.Start(ctx, func(context.Context) (*place, error) { return keep, nil })
	}
	return task.Start(ctx, r.prepare)
}

// attempt tries one code.
func (r *Runner) attempt(ctx context.Context, life *life, ready *task.Task[*place], j join) (*meeting, error) {
	p, err := r.takePlace(ctx, ready)
	if err != nil {
		return nil, err
	}
	m, err := r.handshake(ctx, life, p, j)
	if err == nil {
		return m, nil
	}
	if ref, ok := errors.AsType[*refusal](err); ok && p.fresh() {
		ref.keep = p
		return nil, err
	}
	p.close()
	return nil, err
}

// takePlace waits for the place that is being prepared, and makes another if it is too old or failed.
func (r *Runner) takePlace(ctx context.Context, ready *task.Task[*place]) (*place, error) {
	if ready != nil {
		select {
		case <-ready.Done:
		case <-ctx.Done():
			p, _ := ready.Stop()
			p.close()
			return nil, ctx.Err()
		}
		if ready.Err == nil {
			if ready.Value.fresh() {
				return ready.Value, nil
			}
			ready.Value.close()
		}
	}
	return r.prepare(ctx)
}

// handshake proves the code to the engineer and checks the engineer's proof.
func (r *Runner) handshake(ctx context.Context, life *life, p *place, j join) (*meeting, error) {
	info, err := json.Marshal(j.form)
	if err != nil {
		return nil, fmt.Errorf("customer: form: %w", err)
	}
	hs, m1, err := e2e.Start(j.code.Secret, e2e.Offer{
		Room: j.code.Room, Info: info, SDP: p.offer, Fingerprint: p.link.Fingerprint(),
	})
	if err != nil {
		return nil, fmt.Errorf("customer: handshake: %w", err)
	}
	joinCtx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	reply, err := p.desk.Join(joinCtx, signaling.Join{Room: string(j.code.Room), Form: info, M1: m1})
	if err != nil {
		return nil, joinProblem(ctx, err)
	}
	life.move(session.PeerJoined)

	m := &meeting{place: p, form: j.form, attempt: reply.Attempt, token: reply.Report}
	keys, answer, m3, err := hs.Finish(reply.M2, r.verifier(&m.engineer))
	switch {
	case errors.Is(err, e2e.ErrWrongSecret):
		p.desk.Reject(ctx)
		return nil, wrongCode(reply, err)
	case err != nil:
		p.desk.Reject(ctx)
		return nil, handshakeProblem(err)
	}
	m.keys, m.remote, m.id, m.chain = keys, answer.Fingerprint, sessionName(keys), answer.Chain
	if err := p.link.Accept(answer.SDP); err != nil {
		keys.Erase()
		return nil, problem.New(problem.HandshakeBroken, fmt.Errorf("customer: %w", err))
	}
	if err := p.desk.Confirm(ctx, m3); err != nil {
		keys.Erase()
		return nil, serviceProblem(err)
	}
	if err := p.accepted(ctx, reply.Attempt); err != nil {
		keys.Erase()
		return nil, err
	}
	if !life.move(session.KeyAgreed) {
		keys.Erase()
		return nil, problem.New(problem.Internal, nil)
	}
	return m, nil
}

// handshakeProblem says how a handshake that failed looks to people. Dates come after signatures: who they are about has signed.
func handshakeProblem(err error) *problem.Error {
	why := problem.HandshakeBroken
	switch {
	case errors.Is(err, identity.ErrForged):
		why = problem.EngineerForged
	case errors.Is(err, identity.ErrExpired), errors.Is(err, identity.ErrEarly):
		why = problem.EngineerDates
	}
	return problem.New(why, fmt.Errorf("customer: %w", err))
}

// sessionName is how logs and records name the session.
func sessionName(keys *e2e.Keys) string {
	id := keys.SessionID()
	return hex.EncodeToString(id[:8])
}

// verifier checks the engineer's certificates and stores who it is.
func (r *Runner) verifier(who *identity.Engineer) e2e.Verify {
	return func(chain, transcript, signature []byte) error {
		engineer, err := identity.VerifySignature(chain, r.cfg.Trusted, time.Now(), transcript, signature)
		if err != nil {
			return err
		}
		*who = engineer
		return nil
	}
}

// wrongCode is the refusal after a wrong secret.
func wrongCode(reply signaling.Reply, err error) error {
	why := problem.CodeWrong
	if reply.Left <= 0 {
		why = problem.CodeBurnt
	}
	return &refusal{Refused: Refused{
		Problem:     problem.New(why, fmt.Errorf("customer: %w", err)),
		GuessesLeft: max(reply.Left, 0),
		Expires:     time.Now().Add(reply.Remaining),
	}}
}

// joinProblems says how the service's refusals look to people.
var joinProblems = []struct {
	err  error
	code problem.Code
}{
	{client.ErrUnknown, problem.CodeUnknown},
	{client.ErrExpired, problem.CodeExpired},
	{client.ErrUsed, problem.CodeUsed},
	{client.ErrBurnt, problem.CodeBurnt},
	{client.ErrCancelled, problem.CodeCancelled},
	{client.ErrClaimed, problem.CodeClaimed},
	{client.ErrTooManyTries, problem.TooManyTries},
	{client.ErrEngineerGone, problem.EngineerGone},
	{client.ErrEngineerSilent, problem.EngineerSilent},
	{client.ErrTooSlow, problem.EngineerSilent},
}

// joinProblem turns a refused join into what the customer is told.
func joinProblem(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) { // the claim may live on: this place is not used again
		return problem.New(problem.EngineerSilent, fmt.Errorf("customer: join: %w", err))
	}
	for _, p := range joinProblems {
		if errors.Is(err, p.err) {
			return &refusal{Refused: Refused{Problem: problem.New(p.code, fmt.Errorf("customer: join: %w", err))}}
		}
	}
	return serviceProblem(err)
}

// serviceProblem turns a fault on the way to the service into what people are told.
func serviceProblem(err error) error {
	why := problem.ServiceUnreachable
	if code, ok := problem.FromNetwork(err); ok {
		why = code
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case why != problem.ServiceUnreachable:
	case errors.Is(err, client.ErrUntrusted):
		why = problem.ServiceUntrusted
	case errors.Is(err, client.ErrVersion):
		why = problem.ServiceVersion
	case errors.Is(err, client.ErrFull):
		why = problem.ServiceFull
	case errors.Is(err, client.ErrLost), errors.Is(err, client.ErrClosed):
		why = problem.ServiceLost
	case errors.Is(err, client.ErrService):
		why = problem.ServiceFault
	}
	return problem.New(why, fmt.Errorf("customer: service: %w", err))
}
