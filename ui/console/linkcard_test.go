package console

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"assist/app/engineer"
	"assist/app/session"
)

// TestLinkNumbers opens the numbers of the link, and looks what they say while it is known, interrupted and new.
func TestLinkNumbers(t *testing.T) {
	r := english(t)
	r.feed(signedIn, customer, level(session.ViewOnly), linkUp)
	c := r.live.panel.numbers
	if c.object.Visible() {
		t.Error("the numbers are there before anybody asks")
	}
	test.Tap(c.press)
	if !c.object.Visible() || c.press.Text != "Hide details" {
		t.Errorf("pressed: visible %v, %q", c.object.Visible(), c.press.Text)
	}
	known := engineer.LinkChanged{
		Up: true, RoundTrip: 61 * time.Millisecond, Received: 2_400_000, Sent: 900, Exact: 3, Motion: 1, Pictures: 29.7, Rate: 1_500_000,
	}
	down := known
	down.Up = false
	for _, tt := range []struct {
		name string
		ev   engineer.LinkChanged
		want []string
	}{
		{"known", known, []string{"61 ms", "1.5 MB/s", "0 ms", "75 % exact, 25 % motion", "30", "2.4 MB", "900 B"}},
		{"down", down, []string{"–", "–", "–", "75 % exact, 25 % motion", "30", "2.4 MB", "900 B"}},
		{"new", engineer.LinkChanged{Up: true}, []string{"–", "–", "–", "–", "0", "0 B", "0 B"}},
	} {
		r.feed(tt.ev)
		for i, name := range linkRows {
			if got := c.values[name].Text; got != tt.want[i] {
				t.Errorf("%s, %s: %q, want %q", tt.name, name, got, tt.want[i])
			}
		}
		if c.press.Visible() != tt.ev.Up {
			t.Errorf("%s: the press is there: %v", tt.name, c.press.Visible())
		}
	}
	r.live.reset()
	if c.object.Visible() || c.press.Text != "Details" {
		t.Error("open in the next session")
	}
}
