package identity

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName is the longest name of a person, organisation or account, in characters (runes).
const MaxName = 64

const (
	maxNameBytes = MaxName * utf8.UTFMax
	maxMarks     = 4 // accents on one letter; more pile up over the lines around it
	wideSpace    = '\u3000'
)

// checkName refuses a text that could look like another one, or like nothing, on the consent screen: it must be
// 1 to [MaxName] printable characters in normal form C, trimmed, with single spaces (ASCII or ideographic) only inside, no
// control, format, bidirectional, zero-width or variation characters, and at least one letter or digit.
func checkName(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%w: empty", ErrName)
	case len(s) > maxNameBytes || utf8.RuneCountInString(s) > MaxName:
		return fmt.Errorf("%w: longer than %d characters", ErrName, MaxName)
	case !utf8.ValidString(s):
		return fmt.Errorf("%w: not UTF-8", ErrName)
	case !norm.NFC.IsNormalString(s):
		return fmt.Errorf("%w: not in normal form C", ErrName)
	}
	return checkRunes(s)
}

func checkRunes(s string) error {
	space := true // before the first rune: no space may follow
	letters, marks := 0, 0
	for _, r := range s {
		switch {
		case !visible(r):
			return fmt.Errorf("%w: contains %U", ErrName, r)
		case isSpace(r) && space:
			return fmt.Errorf("%w: space at the start or twice", ErrName)
		case unicode.IsMark(r):
			if marks++; space || marks > maxMarks {
				return fmt.Errorf("%w: stray accents", ErrName)
			}
		default:
			marks = 0
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		}
		space = isSpace(r)
	}
	if space {
		return fmt.Errorf("%w: space at the end", ErrName)
	}
	if letters == 0 {
		return fmt.Errorf("%w: no letter or digit", ErrName)
	}
	return nil
}

func isSpace(r rune) bool { return r == ' ' || r == wideSpace }

// blank are letters and symbols that are drawn as nothing, although their class says otherwise.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // Braille blank
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // half-width Hangul filler
		{Lo: 0xfffc, Hi: 0xfffd, Stride: 1}, // replacement characters
	},
}

// visible reports whether r is drawn, or is one of the two plain spaces. unicode.IsPrint leaves out controls, format and
// bidirectional characters, private use, surrogates, unassigned code points and every space but the ASCII one.
func visible(r rune) bool {
	if r == wideSpace {
		return true
	}
	return unicode.IsPrint(r) &&
		!unicode.In(r, blank, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
