package engineer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"assist/app/chat"
	"assist/app/identity"
	"assist/app/link"
	"assist/app/mailbox"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/app/wire"
)

// talk is one session, from the proof of the code to its end. Its loop is a goroutine of its own.
type talk struct {
	c     *Console
	m     *meeting
	box   *mailbox.Box[command]
	hands *mailbox.Box[any]
	done  chan struct{} // closed when it is over; err then says why
	err   error

	ctx       context.Context
	fail      context.CancelCauseFunc
	view      *view
	level     levelBox
	self      *identity.Session // who the engineer is, for the transcript
	reachable atomic.Bool       // what the engineer types can be sent

	// The rest belongs to the loop.
	started  time.Time // zero until the customer allowed a level
	asks     uint32
	asked    map[uint32]session.Access
	turn     *turn
	line     *link.Line // nil until the customer allowed a level
	mail     *link.Mail
	linkUp   bool
	until    time.Time // when the session is given up; zero while the link is up
	received uint64    // bytes over the turns before this one
	sent     uint64    // likewise
	tally    tally
	levels   []levelAt
	witness  *transcript.Witness

	// Once it is over.
	transcript *transcript.Finished // if it ever was live
	last       *link.LastWord       // what the customer has not heard
}

// faults are what the customer's computer cannot do, as the engineer is told.
var faults = map[wire.Fault]problem.Code{
	wire.NoScreen: problem.ScreenUnsupported, wire.OnWayland: problem.ScreenWayland, wire.NoInput: problem.InputUnsupported,
	wire.SignHidden: problem.SignHidden, wire.Unmarked: problem.Unmarked,
}

// levelAt is a level and when it began to hold, for the audit log.
type levelAt struct {
	access session.Access
	at     time.Time
}

// startTalk begins the session with a customer who proved the code.
func (c *Console) startTalk(ctx context.Context, m *meeting) {
	t := &talk{
		c: c, m: m, box: mailbox.New[command](), hands: mailbox.New[any](), done: make(chan struct{}),
		asked: map[uint32]session.Access{}, linkUp: true, self: c.self, witness: newWitness(m, c.self),
	}
	t.ctx, t.fail = context.WithCancelCause(ctx)
	t.view = newView(t)
	c.talk.Store(t)
	c.cfg.Notify(CustomerWaiting{Card: m.card, CheckNumber: m.keys.CheckNumber()})
	go func() {
		defer close(t.done)
		t.err = t.run()
		t.close()
	}()
}

// talkOver tells how a session ended. The console is free for the next.
func (c *Console) talkOver(ctx context.Context, t *talk) {
	p, ok := errors.AsType[*problem.Error](t.err)
	if !ok {
		p = problem.New(problem.Internal, t.err)
	}
	c.cfg.Log.Info("session ended", "session", t.m.id, "problem", p)
	c.deliver(ctx, t)
	c.tellEnded(ctx, t, p.Code)
	c.cfg.Notify(Ended{Problem: p, Started: t.started, Finished: time.Now(), Transcript: t.transcript})
}

// run holds the session.
func (t *talk) run() error {
	var err error
	if err = t.openTurn(); err != nil {
		return problem.New(problem.Internal, err)
	}
	silence := time.NewTimer(consentTime)
	defer silence.Stop()
	if err := t.waitAnswer(silence.C); err != nil {
		t.goodbye(err)
		return err
	}
	if err = t.holdLine(); err == nil {
		err = t.loop(silence.C)
	}
	over := time.Now()
	if t.goodbye(err) {
		t.settle(over)
	}
	t.transcript = t.witness.Finish(problem.Of(err))
	return err
}

// waitAnswer waits for the link and then for the customer's first level, or until that link drops: the answer may come over
// another one.
func (t *talk) waitAnswer(silence <-chan time.Time) error {
	control := t.turn.Control
	up := control.Up
	for t.started.IsZero() {
		select {
		case <-t.ctx.Done():
			return t.cause()
		case <-silence:
			return problem.New(problem.ConsentTimeout, nil)
		case <-up:
			up = nil
			t.send(t.hello())
		case <-control.Done:
			if err := t.over(control.Err); up != nil || problem.Of(err) != problem.LinkLost {
				return err
			}
			return nil
		case msg := <-control.Messages:
			if err := t.take(msg); err != nil {
				return err
			}
		case <-t.box.Ready():
			for _, cmd := range t.box.Take() {
				switch cmd.(type) {
				case end, revoked:
					return t.obey(cmd)
				}
			}
		}
	}
	return nil
}

