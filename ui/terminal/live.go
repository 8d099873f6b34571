package terminal

import (
	"strings"
	"time"
	"unicode/utf8"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
)

// maxMessage is the longest message, in characters.
const maxMessage = 2000

// canTexts say what the engineer can do at a level.
var canTexts = map[session.Access]string{
	session.ChatOnly: "bar.can-chat", session.ViewOnly: "bar.can-view", session.SharedControl: "bar.can-control",
}

// started says that the session is live, and how it is steered.
func (d *Dialogue) started(e customer.Started) {
	d.clock.stop()
	d.talk.on, d.talk.live, d.talk.engineer, d.talk.panicKey = true, true, e.Engineer, e.PanicKey
	d.ask = nil
	d.say("", text.L("terminal.live"))
	d.help()
}

// help lists the commands.
func (d *Dialogue) help() {
	for _, line := range []string{
		"1  " + text.L("level.chat"), "2  " + text.L("level.view"), "3  " + text.L("level.control"),
		"p  " + text.L("bar.pause") + " / " + text.L("bar.resume"), "s  " + text.L("bar.stop"), "!  " + text.L("alarm.press"),
		"?  " + text.L("terminal.help"),
	} {
		d.say("  " + line)
	}
	if d.talk.panicKey {
		d.say(text.L("terminal.key"))
	}
	d.say(text.L("terminal.else"))
}

// takeLive takes a line in a live session, and reports whether it was for that, and not an answer.
func (d *Dialogue) takeLive(line string) bool {
	cmd := command(line)
	switch {
	case cmd == "s":
		d.stop(d.actions.Stop)
	case cmd == "!":
		d.stop(d.actions.Alarm)
	case cmd == "p":
		d.pause()
	case d.ask != nil:
		return false
	case d.talk.still && len(digitsOf(cmd)) == 2 && len(cmd) == 2:
		d.talk.tried = true
		d.actions.StillHere(customer.Proof{Digits: cmd}) // whether they are right, the session counts
	case cmd == "?":
		d.help()
	case levelOf(cmd) != session.NoAccess:
		d.level(levelOf(cmd), false)
	case cmd != "":
		d.chat(line)
	}
	return true
}

// stop ends the session, for one reason or the other.
func (d *Dialogue) stop(by func()) {
	if d.talk.stopping {
		return
	}
	d.talk.stopping = true
	d.forgetWish()
	by()
	d.say(text.L("bar.stopping"))
}

// pause pauses at once, or lets picture and input go on, for which digits may be needed.
func (d *Dialogue) pause() {
	switch {
	case !d.talk.paused:
		d.talk.paused = true
		d.actions.Pause()
		d.say(text.L("bar.paused"))
	case d.talk.needs.Digits == "":
		d.actions.Resume(customer.Proof{})
	default:
		d.askResume(false)
	}
}

// askResume asks whether a pause is to end.
func (d *Dialogue) askResume(again bool) {
	d.raise(&wish{own: true, resume: true, to: d.talk.access, needs: customer.Needs{Digits: d.talk.needs.Digits}, again: again})
}

// resumed says that a pause is over.
func (d *Dialogue) resumed() {
	if w := d.talk.wish; w != nil && w.resume {
		d.forgetWish()
	}
	if d.talk.paused {
		d.talk.paused = false
		d.say(text.L("terminal.resumed"))
	}
}

func (d *Dialogue) chat(line string) {
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) > maxMessage {
		d.problem(problem.MessageTooLong)
		return
	}
	d.actions.Say(line)
}

// level is the customer's own change of level. Down is done at once; again says that a try to go up was not enough.
func (d *Dialogue) level(to session.Access, again bool) {
	switch refusal := refusal(d.talk.asked, to); {
	case to <= d.talk.access:
		d.actions.SetAccess(to, customer.Proof{})
	case refusal != nil:
		d.problem(refusal.Code)
	default:
		needs := d.talk.needs
		if to < session.SharedControl {
			needs = customer.Needs{Digits: needs.Digits}
		}
		d.raise(&wish{own: true, to: to, needs: needs, again: again})
	}
}

// happened shows what happened in a live session.
func (d *Dialogue) happened(e customer.Event) {
	switch e := e.(type) {
	case customer.AccessChanged:
		d.changed(e)
	case customer.Requested:
		again := d.talk.wish != nil && !d.talk.wish.own && d.talk.wish.id == e.ID
		d.raise(&wish{id: e.ID, to: e.Access, needs: e.Needs, until: e.Until, again: again})
	case customer.RequestGone:
		if w := d.talk.wish; w != nil && !w.own && w.id == e.ID {
			if !w.answered {
				d.say(text.L("terminal.question-gone"))
			}
			d.forgetWish()
		}
	case customer.StillThere:
		if d.talk.still && d.talk.tried {
			d.say(text.L("raise.again"))
		}
		d.talk.still, d.talk.tried = true, false
		d.clock.start(e.Until, "still.left")
		d.say("", text.L("still.question"), d.clock.left(), text.F("terminal.still", map[string]any{"digits": e.Digits}))
	case customer.StillThereGone:
		if d.talk.still {
			d.talk.still = false
			d.clock.stop()
		}
	case customer.PauseChanged:
		if !e.Paused {
			d.resumed()
		}
	case customer.Said:
		if e.FromEngineer {
			by := text.F("chat.by", map[string]any{"name": text.Plain(d.talk.engineer.Name), "time": text.Time(e.At)})
			d.say(append([]string{by}, quote(e.Text)...)...)
		}
	case customer.SaidTooMuch:
		d.say(text.F("chat.too-much", map[string]any{"time": text.Time(e.At)}))
	case customer.Trouble:
		d.problem(e.Problem.Code)
	case customer.LinkChanged:
		d.link(e)
	}
}

// changed says which level holds.
func (d *Dialogue) changed(e customer.AccessChanged) {
	d.talk.needs = e.Needs
	if e.Access == d.talk.access { // the proof was not enough, and other digits are needed
		if w := d.talk.wish; w != nil && w.own && w.answered {
			if w.resume {
				d.askResume(true)
			} else {
				d.level(w.to, true)
			}
		}
		return
	}
	d.talk.access = e.Access
	d.talk.levels = append(d.talk.levels, e.Access)
	if w := d.talk.wish; w != nil && w.own {
		d.forgetWish()
	}
	d.say(text.F("terminal.now", map[string]any{"name": text.Plain(d.talk.engineer.Name), "can": text.L(canTexts[e.Access])}))
}

// link says whether the engineer can be reached.
func (d *Dialogue) link(e customer.LinkChanged) {
	switch {
	case e.Up:
		d.say(text.L("terminal.link-up"))
	case time.Until(e.Until) > 0:
		d.say(text.Join(text.L("bar.interrupted"), text.F("bar.interrupted-until", map[string]any{"time": text.Time(e.Until)})))
	default:
		d.say(text.Join(text.L("bar.interrupted"), text.L("bar.interrupted-off")))
	}
}
