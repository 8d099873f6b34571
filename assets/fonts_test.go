package assets

import (
	"encoding/binary"
	"path"
	"strings"
	"testing"
)

// TestFontsHaveEverySign holds the Japanese fonts against everything Japanese that our texts say. When it fails after a text was changed,
// run assets/fonts/make.
func TestFontsHaveEverySign(t *testing.T) {
	for name, font := range map[string][]byte{"regular": JapaneseRegular, "bold": JapaneseBold} {
		signs := charMap(t, font)
		for r := range signs {
			if r < 0x3000 && r != ' ' {
				t.Errorf("%s: %q belongs to the window library's own font", name, r)
			}
		}
		for _, r := range japanese(t) + " " {
			if (r >= 0x3000 || r == ' ') && !signs[r] {
				t.Errorf("%s: no %q", name, r)
			}
		}
		const all = 3000 // kana and the kanji of JIS X 0208 level 1
		if len(signs) < all {
			t.Errorf("%s: only %d signs", name, len(signs))
		}
	}
	if size := len(JapaneseRegular) + len(JapaneseBold); size > 1_500_000 {
		t.Errorf("the fonts have %d bytes", size)
	}
	if !strings.Contains(FontLicence, "SIL OPEN FONT LICENSE Version 1.1") || !strings.Contains(FontLicence, "M+ FONTS Project") {
		t.Error("the fonts' licence is not there")
	}
}

// japanese returns all Japanese texts.
func japanese(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	names, err := Texts.ReadDir("texts")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if ok, _ := path.Match("*.ja.json", name.Name()); ok {
			b, err := Texts.ReadFile("texts/" + name.Name())
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
	}
	b, err := Legal.ReadFile("legal/terms.ja.txt")
	if err != nil {
		t.Fatal(err)
	}
	all.Write(b)
	return all.String()
}

// charMap reads which characters a font has (OpenType, "cmap", format 4).
func charMap(t *testing.T, font []byte) map[rune]bool {
	t.Helper()
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(font[at:])) }
	table := 0
	for i := range u16(4) {
		if entry := 12 + 16*i; string(font[entry:entry+4]) == "cmap" {
			table = u32(entry + 8)
		}
	}
	if table == 0 {
		t.Fatal("the font has no cmap")
	}
	signs := map[rune]bool{}
	for i := range u16(table + 2) {
		sub := table + u32(table+4+8*i+4)
		if u16(sub) != 4 {
			continue
		}
		segments := u16(sub+6) / 2
		ends := sub + 14
		starts := ends + 2*segments + 2
		for s := range segments {
			for r := u16(starts + 2*s); r <= u16(ends+2*s) && r != 0xFFFF; r++ {
				signs[rune(r)] = true
			}
		}
	}
	return signs
}
