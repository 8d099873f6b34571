package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	version    = "1"
	timeLayout = "2006-01-02T15:04:05.000Z07:00"
	chainField = " chain="
	chainBytes = 8 // of the sum that are shown
	chainSize  = len(chainField) + 2*chainBytes + len("\n")

	maxValue = 200     // characters of a value; the rest is cut off
	maxLine  = 8 << 10 // bytes; a test holds the longest event against it

	wideSpace = '\u3000' // stands between Japanese names
)

// begin is the sum before the first line.
var begin = sha256.Sum256([]byte("assist journal, format " + version))

// text is a line up to its chain.
func text(at time.Time, ev event, fields []string) []byte {
	b := at.AppendFormat(nil, timeLayout)
	b = append(b, ' ')
	return appendEvent(b, ev, fields)
}

// appendEvent appends what happened: the same words for the file and for every other log.
func appendEvent(b []byte, ev event, fields []string) []byte {
	b = strconv.AppendUint(b, uint64(ev), 10)
	b = append(b, ' ')
	b = append(b, ev.String()...)
	for i := 0; i+1 < len(fields); i += 2 {
		b = append(b, ' ')
		b = append(b, fields[i]...)
		b = append(b, '=')
		b = quote(b, fields[i+1])
	}
	return b
}

// seal ends a line with its chain, and returns the sum for the next one.
func seal(before [sha256.Size]byte, text []byte) (line []byte, sum [sha256.Size]byte) {
	sum = next(before, text)
	line = append(text, chainField...)
	line = hex.AppendEncode(line, sum[:chainBytes])
	return append(line, '\n'), sum
}

// next is the sum after a line.
func next(before [sha256.Size]byte, text []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(before[:])
	h.Write(text)
	h.Sum(sum[:0])
	return sum
}

// quote appends s in quotes, on one line, every character of it visible. strconv.Unquote gives s back, unless it was cut.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for n := 0; len(s) > 0; n++ {
		if n == maxValue {
			b = append(b, "…"...)
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, `\x`...)
			b = hex.AppendEncode(b, []byte{s[0]})
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case visible(r):
			b = utf8.AppendRune(b, r)
		default:
			escape := strconv.QuoteRuneToASCII(r)
			b = append(b, escape[1:len(escape)-1]...)
		}
		s = s[size:]
	}
	return append(b, '"')
}

// visible reports whether a reader sees r, in its place. Control, format and bidirectional characters, line separators,
// fillers and spaces of odd widths are not.
func visible(r rune) bool {
	return r == wideSpace || unicode.IsPrint(r) &&
		!unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
