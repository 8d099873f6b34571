package theme

import (
	"sync"

	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"

	"assist/assets"
)

// Japanese signs, where the system has no font with them. They come first and have nothing else in them: every other sign is
// drawn with Fyne's own fonts, which follow.
var (
	japanese     = fyne.NewStaticResource("japanese-regular.otf", assets.JapaneseRegular)
	japaneseBold = fyne.NewStaticResource("japanese-bold.otf", assets.JapaneseBold)
)

// font returns the font of a style.
func font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol || fyne.CurrentApp() == nil || !lacking():
		return base.DefaultTheme().Font(style)
	case style.Bold:
		return japaneseBold
	}
	return japanese
}

// lacking reports whether the system has no font with Japanese signs. Looking for one makes Fyne read the list of fonts, which the first
// text does anyway.
var lacking = sync.OnceValue(func() bool {
	driver := fyne.CurrentApp().Driver()
	return lacks(func(text string) float32 {
		// By its source the font is another one than the theme's, so the theme is not asked while it asks.
		size, _ := driver.RenderedTextSize(text, textSize, fyne.TextStyle{}, base.DefaultTextFont())
		return size.Width
	})
})

// lacks reports whether Japanese signs are as wide as one that no font has: then both are the sign for missing ones.
func lacks(width func(text string) float32) bool {
	const nobodys = "\U0010FFFD" // for private use
	missing := width(nobodys)
	for _, sign := range []string{"日", "あ", "ア", "語"} {
		if width(sign) == missing {
			return true
		}
	}
	return false
}
