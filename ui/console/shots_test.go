package console

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"
)

// TestShots writes a picture of every state to the folder ASSIST_SHOTS names, for people to look at. The text in them
// depends on the fonts of the system, so they are not compared with anything.
func TestShots(t *testing.T) {
	folder := os.Getenv("ASSIST_SHOTS")
	if folder == "" {
		t.Skip("ASSIST_SHOTS names no folder")
	}
	for _, look := range []struct {
		name, language string
		variant        fyne.ThemeVariant
	}{
		{"en-light", "en", base.VariantLight}, {"ja-light", "ja", base.VariantLight},
		{"en-dark", "en", base.VariantDark}, {"ja-dark", "ja", base.VariantDark},
	} {
		for _, s := range states {
			t.Run(look.name+"/"+s.name, func(t *testing.T) {
				r := newRig(t, look.language, look.variant, Options{Service: "support.example.com:443", Account: "aengineer"})
				s.to(t, r)
				r.settle()
				f, err := os.Create(filepath.Join(folder, "console-"+s.name+"-"+look.name+".png"))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if err := png.Encode(f, r.win.Canvas().Capture()); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
