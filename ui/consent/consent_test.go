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
	"assist/ui/uitest"
)

var (
	sure   = identity.Engineer{Name: "Aiko Engineer", Organisation: "Example Support", Account: "aiko", Verified: true}
	unsure = identity.Engineer{Name: "Aiko Engineer", Organisation: "Example Support", Account: "aiko"}
)

// alarmed stands for an alarm among the answers.
var alarmed = customer.Consent{Proof: customer.Proof{Digits: "alarm"}}

// asked is the question of one of them, open for a minute.
func asked(e identity.Engineer) customer.Asked {
	return customer.Asked{Engineer: e, CheckNumber: "482913", MustCheck: !e.Verified, Until: time.Now().Add(time.Minute)}
}

// ask runs f with a question on the screen and what is answered to it. An alarm counts as a consent that could never be.
func ask(t *testing.T, e identity.Engineer, f func(a *Ask, w *uitest.Window, answers *[]customer.Consent)) {
	t.Helper()
	askWith(t, asked(e), f)
}

func askWith(t *testing.T, q customer.Asked, f func(a *Ask, w *uitest.Window, answers *[]customer.Consent)) {
	t.Helper()
	uitest.App(t, "en")
	w := uitest.NewWindow(t)
	synctest.Test(t, func(t *testing.T) {
		var answers []customer.Consent
		q.Until = time.Now().Add(time.Minute)
		a := NewAsk(q, func(c customer.Consent) { answers = append(answers, c) }, func() { answers = append(answers, alarmed) })
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
		uitest.Press(w, fyne.KeyTab, fyne.KeyTab, fyne.KeyTab, fyne.KeyTab) // past the alarm and Decline
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
		uitest.Says(t, w, "No answer means no: 1:00 left")
		test.Tap(a.Levels[1])
		uitest.Pass(59 * time.Second)
		if a.Allow.Disabled() {
			t.Error("disabled too early")
		}
		uitest.Pass(2 * time.Second)
		if !a.Allow.Disabled() {
			t.Error("Allow is enabled after the time is over")
		}
		uitest.Says(t, w, "Too late")
		test.Tap(a.Levels[0])
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
		test.Tap(a.Called.Yes)
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
		test.Tap(a.Called.Yes)
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
		want := customer.Consent{Access: session.SharedControl, Proof: customer.Proof{Check: "482913", Called: true}}
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

// TestFewWords counts the words in every state of the question that an honest or a called customer sees.
func TestFewWords(t *testing.T) {
	count := func(t *testing.T, w *uitest.Window, when string) {
		t.Helper()
		n := len(strings.Fields(uitest.Words(w)))
		t.Logf("%s: %d words", when, n)
		if n > 120 || n < 40 {
			t.Errorf("%s: %d words", when, n)
		}
	}
	for _, e := range []identity.Engineer{sure, unsure} {
		ask(t, e, func(a *Ask, w *uitest.Window, _ *[]customer.Consent) {
			w.Resize(fyne.NewSize(640, 1200)) // scrolled away is read all the same
			count(t, w, "at first")
			test.Tap(a.Levels[2])
			count(t, w, "control")
			test.Tap(a.Called.No)
			count(t, w, "a stranger called")
			test.Tap(a.Called.Yes)
			if a.Check.Typed != nil {
				test.Type(a.Check.Typed, "482913")
			}
			count(t, w, "all answered")
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
					a := NewAsk(asked(e), func(customer.Consent) {}, func() {})
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
					test.Tap(a.Called.Yes)
					w.Canvas().Focus(a.Levels[1])
					uitest.Picture(t, "consent-"+name+"-chosen", w)
					test.Tap(a.Called.No)
					uitest.Golden(t, "ask-"+name+"-stranger", w)
					uitest.Picture(t, "consent-"+name+"-stranger", w)
				})
			})
		}
	}
}
