package theme

import (
	"image/color"
	"maps"
	"math"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"
)

func TestEveryColourIsThere(t *testing.T) {
	test.AssertAllColorNamesDefined(t, New(), "assist")
	if got, want := slices.Sorted(maps.Keys(light)), slices.Sorted(maps.Keys(dark)); !slices.Equal(got, want) {
		t.Errorf("light has %v, dark %v", got, want)
	}
}

// TestContrast holds what is read, and what must be seen, against the grounds it stands on (WCAG 2: 4.5 for text, 3 for
// borders and signs).
func TestContrast(t *testing.T) {
	grounds := []fyne.ThemeColorName{base.ColorNameBackground, ColorNameCard}
	for _, tt := range []struct {
		ink     []fyne.ThemeColorName
		grounds []fyne.ThemeColorName
		least   float64
	}{
		{[]fyne.ThemeColorName{
			base.ColorNameForeground, base.ColorNameError, base.ColorNameSuccess, base.ColorNameWarning,
			base.ColorNamePrimary, base.ColorNameHyperlink,
		}, grounds, 4.5},
		{[]fyne.ThemeColorName{base.ColorNameForeground}, []fyne.ThemeColorName{
			base.ColorNameButton, base.ColorNameInputBackground, base.ColorNameMenuBackground,
			base.ColorNameOverlayBackground, base.ColorNameHeaderBackground,
		}, 4.5},
		{[]fyne.ThemeColorName{base.ColorNamePlaceHolder}, []fyne.ThemeColorName{base.ColorNameInputBackground}, 4.5},
		{[]fyne.ThemeColorName{base.ColorNameForegroundOnPrimary}, []fyne.ThemeColorName{base.ColorNamePrimary}, 4.5},
		{[]fyne.ThemeColorName{base.ColorNameForegroundOnError}, []fyne.ThemeColorName{base.ColorNameError}, 4.5},
		{[]fyne.ThemeColorName{base.ColorNameForegroundOnSuccess}, []fyne.ThemeColorName{base.ColorNameSuccess}, 4.5},
		{[]fyne.ThemeColorName{base.ColorNameForegroundOnWarning}, []fyne.ThemeColorName{base.ColorNameWarning}, 4.5},
		{[]fyne.ThemeColorName{base.ColorNameDisabled}, []fyne.ThemeColorName{
			base.ColorNameBackground, ColorNameCard, base.ColorNameDisabledButton,
		}, 3.8},
		{[]fyne.ThemeColorName{base.ColorNameInputBorder, ColorNameRing, base.ColorNameError}, grounds, 3},
	} {
		for name, colours := range map[string]palette{"light": light, "dark": dark} {
			for _, ink := range tt.ink {
				for _, ground := range tt.grounds {
					if got := contrast(colours[ink], colours[ground]); got < tt.least {
						t.Errorf("%s: %s on %s has %.2f, less than %.1f", name, ink, ground, got, tt.least)
					}
				}
			}
		}
	}
}

// contrast is the WCAG contrast ratio of two opaque colours.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func TestSizesAreLarge(t *testing.T) {
	test.NewTempApp(t)
	for _, name := range []fyne.ThemeSizeName{base.SizeNameText, base.SizeNameCaptionText, base.SizeNameHeadingText, base.SizeNameSubHeadingText} {
		if got := New().Size(name); got < 16 {
			t.Errorf("%s is %v", name, got)
		}
	}
	for _, b := range []*Button{NewButton("x", nil), Primary("x", nil), Danger("x", nil)} {
		if size := b.MinSize(); size.Height < 42 || size.Width < 42 {
			t.Errorf("a button of %v is hard to hit", size)
		}
	}
}
