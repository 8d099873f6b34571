package transcript

import (
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"assist/app/wire"
)

const (
	timeLayout = "2006-01-02T15:04:05.000Z07:00"
	chainField = " chain="
	chainBytes = 8 // of the head that are shown
	chainSize  = len(chainField) + 2*chainBytes

	maxValue  = 64 // characters of a value that people wrote; the rest is cut off
	maxFields = 24

	wideSpace = '\u3000' // stands between Japanese names
)

// errLine means a line in a form that no transcript of this version has.
var errLine = errors.New("transcript: not a line of this version")

// field is one name and value.
type field struct{ name, value string }

// entry is one event.
type entry struct {
	at     time.Time
	number int // from 1
	name   string
	fields []field
}

// get returns the value of a field, "" if there is none.
func (e *entry) get(name string) string {
	for _, f := range e.fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// text is the line up to its chain.
func (e *entry) text() string {
	b := e.at.AppendFormat(nil, timeLayout)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(e.number), 10)
	b = append(b, ' ')
	b = append(b, e.name...)
	return string(appendFields(b, e.fields))
}

func appendFields(b []byte, fields []field) []byte {
	for _, f := range fields {
		b = append(b, ' ')
		b = append(b, f.name...)
		b = append(b, '=')
		b = quote(b, f.value)
	}
	return b
}

// seal is the whole line, without its end.
func seal(text string, h head) string {
	return text + chainField + hex.EncodeToString(h[:chainBytes])
}

var validName = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// parseEntry reads what text writes, and nothing else.
func parseEntry(text string) (e entry, err error) {
	if len(text) > wire.MaxEntry {
		return entry{}, errLine
	}
	parts := strings.SplitN(text, " ", 4)
	if len(parts) < 3 || !validName.MatchString(parts[2]) {
		return entry{}, errLine
	}
	if e.at, err = time.Parse(timeLayout, parts[0]); err != nil {
		return entry{}, errLine
	}
	if e.number, err = strconv.Atoi(parts[1]); err != nil || e.number < 1 || e.number > MaxEntries {
		return entry{}, errLine
	}
	e.name = parts[2]
	if len(parts) == 4 {
		if e.fields, err = parseFields(parts[3]); err != nil {
			return entry{}, err
		}
	}
	if e.text() != text {
		return entry{}, errLine
	}
	return e, nil
}

// parseFields reads fields with a space between two of them.
func parseFields(s string) (list []field, err error) {
	for {
		name, rest, ok := strings.Cut(s, "=")
		if !ok || !validName.MatchString(name) || len(list) == maxFields {
			return nil, errLine
		}
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil || quoted[0] != '"' {
			return nil, errLine
		}
		value, err := strconv.Unquote(quoted)
		if err != nil || !utf8.ValidString(value) {
			return nil, errLine
		}
		list = append(list, field{name, value})
		rest = rest[len(quoted):]
		if rest == "" {
			return list, nil
		}
		if rest[0] != ' ' {
			return nil, errLine
		}
		s = rest[1:]
	}
}

// clean makes what people wrote fit for a value.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	n := 0
	for i := range s {
		if n++; n > maxValue {
			return s[:i] + "…"
		}
	}
	return s
}

// quote appends s in quotes, on one line, every character of it visible. strconv.Unquote gives s back.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case visible(r):
			b = utf8.AppendRune(b, r)
		default:
			escape := strconv.QuoteRuneToASCII(r)
			b = append(b, escape[1:len(escape)-1]...)
		}
	}
	return append(b, '"')
}

// visible reports whether a reader sees r, in its place.
func visible(r rune) bool {
	return r == wideSpace || unicode.IsPrint(r) &&
		!unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
