package engineer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"assist/app/link"
	"assist/app/mailbox"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/peer"
)

// talk is one session, from the proof of the code to its end. Its loop is a goroutine of its own.
type talk struct {
	c     *Console
	m     *meeting
	box   *mailbox.Box[command]
	hands *mailbox.Box[any]
	done  chan struct{} // closed when it is over; err then says why
	err   error

	ctx     context.Context
	fail    context.CancelCauseFunc
	wg      sync.WaitGroup
	conn    *link.Conn
	control *link.Feed
	view    *view
	level   levelBox

	// The rest belongs to the loop.
	started   time.Time // zero until the customer allowed a level
	asks      uint32
	asked     map[uint32]session.Access
	linkUp    bool
	pinged    time.Time
	roundTrip time.Duration
	levels    []levelAt
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
		asked: map[uint32]session.Access{}, linkUp: true,
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
	if c.desk != nil {
		c.desk.tellEnded(ctx, t, p.Code)
	}
	c.cfg.Notify(Ended{Problem: p, Started: t.started, Finished: time.Now()})
	if c.desk == nil && c.signing == nil && c.back == nil {
		c.cfg.Notify(SignInFailed{Problem: problem.New(problem.SignInRequired, nil)})
	}
}

// run holds the session.
func (t *talk) run() error {
	var err error
	if t.conn, err = link.Seal(t.m.link, t.m.keys); err != nil {
		return problem.New(problem.Internal, err)
	}
	t.control = t.conn.Feed(t.ctx, wire.Control, func(ctx context.Context) error {
		return t.m.link.Connect(ctx, t.m.remote)
	})
	if err := t.waitAnswer(); err != nil {
		t.goodbye(err)
		return err
	}
	t.spawn("picture", t.view.receive)
	t.spawn("pointer", t.view.receivePointer)
	t.spawn("hands", t.sendHands)
	err = t.loop()
	t.goodbye(err)
	return err
}

// waitAnswer waits for the link and then for the customer's first level.
func (t *talk) waitAnswer() error {
	silence := time.NewTimer(consentTime)
	defer silence.Stop()
	up := t.control.Up
	for t.started.IsZero() {
		select {
		case <-t.ctx.Done():
			return t.cause()
		case <-silence.C:
			return problem.New(problem.ConsentTimeout, nil)
		case <-up:
			up = nil
			t.send(&wire.Hello{Version: wire.Version, Program: t.c.cfg.Program, System: t.c.cfg.System})
		case <-t.control.Done:
			return t.over(t.control.Err)
		case msg := <-t.control.Messages:
			if err := t.take(msg); err != nil {
				return err
			}
		case <-t.box.Ready():
			for _, cmd := range t.box.Take() {
				if _, ok := cmd.(end); ok {
					return problem.New(problem.EngineerEnded, nil)
				}
			}
		}
	}
	return nil
}

// loop takes what arrives, one thing after the other, until the session ends.
func (t *talk) loop() error {
	chat := t.conn.Feed(t.ctx, wire.Chat, nil)
	defer chat.Wait()
	defer t.fail(nil)
	chatOver := chat.Done
	watch := t.m.link.Watch()
	ping := time.NewTicker(pingPause)
	defer ping.Stop()
	t.ping()
	for {
		select {
		case <-t.ctx.Done():
			return t.cause()
		case <-t.control.Done:
			return t.over(t.control.Err)
		case <-chatOver:
			if err := t.over(chat.Err); problem.Of(err) != problem.LinkLost {
				return err
			}
			chatOver = nil
		case msg := <-t.control.Messages:
			if err := t.take(msg); err != nil {
				return err
			}
		case msg := <-chat.Messages:
			t.hear(msg)
		case state, open := <-watch:
			if !open || state == peer.Down {
				watch = nil // the control channel ends, too, after the last word on it
				continue
			}
			t.linkUp = state != peer.Interrupted
			t.tellLink()
		case <-ping.C:
			t.ping()
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
		t.send(&wire.Ask{ID: t.asks, Level: wire.Level(cmd.level)})
	case say:
		t.send(&wire.ChatText{Text: cmd.text})
		t.c.cfg.Notify(Said{Text: cmd.text, At: time.Now()})
	case show:
		t.send(&wire.Show{Display: cmd.display})
	case end:
		return problem.New(problem.EngineerEnded, nil)
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
	case *wire.Access:
		t.setLevel(session.Access(msg.Level))
	case *wire.AskAnswer:
		t.answered(msg)
	case *wire.Displays:
		t.c.cfg.Notify(DisplaysChanged{Displays: msg.List, Shown: msg.Shown})
	case *wire.CursorShape:
		t.c.screen.CursorShape(&msg.Cursor)
	case *wire.InputState:
		t.c.cfg.Notify(InputChanged{State: InputState(msg.State)})
	case *wire.Picture:
		t.c.cfg.Notify(PictureChanged{Paused: msg.Paused})
	case *wire.Ping:
		t.send(&wire.Pong{Stamp: msg.Stamp})
	case *wire.Pong:
		if !t.pinged.IsZero() && msg.Stamp == uint64(t.pinged.UnixNano()) {
			t.roundTrip = time.Since(t.pinged)
			t.tellLink()
		}
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
	t.levels = append(t.levels, levelAt{level, now})
	t.level.set(level)
	t.c.cfg.Notify(AccessChanged{Access: level, At: now})
	t.view.levelChanged()
}

// answered takes the answer to an Ask.
func (t *talk) answered(a *wire.AskAnswer) {
	level, ok := t.asked[a.ID]
	delete(t.asked, a.ID)
	if ok && a.Answer != wire.Yes {
		t.c.cfg.Notify(AskRefused{Access: level, Silence: a.Answer == wire.Silence})
	}
}

// hear takes a chat message of the customer's.
func (t *talk) hear(msg wire.Message) {
	if text, ok := msg.(*wire.ChatText); ok && session.Allowed(msg.Type(), session.Customer, t.level.get()) {
		t.c.cfg.Notify(Said{FromCustomer: true, Text: text.Text, At: time.Now()})
	}
}

// ping measures the round trip.
func (t *talk) ping() {
	t.pinged = time.Now()
	t.send(&wire.Ping{Stamp: uint64(t.pinged.UnixNano())})
}

// tellLink tells how the link does.
func (t *talk) tellLink() {
	t.c.cfg.Notify(LinkChanged{Up: t.linkUp, RoundTrip: t.roundTrip, Received: t.m.link.Stats().Received})
}
