package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"assist/app/e2e"
	"assist/app/mailbox"
	"assist/app/task"
	"assist/app/wire"
	"assist/media/peer"
	"assist/signaling"
)

// How long is waited for what.
const (
	// Limit is how long a session without a link lives.
	Limit = 20 * time.Minute
	// grace is how long a link that fell silent may come back before another is made beside it.
	grace = time.Second

	// turnPause is how long a turn holds at least before another takes its place: nobody keeps two ends busy with links
	// that fall at once.
	turnPause = 2 * time.Second

	passTime    = 5 * time.Second  // for the service to take a word
	offerTime   = 10 * time.Second // for a relay to give an address
	connectTime = 10 * time.Second // for a link to come up once both ends know of each other
	repeatPause = 2 * time.Second  // between repetitions of a word
	placeLife   = 4 * time.Minute  // credentials of relays are good for a minute longer
)

// ErrGone says that the session had no link for [Limit].
var ErrGone = errors.New("link: no link for too long")

// OverError says that the other end has ended the session.
type OverError struct{ Reason wire.Reason }

func (e *OverError) Error() string {
	return fmt.Sprintf("link: ended by the other end, reason %d", e.Reason)
}

// Place is where the two ends of a session meet: the service. *client.Conn is one.
type Place interface {
	// Meet comes first. The relays are for one more link.
	Meet(ctx context.Context, ticket string) ([]signaling.Relay, error)
	// Pass gives a word to whoever else is there.
	Pass(context.Context, []byte) error
	// Events yields signaling.Passed, and is closed when the service is gone.
	Events() <-chan signaling.Event
	Close() error
}

// Config is what a Line is made of.
type Config struct {
	Keys *e2e.Keys
	// NewCarrier makes a carrier through one of the relays.
	NewCarrier func([]signaling.Relay) (Carrier, error)
	// Redial reaches the service. Nil: a link that is down for good is the end.
	Redial func(context.Context) (Place, error)
	Log    *slog.Logger
}

// Line is the link of a session, from turn to turn.
type Line struct {
	cfg     Config
	finder  *finder
	speech  *speech // nil when it is over
	changes *mailbox.Box[Change]
	epoch   uint32 // the highest that was offered, at the customer's, or led to a link; for who makes the next turn
	race    race
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	// Of the goroutine that keeps the line, and once it has ended of Close.
	turn  *Turn     // the last that came up
	until time.Time // the end of the wait for another; zero while it is up
}

// Change is news of a Line.
type Change struct {
	// Up says whether messages flow. Until is when the session is given up, while they do not.
	Up    bool
	Until time.Time
	// Turn is what takes the place of the turn before, which is over; nil if that goes on.
	Turn *Turn
	// Over is why nothing comes any more: [ErrGone], an [OverError], or what the carrier failed with.
	Over error
}

// Hold keeps a session's link from its first turn on. It is to be closed.
func Hold(ctx context.Context, cfg Config, first *Turn) (*Line, error) {
	speech, err := newSpeech(cfg.Keys)
	if err != nil {
		return nil, err
	}
	find := &finder{redial: cfg.Redial, ticket: speech.ticket, log: cfg.Log}
	l := &Line{cfg: cfg, finder: find, speech: speech, changes: mailbox.New[Change](), turn: first}
	ctx, l.cancel = context.WithCancel(ctx)
	l.wg.Go(func() { l.keep(ctx, first) })
	return l, nil
}

// Changed yields a value when [Line.Changes] may have something to return.
func (l *Line) Changed() <-chan struct{} { return l.changes.Ready() }

// Changes returns what has changed, oldest first.
func (l *Line) Changes() []Change { return l.changes.Take() }

// Close ends the line and its last turn, and waits for what they started. The keys may be erased then. If the other
// end may not have heard over the link that the session ended, the last word is what is left to tell it; nil otherwise.
func (l *Line) Close(reason wire.Reason) *LastWord {
	l.cancel()
	l.wg.Wait()
	unheard := errors.Is(l.turn.Close(), peer.ErrUnsent)
	until := l.until
	if until.IsZero() && unheard {
		until = time.Now().Add(Limit)
	}
	record, err := l.speech.last(reason)
	l.speech, l.cfg.Keys = nil, nil
	if until.IsZero() || l.cfg.Redial == nil || err != nil {
		return nil
	}
	return &LastWord{finder: l.finder, record: record, until: until}
}

