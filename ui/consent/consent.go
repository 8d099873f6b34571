// Package consent is the question an engineer's wish is put to the customer with: who is asking, how sure we are of it, and what
// exactly is to be allowed. [Ask] is the first one, before a session; [Raise] is about a higher level in a live one.
//
// The rules: nothing is chosen beforehand, the focus starts on No, only a click or a key on the Yes button itself says
// yes, silence is no, and an answer is given once. Nobody gets control without saying whom they called. Whoever feels that
// something is wrong can say so by one press. The package decides nothing beyond that: what an answer means, and whether
// what was typed is enough, is the session's business.
package consent

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// Ask is the question before a session. Its methods are called on Fyne's goroutine.
type Ask struct {
	Content fyne.CanvasObject
	Allow   *theme.Button
	Decline *theme.Button
	Alarm   *theme.Button   // something feels wrong
	Levels  []*theme.Choice // in the order of session.Levels
	Journal *theme.Choice
	CleanUp *theme.Choice
	Check   *Check
	Called  *Called // shown as soon as control is chosen

	q        customer.Asked
	level    session.Access
	sure     *theme.Notice
	left     *theme.Countdown
	scroll   *theme.Scroll
	over     bool // too late
	answered bool
	answer   func(customer.Consent)
	alarm    func()
}

// NewAsk puts the question q. One of answer and alarm is called, and once at most.
func NewAsk(q customer.Asked, answer func(customer.Consent), alarm func()) *Ask {
	a := &Ask{q: q, answer: answer, alarm: alarm}
	a.Check = newCheck(q.CheckNumber, q.MustCheck, a.update)
	a.Levels = theme.OneOf([][2]string{
		{text.L("level.chat"), text.L("consent.chat")},
		{text.L("level.view"), text.L("consent.view")},
		{text.L("level.control"), text.L("consent.control")},
	}, func(i int) {
		a.level = session.Levels[i]
		a.showCalled()
		a.update()
	})
	a.Called = newCalled(a.called)
	a.Called.show(false)
	a.Journal = theme.NewTick(text.L("consent.journal"), nil)
	a.CleanUp = theme.NewTick(text.L("consent.clean"), nil)
	a.Decline = theme.Secondary(text.L("consent.decline"), a.Refuse)
	a.Alarm = theme.Quiet(text.L("alarm.press"), a.raiseAlarm)
	a.Allow = theme.Primary(text.L("consent.allow"), a.allow)
	a.left = theme.NewCountdown(func(left time.Duration) string {
		if a.over = left == 0; a.over {
			a.update()
			return text.L("consent.over")
		}
		return text.F("consent.left", map[string]any{"time": text.Clock(left)})
	})
	a.Content = a.layout()
	a.left.Start(q.Until)
	a.update()
	return a
}

// layout puts everything that is read into a scroll area, and the buttons beneath it, where they always are.
func (a *Ask) layout() fyne.CanvasObject {
	levels := container.NewVBox()
	for _, l := range a.Levels {
		levels.Add(l)
	}
	body := container.New(theme.Tight{By: -1},
		theme.Heading(text.L("consent.title")),
		theme.Card(container.NewVBox(a.who(), a.Check.object)),
		theme.Subheading(text.L("consent.level")),
		levels,
		a.unable(),
		a.Called.object,
		container.NewGridWithColumns(2, a.Journal, a.CleanUp),
	)
	a.scroll = theme.NewScroll(body)
	a.scroll.Follow(a.Levels[0], a.Levels[1], a.Levels[2], a.Called.No, a.Called.Yes, a.Journal, a.CleanUp)
	if a.Check.Typed != nil {
		a.scroll.Follow(a.Check.Typed)
	}
	above := container.NewBorder(nil, nil, nil, a.Alarm, theme.Middle(a.left.Label))
	feet := container.NewVBox(above, container.NewGridWithColumns(2, a.Decline, a.Allow))
	return theme.Page(container.NewBorder(nil, theme.Feet(feet), nil, nil, a.scroll))
}

// unable disables the levels that cannot be had on this computer, and says why and what to do.
func (a *Ask) unable() fyne.CanvasObject {
	n := theme.NewNotice(theme.Mind)
	for i, fault := range []*problem.Error{nil, a.q.NoScreen, a.q.NoControl} {
		if fault == nil {
			continue
		}
		if a.Levels[i].SetEnabled(false); n.Hidden {
			n.Set(text.Problem(fault.Code))
		}
	}
	return n
}

