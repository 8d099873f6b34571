package consent

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/problem"
	"assist/ui/text"
	"assist/ui/theme"
)

// checkGroups is how a check number is written: "482 913".
var checkGroups = []int{3, 3}

// checkDigits is how many digits it has.
const checkDigits = 6

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
