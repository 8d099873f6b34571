package bar

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"assist/app/customer"
	"assist/app/session"
	"assist/ui/chat"
	"assist/ui/uitest"
)

// long is a message as long as there can be.
var long = customer.Said{FromEngineer: true, Text: strings.TrimSpace(strings.Repeat("word ", chat.MaxMessage/5)), At: at}

// TestManyMessages holds what a message costs the bar, in pieces of memory, against how many there are: an engineer who writes
// without end must not keep the customer from Stop.
func TestManyMessages(t *testing.T) {
	cost := func(access session.Access, kept int) (pieces float64) {
		with(t, "en", access, func(b *Bar, _ *uitest.Window, _ *[]string) {
			for range kept {
				b.Said(long)
			}
			pieces = testing.AllocsPerRun(3, func() { b.Said(long) })
		})
		return pieces
	}
	for name, access := range map[string]session.Access{"open": session.ChatOnly, "closed": session.ViewOnly} {
		if few, many := cost(access, 2), cost(access, 60); few == 0 || many > 2*few {
			t.Errorf("%s: a message costs %.0f pieces after 2, %.0f after 60", name, few, many)
		}
	}
}

// TestTooMuchSaid says it in the chat.
func TestTooMuchSaid(t *testing.T) {
	for language, want := range map[string]string{
		"en": "00:05: too much came at once. Some of it is not shown.", "ja": "00:05：一度に届いた量が多すぎるため、一部を表示していません。",
	} {
		with(t, language, session.ChatOnly, func(b *Bar, w *uitest.Window, _ *[]string) {
			b.Said(customer.Said{FromEngineer: true, Text: "Hello", At: at})
			b.SaidTooMuch(customer.SaidTooMuch{At: at.Add(5 * time.Minute)})
			uitest.Says(t, w, want)
			if b.Chat.Last.Text != "Hello" {
				t.Errorf("%s: the last message is %q", language, b.Chat.Last.Text)
			}
		})
	}
}

// TestChatMakesRoom takes the chat away while there is no room for it, and brings it back with the newest message.
func TestChatMakesRoom(t *testing.T) {
	with(t, "en", session.ChatOnly, func(b *Bar, w *uitest.Window, _ *[]string) {
		for i := range 30 {
			b.Said(customer.Said{FromEngineer: true, Text: fmt.Sprintf("no. %d.", i), At: at})
		}
		uitest.Says(t, w, "no. 29.")
		b.Ask(widget.NewLabel(strings.Repeat("A long question.\n", 25)))
		uitest.SaysNot(t, w, "no. 29.")
		b.Said(customer.Said{FromEngineer: true, Text: "meanwhile", At: at})
		b.Ask(nil)
		uitest.Says(t, w, "meanwhile")
		test.Tap(b.ChatIt)
		b.Said(customer.Said{FromEngineer: true, Text: "closed", At: at})
		uitest.SaysNot(t, w, "closed")
		test.Tap(b.ChatIt)
		uitest.Says(t, w, "closed")
	})
}

// BenchmarkSaid is what a message costs the bar when as many are kept as there is room for.
func BenchmarkSaid(b *testing.B) {
	uitest.App(b, "en")
	for name, access := range map[string]session.Access{"open": session.ChatOnly, "closed": session.ViewOnly} {
		b.Run(name, func(b *testing.B) {
			none := func() {}
			strip := New(sure, access, at, Presses{Stop: none, Alarm: none})
			defer strip.Close()
			w := test.NewTempWindow(b, strip.Content)
			w.Resize(strip.Size())
			for range 60 {
				strip.Said(long)
			}
			for b.Loop() {
				strip.Said(long)
			}
		})
	}
}
