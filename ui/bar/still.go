package bar

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/ui/text"
	"assist/ui/theme"
)

// still is the question whether somebody is at the computer, with the time that is left to answer.
type still struct {
	content fyne.CanvasObject
	yes     *theme.Button
	left    *theme.Countdown
}

func newStill(until time.Time, here func()) *still {
	s := &still{}
	s.left = theme.NewCountdown(func(left time.Duration) string {
		return text.F("still.left", map[string]any{"time": text.Clock(left)})
	})
	s.yes = theme.Secondary(text.L("still.here"), func() {
		s.yes.Disable() // once is enough
		here()
	})
	say := container.New(theme.Tight{}, theme.Subheading(text.L("still.question")), s.left.Label)
	s.content = theme.Card(container.NewBorder(nil, nil, nil, s.yes, say))
	s.left.Start(until)
	return s
}

func (s *still) close() { s.left.Stop() }
