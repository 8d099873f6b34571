package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLines is how many lines a message may take up: more would push everything else off the screen.
const maxLines = 60

// Plain makes text from the other end safe to show in one line: what cannot be seen, or turns the order of
// letters round, is shown as its number, "[U+202E]". It does not shorten.
func Plain(s string) string { return plain(s, 1) }

// Lines is Plain for messages: line breaks stay, the first few dozen of them, and a tab is four spaces.
func Lines(s string) string {
	return plain(lineSigns.Replace(s), maxLines)
}

var lineSigns = strings.NewReplacer("\r\n", "\n", "\t", "    ")

func plain(s string, lines int) string {
	clean := true
	for _, r := range s {
		if hidden(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var out strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&out, "[%02X]", s[0])
		case r == '\n' && lines > 1:
			lines--
			out.WriteByte('\n')
		case hidden(r):
			fmt.Fprintf(&out, "[U+%04X]", r)
		default:
			out.WriteRune(r)
		}
		s = s[n:]
	}
	return out.String()
}

// hidden reports whether r has no shape of its own, or changes how others are shown. Invalid UTF-8 comes as
// utf8.RuneError.
func hidden(r rune) bool {
	switch r {
	case utf8.RuneError, '\u034F', '\u115F', '\u1160', '\u17B4', '\u17B5', '\u2800', '\u3164', '\uFFA0':
		return true // signs that are empty though they count as letters or marks
	}
	if r >= '\uFE00' && r <= '\uFE0F' {
		return false // chooses between two looks of the sign before it, as in most emoji
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}
