package code

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// typed is what people type, and the code it means; "" is ErrSyntax. It is also where the fuzzer starts.
var typed = []struct{ in, want string }{
	{"1234567", "123 4567"},
	{"0000000", "000 0000"},
	{"123 4567", "123 4567"},
	{"123-4567", "123 4567"},
	{" 1 2 3 4 5 6 7 ", "123 4567"},
	{"\t123\u00a04567\r\n", "123 4567"},
	{"123.45.67", "123 4567"},
	{"123–45—67", "123 4567"},
	{"１２３４５６７", "123 4567"},
	{"１２３　４５６７", "123 4567"},
	{"１２３－４５６７", "123 4567"},
	{"１２３ー４５６７", "123 4567"},
	{"123ｰ4567", "123 4567"},
	{"１２３。４５６７", "123 4567"},
	{"１２３・4567", "123 4567"},
	{"123\u22124567", "123 4567"},
	{"--123--4567--", "123 4567"},

	{"", ""},
	{" ", ""},
	{"-", ""},
	{"123456", ""},
	{"12345678", ""},
	{"123 45 6", ""},
	{"123456a", ""},
	{"l23456O", ""},
	{"123,4567", ""},
	{"123_4567", ""},
	{"+1234567", ""},
	{"1234567#key", ""},
	{"assist://host/1234567", ""},
	{"١٢٣٤٥٦٧", ""}, // Arabic-Indic digits: nobody reads these out
	{"𝟏𝟐𝟑𝟒𝟓𝟔𝟕", ""}, // mathematical digits
	{"①②③④⑤⑥⑦", ""},
	{"1234567\x00", ""},
	{"\u202e7654321", ""},
	{"123\u200b4567", ""},
	{"123\xff4567", ""},
	{strings.Repeat(" ", maxTyped) + "1234567", ""},
	{strings.Repeat("1", 1<<20), ""},
}

func TestParse(t *testing.T) {
	for _, tt := range typed {
		c, err := Parse(tt.in)
		switch {
		case tt.want == "" && !errors.Is(err, ErrSyntax):
			t.Errorf("Parse(%.40q) = %v, want ErrSyntax", tt.in, err)
		case tt.want == "" && !c.IsZero():
			t.Errorf("Parse(%.40q) refused but returned a code", tt.in)
		case tt.want != "" && err != nil:
			t.Errorf("Parse(%.40q): %v", tt.in, err)
		case tt.want != "" && c.Display() != tt.want:
			t.Errorf("Parse(%.40q) = %q, want %q", tt.in, c.Display(), tt.want)
		}
	}
}

