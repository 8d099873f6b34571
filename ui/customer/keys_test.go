package customer

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"assist/app/cleanup"
	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

// hands are somebody with a keyboard and nothing else.
type hands struct {
	*testing.T
	v *View
	w *uitest.Window
	r *recorder
}

// window is the one in front.
func (h hands) window() *uitest.Window {
	if h.v.strip != nil {
		return strip(h.v)
	}
	return h.w
}

// tab goes to o by the tab key.
func (h hands) tab(o fyne.CanvasObject) {
	h.Helper()
	for range 40 {
		if h.window().Canvas().Focused() == o.(fyne.Focusable) {
			return
		}
		uitest.Press(h.window(), fyne.KeyTab)
	}
	h.Fatalf("the tab key does not lead to %T", o)
}

// press goes to o and presses key on it.
func (h hands) press(o fyne.CanvasObject, key fyne.KeyName) {
	h.Helper()
	h.tab(o)
	uitest.Press(h.window(), key)
}

// write types into what has the focus.
func (h hands) write(s string) {
	h.Helper()
	into := h.window().Canvas().Focused()
	if into == nil {
		h.Fatalf("nothing has the focus to type %q", s)
	}
	for _, r := range s {
		into.TypedRune(r)
	}
}

// at checks where the focus is.
func (h hands) at(o fyne.CanvasObject, what string) {
	h.Helper()
	if got := h.window().Canvas().Focused(); got != o.(fyne.Focusable) {
		h.Fatalf("the focus is on %T, not on %s", got, what)
	}
}

// did checks what the session was told.
func (h hands) did(want ...string) {
	h.Helper()
	h.r.expect(h.T, want...)
}

// reaches checks that the tab key leads to everything that can be pressed or typed into now.
func (h hands) reaches(elements map[string]fyne.CanvasObject) {
	h.Helper()
	c := h.window().Canvas()
	before := c.Focused()
	seen := map[fyne.Focusable]bool{}
	c.Unfocus()
	for range 40 {
		c.FocusNext()
		seen[c.Focused()] = true
	}
	for name, o := range elements {
		f, ok := o.(fyne.Focusable)
		d, _ := o.(fyne.Disableable)
		if ok && o.Visible() && (d == nil || !d.Disabled()) && !seen[f] {
			if size := o.Size(); size.Width > 0 { // what stands in something hidden has no size, or is not there
				h.Errorf("the tab key does not lead to %s", name)
			}
		}
	}
	c.Focus(before)
}

// TestWholeSessionByKeyboard goes through everything a customer meets, by keys alone.
func TestWholeSessionByKeyboard(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		with(t, language, customer.Form{}, func(v *View, w *uitest.Window, r *recorder) {
			h := hands{t, v, w, r}
			h.form()
			h.consent()
			h.control()
			h.chat()
			h.requests()
			h.stillThere()
			h.ends()
		})
	}
}

func (h hands) form() {
	v := h.v
	h.at(v.form.code, "the code")
	h.reaches(map[string]fyne.CanvasObject{"code": v.form.code, "more": v.form.more, "read": v.form.read, "terms": v.form.terms})
	h.write("1234567")
	uitest.Press(h.w, fyne.KeyTab)
	h.write("Ada Example")
	h.press(v.form.more, fyne.KeySpace)
	h.tab(v.form.fields[customer.FieldCaseNumber].Entry)
	h.write("TS12345")
	h.press(v.form.read, fyne.KeyReturn)
	h.at(v.form.reader, "the terms")
	uitest.Press(h.w, fyne.KeyPageDown)
	h.press(v.form.unread, fyne.KeyReturn)
	h.press(v.form.terms, fyne.KeySpace)
	h.press(v.form.connect, fyne.KeyReturn)
	h.did(`join 123 4567 {"n":"Ada Example","k":"TS12345","t":true}`)
	v.Handle(customer.Connecting{})
	h.tab(v.wait.cancel)
	h.did()
}

func (h hands) consent() {
	v := h.v
	v.Handle(ask(unsure))
	h.at(v.ask.Decline, "Decline")
	h.reaches(v.ask.Elements())
	h.press(v.ask.Levels[0], fyne.KeyDown)
	uitest.Press(h.w, fyne.KeyDown, fyne.KeySpace)
	h.reaches(v.ask.Elements())
	uitest.Press(h.w, fyne.KeyTab)
	h.at(v.ask.Called.No, "No, the first answer")
	uitest.Press(h.w, fyne.KeyRight, fyne.KeySpace)
	h.press(v.ask.Journal, fyne.KeySpace)
	h.press(v.ask.CleanUp, fyne.KeySpace)
	h.tab(v.ask.Alarm)
	h.tab(v.ask.Check.Typed)
	h.write("482913")
	h.press(v.ask.Allow, fyne.KeyReturn)
	h.did("answer shared control true true called check 482913")
}

