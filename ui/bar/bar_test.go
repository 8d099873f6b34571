package bar

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/theme"
	"assist/ui/uitest"
)

var sure = identity.Engineer{Name: "Aiko Engineer", Organisation: "Example Support", Verified: true}

// at is when sessions of these tests began: synctest's clock starts at this moment.
var at = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// with runs f with a bar of the level on the screen and what was pressed on it.
func with(t *testing.T, language string, access session.Access, f func(b *Bar, w *uitest.Window, pressed *[]string)) {
	t.Helper()
	uitest.App(t, language)
	zone := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = zone })
	w := uitest.NewWindow(t)
	synctest.Test(t, func(t *testing.T) {
		var pressed []string
		note := func(format string, args ...any) { pressed = append(pressed, fmt.Sprintf(format, args...)) }
		var b *Bar
		b = New(sure, access, at, Presses{
			Level: func(a session.Access) { note("level %v", a) },
			Say:   func(s string) { note("say %s", s) },
			Pause: func(on bool) { note("pause %v", on) },
			Stop:  func() { note("stop") },
			Alarm: func() { note("alarm") },
			Here:  func(digits string) { note("here %s", digits) },
			Resized: func() {
				if b != nil {
					w.Resize(b.Size())
				}
			},
		})
		defer b.Close()
		w.SetPadded(false)
		w.SetContent(b.Content)
		w.Resize(b.Size())
		f(b, w, &pressed)
	})
}

func expect(t *testing.T, pressed *[]string, want ...string) {
	t.Helper()
	if got := strings.Join(*pressed, ", "); got != strings.Join(want, ", ") {
		t.Errorf("pressed %q, want %q", got, want)
	}
	*pressed = nil
}

func TestLevelsInWords(t *testing.T) {
	for access, words := range map[session.Access]string{
		session.ChatOnly: "can only chat", session.ViewOnly: "can see your screen",
		session.SharedControl: "can see and control your computer",
	} {
		with(t, "en", access, func(b *Bar, w *uitest.Window, pressed *[]string) {
			uitest.Says(t, w, "Aiko Engineer, Example Support")
			uitest.Says(t, w, words)
			if b.TakeBack.Visible() != (access == session.SharedControl) {
				t.Errorf("%v: taking back is shown: %v", access, b.TakeBack.Visible())
			}
			if b.PauseIt.Visible() != (access > session.ChatOnly) {
				t.Errorf("%v: pausing is shown: %v", access, b.PauseIt.Visible())
			}
			for i, l := range b.Levels {
				test.Tap(l)
				if session.Levels[i] == access {
					expect(t, pressed)
				} else {
					expect(t, pressed, "level "+session.Levels[i].String())
				}
			}
		})
	}
}

func TestTakeBackIsOnePress(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, pressed *[]string) {
		test.Tap(b.TakeBack)
		expect(t, pressed, "level view only")
		b.SetAccess(session.ViewOnly)
		uitest.Says(t, w, "can see your screen")
		if b.TakeBack.Visible() {
			t.Error("there is nothing to take back any more")
		}
	})
}

func TestStopIsAlwaysThere(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, pressed *[]string) {
		see := func(when string) {
			t.Helper()
			uitest.Settle(w)
			p, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.Stop), b.Stop.Size()
			if !b.Stop.Visible() || b.Stop.Disabled() || size.Width < 100 || size.Height < 54 ||
				p.X+size.Width > w.Canvas().Size().Width || p.Y+size.Height > w.Canvas().Size().Height {
				t.Errorf("%s: Stop is at %v, %v big", when, p, size)
			}
		}
		see("at first")
		b.OpenChat(true)
		see("with the chat")
		b.Ask(theme.Text(strings.Repeat("A long question. ", 40)))
		see("with a question")
		b.SetLink(false, at.Add(time.Hour))
		see("without a link")
		b.Trouble(problem.ScreenWayland)
		see("in trouble")
		b.StillThere(at.Add(time.Minute), "31")
		see("asked whether they are there")
		test.Tap(b.PauseIt)
		see("paused")
		*pressed = nil
		test.Tap(b.Stop)
		see("stopping")
		test.Tap(b.Stop)
		test.Tap(b.TakeBack)
		expect(t, pressed, "stop", "stop")
		uitest.Says(t, w, "Ending the session")
	})
}

func TestPause(t *testing.T) {
	with(t, "en", session.ViewOnly, func(b *Bar, w *uitest.Window, pressed *[]string) {
		test.Tap(b.PauseIt)
		uitest.Says(t, w, "Paused: they see nothing new")
		uitest.Says(t, w, "Resume")
		test.Tap(b.PauseIt)
		uitest.Says(t, w, "Paused:") // until it is known that it is over
		b.SetPaused(false)
		uitest.SaysNot(t, w, "Paused:")
		expect(t, pressed, "pause true", "pause false")
		b.SetPaused(true)
		uitest.Says(t, w, "Paused:")
	})
}

