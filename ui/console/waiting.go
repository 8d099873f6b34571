package console

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/ui/text"
	"assist/ui/theme"
)

// checkSize is how large the check number is.
const checkSize = 56

// waitingPage shows who is deciding, and the check number to read out.
type waitingPage struct {
	content fyne.CanvasObject
	card    *customerCard
	number  *widget.Label
	hint    *widget.Label
	cancel  *theme.Button
}

func newWaiting(actions engineer.Actions) *waitingPage {
	p := &waitingPage{card: newCard(), number: centre(theme.Line("")), hint: centre(theme.Text(""))}
	p.number.TextStyle.Bold = true
	p.cancel = theme.NewButton(text.L("console.waiting.cancel"), actions.End)
	reading := theme.NewNotice(theme.Note)
	reading.Set(text.L("console.waiting.reading"), "")
	column := container.NewVBox(
		centre(theme.Heading(text.L("console.waiting.heading"))),
		theme.Card(container.NewPadded(p.card.object)),
		reading,
		theme.Card(container.NewPadded(container.NewVBox(
			centre(theme.Subheading(text.L("console.waiting.check"))), theme.Sized(p.number, checkSize), p.hint))),
		container.NewPadded(container.NewCenter(p.cancel)))
	p.content = centred(column, columnWidth)
	return p
}

func (p *waitingPage) set(c engineer.Card, number string) {
	p.card.set(c)
	shown := theme.Group(number, 3, 3)
	p.number.SetText(shown)
	p.hint.SetText(text.F("console.waiting.check.do", map[string]any{"number": shown}))
}

func (p *waitingPage) name() string              { return "waiting" }
func (p *waitingPage) object() fyne.CanvasObject { return p.content }

// enter leaves the focus nowhere: a key pressed out of habit must not send the customer away.
func (p *waitingPage) enter(c fyne.Canvas) { c.Unfocus() }

func (p *waitingPage) elements() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"name": p.card.customer, "details": p.card.details, "check": p.number, "cancel": p.cancel,
	}
}

// customerCard is what the customer wrote into the form. It is peer text: plain labels, nothing else.
type customerCard struct {
	object   fyne.CanvasObject
	customer *widget.Label
	details  *widget.Label
}

func newCard() *customerCard {
	c := &customerCard{customer: theme.Subheading(""), details: theme.Text("")}
	c.object = container.New(layout.NewCustomPaddedVBoxLayout(-10), c.customer, c.details)
	return c
}

func (c *customerCard) set(card engineer.Card) {
	c.customer.SetText(customerName(card))
	c.details.SetText(details(card))
	visible(c.details, c.details.Text != "")
}

func customerName(card engineer.Card) string {
	if name := peer(card.Name); name != "" {
		return name
	}
	return text.L("console.card.nameless")
}

// details are the fields that were filled in, one a line.
func details(card engineer.Card) string {
	var all string
	for _, f := range []struct{ key, value string }{
		{"console.card.number", card.CustomerNumber},
		{"console.card.case", card.CaseNumber},
		{"console.card.branch", card.Branch},
		{"console.card.country", card.Country},
		{"console.card.product", card.Product},
	} {
		value := peer(f.value)
		if value == "" {
			continue
		}
		if all != "" {
			all += "\n"
		}
		all += text.F(f.key, map[string]any{"value": value})
	}
	return all
}