func (h hands) control() {
	v := h.v
	v.Handle(customer.Started{Engineer: unsure, Access: session.SharedControl, At: time.Now()})
	needs := func(a session.Access, digits string) customer.AccessChanged {
		return customer.AccessChanged{Access: a, Needs: customer.Needs{Check: true, Digits: digits}}
	}
	v.Handle(needs(session.SharedControl, "07"))
	h.reaches(v.bar.Elements())
	h.press(v.bar.TakeBack, fyne.KeySpace)
	h.did("set view only")
	v.Handle(needs(session.ViewOnly, "07"))
	h.press(v.bar.Levels[2], fyne.KeyReturn)
	h.at(v.raise.No, "No")
	h.tab(v.raise.Check.Typed)
	h.write("482913")
	h.tab(v.raise.Digits)
	h.write("07")
	h.reaches(v.raise.Elements())
	h.press(v.raise.Yes, fyne.KeyReturn)
	h.did("set shared control check 482913 digits 07")
	v.Handle(needs(session.SharedControl, "31"))
	h.press(v.bar.PauseIt, fyne.KeySpace)
	uitest.Press(h.window(), fyne.KeySpace) // the focus is still there
	h.did("pause")
	h.at(v.raise.No, "No")
	h.tab(v.raise.Digits)
	h.write("31")
	h.press(v.raise.Yes, fyne.KeyReturn)
	h.did("resume digits 31")
	v.Handle(customer.PauseChanged{})
	v.Handle(needs(session.SharedControl, "52"))
}

func (h hands) chat() {
	v := h.v
	h.press(v.bar.ChatIt, fyne.KeySpace)
	uitest.Pass(time.Second)
	h.at(v.bar.Chat.Entry, "the message")
	h.reaches(v.bar.Elements())
	h.write("Hi")
	uitest.Press(h.window(), fyne.KeyReturn)
	h.write("You")
	h.press(v.bar.Chat.Send, fyne.KeySpace)
	h.press(v.bar.ChatIt, fyne.KeySpace)
	h.did("say Hi", "say You")
}

func (h hands) requests() {
	v := h.v
	v.Handle(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Check: true}})
	wish := customer.Requested{ID: 1, Access: session.SharedControl, Until: time.Now().Add(time.Minute)}
	v.Handle(wish)
	h.at(v.raise.No, "No")
	uitest.Press(h.window(), fyne.KeyReturn)
	h.did("request 1 false")
	wish.ID, wish.Needs.Called = 2, true
	v.Handle(wish)
	uitest.Pass(4 * time.Second)
	h.tab(v.raise.Called.No)
	uitest.Press(h.window(), fyne.KeySpace)
	h.reaches(v.raise.Elements())
	h.tab(v.raise.Called.No)
	uitest.Press(h.window(), fyne.KeyDown, fyne.KeySpace)
	h.press(v.raise.Yes, fyne.KeySpace)
	h.did("request 2 true called")
	v.Handle(customer.RequestGone{ID: 2})
	v.Handle(customer.AccessChanged{Access: session.SharedControl, Needs: customer.Needs{Check: true, Digits: "44"}})
}

func (h hands) stillThere() {
	v := h.v
	v.Handle(customer.StillThere{Until: time.Now().Add(time.Minute), Digits: "44"})
	uitest.Press(h.window(), fyne.KeyReturn, fyne.KeySpace) // whatever somebody types at this moment
	h.did()
	h.reaches(v.bar.Elements())
	h.tab(v.bar.Elements()["here-digits"])
	h.write("44")
	h.press(v.bar.Elements()["here"], fyne.KeyReturn)
	h.did("here digits 44")
	v.Handle(customer.StillThereGone{})
}

func (h hands) ends() {
	v := h.v
	h.tab(v.bar.Alarm)
	h.press(v.bar.Stop, fyne.KeyReturn)
	h.did("stop")
	e := over(problem.CustomerEnded)
	e.Journal = "/home/ada/assist/log"
	e.CleanUp = &cleanup.Report{Left: []cleanup.Note{{Path: "/home/ada/assist", Reason: cleanup.NotEmpty}}}
	v.Handle(e)
	h.at(v.ended.closeIt, "Close")
	h.reaches(v.ended.elements())
	h.press(v.ended.left.folder, fyne.KeyReturn)
	h.press(v.ended.left.copied, fyne.KeyReturn)
	h.press(v.ended.left.list, fyne.KeyPageDown)
	h.press(v.ended.again, fyne.KeyReturn)
	h.at(v.form.code, "the code")
	h.write("7654321")
	h.press(v.form.connect, fyne.KeyReturn)
	h.did(`join 765 4321 {"n":"Ada Example","k":"TS12345","t":true}`)
}
