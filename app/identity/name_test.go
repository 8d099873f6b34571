package identity

import (
	"errors"
	"strings"
	"testing"
)

var names = []struct {
	name string
	ok   bool
}{
	{"Anna Example", true},
	{"山田 太郎", true},
	{"山田　太郎", true}, // ideographic space
	{"O’Brien-Smith, Jr. (EMEA)", true},
	{"Ærøskøbing & Sønner A/S", true},
	{"Nguyễn Văn Đức", true},
	{"ヤマダ", true},
	{"מרים", true}, // right to left by itself is no trick
	{"สมชาย", true},
	{"7", true},
	{"a_k.example@support", true},
	{strings.Repeat("界", MaxName), true},

	{"", false},
	{" ", false},
	{" Anna", false},
	{"Anna ", false},
	{"Anna  Example", false},
	{"Anna \u3000Example", false},
	{"\u3000Anna", false},
	{"Anna\u00a0Example", false}, // looks like the one with a space
	{"Anna\u2003Example", false},
	{"Anna\nVerified by Example", false},
	{"Anna\tExample", false},
	{"Anna\x00", false},
	{"Anna\x1b[2J", false},
	{"Anna\u0085", false},
	{"Anna\u202eelpmaxE", false},
	{"\u2066Anna\u2069", false},
	{"Anna\u200b", false},
	{"Anna\u200d", false},
	{"Anna\u2060", false},
	{"\ufeffAnna", false},
	{"Anna\u00adExample", false}, // soft hyphen
	{"Anna\u034f", false},        // grapheme joiner
	{"Anna\u3164", false},        // Hangul filler
	{"\u2800\u2800A", false},     // Braille blanks
	{"Anna\ufe0f", false},        // variation selector
	{"Anna\U000e0100", false},
	{"Anna\U000e0041", false}, // tag
	{"Anna\ue000", false},     // private use
	{"Anna\ufffd", false},
	{"Anna\uffff", false},
	{"Anna\u2028", false},
	{"Anna\xff", false},
	{"Anna\xed\xa0\x80", false}, // a surrogate in UTF-8
	{"A\u030anna", false},       // not normal form C
	{"\u0301Anna", false},       // accent on nothing
	{"Anna \u0301", false},
	{"x" + strings.Repeat("\u0334", 5), false},
	{"---", false},
	{"★★★", false},
	{strings.Repeat("a", MaxName+1), false},
	{strings.Repeat("界", MaxName+1), false},
}

func TestCheckName(t *testing.T) {
	for _, tt := range names {
		err := checkName(tt.name)
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrName) {
			t.Errorf("checkName(%+q) = %v, want accepted %v", tt.name, err, tt.ok)
		}
	}
}

// Names that are refused when signing must be refused when reading too: the organisation's tool may be another one.
func TestNamesAreCheckedAtBothEnds(t *testing.T) {
	f := newFixture(t)
	for _, tt := range names {
		for i := range 3 {
			a := f.account
			*[]*string{&a.Account, &a.Name, &a.Organisation}[i] = tt.name
			_, err := SignAccount(f.root, a)
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrName) {
				t.Errorf("signing %+q in field %d: %v", tt.name, i, err)
			}
			if len(tt.name) > maxNameBytes {
				continue
			}
			cert := f.signAnyway(a)
			_, err = ParseAccount(cert)
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrName) {
				t.Errorf("reading %+q in field %d: %v", tt.name, i, err)
			}
		}
	}
}
