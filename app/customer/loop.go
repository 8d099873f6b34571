package customer

import (
	"time"

	"assist/app/journal"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/input"
	"assist/media/peer"

	"golang.org/x/time/rate"
)

// What an engineer may do how often.
const (
	chatRate     = 10              // messages a second
	chatBurst    = 20              // messages
	requestPause = 5 * time.Second // a request sooner after a no is answered with no
)

// request is a question that is open.
type request struct {
	id     uint32
	level  session.Access
	until  time.Time
	expiry *time.Timer
}

// loop takes what arrives, one thing after the other, until the session ends.
func (l *live) loop() error {
	chat := l.m.conn.Feed(l.ctx, wire.Chat, nil)
	defer chat.Wait()
	defer l.fail(nil)
	chatLimit := rate.NewLimiter(chatRate, chatBurst)
	chatIn, chatAgain := chat.Messages, (<-chan time.Time)(nil)
	chatOver := chat.Done
	watch := l.m.link.Watch()
	for {
		var expired <-chan time.Time
		if l.request != nil {
			expired = l.request.expiry.C
		}
		select {
		case <-l.ctx.Done():
			return l.cause()
		case <-l.m.control.Done:
			return l.over(l.m.control.Err)
		case <-chatOver:
			if err := l.over(chat.Err); problem.Of(err) != problem.LinkLost {
				return err
			}
			chatOver = nil
		case msg := <-l.m.control.Messages:
			if err := l.take(msg); err != nil {
				return err
			}
		case msg := <-chatIn:
			l.hear(msg)
			if wait := chatLimit.Reserve().Delay(); wait > 0 { // the next one waits, nothing else does
				chatIn, chatAgain = nil, time.After(wait)
			}
		case <-chatAgain:
			chatIn, chatAgain = chat.Messages, nil
		case state, open := <-watch:
			if !open || state == peer.Down {
				watch = nil // the control channel ends, too, after the last word on it
				state = peer.Interrupted
			}
			l.linkState(state)
		case <-l.states.Ready():
			for _, s := range l.states.Take() {
				l.localHand = s == input.LocalHand
			}
			l.tellInput()
		case <-expired:
			l.closeRequest(wire.Silence)
		case <-l.watch.due():
			l.watch.ring(l)
		case <-l.r.box.Ready():
			for _, cmd := range l.r.box.Take() {
				if err := l.obey(cmd); err != nil {
					return err
				}
			}
		}
	}
}

// obey does what the customer did in a window.
func (l *live) obey(cmd command) error {
	switch cmd := cmd.(type) {
	case level:
		l.wish(cmd)
	case answerRequest:
		l.answerRequest(cmd)
	case stillHere:
		l.watch.here(l)
	case say:
		l.send(&wire.ChatText{Text: cmd.text})
		l.r.cfg.Notify(Said{Text: cmd.text, At: time.Now()})
	case pause:
		l.pause(cmd.on)
	case stop:
		return problem.New(cmd.reason, nil)
	case trouble:
		l.r.cfg.Notify(Trouble{Problem: cmd.Error})
		l.setLevel(min(l.level(), cmd.most))
	}
	return nil
}

// take takes a control message from the engineer.
func (l *live) take(msg wire.Message) error {
	if !session.Allowed(msg.Type(), session.Engineer, l.level()) {
		l.r.cfg.Log.Warn("refused", "type", msg.Type(), "level", l.level())
		return nil
	}
	switch msg := msg.(type) {
	case *wire.Hello:
		return checkHello(msg)
	case *wire.Ping:
		l.send(&wire.Pong{Stamp: msg.Stamp})
	case *wire.End:
		return engineerEnded(msg.Reason)
	case *wire.Ask:
		l.asked(msg)
	case *wire.Show:
		if l.picture != nil {
			l.picture.choose(msg.Display)
		}
	}
	return nil
}

// hear takes a chat message from the engineer.
func (l *live) hear(msg wire.Message) {
	if text, ok := msg.(*wire.ChatText); ok && session.Allowed(msg.Type(), session.Engineer, l.level()) {
		l.r.cfg.Notify(Said{FromEngineer: true, Text: text.Text, At: time.Now()})
	}
}

// asked takes the engineer's wish for another level: a lower one is taken at once, a higher one is a question.
func (l *live) asked(ask *wire.Ask) {
	want := session.Access(ask.Level)
	switch {
	case want <= l.level():
		l.setLevel(want)
		l.send(&wire.AskAnswer{ID: ask.ID, Answer: wire.Yes})
	case l.request != nil, time.Since(l.refusedAt) < requestPause:
		l.send(&wire.AskAnswer{ID: ask.ID, Answer: wire.No})
	case !l.note(func(j *journal.Journal) error { return j.Asked(want) }):
		l.send(&wire.AskAnswer{ID: ask.ID, Answer: wire.No})
	default:
		l.request = &request{id: ask.ID, level: want, until: time.Now().Add(AnswerTime), expiry: time.NewTimer(AnswerTime)}
		l.prompt(true)
		l.tellRequest()
	}
}

// tellRequest shows the open question.
func (l *live) tellRequest() {
	q := l.request
	l.r.cfg.Notify(Requested{ID: q.id, Access: q.level, Until: q.until, Needs: l.m.raise.needs(q.level)})
}

// wish is the customer's own change of level.
func (l *live) wish(w level) {
	switch {
	case !w.access.Valid():
	case w.access <= l.announced || l.m.raise.grant(w.access, w.proof):
		l.setLevel(w.access)
	default:
		l.tellLevel() // with other digits
	}
}

// answerRequest takes the customer's answer. A yes without the check number that it needs is not one yet.
func (l *live) answerRequest(a answerRequest) {
	if l.request == nil || l.request.id != a.id {
		return
	}
	if !a.yes {
		l.closeRequest(wire.No)
		return
	}
	want := l.request.level
	if !l.m.raise.grant(want, a.proof) {
		l.tellRequest() // with other digits
		return
	}
	l.closeRequest(wire.Yes)
	l.setLevel(want)
}

// answers is how the log names an answer.
var answers = map[wire.Reply]journal.Answer{wire.No: journal.No, wire.Yes: journal.Yes, wire.Silence: journal.Silence}

// closeRequest ends the open question.
func (l *live) closeRequest(how wire.Reply) {
	req := l.request
	if req == nil {
		return
	}
	req.expiry.Stop()
	l.request = nil
	l.prompt(l.watch.asking)
	if how != wire.Yes {
		l.refusedAt = time.Now()
	}
	l.note(func(j *journal.Journal) error { return j.Answered(req.level, answers[how]) })
	l.send(&wire.AskAnswer{ID: req.id, Answer: how})
	l.r.cfg.Notify(RequestGone{ID: req.id})
}

// prompt says whether a question is open: input pauses meanwhile.
func (l *live) prompt(open bool) {
	if l.control != nil {
		if err := l.control.SetPrompt(open); err != nil {
			l.r.cfg.Log.Warn("input not paused cleanly", "error", err)
		}
	}
	l.tellInput()
}

// linkState takes news of the link.
func (l *live) linkState(s peer.State) {
	up := s != peer.Interrupted
	if up == l.linkUp {
		return
	}
	l.mu.Lock()
	l.linkUp = up
	l.gate()
	l.mu.Unlock()
	l.note(func(j *journal.Journal) error { return j.Link(up) })
	l.r.cfg.Notify(LinkChanged{Up: up})
	l.tellInput()
}
