package theme

import (
	"strings"

	"fyne.io/fyne/v2"
)

// Digits is an entry for digits only, shown in groups as they are typed: "123 4567". Full-width digits, as Japanese input
// methods give them, are taken as plain ones; whatever else is typed or pasted is left out.
type Digits struct {
	Entry
	// OnDigits hears the digits after each change made by hand.
	OnDigits func(digits string)

	groups []int
	inside bool // of our own change of the text
}

// NewDigits makes an entry for as many digits as the groups have together. name is what it is for.
func NewDigits(name string, groups ...int) *Digits {
	d := &Digits{groups: groups}
	d.name = name
	d.Scroll = fyne.ScrollNone
	d.OnChanged = d.changed
	d.ExtendBaseWidget(d)
	d.SetPlaceHolder(blanks(groups))
	return d
}

// Value returns the digits typed, without spaces.
func (d *Digits) Value() string { return onlyDigits(d.Text, d.length()) }

// SetValue shows the digits of s, with the cursor at the end.
func (d *Digits) SetValue(s string) {
	d.inside = true
	d.SetText(Group(onlyDigits(s, d.length()), d.groups...))
	d.inside = false
	d.CursorColumn = len(d.Text)
	d.Refresh()
}

// blanks shows how many digits are wanted.
func blanks(groups []int) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, strings.Repeat("–", g))
	}
	return strings.Join(parts, " ")
}

func (d *Digits) length() int {
	n := 0
	for _, g := range d.groups {
		n += g
	}
	return n
}

// changed puts the groups right and the cursor behind the digit it was behind.
func (d *Digits) changed(text string) {
	if d.inside {
		return
	}
	before := []rune(text)
	before = before[:min(len(before), d.CursorColumn)]
	behind := len(onlyDigits(string(before), d.length()))
	digits := onlyDigits(text, d.length())
	shown := Group(digits, d.groups...)
	if shown != text {
		d.inside = true
		d.SetText(shown)
		d.inside = false
		d.CursorColumn = len(Group(digits[:min(behind, len(digits))], d.groups...))
		d.Refresh()
	}
	if d.OnDigits != nil {
		d.OnDigits(digits)
	}
}

// TypedKey edits the digits.
func (d *Digits) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyEscape {
		escape(d, ev)
		return
	}
	d.Entry.TypedKey(ev)
}

// TypedRune takes digits only. What an entry that is full gets is left out at the end.
func (d *Digits) TypedRune(r rune) {
	if onlyDigits(string(r), 1) != "" {
		d.Entry.TypedRune(r)
		d.CursorColumn = min(d.CursorColumn, len(d.Text))
	}
}

// Group writes digits in groups: Group("1234567", 3, 4) is "123 4567". Fewer digits make fewer groups.
func Group(digits string, groups ...int) string {
	var out strings.Builder
	for _, g := range groups {
		if digits == "" {
			break
		}
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		g = min(g, len(digits))
		out.WriteString(digits[:g])
		digits = digits[g:]
	}
	return out.String()
}

// onlyDigits returns the first n digits of s.
func onlyDigits(s string, n int) string {
	out := make([]byte, 0, n)
	for _, r := range s {
		if r >= '０' && r <= '９' {
			r += '0' - '０'
		}
		if r >= '0' && r <= '9' && len(out) < n {
			out = append(out, byte(r))
		}
	}
	return string(out)
}