// showCalled shows the question whom the customer called while it matters: control is chosen, or cannot be.
func (a *Ask) showCalled() {
	on := a.level == session.SharedControl || a.Called.Stranger()
	if on == a.Called.object.Visible() {
		return
	}
	a.Called.show(on)
	a.saySure()
	a.scroll.Refresh()
	if on {
		a.scroll.Reveal(a.Called.object)
	}
}

// called takes the answer whom the customer called: with a stranger control cannot be chosen.
func (a *Ask) called() {
	control := a.Levels[len(a.Levels)-1]
	if a.Called.Stranger() && a.level == session.SharedControl {
		a.level = session.NoAccess
		control.SetChosen(false)
	}
	control.SetEnabled(!a.Called.Stranger() && a.q.NoControl == nil)
	a.saySure()
	a.scroll.Refresh()
	a.scroll.Reveal(a.Called.object)
	a.update()
}

// who says who is asking, and in words, sign and colour whether that is sure.
func (a *Ask) who() fyne.CanvasObject {
	e := a.q.Engineer
	a.sure = theme.NewNotice(theme.Note)
	a.saySure()
	return container.New(theme.Tight{}, theme.Subheading(text.Plain(e.Name)+" · "+text.Plain(e.Organisation)), a.sure)
}

// saySure says whether it is sure who is asking, and reminds of who called whom until that is asked.
func (a *Ask) saySure() {
	var do []string
	if !a.q.Engineer.Verified && !a.Called.Stranger() {
		do = append(do, text.L("consent.unverified-do"))
	}
	if !a.Called.object.Visible() {
		do = append(do, text.L("consent.called"))
	}
	if a.q.Engineer.Verified {
		a.sure.SetTone(theme.Good, text.F("consent.verified", map[string]any{"organisation": text.Plain(a.q.Engineer.Organisation)}), text.Join(do...))
	} else {
		a.sure.SetTone(theme.Mind, text.L("consent.unverified"), text.Join(do...))
	}
}

// Focus puts the focus where it starts: on Decline. Call it when Content is in the window.
func (a *Ask) Focus(c fyne.Canvas) { c.Focus(a.Decline) }

// Refuse answers no, as when the window is closed.
func (a *Ask) Refuse() { a.give(customer.Consent{}) }

// Close ends the question without an answer. It stops its clock.
func (a *Ask) Close() {
	a.answered = true
	a.left.Stop()
}

// Elements are the named parts, for ui/trace.
func (a *Ask) Elements() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{
		"chat-only": a.Levels[0], "view-only": a.Levels[1], "shared-control": a.Levels[2],
		"journal": a.Journal, "clean-up": a.CleanUp, "allow": a.Allow, "decline": a.Decline, "left": a.left.Label,
	}
	m["alarm"] = a.Alarm
	a.Check.elements(m)
	a.Called.elements(m)
	return m
}

// ready reports whether Allow makes sense: a level is chosen, and what it needs is there.
func (a *Ask) ready() bool {
	if a.over || a.answered || !a.level.Valid() {
		return false
	}
	return a.level != session.SharedControl || a.Check.Right() && a.Called.Said()
}

func (a *Ask) update() {
	if a.Allow == nil {
		return // still being made
	}
	a.Allow.SetEnabled(a.ready())
}

func (a *Ask) allow() {
	if a.ready() {
		a.give(customer.Consent{
			Access: a.level, Journal: a.Journal.Chosen(), CleanUp: a.CleanUp.Chosen(), Proof: a.proof(),
		})
	}
}

// proof is what was said and typed for control.
func (a *Ask) proof() customer.Proof {
	if a.level < session.SharedControl {
		return customer.Proof{}
	}
	return customer.Proof{Check: a.Check.Value(), Called: a.Called.Said()}
}

func (a *Ask) raiseAlarm() {
	if !a.answered {
		a.Close()
		a.alarm()
	}
}

func (a *Ask) give(c customer.Consent) {
	if a.answered {
		return
	}
	a.Close()
	a.answer(c)
}
