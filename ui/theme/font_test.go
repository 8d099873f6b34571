package theme

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"
)

func TestLacks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		width func(string) float32
		want  bool
	}{
		{"a Japanese font", func(s string) float32 { return map[string]float32{"日": 16, "語": 16, "あ": 15, "ア": 14}[s] }, false},
		{"no font", func(string) float32 { return 9.6 }, true},
		{"a font without kanji", func(s string) float32 { return map[string]float32{"あ": 15, "ア": 14}[s] }, true},
		{"a Chinese font without kana", func(s string) float32 { return map[string]float32{"日": 16, "語": 16}[s] }, true},
	} {
		if got := lacks(tt.width); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// bare names the second process of TestNoSystemFonts, in its environment.
const bare = "ASSIST_TEST_WITHOUT_FONTS"

// TestNoSystemFonts draws Japanese in a process that finds no fonts: without a home it has nowhere to keep their list, and gives up.
func TestNoSystemFonts(t *testing.T) {
	if os.Getenv(bare) != "" {
		drawJapanese(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNoSystemFonts$", "-test.v")
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "HOME" || name == "XDG_CACHE_HOME"
	}), bare+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestNoSystemFonts")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func drawJapanese(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Fixed(base.VariantLight))
	for _, style := range []fyne.TextStyle{{}, {Bold: true}, {Italic: true}, {Monospace: true}} {
		first, second := drawn(t, "日本語", style), drawn(t, "支援者", style)
		if len(first) == 0 || bytes.Equal(first, second) {
			t.Errorf("%+v: the signs look all the same", style)
		}
		if latin, other := drawn(t, "abc", style), drawn(t, "xyz", style); bytes.Equal(latin, other) {
			t.Errorf("%+v: Latin letters look all the same", style)
		}
	}
}

// drawn returns the pixels of a text.
func drawn(t *testing.T, s string, style fyne.TextStyle) []byte {
	t.Helper()
	text := canvas.NewText(s, base.Color(base.ColorNameForeground))
	text.TextStyle, text.TextSize = style, 24
	w := test.NewTempWindow(t, text)
	w.Resize(fyne.NewSize(120, 40))
	img, ok := w.Canvas().Capture().(*image.NRGBA)
	if !ok {
		t.Fatalf("the picture is a %T", w.Canvas().Capture())
	}
	return img.Pix
}
