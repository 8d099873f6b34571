package bar

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/theme"
	"assist/ui/uitest"
)

func TestAlarm(t *testing.T) {
	with(t, "en", session.ViewOnly, func(b *Bar, w *uitest.Window, pressed *[]string) {
		if b.Alarm.Importance == b.Stop.Importance || b.Alarm.Size().Height >= b.Stop.Size().Height {
			t.Error("the alarm is as loud as Stop")
		}
		test.Tap(b.Alarm)
		test.Tap(b.Alarm)
		expect(t, pressed, "alarm")
		uitest.Says(t, w, "Ending the session")
		test.Tap(b.Stop) // works all the same
		expect(t, pressed, "stop")
	})
}

func TestStillThere(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, pressed *[]string) {
		small := w.Canvas().Size()
		w.Canvas().Focus(b.ChatIt)
		b.StillThere(at.Add(time.Minute), "31")
		uitest.Says(t, w, "Are you still there?")
		uitest.Says(t, w, "type 31")
		uitest.SaysNot(t, w, "That was not right.")
		uitest.Says(t, w, "No answer ends it: 1:00 left")
		if w.Canvas().Focused() != b.ChatIt {
			t.Errorf("the focus went to %T", w.Canvas().Focused())
		}
		if w.Canvas().Size().Height <= small.Height {
			t.Error("there is no room for the question")
		}
		uitest.Pass(18 * time.Second)
		uitest.Says(t, w, "No answer ends it: 0:42 left")
		yes := b.still.yes
		test.Tap(yes)
		test.Type(b.still.digits, "3")
		test.Tap(yes)
		expect(t, pressed) // not without the digits
		test.Type(b.still.digits, "0")
		test.Tap(yes)
		test.Tap(yes)
		expect(t, pressed, "here 30")
		b.StillThere(at.Add(time.Minute), "52")
		uitest.Says(t, w, "That was not right. To show that it is you, type 52")
		test.Type(b.still.digits, "52")
		test.Tap(b.still.yes)
		expect(t, pressed, "here 52")
		b.StillGone()
		uitest.SaysNot(t, w, "Are you still there?")
		if w.Canvas().Size() != small {
			t.Errorf("%v, before %v", w.Canvas().Size(), small)
		}
		b.StillGone()
		b.StillThere(at.Add(time.Hour), "31")
		b.StillThere(at.Add(2*time.Hour), "52") // in the place of the first
		uitest.SaysNot(t, w, "That was not right.")
		if strings.Count(uitest.Words(w), "Are you still there?") != 1 {
			t.Error("asked twice")
		}
	})
}

// TestStillThereByKeyboard presses keys before and after going to the answer: only there they count.
func TestStillThereByKeyboard(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, pressed *[]string) {
		b.StillThere(at.Add(time.Minute), "31")
		uitest.Press(w, fyne.KeySpace, fyne.KeyReturn, fyne.KeyY)
		expect(t, pressed)
		to := func(o fyne.Focusable) {
			for range 20 {
				if uitest.Press(w, fyne.KeyTab); w.Canvas().Focused() == o {
					return
				}
			}
			t.Fatal("a key leads nowhere")
		}
		to(b.still.digits)
		b.still.digits.TypedRune('3')
		b.still.digits.TypedRune('1')
		to(b.still.yes)
		uitest.Press(w, fyne.KeyReturn)
		expect(t, pressed, "here 31")
	})
}

func TestTroubleStaysUntilTheLevelChanges(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, _ *[]string) {
		small := w.Canvas().Size()
		b.Trouble(problem.InputUnsupported)
		b.SetAccess(session.ViewOnly) // comes of it
		said := "The engineer cannot use mouse and keyboard on this computer. The engineer can see your screen"
		uitest.Says(t, w, said)
		uitest.Pass(time.Minute)
		b.SetInput(customer.InputOff)
		b.SetAccess(session.ViewOnly) // nothing new
		uitest.Says(t, w, said)
		b.Trouble(problem.ScreenWayland)
		uitest.Says(t, w, "This desktop does not let programs show its screen.")
		uitest.SaysNot(t, w, said)
		uitest.Pass(time.Minute)
		b.SetAccess(session.ChatOnly)
		uitest.SaysNot(t, w, "This desktop")
		if w.Canvas().Size() != small {
			t.Errorf("%v, before %v", w.Canvas().Size(), small)
		}
	})
}

// TestEverythingAtOnceFits opens all there is: it must fit a screen of 1024 x 768, with a frame, and nothing of it may be
// cut.
func TestEverythingAtOnceFits(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		with(t, language, session.SharedControl, func(b *Bar, w *uitest.Window, _ *[]string) {
			for _, step := range []func(){
				func() { b.SetLink(false, at.Add(20*time.Minute)) },
				func() { b.Trouble(problem.ScreenWayland) },
				func() { b.StillThere(at.Add(time.Minute), "31") },
				func() { b.OpenChat(true) },
				func() { b.Ask(theme.Card(theme.Text(strings.Repeat("A long question. ", 40)))) },
				func() { b.Ask(theme.High(theme.Text("Everything that a question may need."), 220)) },
			} {
				step()
				w.Resize(b.Size())
				uitest.Settle(w)
				if size := b.Size(); size.Width > 900 || size.Height > 670 || size != w.Canvas().Size() {
					t.Errorf("%s: the bar is %v, the window %v", language, size, w.Canvas().Size())
				}
				if need := b.Content.MinSize(); need.Height > w.Canvas().Size().Height {
					t.Errorf("%s: cut: %v of %v", language, w.Canvas().Size(), need)
				}
			}
		})
	}
}

// TestWindowFollowsTheSentence makes sure that a sentence of two lines has room for both.
func TestWindowFollowsTheSentence(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, _ *[]string) {
		one := w.Canvas().Size()
		b.SetLink(false, at.Add(20*time.Minute))
		if two := w.Canvas().Size(); two.Height <= one.Height {
			t.Errorf("one line %v, two %v", one, two)
		}
		b.SetLink(true, time.Time{})
		if w.Canvas().Size() != one {
			t.Errorf("%v, before %v", w.Canvas().Size(), one)
		}
	})
}
