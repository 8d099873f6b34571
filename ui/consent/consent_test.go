package consent

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/session"
	"assist/ui/theme"
	"assist/ui/uitest"
)

var (
	sure   = identity.Engineer{Name: "Aiko Engineer", Organisation: "Example Support", Account: "aiko", Verified: true}
	unsure = identity.Engineer{Name: "Aiko Engineer", Organisation: "Example Support", Account: "aiko"}
)

// asked is the question of one of them, open for a minute.
func asked(e identity.Engineer) customer.Asked {
	return customer.Asked{Engineer: e, CheckNumber: "482913", MustCheck: !e.Verified, Until: time.Now().Add(time.Minute)}
}

// ask runs f with a question on the screen and what is answered to it.
func ask(t *testing.T, e identity.Engineer, f func(a *Ask, w *uitest.Window, answers *[]customer.Consent)) {
	t.Helper()
	uitest.App(t, "en")
	w := uitest.NewWindow(t)
	synctest.Test(t, func(t *testing.T) {
		var answers []customer.Consent
		a := NewAsk(asked(e), func(c customer.Consent) { answers = append(answers, c) })
		defer a.Close()
		show(w, a.Content, fyne.NewSize(640, 690))
		a.Focus(w.Canvas())
		f(a, w, &answers)
	})
}

func show(w fyne.Window, content fyne.CanvasObject, size fyne.Size) {
	w.SetPadded(false)
	w.SetContent(content)
	w.Resize(size)
	uitest.Settle(w)
}

func TestNothingIsChosenAndFocusIsOnDecline(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		if w.Canvas().Focused() != a.Decline {
			t.Errorf("the focus is on %T", w.Canvas().Focused())
		}
		for _, l := range a.Levels {
			if l.Chosen() {
				t.Errorf("%q is chosen beforehand", l.Text())
			}
		}
		if a.Journal.Chosen() || a.CleanUp.Chosen() || !a.Allow.Disabled() {
			t.Error("something is ticked, or Allow is enabled, beforehand")
		}
		test.Tap(a.Allow)
		a.Allow.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if len(*answers) != 0 {
			t.Error("Allow works without a level")
		}
		a.Focus(w.Canvas())
		uitest.Press(w, fyne.KeyReturn)
		if len(*answers) != 1 || (*answers)[0] != (customer.Consent{}) {
			t.Errorf("Return at first: %+v", *answers)
		}
	})
}

func TestAllowByKeyboard(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		uitest.Press(w, fyne.KeyTab) // Allow is disabled, so this goes to the first level
		uitest.Press(w, fyne.KeyDown, fyne.KeySpace, fyne.KeyTab, fyne.KeyTab, fyne.KeySpace)
		if len(*answers) != 0 || a.Allow.Disabled() {
			t.Fatal("answered too early, or Allow is disabled")
		}
		uitest.Press(w, fyne.KeyTab, fyne.KeyTab, fyne.KeyTab)
		if w.Canvas().Focused() != a.Allow {
			t.Fatalf("after the tab keys the focus is on %T", w.Canvas().Focused())
		}
		uitest.Press(w, fyne.KeyEscape, fyne.KeyReturn)
		want := customer.Consent{Access: session.ViewOnly, Journal: true}
		if len(*answers) != 1 || (*answers)[0] != want {
			t.Errorf("%+v, want %+v", *answers, want)
		}
	})
}

// TestOnlyAllowAllows presses every key everywhere but on Allow.
func TestOnlyAllowAllows(t *testing.T) {
	keys := []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyEscape, fyne.KeyY, fyne.KeyRight, fyne.KeyUp}
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		for _, o := range []fyne.Focusable{a.Levels[0], a.Levels[1], a.Levels[2], a.Journal, a.CleanUp} {
			for _, key := range keys {
				w.Canvas().Focus(o)
				uitest.Press(w, key)
			}
		}
		w.Canvas().Unfocus()
		uitest.Press(w, keys...)
		if len(*answers) != 0 {
			t.Errorf("answered %+v", *answers)
		}
	})
}

func TestSecondAnswerIsIgnored(t *testing.T) {
	ask(t, sure, func(a *Ask, _ *uitest.Window, answers *[]customer.Consent) {
		test.Tap(a.Levels[0])
		test.Tap(a.Allow)
		test.Tap(a.Decline)
		test.Tap(a.Allow)
		a.Refuse()
		if len(*answers) != 1 || (*answers)[0].Access != session.ChatOnly {
			t.Errorf("%+v", *answers)
		}
	})
}

func TestSilence(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		uitest.Says(t, w, "No answer means no: 1:00")
		test.Tap(a.Levels[2])
		uitest.Pass(59 * time.Second)
		if a.Allow.Disabled() {
			t.Error("disabled too early")
		}
		uitest.Pass(2 * time.Second)
		if !a.Allow.Disabled() {
			t.Error("Allow is enabled after the time is over")
		}
		uitest.Says(t, w, "Too late")
		test.Tap(a.Levels[1])
		a.Allow.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		if len(*answers) != 0 {
			t.Errorf("%+v", *answers)
		}
	})
}

func TestClosedQuestionStaysQuiet(t *testing.T) {
	ask(t, sure, func(a *Ask, _ *uitest.Window, answers *[]customer.Consent) {
		test.Tap(a.Levels[1])
		a.Close()
		test.Tap(a.Allow)
		test.Tap(a.Decline)
		uitest.Pass(2 * time.Minute)
		if len(*answers) != 0 {
			t.Errorf("%+v", *answers)
		}
	})
}

