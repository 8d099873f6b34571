package bar

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/theme"

	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// canKeys are the sentences about what the engineer can do.
var canKeys = map[session.Access]string{
	session.ChatOnly: "bar.can-chat", session.ViewOnly: "bar.can-view", session.SharedControl: "bar.can-control",
}

// sayRow is who is there, what they can do and since when: in one line, or, where a long name would be cut by that at any level, in
// two. It stays the same for the whole session.
func (b *Bar) sayRow() fyne.CanvasObject {
	can := container.NewHBox(b.can, b.elapsed)
	if lineWidth(b.who.Text, true)+b.widest() > Width-stopWidth-2*edge-base.Padding() {
		return container.New(theme.Tight{}, b.who, can)
	}
	return container.NewBorder(nil, nil, nil, can, b.who)
}

// widest is how wide the rest of the line becomes at most.
func (b *Bar) widest() float32 {
	var can float32
	for _, key := range canKeys {
		can = max(can, lineWidth(text.L(key), false))
	}
	return can + base.Padding() + lineWidth(since(b.since, time.Hour), false) + base.Padding()
}

// lineWidth is how wide a label with the words is.
func lineWidth(words string, bold bool) float32 {
	return fyne.MeasureText(words, base.TextSize(), fyne.TextStyle{Bold: bold}).Width + 2*base.InnerPadding()
}

// since says how long a session has lasted that began at a time.
func since(at time.Time, lasted time.Duration) string {
	return text.F("bar.since", map[string]any{"at": text.Time(at), "time": text.Elapsed(lasted)})
}
