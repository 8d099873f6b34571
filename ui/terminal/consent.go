package terminal

import (
	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
)

// levelTexts say what an engineer may do at a level.
var levelTexts = map[session.Access]string{
	session.ChatOnly: "consent.chat", session.ViewOnly: "consent.view", session.SharedControl: "consent.control",
}

// asked says who is there, and asks what they may do.
func (d *Dialogue) asked(e customer.Asked) {
	d.talk = talk{on: true, engineer: e.Engineer, asked: e}
	d.say("", text.L("consent.title"), "  "+name(e.Engineer), "  "+sure(e.Engineer), "  "+text.L("consent.called"))
	if !e.MustCheck {
		d.say("  "+text.L("consent.check")+" "+group(e.CheckNumber), "  "+text.L("consent.check-same"))
	}
	d.say("", text.L("consent.level"))
	for i, level := range session.Levels {
		line := "  " + levelKeys[i] + "  " + text.L(levelTexts[level])
		if refusal(e, level) != nil {
			line += " " + text.L("terminal.not-here")
		}
		d.say(line)
	}
	d.say("  0  "+text.L("consent.decline"), "  !  "+text.L("alarm.press"))
	if e.NoScreen != nil {
		d.problem(e.NoScreen.Code)
	} else if e.NoControl != nil {
		d.problem(e.NoControl.Code)
	}
	d.clock.start(e.Until, "consent.left")
	d.say(d.clock.left())
	d.askLevel()
}

// levelKeys are typed for the levels, in the order of session.Levels.
var levelKeys = []string{"1", "2", "3"}

// levelOf is the level that a line names.
func levelOf(line string) session.Access {
	for i, key := range levelKeys {
		if command(line) == key {
			return session.Levels[i]
		}
	}
	return session.NoAccess
}

// name is the engineer's name and organisation.
func name(e identity.Engineer) string {
	return text.F("bar.who", map[string]any{"name": text.Plain(e.Name), "organisation": text.Plain(e.Organisation)})
}

// sure says whether the name can be believed.
func sure(e identity.Engineer) string {
	if e.Verified {
		return text.F("consent.verified", map[string]any{"organisation": text.Plain(e.Organisation)})
	}
	return text.Join(text.L("consent.unverified"), text.L("consent.unverified-do"))
}

// group writes a check number as it is read out.
func group(number string) string {
	if len(number) != 6 {
		return number
	}
	return number[:3] + " " + number[3:]
}

// refusal is why a level cannot be had on this computer, or nil.
func refusal(e customer.Asked, level session.Access) *problem.Error {
	switch {
	case level >= session.ViewOnly && e.NoScreen != nil:
		return e.NoScreen
	case level >= session.SharedControl:
		return e.NoControl
	}
	return nil
}

// askLevel asks for the first level. Only a number answers: an empty line may have been pressed before the question came.
func (d *Dialogue) askLevel() {
	d.want(text.L("terminal.choose"), func(line string) {
		level := levelOf(line)
		d.talk.consent = customer.Consent{Access: level}
		switch {
		case command(line) == "0":
			d.answer(customer.Consent{})
		case level == session.NoAccess: // asked again
		case refusal(d.talk.asked, level) != nil:
			d.problem(refusal(d.talk.asked, level).Code)
		case level == session.SharedControl:
			d.askCalled(&d.talk.consent.Proof, d.askLevel, func() {
				if d.talk.asked.MustCheck {
					d.askCheck(&d.talk.consent.Proof, d.askLevel, d.askRest)
				} else {
					d.askRest()
				}
			})
		default:
			d.askRest()
		}
	})
}

// askCalled asks whether the customer called the engineer. No goes back, with a warning.
func (d *Dialogue) askCalled(p *customer.Proof, back, then func()) {
	d.want(text.L("called.question")+" "+text.L("terminal.yes-no"), func(line string) {
		if !yes(line) {
			d.say("", text.Join(text.L("called.stranger"), text.L("called.stranger-do")))
			back()
			return
		}
		p.Called = true
		then()
	})
}

// askCheck asks for the check number as the engineer reads it out. An empty line goes back.
func (d *Dialogue) askCheck(p *customer.Proof, back, then func()) {
	d.want(text.L("consent.check-type"), func(line string) {
		switch digits := digitsOf(line); {
		case digits == "":
			back()
		case digits != d.talk.asked.CheckNumber:
			d.problem(problem.CheckMismatch)
		default:
			p.Check = digits
			d.say(text.L("consent.check-right"))
			then()
		}
	})
}

// askRest asks for what belongs to the answer, and gives it.
func (d *Dialogue) askRest() {
	tail := " " + text.L("terminal.yes-no")
	d.want(text.L("consent.journal")+tail, func(line string) {
		d.talk.consent.Journal = yes(line)
		d.want(text.L("consent.clean")+tail, func(line string) {
			d.talk.consent.CleanUp = yes(line)
			d.answer(d.talk.consent)
		})
	})
}

func (d *Dialogue) answer(c customer.Consent) {
	d.ask = nil
	d.clock.stop()
	d.say(text.L("wait.answered"))
	if c.Access != session.NoAccess {
		d.want(text.L("terminal.cancel"), func(line string) {
			if command(line) == "x" || command(line) == "s" {
				d.ask = nil
				d.actions.Stop()
			}
		})
	}
	d.actions.Answer(c)
}
