package bar

import (
	"testing"

	"fyne.io/fyne/v2"

	"assist/app/identity"
	"assist/app/session"
	"assist/ui/uitest"
)

// TestLongNames holds that a name that is too long for one line with what its owner can do gets a line of its own, at every level the
// same, and that a short one does not.
func TestLongNames(t *testing.T) {
	for _, tt := range []struct {
		name, organisation string
		lines              int
	}{
		{"Aiko Engineer", "Example Support", 1},
		{"山田太郎ヤマダタロウ Bartholomew-Alexander Wolfes", "東京サポートセンター", 2},
		{"Bartholomew-Alexander Wolfeschlegelstein", "Example Support and Services Ltd", 2},
	} {
		for _, language := range []string{"en", "ja"} {
			before := sure
			sure = identity.Engineer{Name: tt.name, Organisation: tt.organisation, Verified: true}
			for _, access := range session.Levels {
				with(t, language, access, func(b *Bar, w *uitest.Window, _ *[]string) {
					uitest.Settle(w)
					at := fyne.CurrentApp().Driver().AbsolutePositionForObject
					if two := at(b.can).Y > at(b.who).Y; two != (tt.lines == 2) {
						t.Errorf("%s, %s, %v: two lines: %v", tt.name, language, access, two)
					}
					if got, want := b.who.Size().Width, lineWidth(b.who.Text, true); got < want && tt.lines == 1 {
						t.Errorf("%s, %s, %v: cut at %v of %v", tt.name, language, access, got, want)
					}
					if end := at(b.elapsed).X + b.elapsed.Size().Width; end > at(b.Stop).X {
						t.Errorf("%s, %s, %v: the time ends at %v, in Stop", tt.name, language, access, end)
					}
					uitest.Says(t, w, string([]rune(tt.name)[:13]))
				})
			}
			sure = before
		}
	}
}

// TestFitsSmallScreen opens all there is: the bar with its frame has to fit 1024 x 600.
func TestFitsSmallScreen(t *testing.T) {
	with(t, "en", session.SharedControl, func(b *Bar, w *uitest.Window, _ *[]string) {
		b.OpenChat(true)
		if size := b.Size(); size.Height > 540 || size.Width > 980 || size.Height < 300 {
			t.Errorf("%v", size)
		}
	})
}
