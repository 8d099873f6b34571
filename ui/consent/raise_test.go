package consent

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/session"
	"assist/ui/theme"
	"assist/ui/uitest"
)

// raise runs f with a wish on the screen.
func raise(t *testing.T, wish Wish, f func(r *Raise, w *uitest.Window, answers *[]string)) {
	t.Helper()
	uitest.App(t, "en")
	w := uitest.NewWindow(t)
	synctest.Test(t, func(t *testing.T) {
		if !wish.Own {
			wish.Until = time.Now().Add(30 * time.Second)
		}
		var answers []string
		r := NewRaise(wish, func(yes bool, p customer.Proof) {
			said := map[bool]string{true: " called"}[p.Called]
			answers = append(answers, map[bool]string{true: "yes", false: "no"}[yes]+p.Check+p.Digits+said)
		})
		defer r.Close()
		show(w, r.Content, fyne.NewSize(900, 200))
		r.Focus(w.Canvas())
		f(r, w, &answers)
	})
}

func expect(t *testing.T, answers *[]string, want ...string) {
	t.Helper()
	if strings.Join(*answers, ",") != strings.Join(want, ",") {
		t.Errorf("answered %q, want %q", *answers, want)
	}
}

func TestRaiseView(t *testing.T) {
	raise(t, Wish{Name: "Aiko", Access: session.ViewOnly}, func(r *Raise, w *uitest.Window, answers *[]string) {
		uitest.Says(t, w, "Aiko asks to see your screen. Allow?")
		if w.Canvas().Focused() != r.No {
			t.Error("the focus is not on No")
		}
		uitest.Press(w, fyne.KeyEscape)
		expect(t, answers)
		test.Tap(r.Yes)
		test.Tap(r.No)
		expect(t, answers, "yes")
	})
}

func TestRaiseControlMustBeRead(t *testing.T) {
	raise(t, Wish{Name: "Aiko", Access: session.SharedControl}, func(r *Raise, w *uitest.Window, answers *[]string) {
		uitest.Says(t, w, "Aiko asks to use your mouse and keyboard. Allow?")
		test.Tap(r.Yes)
		uitest.Pass(2900 * time.Millisecond)
		r.Yes.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		expect(t, answers)
		uitest.Pass(200 * time.Millisecond)
		test.Tap(r.Yes)
		expect(t, answers, "yes")
	})
}

func TestRaiseSilence(t *testing.T) {
	raise(t, Wish{Name: "Aiko", Access: session.SharedControl}, func(r *Raise, _ *uitest.Window, answers *[]string) {
		uitest.Pass(31 * time.Second)
		test.Tap(r.Yes)
		expect(t, answers)
	})
}

func TestRaiseNoByReturn(t *testing.T) {
	raise(t, Wish{Name: "Aiko", Access: session.ViewOnly}, func(_ *Raise, w *uitest.Window, answers *[]string) {
		uitest.Press(w, fyne.KeyReturn, fyne.KeyReturn)
		expect(t, answers, "no")
	})
}

func TestRaiseOwnNeedsNumberAndDigits(t *testing.T) {
	wish := Wish{
		Name: "Aiko", Access: session.SharedControl, Own: true, CheckNumber: "482913",
		Needs: customer.Needs{Check: true, Digits: "07"},
	}
	raise(t, wish, func(r *Raise, w *uitest.Window, answers *[]string) {
		uitest.Says(t, w, "Let Aiko use your mouse and keyboard?")
		uitest.Says(t, w, "To show that it is you, type 07")
		uitest.SaysNot(t, w, "482 913")
		uitest.SaysNot(t, w, "No answer means no")
		uitest.SaysNot(t, w, "Did you call them")
		for _, step := range []struct {
			entry *theme.Digits
			typed string
		}{{r.Check.Typed, "482913"}, {r.Digits, "7"}} {
			test.Type(step.entry, step.typed)
			test.Tap(r.Yes)
			expect(t, answers)
		}
		test.Type(r.Digits, "0")
		test.Tap(r.Yes)
		expect(t, answers, "yes48291370") // wrong, but that is for the session to say
	})
}

// TestRaiseTellsNothingOfDigits makes sure that a script cannot learn from the window which digits are right.
func TestRaiseTellsNothingOfDigits(t *testing.T) {
	wish := Wish{Name: "Aiko", Access: session.ViewOnly, Own: true, Needs: customer.Needs{Digits: "07"}}
	raise(t, wish, func(r *Raise, w *uitest.Window, _ *[]string) {
		var looks []string
		for _, typed := range []string{"07", "70"} {
			r.Digits.SetValue("")
			test.Type(r.Digits, typed)
			if r.Yes.Disabled() {
				t.Errorf("%s: Yes is disabled", typed)
			}
			looks = append(looks, strings.ReplaceAll(uitest.Words(w), typed, ""))
		}
		if strings.Join(strings.Fields(looks[0]), "") == "" || len(looks[0]) == 0 {
			t.Error("nothing is said")
		}
	})
}

func TestRaiseAsksWhomTheyCalled(t *testing.T) {
	wish := Wish{Name: "Aiko", Access: session.SharedControl, Own: true, Needs: customer.Needs{Called: true}}
	raise(t, wish, func(r *Raise, w *uitest.Window, answers *[]string) {
		uitest.Says(t, w, "Did you call them, on a number you know?")
		resized := 0
		r.Resized = func() { resized++ }
		test.Tap(r.Yes)
		test.Tap(r.Called.No)
		test.Tap(r.Yes)
		expect(t, answers)
		uitest.Says(t, w, "Hang up and call the number you know.")
		test.Tap(r.Called.Yes)
		uitest.SaysNot(t, w, "Hang up")
		if resized != 2 {
			t.Errorf("the window was resized %d times", resized)
		}
		test.Tap(r.Yes)
		expect(t, answers, "yes called")
	})
}

func TestRaiseAgain(t *testing.T) {
	wish := Wish{Name: "Aiko", Access: session.ViewOnly, Own: true, Again: true, Needs: customer.Needs{Digits: "81"}}
	raise(t, wish, func(r *Raise, w *uitest.Window, answers *[]string) {
		uitest.Says(t, w, "That was not right.")
		uitest.Press(w, fyne.KeyReturn) // the focus is on No again
		expect(t, answers, "no")
	})
}

func TestRaiseGolden(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			uitest.App(t, language)
			w := uitest.NewWindow(t)
			synctest.Test(t, func(t *testing.T) {
				r := NewRaise(Wish{
					Name: "Aiko Engineer", Access: session.SharedControl, Until: time.Now().Add(30 * time.Second),
					CheckNumber: "482913", Needs: customer.Needs{Check: true, Called: true, Digits: "07"}, Again: true,
				}, func(bool, customer.Proof) {})
				defer r.Close()
				show(w, r.Content, fyne.NewSize(900, 400))
				r.Focus(w.Canvas())
				uitest.Golden(t, "raise", w)
				uitest.Picture(t, "raise", w)
				test.Tap(r.Called.No)
				uitest.Picture(t, "raise-stranger", w)
			})
		})
	}
}
