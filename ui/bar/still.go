package bar

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/ui/text"
	"assist/ui/theme"
)

// still is the question whether somebody is at the computer, with the time that is left to answer. The answer is two digits, which a
// script left on the computer cannot read.
type still struct {
	content fyne.CanvasObject
	digits  *theme.Digits
	yes     *theme.Button
	left    *theme.Countdown
	wanted  string // digits
	tried   bool
}

// newStill asks for the digits. again says that others were given before.
func newStill(until time.Time, wanted string, again bool, here func(digits string)) *still {
	s := &still{wanted: wanted}
	s.left = theme.NewCountdown(func(left time.Duration) string {
		return text.F("still.left", map[string]any{"time": text.Clock(left)})
	})
	s.yes = theme.Secondary(text.L("still.here"), func() {
		s.tried = true
		s.yes.Disable() // once is enough
		here(s.digits.Value())
	})
	say := text.F("raise.digits", map[string]any{"digits": wanted})
	s.digits = theme.NewDigits(say, len(wanted))
	s.digits.OnDigits = func(digits string) { s.yes.SetEnabled(!s.tried && len(digits) == len(wanted)) }
	s.yes.Disable()
	if again {
		say = text.Join(text.L("raise.again"), say)
	}
	s.content = theme.Card(container.New(theme.Tight{By: -2},
		theme.Subheading(text.L("still.question")), s.left.Label,
		container.NewBorder(nil, nil, theme.Middle(theme.Wide(s.digits, 90)), s.yes, theme.Middle(theme.Text(say))),
	))
	s.left.Start(until)
	return s
}

func (s *still) close() { s.left.Stop() }
