package customer

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

func TestNothingToCancelAfterANo(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		v.Handle(ask(sure))
		test.Tap(v.ask.Decline)
		r.expect(t, "answer none false false")
		uitest.SaysNot(t, w, "You can still cancel.")
		if v.wait.cancel.Visible() {
			t.Error("a no can be cancelled")
		}
	})
}

// TestPauseByAPress needs nothing as long as the engineer never had control.
func TestPauseByAPress(t *testing.T) {
	with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
		s := start(v, sure, session.ViewOnly)
		test.Tap(v.bar.PauseIt)
		test.Tap(v.bar.PauseIt)
		r.expect(t, "pause", "resume")
		uitest.Says(t, s, "Paused:")
		v.Handle(customer.PauseChanged{})
		uitest.SaysNot(t, s, "Paused:")
	})
}

// TestResume ends a pause after the engineer had control: with digits, and with others when these were wrong.
func TestResume(t *testing.T) {
	needs := func(digits string) customer.AccessChanged {
		return customer.AccessChanged{Access: session.SharedControl, Needs: customer.Needs{Digits: digits}}
	}
	with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
		s := start(v, sure, session.SharedControl)
		small := s.Canvas().Size()
		test.Tap(v.bar.PauseIt)
		v.Handle(customer.PauseChanged{Paused: true})
		test.Tap(v.bar.PauseIt)
		r.expect(t, "pause")
		uitest.Says(t, s, "Let Aiko Engineer see your screen, and use your mouse and keyboard, again?")
		if s.Canvas().Focused() != v.raise.No || s.Canvas().Size().Height <= small.Height {
			t.Error("the question is not as it should be")
		}
		test.Type(v.raise.Digits, "70")
		test.Tap(v.raise.Yes)
		r.expect(t, "resume digits 70")
		v.Handle(needs("31"))
		uitest.Says(t, s, "That was not right.")
		uitest.Says(t, s, "type 31")
		v.Handle(needs("64")) // used up elsewhere while it is open
		uitest.Says(t, s, "type 64")
		uitest.SaysNot(t, s, "That was not right.")
		test.Type(v.raise.Digits, "64")
		test.Tap(v.raise.Yes)
		r.expect(t, "resume digits 64")
		v.Handle(customer.PauseChanged{})
		v.Handle(needs("65"))
		if v.raise != nil || v.resuming {
			t.Error("a question is open")
		}
		uitest.SaysNot(t, s, "Paused:")
		uitest.Pass(time.Second)
		if s.Canvas().Size() != small {
			t.Errorf("%v, before %v", s.Canvas().Size(), small)
		}
	})
}

// TestResumeGivenUp leaves the pause as it is: by a no, by another question, by another level, by what cannot be.
func TestResumeGivenUp(t *testing.T) {
	for name, up := range map[string]func(*View){
		"no":    func(v *View) { test.Tap(v.raise.No) },
		"level": func(v *View) { test.Tap(v.bar.Levels[0]) },
		"request": func(v *View) {
			v.Handle(customer.Requested{ID: 1, Access: session.SharedControl, Until: time.Now().Add(time.Minute)})
			test.Tap(v.raise.No)
		},
		"blocked": func(v *View) {
			test.Type(v.raise.Digits, "07")
			test.Tap(v.raise.Yes)
			v.Handle(customer.Trouble{Problem: problem.New(problem.JournalFailed, nil)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
				s := start(v, sure, session.ViewOnly)
				v.Handle(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Digits: "07"}})
				test.Tap(v.bar.PauseIt)
				test.Tap(v.bar.PauseIt)
				uitest.Says(t, s, "Let Aiko Engineer see your screen again?")
				up(v)
				v.Handle(customer.AccessChanged{Access: v.access, Needs: customer.Needs{Digits: "31"}})
				if v.raise != nil || v.resuming {
					t.Error("it is asked again")
				}
				uitest.Says(t, s, "Paused:")
			})
		})
	}
}
