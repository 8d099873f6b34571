package consent

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

func TestControlAsksWhomTheyCalled(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		const question = "Did you call them, on a number you know?"
		uitest.SaysNot(t, w, question)
		test.Tap(a.Levels[1])
		uitest.SaysNot(t, w, question)
		if a.Allow.Disabled() {
			t.Error("viewing asks whom they called")
		}
		test.Tap(a.Levels[2])
		uitest.Says(t, w, question)
		if a.Called.No.Chosen() || a.Called.Yes.Chosen() || !a.Allow.Disabled() {
			t.Error("the answer is given beforehand")
		}
		test.Tap(a.Levels[1]) // it does not matter any more
		uitest.SaysNot(t, w, question)
		test.Tap(a.Levels[2])
		test.Tap(a.Called.Yes)
		test.Tap(a.Allow)
		if want := (customer.Consent{Access: session.SharedControl, Proof: customer.Proof{Called: true}}); len(*answers) != 1 || (*answers)[0] != want {
			t.Errorf("%+v", *answers)
		}
	})
}

func TestStrangerGetsNoControl(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		test.Tap(a.Levels[2])
		test.Tap(a.Called.No)
		uitest.Says(t, w, "Then control stays off")
		uitest.Says(t, w, "Never share bank details, gift cards or passwords. Hang up and call the number you know.")
		if a.Levels[2].Chosen() || !a.Levels[2].Disabled() || !a.Allow.Disabled() {
			t.Error("control can be chosen")
		}
		test.Tap(a.Levels[2])
		a.Levels[2].TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		test.Tap(a.Allow)
		if len(*answers) != 0 {
			t.Errorf("%+v", *answers)
		}
		test.Tap(a.Levels[1])
		uitest.Says(t, w, "Hang up")
		test.Tap(a.Allow)
		if want := (customer.Consent{Access: session.ViewOnly}); len(*answers) != 1 || (*answers)[0] != want {
			t.Errorf("%+v", *answers)
		}
	})
}

func TestAnswerCanBeCorrected(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		test.Tap(a.Levels[2])
		test.Tap(a.Called.No)
		test.Tap(a.Called.Yes)
		uitest.SaysNot(t, w, "Hang up")
		if a.Levels[2].Disabled() || a.Levels[2].Chosen() || !a.Allow.Disabled() {
			t.Error("control has to be chosen anew")
		}
		test.Tap(a.Levels[2])
		test.Tap(a.Allow)
		if len(*answers) != 1 || !(*answers)[0].Called {
			t.Errorf("%+v", *answers)
		}
	})
}

// TestCalledByKeyboard goes from the question to its answers: No comes first.
func TestCalledByKeyboard(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, _ *[]customer.Consent) {
		w.Canvas().Focus(a.Levels[2])
		uitest.Press(w, fyne.KeySpace, fyne.KeyTab)
		if w.Canvas().Focused() != a.Called.No {
			t.Fatalf("the focus is on %T", w.Canvas().Focused())
		}
		uitest.Press(w, fyne.KeyRight, fyne.KeySpace)
		if !a.Called.Said() || a.Allow.Disabled() {
			t.Error("the answer is not taken")
		}
		uitest.Press(w, fyne.KeyLeft, fyne.KeySpace)
		if !a.Called.Stranger() || !a.Allow.Disabled() {
			t.Error("the other answer is not taken")
		}
		if got := a.Called.No.AccessibilityLabel(); got != "Did you call them, on a number you know? No" {
			t.Errorf("read aloud: %q", got)
		}
	})
}

func TestAlarm(t *testing.T) {
	for _, e := range []identity.Engineer{sure, unsure} {
		ask(t, e, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
			uitest.Says(t, w, "Something feels wrong")
			test.Tap(a.Levels[1])
			test.Tap(a.Alarm)
			test.Tap(a.Alarm)
			test.Tap(a.Allow)
			a.Refuse()
			if len(*answers) != 1 || (*answers)[0] != alarmed {
				t.Errorf("%+v", *answers)
			}
		})
	}
}

// TestUnable: what this computer cannot do can be chosen neither by mouse nor by key, and the way out is said.
func TestUnable(t *testing.T) {
	none, input := problem.New(problem.ScreenWayland, nil), problem.New(problem.InputUnsupported, nil)
	for _, tt := range []struct {
		screen, control *problem.Error
		able            [3]bool
		says            string
	}{
		{nil, nil, [3]bool{true, true, true}, "Choose what they may do:"},
		{nil, input, [3]bool{true, true, false}, "The engineer cannot use mouse and keyboard on this computer."},
		{none, none, [3]bool{true, false, false}, "This desktop does not let programs show its screen. Sign out"},
	} {
		q := asked(sure)
		q.NoScreen, q.NoControl = tt.screen, tt.control
		askWith(t, q, func(a *Ask, w *uitest.Window, _ *[]customer.Consent) {
			uitest.Says(t, w, tt.says)
			for i, l := range a.Levels {
				w.Canvas().Focus(l)
				uitest.Press(w, fyne.KeySpace)
				test.Tap(l)
				if l.Chosen() != tt.able[i] {
					t.Errorf("%q: level %d is chosen: %v", tt.says, i, l.Chosen())
				}
			}
			test.Tap(a.Called.No)
			test.Tap(a.Called.Yes)
			if a.Levels[2].Disabled() == tt.able[2] {
				t.Errorf("%q: answering the question gives or takes control", tt.says)
			}
		})
	}
}

// TestQuestionComesIntoView chooses control in windows that are too low for everything: what is asked then, and what is said to the
// answer, is seen without scrolling by hand.
func TestQuestionComesIntoView(t *testing.T) {
	for _, high := range []float32{640, 540, 460} {
		ask(t, sure, func(a *Ask, w *uitest.Window, _ *[]customer.Consent) {
			w.Resize(fyne.NewSize(640, high))
			test.Tap(a.Levels[2])
			inView(t, a, a.Called.No, high)
			inView(t, a, a.Called.Yes, high)
			test.Tap(a.Called.No)
			inView(t, a, a.Called.notice, high)
		})
	}
}

// inView complains if some of o is scrolled away.
func inView(t *testing.T, a *Ask, o fyne.CanvasObject, high float32) {
	t.Helper()
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	top := place(o).Y - place(a.scroll).Y
	if bottom := top + o.Size().Height; top < 0 || bottom > a.scroll.Size().Height {
		t.Errorf("window %v high: %T from %v to %v, seen is 0 to %v", high, o, top, bottom, a.scroll.Size().Height)
	}
}
