package bar

import (
	"fyne.io/fyne/v2"

	"assist/app/customer"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// state is the one thing that is most worth saying now.
func (b *Bar) state() (theme.Tone, string, string) {
	switch {
	case b.stopping:
		return theme.Mind, text.L("bar.stopping"), ""
	case b.linkDown:
		return theme.Mind, text.Join(text.L("bar.interrupted"), b.waitingUntil()), ""
	case b.paused || b.input == customer.InputPaused:
		return theme.Mind, text.L("bar.paused"), ""
	case b.input == customer.InputPrompt && b.access == session.SharedControl:
		return theme.Mind, text.L("bar.input-prompt"), ""
	case b.input == customer.InputLocalHand && b.access == session.SharedControl:
		return theme.Note, text.L("bar.input-local"), ""
	case b.slow && b.access > session.ChatOnly:
		return theme.Note, text.L("bar.slow"), ""
	case b.input == customer.InputOn && b.access == session.SharedControl:
		return theme.Note, text.L("bar.input-on"), ""
	}
	return theme.Note, text.L(choose(b.panicKey, "bar.hint-key", "bar.hint")), ""
}

// waitingUntil says how long an interruption may last.
func (b *Bar) waitingUntil() string {
	if b.waiting.IsZero() {
		return text.L("bar.interrupted-off")
	}
	return text.F("bar.interrupted-until", map[string]any{"time": text.Time(b.waiting)})
}

func setShown(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