func TestParseErrorsDoNotRepeatTheText(t *testing.T) {
	_, err := Parse("98765432")
	if strings.ContainsAny(err.Error(), "0123456789") {
		t.Errorf("%q repeats what was typed", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range typed {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if err != nil {
			if !c.IsZero() {
				t.Error("refused but returned a code")
			}
			return
		}
		if !c.Room.Valid() || len(c.Secret.Bytes()) != SecretDigits {
			t.Errorf("%q is not seven digits", c.Display())
		}
		if again, err := Parse(c.Display()); err != nil || again != c {
			t.Errorf("%q does not survive a round trip: %v", c.Display(), err)
		}
	})
}

func TestParseRoom(t *testing.T) {
	for in, ok := range map[string]bool{
		"000": true, "123": true, "999": true,
		"": false, "12": false, "1234": false, "12a": false, "１２３": false, "1 3": false, "-12": false, "12\n": false,
	} {
		r, err := ParseRoom(in)
		if (err == nil) != ok || ok && string(r) != in || !ok && !errors.Is(err, ErrRoom) {
			t.Errorf("ParseRoom(%q) = %q, %v", in, r, err)
		}
	}
}

// chiSquare is the test statistic of counts against the uniform distribution.
func chiSquare(counts []int, draws int) float64 {
	expected := float64(draws) / float64(len(counts))
	var sum float64
	for _, n := range counts {
		d := float64(n) - expected
		sum += d * d / expected
	}
	return sum
}

// uniform reports whether a statistic over 10,000 bins is within six standard deviations of what chance gives: wrong for one
// honest run in some hundred millions.
func uniform(x float64) bool { return x > 9999-6*141.4 && x < 9999+6*141.4 }

func TestSecretsAreUniform(t *testing.T) {
	const draws = 1_000_000
	counts := make([]int, 10_000)
	for range draws {
		n, err := strconv.Atoi(string(NewSecret().Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		counts[n]++
	}
	if x := chiSquare(counts, draws); !uniform(x) {
		t.Errorf("chi-square %.0f over 10,000 secrets", x)
	}
}

// The test above must be able to fail: a plain modulo of 16 bits is the mistake it is there for.
func TestUniformityTestSeesAModulo(t *testing.T) {
	const draws = 1_000_000
	counts := make([]int, 10_000)
	r := rand.New(rand.NewPCG(1, 2))
	for range draws {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], r.Uint64())
		counts[binary.BigEndian.Uint16(b[:])%10_000]++
	}
	if x := chiSquare(counts, draws); uniform(x) {
		t.Errorf("chi-square %.0f passes for a biased draw", x)
	}
}

func TestSecretsAreEqualByDigits(t *testing.T) {
	a, b := mustParse(t, "123 4567"), mustParse(t, "999-4567")
	if a.Secret != b.Secret || a == b {
		t.Error("equality does not follow the digits")
	}
	if a.Secret == mustParse(t, "1234568").Secret || a.Secret == (Secret{}) {
		t.Error("different secrets are equal")
	}
	if !(Secret{}).IsZero() || (Secret{}).Bytes() != nil || a.Secret.IsZero() {
		t.Error("the zero Secret is not told apart")
	}
	got := a.Secret.Bytes()
	clear(got)
	if string(a.Secret.Bytes()) != "4567" {
		t.Error("Bytes is not a copy")
	}
}

func mustParse(t *testing.T, s string) Code {
	t.Helper()
	c, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Wherever a code can end up on its way to a screen or a log, its last four digits must not be in what comes out.
func TestSecretsHide(t *testing.T) {
	c := mustParse(t, "123 9876")
	type holder struct {
		hidden Code // unexported: fmt cannot call its methods
		Shown  Code
		Secret *Secret
	}
	held := holder{c, c, &c.Secret}
	values := map[string]any{
		"secret": c.Secret, "code": c, "pointer": &c, "secret pointer": &c.Secret, "struct": held, "struct pointer": &held,
		"slice": []Code{c}, "map": map[string]Secret{"k": c.Secret}, "map key": map[Secret]int{c.Secret: 1},
		"error": fmt.Errorf("code %v", c), "any": []any{c, c.Secret},
	}
	for name, v := range values {
		for verb := rune(' '); verb < 0x7f; verb++ {
			for _, flags := range []string{"", "+", "#", "-20.3", " ", "0"} {
				format := "%" + flags + string(verb)
				check(t, name+" "+format, fmt.Sprintf(format, v))
			}
		}
		var log bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(h).Info("x", "v", v, slog.Any("any", v))
		}
		check(t, name+" in a log", log.String())
	}
	check(t, "String", c.Secret.String()+c.String())
	if got := fmt.Sprint(c.Secret, c); got != "[secret] [code]" {
		t.Errorf("Sprint = %q", got)
	}
}

func check(t *testing.T, what, text string) {
	t.Helper()
	// The digits as text, as bytes in decimal and hexadecimal, and as a number. An address could hold them by chance,
	// so addresses go first.
	text = addresses.ReplaceAllString(text, "")
	for _, leak := range []string{"9876", "57 56 55 54", "39383736", "0x39, 0x38", "2694"} {
		if strings.Contains(text, leak) {
			t.Errorf("%s shows the secret: %q", what, text)
		}
	}
}

func TestSecretsAreNotMarshalled(t *testing.T) {
	c := mustParse(t, "123 9876")
	for name, v := range map[string]any{"secret": c.Secret, "code": c, "pointer": &c, "field": struct{ C Code }{c}} {
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("JSON of %s: %s", name, b)
		}
		if b, err := xml.Marshal(v); err == nil {
			t.Errorf("XML of %s: %s", name, b)
		}
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(v); err == nil {
			t.Errorf("gob of %s: %q", name, b.Bytes())
		}
	}
}

func BenchmarkNewSecret(b *testing.B) {
	for b.Loop() {
		NewSecret()
	}
}

var addresses = regexp.MustCompile(`(?i)(0x)?[0-9a-f]{9,}`)
