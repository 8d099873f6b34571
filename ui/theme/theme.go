// Package theme is how Assist looks: colours, sizes, and the few widgets that several screens share (buttons,
// choices, fields, notices, countdowns). Everything is large, calm and plain; nothing is told by colour alone;
// whatever has the keyboard's focus wears a ring.
//
// The package knows no sentence and no session: texts are handed in, decisions are handed out.
package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"
)

// Colours beyond Fyne's own.
const (
	ColorNameCard fyne.ThemeColorName = "assistCard" // ground of cards, a step above the window's
	ColorNameRing fyne.ThemeColorName = "assistRing" // ring around what has the focus
)

// palette is one colour for each name that Fyne or we ask for.
type palette map[fyne.ThemeColorName]color.NRGBA

func rgb(v uint32) color.NRGBA { return rgba(v, 0xFF) }

func rgba(v uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: alpha}
}

var light = palette{
	base.ColorNameBackground:          rgb(0xF4F6F8),
	base.ColorNameButton:              rgb(0xDCE3EA),
	base.ColorNameDisabled:            rgb(0x68727E),
	base.ColorNameDisabledButton:      rgb(0xE6E9ED),
	base.ColorNameError:               rgb(0xB3261E),
	base.ColorNameFocus:               rgba(0x1B5EA6, 0x30),
	base.ColorNameForeground:          rgb(0x1B2430),
	base.ColorNameForegroundOnError:   rgb(0xFFFFFF),
	base.ColorNameForegroundOnPrimary: rgb(0xFFFFFF),
	base.ColorNameForegroundOnSuccess: rgb(0xFFFFFF),
	base.ColorNameForegroundOnWarning: rgb(0xFFFFFF),
	base.ColorNameHeaderBackground:    rgb(0xE9EDF2),
	base.ColorNameHover:               rgba(0x1B2430, 0x14),
	base.ColorNameHyperlink:           rgb(0x1B5EA6),
	base.ColorNameInputBackground:     rgb(0xFFFFFF),
	base.ColorNameInputBorder:         rgb(0x7C8794),
	base.ColorNameMenuBackground:      rgb(0xFFFFFF),
	base.ColorNameOverlayBackground:   rgb(0xFFFFFF),
	base.ColorNamePlaceHolder:         rgb(0x5C6773),
	base.ColorNamePressed:             rgba(0x1B2430, 0x28),
	base.ColorNamePrimary:             rgb(0x1B5EA6),
	base.ColorNameScrollBar:           rgba(0x1B2430, 0x90),
	base.ColorNameScrollBarBackground: rgba(0x1B2430, 0x10),
	base.ColorNameSelection:           rgba(0x1B5EA6, 0x40),
	base.ColorNameSeparator:           rgb(0xC9D1DA),
	base.ColorNameShadow:              rgba(0x000000, 0x30),
	base.ColorNameSuccess:             rgb(0x1B6E3C),
	base.ColorNameWarning:             rgb(0x8A5200),
	ColorNameCard:                     rgb(0xFFFFFF),
	ColorNameRing:                     rgb(0x1B2430),
}

var dark = palette{
	base.ColorNameBackground:          rgb(0x171B21),
	base.ColorNameButton:              rgb(0x36404C),
	base.ColorNameDisabled:            rgb(0x98A3AF),
	base.ColorNameDisabledButton:      rgb(0x262D36),
	base.ColorNameError:               rgb(0xF55F57),
	base.ColorNameFocus:               rgba(0x8AB8F0, 0x38),
	base.ColorNameForeground:          rgb(0xECEFF3),
	base.ColorNameForegroundOnError:   rgb(0x1D0604),
	base.ColorNameForegroundOnPrimary: rgb(0x0B1726),
	base.ColorNameForegroundOnSuccess: rgb(0x06180D),
	base.ColorNameForegroundOnWarning: rgb(0x1C1200),
	base.ColorNameHeaderBackground:    rgb(0x20262E),
	base.ColorNameHover:               rgba(0xFFFFFF, 0x16),
	base.ColorNameHyperlink:           rgb(0x8AB8F0),
	base.ColorNameInputBackground:     rgb(0x0F1216),
	base.ColorNameInputBorder:         rgb(0x7F8B98),
	base.ColorNameMenuBackground:      rgb(0x20262E),
	base.ColorNameOverlayBackground:   rgb(0x20262E),
	base.ColorNamePlaceHolder:         rgb(0xA3ADB8),
	base.ColorNamePressed:             rgba(0xFFFFFF, 0x30),
	base.ColorNamePrimary:             rgb(0x8AB8F0),
	base.ColorNameScrollBar:           rgba(0xFFFFFF, 0x90),
	base.ColorNameScrollBarBackground: rgba(0xFFFFFF, 0x10),
	base.ColorNameSelection:           rgba(0x8AB8F0, 0x50),
	base.ColorNameSeparator:           rgb(0x3A434E),
	base.ColorNameShadow:              rgba(0x000000, 0x80),
	base.ColorNameSuccess:             rgb(0x6CCB8E),
	base.ColorNameWarning:             rgb(0xF0B45A),
	ColorNameCard:                     rgb(0x20262E),
	ColorNameRing:                     rgb(0xFFFFFF),
}

// Text sizes in Fyne's own unit, a pixel at scale 1.
const (
	textSize    = 16
	subSize     = 19
	headingSize = 25
)

type look struct {
	fixed   bool
	variant fyne.ThemeVariant
}

// New returns the theme, light or dark as the system is.
func New() fyne.Theme { return look{} }

// Fixed returns the theme in one variant, whatever the system's.
func Fixed(variant fyne.ThemeVariant) fyne.Theme { return look{true, variant} }

// Color returns the colour of a name in the variant.
func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if l.fixed {
		variant = l.variant
	}
	colours := light
	if variant == base.VariantDark {
		colours = dark
	}
	if c, ok := colours[name]; ok {
		return c
	}
	return base.DefaultTheme().Color(name, variant)
}

// Font returns Fyne's own fonts, with ours for Japanese signs. Signs that neither has come from the system's.
func (look) Font(style fyne.TextStyle) fyne.Resource { return font(style) }

// Icon returns Fyne's own icons.
func (look) Icon(name fyne.ThemeIconName) fyne.Resource { return base.DefaultTheme().Icon(name) }

// Size returns the size of a name.
func (look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case base.SizeNameText, base.SizeNameCaptionText:
		return textSize
	case base.SizeNameSubHeadingText:
		return subSize
	case base.SizeNameHeadingText:
		return headingSize
	case base.SizeNamePadding:
		return 5
	case base.SizeNameInnerPadding:
		return 8
	case base.SizeNameInlineIcon:
		return 22
	case base.SizeNameInputBorder:
		return 2
	case base.SizeNameInputRadius, base.SizeNameButtonRadius, base.SizeNameSelectionRadius:
		return 7
	case base.SizeNameLineSpacing:
		return 5
	}
	return base.DefaultTheme().Size(name)
}

// sized is the app's theme, whichever that is at the moment, with another text size.
type sized struct{ text float32 }

func current() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

func (sized) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	return current().Color(name, variant)
}
func (sized) Font(style fyne.TextStyle) fyne.Resource    { return current().Font(style) }
func (sized) Icon(name fyne.ThemeIconName) fyne.Resource { return current().Icon(name) }
func (s sized) Size(name fyne.ThemeSizeName) float32 {
	if name == base.SizeNameText {
		return s.text
	}
	return current().Size(name)
}
