package terminal

import (
	"time"

	"assist/app/customer"
	"assist/app/session"
	"assist/ui/text"
)

// wish is a higher level that somebody wants in a live session.
type wish struct {
	own      bool // the customer wants it
	resume   bool // after a pause
	id       uint32
	to       session.Access
	needs    customer.Needs
	until    time.Time // when silence becomes no; zero for own
	again    bool      // the last answer was not enough
	answered bool
	proof    customer.Proof
}

// question is the key of the sentence.
func (w *wish) question() string {
	switch control := w.to == session.SharedControl; {
	case w.resume:
		return resumes[w.to]
	case w.own && control:
		return "raise.own-control"
	case w.own:
		return "raise.own-view"
	case control:
		return "raise.ask-control"
	}
	return "raise.ask-view"
}

// resumes are the keys of the sentence after a pause.
var resumes = map[session.Access]string{
	session.ChatOnly: "raise.resume-chat", session.ViewOnly: "raise.resume-view", session.SharedControl: "raise.resume-control",
}

// raise asks about a wish. A question that is open gives way: the engineer's is then answered with no.
func (d *Dialogue) raise(w *wish) {
	if old := d.talk.wish; old != nil && !old.own && !old.answered && (w.own || old.id != w.id) {
		d.refuse(old)
	}
	d.talk.wish = w
	d.say("", text.F(w.question(), map[string]any{"name": text.Plain(d.talk.engineer.Name)}))
	if w.again {
		d.say(text.Join(text.L("raise.again"), text.L("raise.again-do")))
	}
	if !w.until.IsZero() {
		d.clock.start(w.until, "consent.left")
		d.say(d.clock.left())
	}
	d.askNext(w)
}

// askNext asks for the first thing that is missing, and in the end for the digits.
func (d *Dialogue) askNext(w *wish) {
	no := func() { d.refuse(w) }
	next := func() { d.askNext(w) }
	switch {
	case w.needs.Called && !w.proof.Called:
		d.askCalled(&w.proof, no, next)
	case w.needs.Check && w.proof.Check == "":
		d.askCheck(&w.proof, no, next)
	default:
		d.askDigits(w)
	}
}

// askDigits asks for two digits, whether the session needs them or not: a yes could have been meant for a message.
func (d *Dialogue) askDigits(w *wish) {
	digits := w.needs.Digits
	if digits == "" {
		digits = twoDigits()
	}
	d.say(text.F("raise.digits", map[string]any{"digits": digits}))
	d.want(text.L("terminal.else-no"), func(line string) {
		typed := digitsOf(line)
		if w.needs.Digits == "" && typed != digits || typed == "" {
			d.refuse(w)
			return
		}
		if w.needs.Digits != "" {
			w.proof.Digits = typed // whether they are right, the session counts
		}
		d.clock.stop()
		d.ask, w.answered = nil, true
		if w.resume {
			d.actions.Resume(w.proof)
		} else if w.own {
			d.actions.SetAccess(w.to, w.proof)
		} else {
			d.actions.AnswerRequest(w.id, true, w.proof)
		}
	})
}

// refuse answers a wish with no.
func (d *Dialogue) refuse(w *wish) {
	w.answered = true
	if !w.own {
		d.actions.AnswerRequest(w.id, false, customer.Proof{})
	}
	d.forgetWish()
	d.say(text.L("terminal.refused"))
}

// forgetWish closes the question without an answer.
func (d *Dialogue) forgetWish() {
	if d.talk.wish == nil {
		return
	}
	d.talk.wish, d.ask = nil, nil
	if !d.talk.still {
		d.clock.stop()
	}
}
