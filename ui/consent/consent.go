// Package consent is the question an engineer's wish is put to the customer with: who is asking, how sure we are of it, and what
// exactly is to be allowed. [Ask] is the first one, before a session; [Raise] is about a higher level in a live one.
//
// The rules: nothing is chosen beforehand, the focus starts on No, only a click or a key on the Yes button itself says
// yes, silence is no, and an answer is given once. The package decides nothing beyond that: what an answer means is
// the session's business.
package consent

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// checkGroups is how a check number is written: "482 913".
var checkGroups = []int{3, 3}

// checkDigits is how many digits it has.
const checkDigits = 6

// Ask is the question before a session. Its methods are called on Fyne's goroutine.
type Ask struct {
	Content fyne.CanvasObject
	Allow   *theme.Button
	Decline *theme.Button
	Levels  []*theme.Choice // in the order of session.Levels
	Journal *theme.Choice
	CleanUp *theme.Choice
	Check   *Check

	q        customer.Asked
	level    session.Access
	left     *theme.Countdown
	over     bool // too late
	answered bool
	answer   func(customer.Consent)
}

// NewAsk puts the question q. answer is called at most once.
func NewAsk(q customer.Asked, answer func(customer.Consent)) *Ask {
	a := &Ask{q: q, answer: answer}
	a.Check = newCheck(q.CheckNumber, q.MustCheck, a.update)
	a.Levels = theme.OneOf([][2]string{
		{text.L("level.chat"), text.L("consent.chat")},
		{text.L("level.view"), text.L("consent.view")},
		{text.L("level.control"), text.L("consent.control")},
	}, func(i int) {
		a.level = session.Levels[i]
		a.update()
	})
	a.Journal = theme.NewTick(text.L("consent.journal"), nil)
	a.CleanUp = theme.NewTick(text.L("consent.clean"), nil)
	a.Decline = theme.Secondary(text.L("consent.decline"), func() { a.give(customer.Consent{}) })
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
	body := container.NewVBox(
		theme.Heading(text.L("consent.title")),
		theme.Card(container.NewVBox(who(a.q.Engineer), a.Check.object)),
		theme.Subheading(text.L("consent.level")),
		levels,
		container.NewGridWithColumns(2, a.Journal, a.CleanUp),
	)
	scroll := theme.NewScroll(body)
	scroll.Follow(a.Levels[0], a.Levels[1], a.Levels[2], a.Journal, a.CleanUp)
	if a.Check.Typed != nil {
		scroll.Follow(a.Check.Typed)
	}
	feet := container.NewVBox(a.left.Label, container.NewGridWithColumns(2, a.Decline, a.Allow))
	return theme.Page(container.NewBorder(nil, feet, nil, nil, scroll))
}

// who says who is asking, and in words, sign and colour whether that is sure.
func who(e identity.Engineer) fyne.CanvasObject {
	name := theme.Subheading(text.Plain(e.Name) + " · " + text.Plain(e.Organisation))
	sure := theme.NewNotice(theme.Good)
	if e.Verified {
		sure.Set(text.F("consent.verified", map[string]any{"organisation": text.Plain(e.Organisation)}), text.L("consent.called"))
	} else {
		sure.SetTone(theme.Mind, text.L("consent.unverified"), text.Join(text.L("consent.unverified-do"), text.L("consent.called")))
	}
	return container.New(theme.Tight{}, name, sure)
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
	a.Check.elements(m)
	return m
}

// ready reports whether Allow makes sense: a level is chosen, and what it needs is there.
func (a *Ask) ready() bool {
	if a.over || a.answered || !a.level.Valid() {
		return false
	}
	return a.level != session.SharedControl || a.Check.Right()
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
			Access: a.level, Journal: a.Journal.Chosen(), CleanUp: a.CleanUp.Chosen(), Check: a.Check.Value(),
		})
	}
}

func (a *Ask) give(c customer.Consent) {
	if a.answered {
		return
	}
	a.Close()
	a.answer(c)
}

// Check is the part about the check number. If both ends vouch for each other it only shows the number, to be compared by
// ear. If the number must be typed it is not shown at all: it has to come from the engineer's mouth.
type Check struct {
	Typed *theme.Digits // nil if the number is only shown
	Shown fyne.CanvasObject

	number string
	object fyne.CanvasObject
	notice *theme.Notice
}

func newCheck(number string, mustType bool, changed func()) *Check {
	c := &Check{number: number, notice: theme.NewNotice(theme.Good)}
	title := theme.Strong(text.L("consent.check"))
	if !mustType {
		shown := theme.Line(theme.Group(number, checkGroups...))
		shown.TextStyle = fyne.TextStyle{Bold: true}
		c.Shown = shown
		c.object = container.NewBorder(nil, nil, theme.Sized(shown, 30), nil,
			container.New(theme.Tight{}, title, theme.Text(text.L("consent.check-same"))))
		return c
	}
	c.Typed = theme.NewDigits(text.L("consent.check"), checkGroups...)
	c.Typed.OnDigits = func(digits string) {
		c.judge(digits)
		changed()
	}
	c.object = container.New(theme.Tight{By: 2}, container.NewBorder(nil, nil, theme.Wide(theme.Sized(c.Typed, 26), 160), nil,
		container.New(theme.Tight{}, title, theme.Text(text.L("consent.check-type")))), c.notice)
	return c
}

// judge says what is to be said of the digits typed.
func (c *Check) judge(digits string) {
	switch {
	case len(digits) < checkDigits:
		c.notice.Set("", "")
	case c.Right():
		c.notice.SetTone(theme.Good, text.L("consent.check-right"), "")
	default:
		what, do := text.Problem(problem.CheckMismatch)
		c.notice.SetTone(theme.Wrong, what, do)
	}
}

// Right reports whether the number needs no typing or was typed right.
func (c *Check) Right() bool { return c.Typed == nil || c.number != "" && c.Typed.Value() == c.number }

// Value is what was typed, without spaces.
func (c *Check) Value() string {
	if c.Typed == nil {
		return ""
	}
	return c.Typed.Value()
}

func (c *Check) elements(m map[string]fyne.CanvasObject) {
	if c.Typed != nil {
		m["check-entry"], m["check-notice"] = c.Typed, c.notice
	} else {
		m["check"] = c.Shown
	}
}
