package console

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/ui/text"
	"assist/ui/theme"
)

// linkCard is how the link does, in numbers, beneath a press that shows or hides them. The numbers change once a second.
type linkCard struct {
	object fyne.CanvasObject // the card, hidden at first
	press  *theme.Button
	values map[string]*widget.Label // by the end of their text's key
	now    engineer.LinkChanged
	resize func()
}

// linkRows are the numbers, from top to bottom, by the end of their text's key.
var linkRows = []string{"trip", "rate", "queue", "planes", "pictures", "received", "sent"}

// newLinkCard makes a card that calls resized when it comes or goes.
func newLinkCard(resized func()) *linkCard {
	c := &linkCard{values: map[string]*widget.Label{}, resize: resized}
	rows := container.New(theme.Tight{})
	for _, name := range linkRows {
		value := theme.Line("")
		value.Alignment = fyne.TextAlignTrailing
		c.values[name] = value
		rows.Add(container.NewBorder(nil, nil, theme.Line(text.L("console.link."+name)), nil, value))
	}
	c.object = theme.Card(rows)
	c.press = theme.Quiet(text.L("console.link.show"), func() { c.open(!c.object.Visible()) })
	c.object.Hide()
	return c
}

// open shows the numbers or hides them.
func (c *linkCard) open(on bool) {
	visible(c.object, on)
	c.set(c.now)
	if on {
		c.press.SetText(text.L("console.link.hide"))
	} else {
		c.press.SetText(text.L("console.link.show"))
	}
	c.resize()
}

// set shows how the link does now. A dash stands for what is not known. Numbers that nobody sees are left alone: the window would
// be drawn for them.
func (c *linkCard) set(ev engineer.LinkChanged) {
	if c.now = ev; !c.object.Visible() {
		return
	}
	for name, value := range map[string]string{
		"trip":     milliseconds(ev.RoundTrip, ev.Up && ev.RoundTrip > 0),
		"rate":     known(text.F("console.link.per-second", map[string]any{"amount": amount(ev.Rate)}), ev.Up && ev.Rate > 0),
		"queue":    milliseconds(ev.Queue, ev.Up && ev.Rate > 0),
		"planes":   planes(ev),
		"pictures": fmt.Sprintf("%.0f", ev.Pictures),
		"received": amount(ev.Received),
		"sent":     amount(ev.Sent),
	} {
		if l := c.values[name]; l.Text != value {
			l.SetText(value)
		}
	}
}

// known is s, or a dash.
func known(s string, ok bool) string {
	if !ok {
		return "–"
	}
	return s
}

func milliseconds(d time.Duration, ok bool) string {
	return known(fmt.Sprintf("%d ms", d.Milliseconds()), ok)
}

// planes says which part of the picture's bytes came exactly and which as moving pictures.
func planes(ev engineer.LinkChanged) string {
	all := ev.Exact + ev.Motion
	if all == 0 {
		return known("", false)
	}
	exact := int((ev.Exact*100 + all/2) / all)
	return text.F("console.link.shares", map[string]any{"exact": exact, "motion": 100 - exact})
}
