package customer

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

func TestClosingTheWindow(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(v *View)
		done   []string
		closed bool
	}{
		"form":    {func(*View) {}, nil, true},
		"waiting": {func(v *View) { v.Handle(customer.Connecting{}) }, []string{"leave"}, true},
		"consent": {func(v *View) { v.Handle(ask(sure)) }, []string{`answer none false false ""`}, true},
		"session": {func(v *View) { start(v, sure, session.SharedControl) }, []string{"stop"}, false},
		"twice": {func(v *View) {
			start(v, sure, session.SharedControl)
			v.closed()
		}, []string{"stop"}, true},
		"ended": {func(v *View) { v.Handle(customer.Ended{Problem: problem.New(problem.EngineerEnded, nil)}) }, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
				tt.before(v)
				w.PressClose()
				r.expect(t, tt.done...)
				if w.Closed != tt.closed {
					t.Errorf("closed: %v", w.Closed)
				}
			})
		})
	}
}

func TestNewCode(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		v.form.code.SetValue("1234567")
		start(v, sure, session.ViewOnly)
		v.Handle(customer.Ended{Problem: problem.New(problem.EngineerEnded, nil), Started: time.Now(), Finished: time.Now()})
		uitest.Says(t, w, "Aiko Engineer ended the session.")
		uitest.Press(w, fyne.KeyTab, fyne.KeyReturn)
		if v.form.code.Value() != "" || v.form.form() != filled || w.Canvas().Focused() != v.form.code {
			t.Error("a new code needs an empty code and the rest as it was")
		}
		uitest.Says(t, w, "Get help from your support")
		r.expect(t)
	})
}

func TestGolden(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			with(t, language, customer.Form{}, func(v *View, w *uitest.Window, r *recorder) {
				look := func(name string) {
					uitest.Golden(t, name, w)
					uitest.Picture(t, name, w)
				}
				look("form")
				test.Type(v.form.code, "12345")
				test.Tap(v.form.connect)
				uitest.Picture(t, "form-wrong", w)
				v.form.code.SetValue("1234567")
				v.form.fields[customer.FieldName].Entry.SetText("Ada Example")
				test.Tap(v.form.terms)
				test.Tap(v.form.more)
				test.Tap(v.form.connect)
				r.done = nil
				v.Handle(customer.Refused{
					Problem: problem.New(problem.CodeWrong, nil), GuessesLeft: 2, Expires: time.Now().Add(201 * time.Second),
				})
				look("form-refused")
				test.Tap(v.form.read)
				uitest.Picture(t, "terms", w)
				test.Tap(v.form.unread)
				v.Handle(customer.Connecting{})
				look("wait")
				start(v, sure, session.ViewOnly)
				v.Handle(customer.Requested{ID: 1, Access: session.SharedControl, Until: time.Now().Add(30 * time.Second)})
				look("request")
				v.Handle(customer.Ended{
					Problem: problem.New(problem.EngineerEnded, nil), Started: time.Now().Add(-754 * time.Second), Finished: time.Now(),
				})
				look("ended")
				v.Handle(customer.Ended{Problem: problem.New(problem.EngineerForged, nil)})
				uitest.Picture(t, "ended-forged", w)
			})
		})
	}
}
