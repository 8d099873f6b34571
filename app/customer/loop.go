package customer

import (
	"time"

	"assist/app/chat"
	"assist/app/journal"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/app/wire"
	"assist/media/input"
)

// requestPause is how long after a no a request is answered with no. How much an engineer may write, package chat says.
const requestPause = 5 * time.Second

// request is a question that is open.
type request struct {
	id     uint32
	level  session.Access
	until  time.Time
	expiry *time.Timer
}

// loop takes what arrives, one thing after the other, until the session ends.
func (l *live) loop() error {
	defer l.fail(nil)
	heard, said := l.listen(), chat.NewIntake()
	for {
		if heard.turn != l.turn.Load() {
			heard = l.listen()
		}
		var expired <-chan time.Time
		if l.request != nil {
			expired = l.request.expiry.C
		}
		select {
		case <-l.ctx.Done():
			return l.cause()
		case <-heard.controlOver:
			if err := l.over(heard.Control.Err); problem.Of(err) != problem.LinkLost {
				return err
			}
			heard.controlOver = nil
		case <-heard.chatOver:
			if err := l.over(heard.Chat.Err); problem.Of(err) != problem.LinkLost {
				return err
			}
			heard.chatOver = nil
		case msg := <-heard.control:
			if err := l.take(msg); err != nil {
				return err
			}
		case msg := <-heard.chat:
			l.hear(msg, said)
		case <-said.Due():
			l.tellSaid(said)
		case <-l.line.Changed():
			if err := l.linkChanged(); err != nil {
				return err
			}
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
		l.watch.here(l, cmd.proof)
	case say:
		l.entry(func(a *transcript.Author) error { a.Said(transcript.TheCustomer); return nil })
		l.mail.Send(&wire.ChatText{Text: cmd.text})
		l.r.cfg.Notify(Said{Text: cmd.text, At: time.Now()})
	case pause:
		l.pause()
	case resume:
		l.unpause(cmd)
	case stop, leave:
		return endOf(cmd)
	case shared:
		l.r.cfg.Notify(Sharing{Places: cmd.places})
	case slowLine:
		l.tellLine(cmd)
	case trouble:
		l.setLevel(min(l.level(), cmd.most))
		l.tellTrouble(cmd.Error)
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
		l.mail.Settle(msg.Heard)
		return l.r.greet(msg)
	case *wire.End:
		return engineerEnded(msg.Reason)
	case *wire.Head:
		return l.signed(msg)
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
func (l *live) hear(msg wire.Message, said *chat.Intake) {
	l.mail.Arrived()
	text, ok := msg.(*wire.ChatText)
	if !ok || !session.Allowed(msg.Type(), session.Engineer, l.level()) {
		return
	}
	if said.Put(text.Text) {
		l.r.cfg.Log.Warn("too much chat, some is left out")
		l.r.cfg.Notify(SaidTooMuch{At: time.Now()})
	}
	l.tellSaid(said)
}

// tellSaid shows the engineer's messages whose time is there.
func (l *live) tellSaid(said *chat.Intake) {
	for _, m := range said.Take() {
		l.entry(func(a *transcript.Author) error { a.Said(transcript.TheEngineer); return nil })
		l.r.cfg.Notify(Said{FromEngineer: true, Text: m.Text, At: m.At})
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
	case l.m.able.refuses(want) != nil:
		l.send(&wire.AskAnswer{ID: ask.ID, Answer: wire.No})
		l.tellTrouble(l.m.able.refuses(want))
	case !l.note(func(j *journal.Journal) error { return j.Asked(want) }):
		l.send(&wire.AskAnswer{ID: ask.ID, Answer: wire.No})
	default:
		l.request = &request{id: ask.ID, level: want, until: time.Now().Add(AnswerTime), expiry: time.NewTimer(AnswerTime)}
		l.entry(func(a *transcript.Author) error { return a.Asked(ask.ID, want) })
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
	case w.access > l.announced && !l.linkUp:
		l.tellLevel() // not while nobody is there
	case w.access <= l.announced:
		l.setLevel(w.access)
	case l.m.raise.grant(w.access, w.proof):
		l.raise(w.access, w.since)
	default:
		l.tellLevel() // with other digits
		l.tellBlocked()
	}
}

// raise makes a level hold that was granted. Whatever comes of it, what is needed next is told: digits are good for one use.
func (l *live) raise(level session.Access, since mark) {
	before := l.announced
	l.raiseTo(level, since)
	if l.announced == before {
		if before.Valid() {
			l.send(&wire.Access{Level: wire.Level(before)}) // the engineer waits for what comes of a yes
		}
		l.tellLevel()
	}
}

// tellBlocked says why nothing can be raised, if so.
func (l *live) tellBlocked() {
	if why := l.m.raise.blocked(); why != nil {
		l.r.cfg.Notify(Trouble{Problem: why})
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
		l.tellBlocked()
		return
	}
	l.closeRequest(wire.Yes)
	l.raise(want, a.since)
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
	l.entry(func(a *transcript.Author) error { return a.Answered(req.id, how) })
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
