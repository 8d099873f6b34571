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

// TestSameHeight holds lines with and without Japanese signs against each other: neither kind moves when the other stands beside it,
// in any style and size, whatever fonts the system has.
func TestSameHeight(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Fixed(base.VariantLight))
	for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
		for _, size := range []float32{textSize, headingSize, 34} {
			top, _ := reach(t, "国", style, size)
			topBeside, _ := reach(t, "国x", style, size) // the letter is lower
			if top != topBeside {
				t.Errorf("%+v, %v: 国 begins at %d, with a letter beside it at %d", style, size, top, topBeside)
			}
			_, foot := reach(t, "p", style, size)
			_, footBeside := reach(t, "一p", style, size) // the sign is higher
			if foot != footBeside {
				t.Errorf("%+v, %v: p ends at %d, with a Japanese sign beside it at %d", style, size, foot, footBeside)
			}
		}
	}
}

// reach returns the first and the last row of a text's picture that is not empty.
func reach(t *testing.T, s string, style fyne.TextStyle, size float32) (first, last int) {
	t.Helper()
	img := picture(t, s, style, size)
	first, last = -1, -1
	for y := range img.Rect.Max.Y {
		for x := range img.Rect.Max.X {
			if img.NRGBAAt(x, y) == img.NRGBAAt(0, 0) {
				continue
			}
			if last = y; first < 0 {
				first = y
			}
			break
		}
	}
	if first < 0 {
		t.Fatalf("%q is empty", s)
	}
	return first, last
}

// TestSpaceIsEmpty draws a space between Japanese signs and letters: where the font of the signs has none, a sign for missing ones
// stands there.
func TestSpaceIsEmpty(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Fixed(base.VariantLight))
	for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
		with, without := picture(t, "一 一", style, 34), picture(t, "一一", style, 34)
		if ink(with) > ink(without) {
			t.Errorf("%+v: a space is drawn", style)
		}
		if gap := fyne.MeasureText("一 一", 34, style).Width - fyne.MeasureText("一一", 34, style).Width; gap < 5 || gap > 14 {
			t.Errorf("%+v: a space is %v wide", style, gap)
		}
	}
}

// ink counts the rows of a picture that are not empty.
func ink(img *image.NRGBA) (n int) {
	for y := range img.Rect.Max.Y {
		for x := range img.Rect.Max.X {
			if img.NRGBAAt(x, y) != img.NRGBAAt(0, 0) {
				n++
				break
			}
		}
	}
	return n
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
	return picture(t, s, style, 24).Pix
}

// picture returns the picture of a text.
func picture(t *testing.T, s string, style fyne.TextStyle, size float32) *image.NRGBA {
	t.Helper()
	text := canvas.NewText(s, base.Color(base.ColorNameForeground))
	text.TextStyle, text.TextSize = style, size
	w := test.NewTempWindow(t, text)
	w.Resize(fyne.NewSize(120, 60))
	img, ok := w.Canvas().Capture().(*image.NRGBA)
	if !ok {
		t.Fatalf("the picture is a %T", w.Canvas().Capture())
	}
	return img
}