func TestVerifiedShowsTheNumber(t *testing.T) {
	ask(t, sure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		uitest.Says(t, w, "482 913")
		uitest.Says(t, w, "Verified: really from Example Support")
		test.Tap(a.Levels[2])
		test.Tap(a.Allow)
		if len(*answers) != 1 || (*answers)[0].Access != session.SharedControl || (*answers)[0].Check != "" {
			t.Errorf("%+v", *answers)
		}
	})
}

func TestUnverifiedNeedsTheNumberForControl(t *testing.T) {
	ask(t, unsure, func(a *Ask, w *uitest.Window, answers *[]customer.Consent) {
		uitest.SaysNot(t, w, "482 913") // it must come from the engineer
		uitest.SaysNot(t, w, "Verified: really")
		uitest.Says(t, w, "Not verified")
		test.Tap(a.Levels[1])
		if a.Allow.Disabled() {
			t.Error("viewing needs no number")
		}
		test.Tap(a.Levels[2])
		if !a.Allow.Disabled() {
			t.Error("control without the number")
		}
		test.Type(a.Check.Typed, "482914")
		uitest.Says(t, w, "The check number is not the same.")
		if !a.Allow.Disabled() {
			t.Error("control with a wrong number")
		}
		a.Check.Typed.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
		uitest.SaysNot(t, w, "The check number is not the same.")
		test.Type(a.Check.Typed, "3")
		uitest.Says(t, w, "The numbers are the same.")
		test.Tap(a.Allow)
		want := customer.Consent{Access: session.SharedControl, Check: "482913"}
		if len(*answers) != 1 || (*answers)[0] != want {
			t.Errorf("%+v, want %+v", *answers, want)
		}
	})
}

func TestHostileNamesArePlain(t *testing.T) {
	e := identity.Engineer{Name: "A\u202eB [x](http://192.0.2.1)", Organisation: "C\nD"}
	ask(t, e, func(_ *Ask, w *uitest.Window, _ *[]customer.Consent) {
		uitest.Says(t, w, "A[U+202E]B [x](http://192.0.2.1) · C[U+000A]D")
	})
}

func TestFewWords(t *testing.T) {
	for _, e := range []identity.Engineer{sure, unsure} {
		ask(t, e, func(_ *Ask, w *uitest.Window, _ *[]customer.Consent) {
			if n := len(strings.Fields(uitest.Words(w))); n > 120 || n < 40 {
				t.Errorf("%d words", n)
			}
		})
	}
}

func TestEverythingFits(t *testing.T) {
	for _, e := range []identity.Engineer{sure, unsure} {
		ask(t, e, func(a *Ask, w *uitest.Window, _ *[]customer.Consent) {
			for name, o := range a.Elements() {
				at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
				if o.Visible() && (at.X < 0 || at.Y < 0 || at.X+o.Size().Width > 640 || at.Y+o.Size().Height > 690) {
					t.Errorf("%s is at %v, %v big", name, at, o.Size())
				}
			}
		})
	}
}

func TestAskGolden(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		for name, e := range map[string]identity.Engineer{"verified": sure, "unverified": unsure} {
			t.Run(name+"."+language, func(t *testing.T) {
				uitest.App(t, language)
				w := uitest.NewWindow(t)
				synctest.Test(t, func(t *testing.T) {
					a := NewAsk(asked(e), func(customer.Consent) {})
					defer a.Close()
					show(w, a.Content, fyne.NewSize(640, 690))
					a.Focus(w.Canvas())
					uitest.Golden(t, "ask-"+name, w)
					if language == "en" {
						test.AssertImageMatches(t, "ask-"+name+".png", w.Canvas().Capture())
					}
					uitest.Picture(t, "consent-"+name, w)
					test.Tap(a.Levels[2])
					if a.Check.Typed != nil {
						test.Type(a.Check.Typed, "111111")
					}
					w.Canvas().Focus(a.Levels[1])
					uitest.Picture(t, "consent-"+name+"-chosen", w)
				})
			})
		}
	}
}

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
		r := NewRaise(wish, func(yes bool, check string) {
			answers = append(answers, map[bool]string{true: "yes ", false: "no "}[yes]+check)
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
		expect(t, answers, "yes ")
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
		expect(t, answers, "yes ")
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
		expect(t, answers, "no ")
	})
}

func TestRaiseOwnNeedsNumberAndDigits(t *testing.T) {
	wish := Wish{Name: "Aiko", Access: session.SharedControl, Own: true, CheckNumber: "482913", MustCheck: true, Digits: "07"}
	raise(t, wish, func(r *Raise, w *uitest.Window, answers *[]string) {
		uitest.Says(t, w, "Let Aiko use your mouse and keyboard?")
		uitest.Says(t, w, "To confirm, type 07")
		uitest.SaysNot(t, w, "482 913")
		uitest.SaysNot(t, w, "No answer means no")
		for _, step := range []struct {
			entry *theme.Digits
			typed string
		}{{r.Check.Typed, "482913"}, {r.Digits, "70"}} {
			test.Type(step.entry, step.typed)
			test.Tap(r.Yes)
			expect(t, answers)
		}
		r.Digits.SetValue("")
		test.Type(r.Digits, "07")
		test.Tap(r.Yes)
		expect(t, answers, "yes 482913")
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
					CheckNumber: "482913", MustCheck: true, Digits: "07",
				}, func(bool, string) {})
				defer r.Close()
				show(w, r.Content, fyne.NewSize(900, 240))
				r.Focus(w.Canvas())
				uitest.Golden(t, "raise", w)
				uitest.Picture(t, "raise", w)
			})
		})
	}
}
