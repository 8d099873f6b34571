package theme

import (
	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"

	"assist/assets"
)

// Japanese signs are drawn with our own fonts everywhere, also where the system has some: Fyne would mix regular ones of the system's
// with its own bold letters, and set a line without letters higher than its neighbour with some, because it puts each line as high as
// the fonts in it say. They come first and have nothing else in them but the space: every other sign is drawn with Fyne's own fonts,
// which follow, and a sign that neither has with the system's.
var (
	japanese     = fyne.NewStaticResource("japanese-regular.otf", assets.JapaneseRegular)
	japaneseBold = fyne.NewStaticResource("japanese-bold.otf", assets.JapaneseBold)
)

// font returns the font of a style.
func font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return base.DefaultTheme().Font(style)
	case style.Bold:
		return japaneseBold
	}
	return japanese
}
