package chat

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/ui/uitest"
)

// BenchmarkAdd is what one more message costs an open panel that has some. It must not depend on how many they are.
func BenchmarkAdd(b *testing.B) {
	for _, text := range []struct{ name, message string }{
		{"short", "The printer in the hall says that it has no paper, but there is some."},
		{"long", strings.TrimSpace(strings.Repeat("word ", MaxMessage/5))},
	} {
		for _, kept := range []int{10, 100, 200} {
			b.Run(fmt.Sprintf("%s/%d", text.name, kept), func(b *testing.B) {
				uitest.App(b, "en")
				var p *Panel
				for i := 0; b.Loop(); i++ {
					if i%10 == 0 { // or it would soon be more than that
						b.StopTimer()
						p = New(func(string) {})
						test.NewTempWindow(b, p.Content).Resize(fyne.NewSize(400, 300))
						for range kept {
							p.Add("Ada", text.message, at)
						}
						b.StartTimer()
					}
					p.Add("Ada", text.message, at)
				}
			})
		}
	}
}