func TestStateSentences(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, _ *[]string) {
		for _, tt := range []struct {
			state customer.InputState
			want  string
		}{
			{customer.InputOn, "They can type and click."},
			{customer.InputLocalHand, "You are using the mouse or keyboard"},
			{customer.InputPrompt, "A question is open."},
			{customer.InputPaused, "Paused:"},
			{customer.InputOff, "ends everything at once."},
		} {
			b.SetInput(tt.state)
			uitest.Says(t, w, tt.want)
		}
		b.SetLink(false, time.Time{})
		uitest.Says(t, w, "The connection is interrupted. It comes back by itself. Meanwhile they see nothing")
		b.SetLink(false, at.Add(20*time.Minute))
		uitest.Says(t, w, "It comes back by itself. Waiting until 00:20.")
		b.SetInput(customer.InputOn) // the link matters more
		uitest.Says(t, w, "The connection is interrupted.")
		b.SetLink(true, time.Time{})
		uitest.Says(t, w, "They can type and click.")
		b.SetAccess(session.ViewOnly)
		uitest.SaysNot(t, w, "They can type and click.")
	})
}

func TestClockTicksOnceASecond(t *testing.T) {
	with(t, "en", session.ViewOnly, func(b *Bar, w *uitest.Window, _ *[]string) {
		uitest.Says(t, w, "for 00:00, since 00:00")
		uitest.Pass(time.Hour + 62*time.Second)
		uitest.Says(t, w, "for 1:01:02, since 00:00")
		b.Close()
		uitest.Pass(time.Minute)
		uitest.Says(t, w, "for 1:01:02")
	})
}

func TestChat(t *testing.T) {
	with(t, "en", session.ViewOnly, func(b *Bar, w *uitest.Window, pressed *[]string) {
		closed := b.Size()
		b.Said(customer.Said{FromEngineer: true, Text: "Hello", At: at})
		b.Said(customer.Said{FromEngineer: true, Text: "Are you there?", At: at})
		uitest.Says(t, w, "Chat (2)")
		uitest.SaysNot(t, w, "Are you there?")
		test.Tap(b.ChatIt)
		uitest.Says(t, w, "Are you there?")
		uitest.Says(t, w, "Hide chat")
		if open := w.Canvas().Size(); open.Height < closed.Height+200 {
			t.Errorf("the open chat makes the window %v instead of %v", open, closed)
		}
		if w.Canvas().Focused() != b.Chat.Entry {
			t.Error("one cannot type at once")
		}
		test.Type(b.Chat.Entry, "Yes")
		uitest.Press(w, fyne.KeyReturn)
		expect(t, pressed, "say Yes")
		b.Said(customer.Said{FromEngineer: true, Text: "Good", At: at})
		test.Tap(b.ChatIt)
		uitest.SaysNot(t, w, "Chat (")
		if w.Canvas().Size() != closed {
			t.Errorf("closed again it is %v instead of %v", w.Canvas().Size(), closed)
		}
	})
}

func TestChatOnlyOpensTheChat(t *testing.T) {
	with(t, "en", session.ChatOnly, func(b *Bar, w *uitest.Window, _ *[]string) {
		uitest.Says(t, w, "Write a message")
	})
}

func TestSmall(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		with(t, language, session.SharedControl, func(b *Bar, _ *uitest.Window, _ *[]string) {
			if size := b.Size(); size.Width > 900 || size.Height > 140 {
				t.Errorf("%s: the bar is %v", language, size)
			}
		})
	}
}

func TestGolden(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			with(t, language, session.SharedControl, func(b *Bar, w *uitest.Window, _ *[]string) {
				uitest.Pass(754 * time.Second)
				b.SetInput(customer.InputOn)
				b.Said(customer.Said{FromEngineer: true, Text: "Hello", At: at})
				uitest.Golden(t, "control", w)
				uitest.Picture(t, "bar-control", w)
				b.SetAccess(session.ViewOnly)
				uitest.Picture(t, "bar-view", w)
				b.SetSlow(true)
				uitest.Picture(t, "bar-slow", w)
				b.SetLink(false, at.Add(20*time.Minute))
				b.OpenChat(true)
				b.Said(customer.Said{Text: "Hello", At: at})
				uitest.Golden(t, "chat", w)
				uitest.Picture(t, "bar-chat", w)
			})
		})
	}
}

// TestSlowLine says calmly that the line is slow, while the picture is shown and nothing else is more worth saying.
func TestSlowLine(t *testing.T) {
	const words = "The line is slow"
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, _ *[]string) {
		says := func(want bool, when string) {
			t.Helper()
			if got := strings.Contains(b.notice.Text(), words); got != want {
				t.Errorf("%s: %q", when, b.notice.Text())
			}
		}
		says(false, "at first")
		b.SetInput(customer.InputOn)
		b.SetSlow(true)
		says(true, "slow")
		b.SetLink(false, at.Add(time.Minute))
		says(false, "interrupted")
		b.SetLink(true, time.Time{})
		says(true, "back")
		b.SetInput(customer.InputLocalHand)
		says(false, "the own hand")
		b.SetInput(customer.InputOn)
		b.SetAccess(session.ChatOnly)
		says(false, "chat only")
		b.SetAccess(session.ViewOnly)
		says(true, "view only")
		b.SetSlow(false)
		says(false, "quick again")
	})
}