// loop takes what arrives, one thing after the other, until the session ends. The customer's first answer may still be to come: not
// later than silence.
func (t *talk) loop(silence <-chan time.Time) error {
	defer t.fail(nil)
	heard, said := t.turn, chat.NewIntake()
	controlOver, chatOver := heard.Control.Done, heard.Chat.Done
	tell := time.NewTicker(linkPause)
	defer tell.Stop()
	for {
		if heard != t.turn {
			heard = t.turn
			controlOver, chatOver = heard.Control.Done, heard.Chat.Done
		}
		select {
		case <-t.ctx.Done():
			return t.cause()
		case <-silence:
			if t.started.IsZero() {
				return problem.New(problem.ConsentTimeout, nil)
			}
		case <-controlOver:
			if err := t.over(heard.Control.Err); problem.Of(err) != problem.LinkLost {
				return err
			}
			controlOver = nil
		case <-chatOver:
			if err := t.over(heard.Chat.Err); problem.Of(err) != problem.LinkLost {
				return err
			}
			chatOver = nil
		case msg := <-heard.Control.Messages:
			if err := t.take(msg); err != nil {
				return err
			}
		case msg := <-heard.Chat.Messages:
			t.hear(msg, said)
		case <-said.Due():
			t.tellSaid(said)
		case <-t.line.Changed():
			if err := t.linkChanged(); err != nil {
				return err
			}
		case <-tell.C:
			t.tellLink()
		case <-t.box.Ready():
			for _, cmd := range t.box.Take() {
				if err := t.obey(cmd); err != nil {
					return err
				}
			}
		}
	}
}

// obey does what the engineer did in a window.
func (t *talk) obey(cmd command) error {
	switch cmd := cmd.(type) {
	case ask:
		t.asks++
		t.asked[t.asks] = cmd.level
		t.witness.SentRequest(t.asks, cmd.level)
		t.send(&wire.Ask{ID: t.asks, Level: wire.Level(cmd.level)})
	case say:
		t.witness.SentChat()
		t.mail.Send(&wire.ChatText{Text: cmd.text})
		t.c.cfg.Notify(Said{Text: cmd.text, At: time.Now()})
	case show:
		t.send(&wire.Show{Display: cmd.display})
	case end:
		return problem.New(problem.EngineerEnded, nil)
	case revoked:
		return problem.New(problem.EngineerRevoked, nil)
	}
	return nil
}

// take takes a control message of the customer's.
func (t *talk) take(msg wire.Message) error {
	if !session.Allowed(msg.Type(), session.Customer, t.level.get()) {
		t.c.cfg.Log.Warn("refused", "type", msg.Type(), "level", t.level.get())
		return nil
	}
	switch msg := msg.(type) {
	case *wire.Hello:
		if msg.Version != wire.Version {
			return problem.New(problem.ServiceVersion, fmt.Errorf("engineer: customer's program speaks version %d", msg.Version))
		}
		t.mail.Settle(msg.Heard)
	case *wire.Access:
		t.setLevel(session.Access(msg.Level))
	case *wire.AskAnswer:
		t.answered(msg)
	case *wire.Trouble:
		t.c.cfg.Notify(Trouble{Problem: problem.New(faults[msg.What], nil)})
	case *wire.Displays:
		t.c.cfg.Notify(DisplaysChanged{Displays: msg.List, Choice: msg.Choice, Shown: msg.Shown})
	case *wire.CursorShape:
		t.c.screen.CursorShape(&msg.Cursor)
	case *wire.InputState:
		t.c.cfg.Notify(InputChanged{State: InputState(msg.State)})
	case *wire.Picture:
		t.c.cfg.Notify(PictureChanged{Paused: msg.Paused})
	case *wire.Ping:
		t.send(&wire.Pong{Stamp: msg.Stamp})
	case *wire.Entry:
		return t.entry(msg)
	case *wire.End:
		return customerEnded(msg.Reason)
	}
	return nil
}

// setLevel takes the level that the customer announces.
func (t *talk) setLevel(level session.Access) {
	now := time.Now()
	if t.started.IsZero() {
		t.started = now
	}
	if len(t.levels) == 0 || t.levels[len(t.levels)-1].access != level { // not what a new link only repeats
		t.levels = append(t.levels, levelAt{level, now})
	}
	t.witness.SawLevel(level)
	t.level.set(level)
	t.c.cfg.Notify(AccessChanged{Access: level, At: now})
	t.view.levelChanged()
}

// answered takes the answer to an Ask.
func (t *talk) answered(a *wire.AskAnswer) {
	t.witness.SawAnswer(a.ID, a.Answer)
	level, ok := t.asked[a.ID]
	delete(t.asked, a.ID)
	if ok && a.Answer != wire.Yes {
		t.c.cfg.Notify(AskRefused{Access: level, Silence: a.Answer == wire.Silence})
	}
}

// hear takes a chat message of the customer's.
func (t *talk) hear(msg wire.Message, said *chat.Intake) {
	t.mail.Arrived()
	text, ok := msg.(*wire.ChatText)
	if !ok || !session.Allowed(msg.Type(), session.Customer, t.level.get()) {
		return
	}
	if said.Put(text.Text) {
		t.c.cfg.Log.Warn("too much chat, some is left out")
		t.c.cfg.Notify(SaidTooMuch{At: time.Now()})
	}
	t.tellSaid(said)
}

// tellSaid shows the customer's messages whose time is there.
func (t *talk) tellSaid(said *chat.Intake) {
	for _, m := range said.Take() {
		t.c.cfg.Notify(Said{FromCustomer: true, Text: m.Text, At: m.At})
	}
}
