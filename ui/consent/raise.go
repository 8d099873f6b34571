package consent

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// readTime is how long the question about control stands before Yes can be pressed.
const readTime = 3 * time.Second

// Wish is a higher level that somebody wants in a live session.
type Wish struct {
	Name   string // of the engineer
	Access session.Access
	// Own means that the customer wants it, not the engineer: there is no hurry and no read time.
	Own   bool
	Until time.Time // when silence becomes no; not for Own
	// CheckNumber has to be typed for control if MustCheck.
	CheckNumber string
	MustCheck   bool
	// Digits, if not "", are shown and have to be typed: a program that presses buttons on this computer cannot.
	Digits string
}

// Raise is the question about a Wish, small enough to stand beneath the bar. Its methods are called on Fyne's
// goroutine.
type Raise struct {
	Content fyne.CanvasObject
	Yes, No *theme.Button
	Check   *Check        // nil if no check number is needed
	Digits  *theme.Digits // nil if no digits are needed

	wish     Wish
	left     *theme.Countdown
	read     *theme.Ticker
	reading  bool
	over     bool
	answered bool
	answer   func(yes bool, check string)
}

// NewRaise puts the question. answer is called at most once.
func NewRaise(w Wish, answer func(yes bool, check string)) *Raise {
	r := &Raise{wish: w, answer: answer}
	r.No = theme.Secondary(text.L("raise.no"), r.Refuse)
	r.Yes = theme.Secondary(text.L("raise.yes"), r.allow)
	r.left = theme.NewCountdown(func(left time.Duration) string {
		if r.over = left == 0; r.over {
			r.update()
			return text.L("consent.over")
		}
		return text.F("consent.left", map[string]any{"time": text.Clock(left)})
	})
	parts := []fyne.CanvasObject{theme.Subheading(text.F(r.question(), map[string]any{"name": text.Plain(w.Name)}))}
	if w.MustCheck && w.Access == session.SharedControl {
		r.Check = newCheck(w.CheckNumber, true, r.update)
		parts = append(parts, r.Check.object)
	}
	if w.Digits != "" {
		r.Digits = theme.NewDigits(text.F("raise.digits", map[string]any{"digits": w.Digits}), len(w.Digits))
		r.Digits.OnDigits = func(string) { r.update() }
		parts = append(parts, container.NewBorder(nil, nil, theme.Wide(r.Digits, 90), nil,
			theme.Text(text.F("raise.digits", map[string]any{"digits": w.Digits}))))
	}
	foot := container.NewBorder(nil, nil, nil, container.NewGridWithColumns(2, r.No, r.Yes), r.left.Label)
	r.Content = theme.Card(container.NewVBox(append(parts, foot)...))
	r.start()
	return r
}

func (r *Raise) start() {
	if !r.wish.Own {
		r.left.Start(r.wish.Until)
		if r.wish.Access == session.SharedControl {
			r.reading = true
			r.read = theme.After(readTime, func() {
				r.reading = false
				r.update()
			})
		}
	}
	r.update()
}

// question is the key of the sentence.
func (r *Raise) question() string {
	switch control := r.wish.Access == session.SharedControl; {
	case r.wish.Own && control:
		return "raise.own-control"
	case r.wish.Own:
		return "raise.own-view"
	case control:
		return "raise.ask-control"
	}
	return "raise.ask-view"
}

// Focus puts the focus where it starts: on No. Call it when Content is in the window.
func (r *Raise) Focus(c fyne.Canvas) { c.Focus(r.No) }

// Refuse answers no.
func (r *Raise) Refuse() { r.give(false) }

// Close ends the question without an answer. It stops its clocks.
func (r *Raise) Close() {
	r.answered = true
	r.left.Stop()
	r.read.Stop()
}

// Elements are the named parts, for ui/trace.
func (r *Raise) Elements() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{"yes": r.Yes, "no": r.No, "question-left": r.left.Label}
	if r.Check != nil {
		r.Check.elements(m)
	}
	if r.Digits != nil {
		m["digits"] = r.Digits
	}
	return m
}

func (r *Raise) ready() bool {
	return !r.over && !r.answered && !r.reading &&
		(r.Check == nil || r.Check.Right()) && (r.Digits == nil || r.Digits.Value() == r.wish.Digits)
}

func (r *Raise) update() { r.Yes.SetEnabled(r.ready()) }

func (r *Raise) allow() {
	if r.ready() {
		r.give(true)
	}
}

func (r *Raise) give(yes bool) {
	if r.answered {
		return
	}
	r.Close()
	check := ""
	if yes && r.Check != nil {
		check = r.Check.Value()
	}
	r.answer(yes, check)
}