// keep goes from turn to turn.
func (l *Line) keep(ctx context.Context, turn *Turn) {
	var born time.Time
	for {
		state, ok := steady(ctx, turn)
		if !ok {
			return
		}
		until := time.Now().Add(Limit)
		l.tell(turn, Change{Until: until})
		next, err := l.mend(ctx, turn, state == peer.Down, born.Add(turnPause))
		switch {
		case ctx.Err() != nil:
			if err == nil && next != turn {
				next.abandon()
			}
			return
		case err != nil:
			l.changes.Put(Change{Until: until, Over: err})
			return
		case next == turn:
			l.tell(turn, Change{Up: true})
		default:
			old := turn
			l.wg.Go(func() { old.abandon() })
			turn, born = next, time.Now()
			l.tell(turn, Change{Up: true, Turn: turn})
		}
	}
}

func (l *Line) tell(turn *Turn, c Change) {
	l.turn, l.until = turn, c.Until
	l.changes.Put(c)
}

// steady waits for as long as a turn is up. It reports false if ctx ends first.
func steady(ctx context.Context, turn *Turn) (peer.State, bool) {
	for {
		select {
		case <-ctx.Done():
			return peer.Up, false
		case <-turn.lost:
			return peer.Down, true
		case state, open := <-turn.carrier.Watch():
			switch {
			case !open || state == peer.Down:
				return peer.Down, true
			case state == peer.Interrupted:
				return state, true
			}
		}
	}
}

// mend waits until the turn is back, and makes another meanwhile, though not before earliest. It returns the one that holds
// from now on.
func (l *Line) mend(ctx context.Context, turn *Turn, down bool, earliest time.Time) (*Turn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Limit, ErrGone)
	defer cancel()
	l.race.begin()
	m := &mending{line: l, turn: turn, watch: turn.carrier.Watch(), begin: time.NewTimer(grace), earliest: earliest}
	defer m.close()
	if down {
		m.down()
	}
	for m.watch != nil || l.cfg.Redial != nil {
		var done <-chan struct{}
		if m.next != nil {
			done = m.next.Done
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case state, open := <-m.watch:
			if m.heard(state, open) {
				return turn, nil
			}
		case <-m.begin.C:
			if m.next == nil && l.cfg.Redial != nil {
				m.next = task.Start(ctx, l.next)
			}
		case <-done:
			if t, err := m.made(); !errors.Is(err, errBack) {
				return t, err
			}
		}
	}
	return nil, peer.ErrClosed
}

// mending is a turn that is not up, and what is done about it.
type mending struct {
	line     *Line
	turn     *Turn
	watch    <-chan peer.State // nil once the turn is down for good
	begin    *time.Timer
	earliest time.Time
	next     *task.Task[*Turn] // nil for none
}

// down takes that the turn will not be back.
func (m *mending) down() {
	m.watch = nil
	m.line.race.silent()
	m.begin.Reset(time.Until(m.earliest))
}

// heard takes news of the turn, and reports whether it goes on with it.
func (m *mending) heard(state peer.State, open bool) bool {
	switch {
	case !open || state == peer.Down:
		m.down()
	case state == peer.Interrupted:
		m.line.race.silent()
	default:
		return m.line.race.back()
	}
	return false
}

// made returns what became of the next turn: that, the one before, or errBack for another try.
func (m *mending) made() (*Turn, error) {
	t, err := m.next.Value, m.next.Err
	m.next = nil
	if !errors.Is(err, errBack) {
		return t, err
	}
	if m.line.race.isBack() {
		return m.turn, nil
	}
	m.begin.Reset(time.Until(m.earliest)) // it came back, and went again
	return nil, errBack
}

func (m *mending) close() {
	m.begin.Stop()
	if m.next == nil {
		return
	}
	if t, err := m.next.Stop(); err == nil {
		t.abandon()
	}
}

// errBack means that no other turn is made, because the one before is back.
var errBack = errors.New("link: the link is back")
