// Package customer runs the customer's end of a session, from the form to the last message. It is the side that
// decides: every message from the engineer is held against app/session's permission table here, for the level that
// holds at that moment.
//
// It opens no window: windows act through [Actions] and are told by [Event].
//
//	form -> meet.go (service, handshake) -> ask.go (consent) -> live.go (chat, picture, input) -> end
package customer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"assist/app/code"
	"assist/app/mailbox"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

// Runner runs one session after the other, each from the form on. It implements [Actions].
type Runner struct {
	cfg  Config
	box  *mailbox.Box[command]
	live atomic.Pointer[live] // while a session is live: what must stop at once
	// films says that the engineer's program has the motion plane.
	films atomic.Bool

	later sync.WaitGroup // what goes on after a session
}

var _ Actions = (*Runner)(nil)

// New returns a Runner that waits for [Runner.Run].
func New(cfg Config) *Runner {
	return &Runner{cfg: cfg, box: mailbox.New[command]()}
}

// command is something the customer did.
type command any

type (
	join struct {
		form Form
		code code.Code
	}
	leave  struct{}
	answer struct{ Consent }
	level  struct {
		access session.Access
		proof  Proof
		since  mark // when it was asked for
	}
	answerRequest struct {
		id    uint32
		yes   bool
		proof Proof
		since mark
	}
	stillHere struct{ proof Proof }
	say       struct{ text string }
	pause     struct{}
	resume    struct {
		proof Proof
		since mark
	}
	stop struct{ reason problem.Code }
	// trouble comes from a part of the session: what failed, and the highest level that goes without it.
	trouble struct {
		*problem.Error
		most session.Access
	}
)

func (r *Runner) Join(f Form, c code.Code) { r.box.Put(join{f, c}) }
func (r *Runner) Answer(c Consent)         { r.box.Put(answer{c}) }
func (r *Runner) Say(text string)          { r.box.Put(say{text}) }

// SetAccess changes the level. What a lower level forbids has stopped when it returns, and nothing that was asked for before
// brings it back.
func (r *Runner) SetAccess(a session.Access, p Proof) {
	if !a.Valid() {
		return
	}
	if l := r.live.Load(); l != nil {
		l.lower(a)
	}
	r.box.Put(level{a, p, r.mark()})
}

func (r *Runner) AnswerRequest(id uint32, yes bool, p Proof) {
	r.box.Put(answerRequest{id, yes, p, r.mark()})
}

// mark is the present moment of the live session, if there is one.
func (r *Runner) mark() mark {
	if l := r.live.Load(); l != nil {
		now, _ := l.mark()
		return now
	}
	return 0
}

func (r *Runner) StillHere(p Proof) { r.box.Put(stillHere{p}) }

// Alarm ends the session as Stop does, and tells the service that something felt wrong.
func (r *Runner) Alarm() { r.stop(problem.Alarm) }

// Pause stops picture and input before it returns.
func (r *Runner) Pause() {
	if l := r.live.Load(); l != nil {
		l.hush()
	}
	r.box.Put(pause{})
}

func (r *Runner) Resume(p Proof) { r.box.Put(resume{p, r.mark()}) }

// Stop ends the session. Picture and input have stopped when it returns.
func (r *Runner) Stop() { r.stop(problem.CustomerEnded) }

func (r *Runner) stop(why problem.Code) { r.end(stop{why}) }

// Leave gives up. What has become live meanwhile has stopped when it returns.
func (r *Runner) Leave() { r.end(leave{}) }

// end puts a command that ends a session. It is in the box before a live session is looked for: one that becomes live meanwhile
// looks into the box.
func (r *Runner) end(cmd command) {
	r.box.Put(cmd)
	if l := r.live.Load(); l != nil {
		l.cut()
	}
}

// Run runs sessions until ctx ends. When it returns, every goroutine it started has returned too.
func (r *Runner) Run(ctx context.Context) error {
	defer r.later.Wait()
	for ctx.Err() == nil {
		r.one(ctx)
	}
	return nil
}

// one runs one session from the form to its end, and tells the end.
func (r *Runner) one(ctx context.Context) {
	life := &life{log: r.cfg.Log}
	m, err := r.meet(ctx, life)
	if err != nil {
		return // ctx ended, or the customer closed the form
	}
	defer m.close()
	var s ending
	if err = m.open(ctx, r.cfg.Log); err == nil {
		err = r.allowed(ctx, life, m, &s)
	}
	life.move(session.HungUp)
	r.tellEnd(ctx, m, s, err)
}

// ending is what is told of a session at its end.
type ending struct {
	started time.Time // zero if it never was live
	record  *record
}

// allowed asks, and holds the session if the customer allows one. The Pause key ends both.
func (r *Runner) allowed(ctx context.Context, life *life, m *meeting, s *ending) error {
	defer r.grabPanicKey(m)()
	consent, err := r.ask(ctx, m)
	if err != nil {
		return err
	}
	if s.record, err = r.openRecord(m, consent); err != nil {
		r.goodbye(ctx, m, wire.Broken)
		return err
	}
	if !life.move(session.Granted) {
		return problem.New(problem.Internal, nil)
	}
	return r.hold(ctx, m, consent, s)
}

// grabPanicKey makes the Pause key stop, from the question to the end, where there is such a key.
func (r *Runner) grabPanicKey(m *meeting) (release func()) {
	if r.cfg.GrabPanicKey == nil {
		return func() {}
	}
	key, err := r.cfg.GrabPanicKey(m.ctx, func() { r.stop(problem.PanicKey) })
	if err != nil {
		r.cfg.Log.Warn("no panic key", "error", err)
		return func() {}
	}
	m.panicKey = true
	return func() { key.Close() }
}

// tellEnd tells the windows and the service how it ended.
func (r *Runner) tellEnd(ctx context.Context, m *meeting, s ending, err error) {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		p = problem.New(problem.Internal, err)
	}
	r.cfg.Log.Info("session ended", "session", m.id, "problem", p)
	told := r.tellService(ctx, m, s.started, p.Code)
	ended := Ended{Problem: p, Started: s.started, Finished: time.Now(), Alarm: told}
	if s.record != nil {
		if err := s.record.close(p.Code); err != nil {
			r.cfg.Log.Warn("journal", "error", err)
		}
		ended.Journal, ended.Transcript, ended.TranscriptFile = s.record.path, s.record.transcript, r.saveTranscript(s.record)
		ended.CleanUp = r.leftovers(s.record)
	}
	r.cfg.Notify(ended)
}
