package bar

import (
	"strings"
	"testing"
	"time"

	"assist/app/session"
	"assist/ui/uitest"
)

// The bar names the Pause key only where that works.
func TestHint(t *testing.T) {
	for language, key := range map[string]string{"en": "Pause key", "ja": "Pauseキー"} {
		with(t, language, session.ViewOnly, func(b *Bar, w *uitest.Window, _ *[]string) {
			stop := b.Stop.Text
			for _, on := range []bool{false, true, false} {
				b.SetPanicKey(on)
				hint := b.notice.Text()
				if !strings.Contains(hint, stop) || strings.Contains(hint, key) != on {
					t.Errorf("%s, the key works: %v: the bar says %q", language, on, hint)
				}
			}
			b.SetPanicKey(true)
			b.SetLink(false, time.Time{})
			b.SetLink(true, time.Time{})
			if hint := b.notice.Text(); !strings.Contains(hint, key) {
				t.Errorf("%s, after an interruption: the bar says %q", language, hint)
			}
		})
	}
}
