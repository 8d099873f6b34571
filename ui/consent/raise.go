package consent

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/customer"
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
	// Own means that the customer wants it, not the engineer: there is no hurry and no read time. Resume means that it is to go on
	// after a pause.
	Own    bool
	Resume bool
	Until  time.Time // when silence becomes no; not for Own
	// Needs is what has to be said and typed besides.
	Needs customer.Needs
	// CheckNumber is what has to be typed if Needs says that it must be.
	CheckNumber string
	// Again means that the last answer was not enough.
	Again bool
}

// Raise is the question about a Wish, small enough to stand beneath the bar. Its methods are called on Fyne's
// goroutine.
type Raise struct {
	Content fyne.CanvasObject
	Yes, No *theme.Button
	Check   *Check        // nil if no check number is needed
	Called  *Called       // nil if it is known whom the customer called
	Digits  *theme.Digits // nil if no digits are needed
	// Resized hears that Content needs another height.
	Resized func()

	wish     Wish
	left     *theme.Countdown
	read     *theme.Ticker
	reading  bool
	over     bool
	answered bool
	answer   func(yes bool, proof customer.Proof)
}

// NewRaise puts the question. answer is called at most once.
func NewRaise(w Wish, answer func(yes bool, proof customer.Proof)) *Raise {
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
	foot := container.NewBorder(nil, nil, nil, container.NewGridWithColumns(2, r.No, r.Yes), theme.Middle(r.left.Label))
	r.Content = theme.Card(container.New(theme.Tight{By: -2}, append(r.parts(), foot)...))
	r.start()
	return r
}

// parts are the question and what it needs, in the order in which they are read.
func (r *Raise) parts() []fyne.CanvasObject {
	parts := []fyne.CanvasObject{theme.Subheading(text.F(r.question(), map[string]any{"name": text.Plain(r.wish.Name)}))}
	if r.wish.Again {
		again := theme.NewNotice(theme.Mind)
		again.Set(text.L("raise.again"), text.L("raise.again-do"))
		parts = append(parts, again)
	}
	if r.wish.Needs.Called {
		r.Called = newCalled(r.changed)
		parts = append(parts, r.Called.object)
	}
	if r.wish.Needs.Check {
		r.Check = newCheck(r.wish.CheckNumber, true, r.changed)
		parts = append(parts, r.Check.object)
	}
	if digits := r.wish.Needs.Digits; digits != "" {
		say := text.F("raise.digits", map[string]any{"digits": digits})
		r.Digits = theme.NewDigits(say, len(digits))
		r.Digits.OnDigits = func(string) { r.update() }
		parts = append(parts, container.NewBorder(nil, nil, theme.Wide(r.Digits, 90), nil, theme.Middle(theme.Text(say))))
	}
	return parts
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
	case r.wish.Resume:
		return resumes[r.wish.Access]
	case r.wish.Own && control:
		return "raise.own-control"
	case r.wish.Own:
		return "raise.own-view"
	case control:
		return "raise.ask-control"
	}
	return "raise.ask-view"
}

// resumes are the keys of the sentence after a pause.
var resumes = map[session.Access]string{
	session.ChatOnly: "raise.resume-chat", session.ViewOnly: "raise.resume-view", session.SharedControl: "raise.resume-control",
}

// Focus puts the focus where it starts: on No. Call it when Content is in the window.
func (r *Raise) Focus(c fyne.Canvas) { c.Focus(r.No) }

// Refuse answers no.
func (r *Raise) Refuse() { r.give(false, customer.Proof{}) }

// Close ends the question without an answer. It stops its clocks.
func (r *Raise) Close() {
	r.answered = true
	r.left.Stop()
	r.read.Stop()
}

// Elements are the named parts, for ui/trace.
func (r *Raise) Elements() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{"yes": r.Yes, "no": r.No, "question-left": r.left.Label}
	if r.Called != nil {
		r.Called.elements(m)
	}
	if r.Check != nil {
		r.Check.elements(m)
	}
	if r.Digits != nil {
		m["digits"] = r.Digits
	}
	return m
}

// ready reports whether Yes makes sense. Whether the digits are the right ones is not looked at here: a script that tries them
// all would learn it, and the session counts the tries.
func (r *Raise) ready() bool {
	return !r.over && !r.answered && !r.reading &&
		(r.Called == nil || r.Called.Said()) && (r.Check == nil || r.Check.Right()) &&
		(r.Digits == nil || len(r.Digits.Value()) == len(r.wish.Needs.Digits))
}

func (r *Raise) update() { r.Yes.SetEnabled(r.ready()) }

// changed is update after something that shows or hides a sentence.
func (r *Raise) changed() {
	r.update()
	if r.Resized != nil {
		r.Resized()
	}
}

func (r *Raise) allow() {
	if !r.ready() {
		return
	}
	p := customer.Proof{Called: r.Called != nil && r.Called.Said()}
	if r.Check != nil {
		p.Check = r.Check.Value()
	}
	if r.Digits != nil {
		p.Digits = r.Digits.Value()
	}
	r.give(true, p)
}

func (r *Raise) give(yes bool, p customer.Proof) {
	if r.answered {
		return
	}
	r.Close()
	r.answer(yes, p)
}
