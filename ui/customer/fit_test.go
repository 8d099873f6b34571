package customer

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

// TestNoHigherThanTheScreen makes the window lower than it wants to be, as a window manager does on a small screen: no later screen
// asks for more, and what has to be pressed stays where it can be.
func TestNoHigherThanTheScreen(t *testing.T) {
	const given = 540
	with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
		w.Resize(fyne.NewSize(formSize.Width, given))
		high := func(screen string, o fyne.CanvasObject) {
			t.Helper()
			uitest.Settle(w)
			if got := w.Canvas().Size().Height; got > given {
				t.Errorf("%s: the window is %v high", screen, got)
			}
			if y := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y; y+o.Size().Height > given {
				t.Errorf("%s: what is to be pressed is at %v", screen, y)
			}
		}
		v.Handle(customer.Connecting{})
		high("wait", v.wait.cancel)
		v.Handle(customer.Refused{Problem: problem.New(problem.CodeUnknown, nil)})
		high("form", v.form.connect)
		v.Handle(ask(unsure))
		high("consent", v.ask.Allow)
		v.Handle(over(problem.EngineerEnded))
		high("ended", v.ended.closeIt)
		test.Tap(v.ended.again)
		high("form again", v.form.connect)

		w.Resize(fyne.NewSize(700, 800)) // somebody makes it higher: there is room
		v.Handle(ask(sure))
		if got := w.Canvas().Size().Height; got < askSize.Height {
			t.Errorf("where there is room again the question is %v high", got)
		}
	})
}

// TestEscape presses Escape where a button leads back, and where none does.
func TestEscape(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		uitest.Press(w, fyne.KeyEscape)
		test.Tap(v.form.read)
		uitest.Press(w, fyne.KeyEscape)
		if v.form.page.Visible() || !v.form.typing.Visible() {
			t.Error("the terms are still there")
		}
		v.Handle(ask(sure))
		uitest.Press(w, fyne.KeyEscape) // an answer is given by its button
		r.expect(t)

		bar := start(v, sure, session.ViewOnly)
		uitest.Press(bar, fyne.KeyEscape)
		r.expect(t)
		v.Handle(customer.Requested{ID: 7, Access: session.SharedControl, Until: time.Now().Add(time.Minute)})
		uitest.Press(bar, fyne.KeyEscape)
		r.expect(t, "request 7 false")

		e := over(problem.CustomerEnded)
		e.Transcript = finished(t)
		v.Handle(e)
		test.Tap(v.ended.record.show)
		uitest.Press(w, fyne.KeyEscape)
		if v.ended.record.page.Visible() {
			t.Error("the summary is still there")
		}
		uitest.Press(w, fyne.KeyEscape)
		if v.ended == nil {
			t.Error("Escape ended more than the summary")
		}
	})
}

// TestWhatComesNext looks which button of the last screen is the big one: closing, unless somebody who wanted help is without it.
func TestWhatComesNext(t *testing.T) {
	for code, again := range map[problem.Code]bool{
		problem.CustomerEnded: false, problem.EngineerEnded: false, problem.PanicKey: false, problem.Alarm: false,
		problem.EngineerForged: false, problem.ConsentDeclined: false,
		problem.LinkLost: true, problem.ConsentTimeout: true, problem.RelayUnreachable: true,
	} {
		with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
			v.Handle(over(code))
			big := func(on bool) widget.Importance {
				if on {
					return widget.HighImportance
				}
				return widget.MediumImportance
			}
			if v.ended.again.Importance != big(again) || v.ended.closeIt.Importance != big(!again) {
				t.Errorf("%v: the new code has %v, closing %v", code, v.ended.again.Importance, v.ended.closeIt.Importance)
			}
		})
	}
}
