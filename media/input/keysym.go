package input

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Keysyms that are no characters, from X11/keysymdef.h.
const (
	symReturn = 0xff0d
	symTab    = 0xff09
	symLevel3 = 0xfe03 // ISO_Level3_Shift, AltGr
	symCaps   = 0xffe5
	symShiftL = 0xffe1
	symEuro   = 0x20ac

	// symUnicode is added to a character above Latin-1.
	symUnicode = 0x01000000
)

// pages are the keysyms 0xnn00 to 0xnnff that are an old 8-bit character set.
var pages = map[uint32]*charmap.Charmap{
	0x00: charmap.ISO8859_1,
	0x01: charmap.ISO8859_2,
	0x02: charmap.ISO8859_3,
	0x03: charmap.ISO8859_4,
	0x05: charmap.ISO8859_6,
	0x06: charmap.KOI8U,
	0x07: charmap.ISO8859_7,
	0x0c: charmap.ISO8859_8,
	0x0d: charmap.Windows874,
	0x13: charmap.ISO8859_15,
}

// overlays are the keysyms that differ from their page, or have none; a blank leaves the page's character.
var overlays = map[uint32][]rune{
	0x4a1: []rune("。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜"),
	0x6a1: []rune("ђѓ  ѕ  јљњћќ ўџ№ЂЃ  Ѕ  ЈЉЊЋЌ ЎЏ"),
	0x7a1: []rune("ΆΈΉΊΪ ΌΎΫ Ώ  ΅  άέήίϊΐόύϋΰώ"),
	0x7d2: []rune("Σ"),
	0x7f2: []rune("σς"),
}

// runeOf returns the character a keysym stands for, if it stands for one.
func runeOf(sym uint32) (rune, bool) {
	switch {
	case sym == symReturn:
		return '\n', true
	case sym == symTab:
		return '\t', true
	case sym == symEuro:
		return '€', true
	case sym&0xff000000 == symUnicode:
		r := rune(sym &^ symUnicode)
		return r, utf8.ValidRune(r) && r >= ' '
	case sym&0xff < 0x20 || sym&0xff >= 0x7f && sym&0xff < 0xa0:
		return 0, false
	}
	for first, runes := range overlays {
		if i := int(sym) - int(first); i >= 0 && i < len(runes) && runes[i] != ' ' {
			return runes[i], true
		}
	}
	page, ok := pages[sym>>8]
	if !ok || sym>>8 != 0 && sym&0xff < 0xa0 {
		return 0, false
	}
	r := page.DecodeByte(byte(sym))
	return r, r != utf8.RuneError
}

// symOf returns a keysym for a character.
func symOf(r rune) uint32 {
	switch {
	case r == '\n':
		return symReturn
	case r == '\t':
		return symTab
	case r < 0x100:
		return uint32(r)
	}
	return symUnicode | uint32(r)
}
