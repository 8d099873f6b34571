package input

import (
	"strings"
	"testing"
)

// Every key survives the way through each numbering that has it.
func TestKeysRoundTrip(t *testing.T) {
	seen := make(map[Usage]bool)
	for _, p := range places {
		if seen[p.usage] {
			t.Errorf("usage %#x is there twice", p.usage)
		}
		seen[p.usage] = true
		if p.usage == 0x32 { // shares its key with 0x31
			continue
		}
		if u, ok := UsageFromX11(int(usageKeycode[p.usage])); !ok || u != p.usage {
			t.Errorf("usage %#x comes back from X11 as %#x", p.usage, u)
		}
		if p.scan == 0 {
			continue
		}
		if u, ok := UsageFromScancode(int(p.scan)); !ok || u != p.usage {
			t.Errorf("usage %#x comes back from Windows as %#x", p.usage, u)
		}
		if p.scan&0x100 == 0 {
			continue
		}
		if u, ok := UsageFromScancode(0xe000 | int(p.scan&0xff)); !ok || u != p.usage {
			t.Errorf("usage %#x comes back as %#x from its scancode with E0", p.usage, u)
		}
	}
	for u := Usage(0x04); u <= 0xe7; u++ { // all keys of a keyboard but power, and the obscure
		named := u <= 0x65 || u >= 0x67 && u <= 0x81 || u == 0x85 || u >= 0x87 && u <= 0x8c || u >= 0x90 && u <= 0x94 || u >= 0xe0
		if seen[u] != named {
			t.Errorf("usage %#x is there: %v", u, seen[u])
		}
	}
}

func TestUsageFrom(t *testing.T) {
	for _, tt := range []struct {
		name string
		from func(int) (Usage, bool)
		code int
		want Usage
	}{
		{"X11 A", UsageFromX11, 38, 0x04},
		{"X11 Escape", UsageFromX11, 9, 0x29},
		{"X11 Pause", UsageFromX11, 127, Pause},
		{"X11 Henkan", UsageFromX11, 100, 0x8a},
		{"X11 Muhenkan", UsageFromX11, 102, 0x8b},
		{"X11 Hiragana/Katakana", UsageFromX11, 101, 0x88},
		{"X11 Yen", UsageFromX11, 132, 0x89},
		{"X11 Ro", UsageFromX11, 97, 0x87},
		{"X11 Zenkaku/Hankaku", UsageFromX11, 49, 0x35},
		{"X11 one key more", UsageFromX11, 94, 0x64},
		{"X11 power", UsageFromX11, 124, 0},
		{"X11 below", UsageFromX11, 7, 0},
		{"X11 none", UsageFromX11, -1, 0},
		{"X11 above", UsageFromX11, 256, 0},
		{"scancode A", UsageFromScancode, 0x1e, 0x04},
		{"scancode Enter", UsageFromScancode, 0x1c, 0x28},
		{"scancode keypad Enter", UsageFromScancode, 0x11c, 0x58},
		{"scancode Pause", UsageFromScancode, 0x45, Pause},
		{"scancode Pause with Ctrl", UsageFromScancode, 0x146, Pause},
		{"scancode Pause, full", UsageFromScancode, 0xe11d, Pause},
		{"scancode Num Lock", UsageFromScancode, 0x145, 0x53},
		{"scancode right Shift, extended", UsageFromScancode, 0x136, 0xe5},
		{"scancode Print with Alt", UsageFromScancode, 0x54, 0x46},
		{"scancode Henkan", UsageFromScancode, 0x79, 0x8a},
		{"scancode none", UsageFromScancode, 0, 0},
		{"scancode negative", UsageFromScancode, -1, 0},
		{"scancode above", UsageFromScancode, 0x200, 0},
	} {
		if u, ok := tt.from(tt.code); u != tt.want || ok != (tt.want != 0) {
			t.Errorf("%s: %#x, %v, want %#x", tt.name, u, ok, tt.want)
		}
	}
}

func TestRuneOf(t *testing.T) {
	for _, tt := range []struct {
		sym  uint32
		want rune // 0: none
	}{
		{0x61, 'a'}, {0x20, ' '}, {0x7e, '~'}, {0xa5, '¥'}, {0xe9, 'é'}, {0x7f, 0}, {0x1f, 0}, {0x9f, 0}, {0, 0},
		{0x1b1, 'ą'}, {0x2bb, 'ğ'}, {0x3b3, 'ŗ'}, {0x4a7, 'ァ'}, {0x4b0, 'ー'}, {0x4b1, 'ア'}, {0x4dd, 'ン'}, {0x4df, '゜'},
		{0x4e0, 0}, {0x5c7, 'ا'}, {0x6c1, 'а'}, {0x6e1, 'А'}, {0x6a3, 'ё'}, {0x6b0, '№'}, {0x6a1, 'ђ'}, {0x6bf, 'Џ'},
		{0x6a4, 'є'}, {0x7c1, 'Α'}, {0x7e1, 'α'}, {0x7f2, 'σ'}, {0x7f3, 'ς'}, {0x7d2, 'Σ'}, {0x7bb, 'ώ'}, {0xce0, 'א'},
		{0xda1, 'ก'}, {0x13bd, 'œ'}, {0x20ac, '€'}, {0x0100263a, '☺'}, {0x0101f642, '🙂'}, {0x01000041, 'A'},
		{0x01000007, 0}, {0x0100d800, 0}, {0x01ffffff, 0},
		{symReturn, '\n'}, {symTab, '\t'}, {symLevel3, 0}, {symShiftL, 0}, {0xffb1, 0}, {0xfe51, 0}, {0x1008ff11, 0},
	} {
		if r, ok := runeOf(tt.sym); ok != (tt.want != 0) || ok && r != tt.want {
			t.Errorf("%#x: %q, %v, want %q", tt.sym, r, ok, tt.want)
		}
	}
	for _, r := range "\n\taé€日🙂Ж" {
		if back, ok := runeOf(symOf(r)); !ok || back != r {
			t.Errorf("%q has keysym %#x, which is %q", r, symOf(r), back)
		}
	}
}

func TestReadGrips(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"nothing", "", 0},
		{"one", "\x01\x01\x00\x26", 1},
		{"half a record is left out", "\x01\x01\x00\x26\x01\x01", 1},
		{"down and up", "\x01\x01\x00\x26\x00\x01\x00\x26", 0},
		{"another kind is another thing", "\x01\x01\x00\x26\x00\x02\x00\x26", 1},
		{"twice", "\x01\x01\x00\x26\x01\x01\x00\x26", 1},
		{"a cap", strings.Repeat("\x01\x01\x00\x26\x01\x02\x00\x26", 10_000), 2},
	} {
		if h, err := readGrips(strings.NewReader(tt.in)); err != nil || len(h) != tt.want {
			t.Errorf("%s: %v, %v, want %d", tt.name, h, err, tt.want)
		}
	}
}

func FuzzReadGrips(f *testing.F) {
	f.Add("\x01\x01\x00\x26\x01\x02\x00\x01\x00\x01\x00\x26")
	f.Fuzz(func(t *testing.T, in string) {
		h, err := readGrips(strings.NewReader(in))
		if err != nil || len(h) > maxGrips {
			t.Errorf("%d held, %v", len(h), err)
		}
		for i, g := range h {
			for _, other := range h[:i] {
				if g == other {
					t.Errorf("%v is held twice", g)
				}
			}
		}
	})
}
