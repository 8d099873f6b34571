package customer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"assist/app/link"
	"assist/app/mailbox"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/app/wire"
	"assist/media/input"
	"assist/media/motion"
)

// live is a session that the customer allowed. Its loop runs on the Runner's goroutine; lower, hush and cut (brake.go) may be
// called from any, and have taken effect when they return.
type live struct {
	r   *Runner
	m   *meeting
	ctx context.Context
	// fail ends the session with a problem.
	fail context.CancelCauseFunc
	wg   sync.WaitGroup

	mu      sync.Mutex // guards what opens and shuts the way in, with the three below
	control Control    // nil until the first shared control
	brake   brake
	access  atomic.Uint32
	paused  atomic.Bool

	// The rest belongs to the loop.
	announced session.Access // what both ends were told last
	linkUp    bool
	localHand bool       // the customer's own hand is on mouse or keyboard
	told      InputState // what both ends were told last
	request   *request
	refusedAt time.Time // when a request was last answered with no
	screens   displays  // has a lock of its own
	picture   *picture
	before    *picture // the last one started
	states    *mailbox.Box[input.State]

	watch     watch
	record    *record
	author    *transcript.Author // nil after a fault only
	cursorSeq atomic.Uint32      // for CursorAt

	line *link.Line
	turn atomic.Pointer[turn] // the present one, of which only the loop makes another
	mail *link.Mail
}

func (l *live) level() session.Access { return session.Access(l.access.Load()) }

// hold runs a live session to its end, and says why it ended.
func (r *Runner) hold(ctx context.Context, m *meeting, first Consent, s *ending) (err error) {
	l := &live{r: r, m: m, record: s.record, linkUp: true, states: mailbox.New[input.State]()}
	l.ctx, l.fail = context.WithCancelCause(m.ctx)
	r.live.Store(l) // whatever takes back is heard at once from here on; what came before is in the box
	defer r.live.Store(nil)
	if err := r.gaveUp(); err != nil {
		l.fail(err)
		r.decline(ctx, m, err)
		return err
	}
	if err := l.holdLine(); err != nil {
		return err
	}
	defer func() {
		r.live.Store(nil)
		l.close()
		l.hangUp(ctx, err)
	}()
	l.hello()
	l.beginTranscript()
	s.started = time.Now()
	r.cfg.Notify(Started{Engineer: m.engineer, Access: first.Access, At: s.started, PanicKey: m.panicKey})
	l.raiseTo(first.Access, 0)
	err = l.loop()
	l.cut()
	l.endTranscript(err)
	over := time.Now()
	if l.goodbye(err) {
		l.settle(over)
	}
	l.finishTranscript()
	return err
}

// hello says which program this is.
func (l *live) hello() {
	l.send(&wire.Hello{
		Version: wire.Version, Program: l.r.cfg.Program, System: l.r.cfg.System, Heard: l.mail.Heard(),
		Motion: motion.Supported(),
	})
}

// send sends a message of the loop's own, and does not wait. That it cannot be sent, the line tells.
func (l *live) send(m wire.Message) { l.turn.Load().Post(m) }

// close stops every part and waits for it.
func (l *live) close() {
	l.cut()
	l.watch.stop()
	l.fail(nil)
	l.turn.Load().stop()
	l.wg.Wait()
	if l.control != nil {
		if err := l.control.Close(); err != nil {
			l.r.cfg.Log.Warn("input not closed cleanly", "error", err)
		}
	}
}

// goodbyeReason is what the engineer is told about an end with err.
func goodbyeReason(err error) wire.Reason {
	switch problem.Of(err) {
	case problem.PeerMisbehaved:
		return wire.Misbehaved
	case problem.PanicKey:
		return wire.ByPanicKey
	case problem.Alarm:
		return wire.ByPerson
	case problem.ServiceVersion:
		return wire.WrongFormat
	case problem.Internal:
		return wire.Broken
	}
	return wire.ByPerson
}

// over is why the session ends with a feed that ended with err: if the session was over before, for that reason.
func (l *live) over(err error) error {
	if l.ctx.Err() != nil {
		return l.cause()
	}
	return linkProblem(err)
}

// cause is why the session's context ended.
func (l *live) cause() error {
	err := context.Cause(l.ctx)
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	return problem.New(problem.CustomerEnded, err)
}
