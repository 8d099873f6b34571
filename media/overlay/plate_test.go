package overlay

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/math/fixed"
)

const (
	english  = "Erin Engineer (Example Support) can see and control your screen"
	japanese = "山田 太郎（サポート株式会社）が画面を見て操作できます"
)

var usual = image.Rect(0, 0, 1920, 1080)

// luminance is the relative luminance of a colour (WCAG 2.2).
func luminance(c color.RGBA) float64 {
	part := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func TestContrast(t *testing.T) {
	for _, l := range []Level{Connected, Seen, Controlled} {
		c := l.colours()
		a, b := luminance(c.ground), luminance(c.words)
		if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); contrast < 4.5 {
			t.Errorf("level %d: contrast %.2f", l, contrast)
		}
	}
}

// inked counts the pixels of a plate that are not its ground.
func inked(p *plate, r image.Rectangle) (n int) {
	ground := p.image.RGBAAt(0, 0)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if p.image.RGBAAt(x, y) != ground {
				n++
			}
		}
	}
	return n
}

// A sign says something whatever fonts there are.
func TestPlateIsNeverEmpty(t *testing.T) {
	none := &fonts{dirs: []string{t.TempDir()}}
	broken := newFonts([][]byte{[]byte("not a font"), nil})
	broken.dirs = []string{t.TempDir()}
	if err := os.WriteFile(filepath.Join(broken.dirs[0], "NotoSansCJK-Regular.ttc"), []byte("nor this"), 0o600); err != nil {
		t.Fatal(err)
	}
	one := newFonts([][]byte{goregular.TTF})
	one.dirs = nil
	for name, f := range map[string]*fonts{"none": none, "broken": broken, "one": one, "system": newFonts(nil)} {
		for _, text := range []string{english, japanese, "x"} {
			p := drawPlate(Sign{Level: Controlled, Text: text, Since: time.Now()}, usual, f)
			words := image.Rect(0, 0, p.clock.Min.X, p.image.Rect.Dy())
			if n := inked(p, words); n < 5*utf8.RuneCountInString(text) {
				t.Errorf("%s: %q: %d pixels of words", name, text, n)
			}
			if !p.tick(time.Now().Add(time.Minute)) || inked(p, p.clock) == 0 {
				t.Errorf("%s: %q: no clock", name, text)
			}
			if !p.image.Rect.In(image.Rect(0, 0, 1920, 200)) || !p.image.Opaque() {
				t.Errorf("%s: %q: %v", name, text, p.image.Rect)
			}
		}
	}
}

// Letters that the given fonts lack come from the system, each drawn as itself.
func TestJapaneseLetters(t *testing.T) {
	f := newFonts([][]byte{goregular.TTF})
	face := f.face(24, japanese+"A")
	defer face.Close()
	shapes := map[string]rune{}
	for _, r := range "山田太郎操作A" {
		img := image.NewRGBA(image.Rect(0, 0, 40, 40))
		at, mask, from, _, ok := face.Glyph(fixed.P(4, 30), r)
		if !ok {
			t.Fatalf("%c has no shape", r)
		}
		draw.DrawMask(img, at, image.White, image.Point{}, mask, from, draw.Over)
		if other, twice := shapes[string(img.Pix)]; twice {
			t.Fatalf("%c looks like %c: this test needs a Japanese font (Debian: fonts-ipafont-gothic)", r, other)
		}
		shapes[string(img.Pix)] = r
	}
}

func TestRank(t *testing.T) {
	files := []string{"/f/Zapf.ttf", "/f/DejaVuSans.ttf", "/f/ipag.ttf", "/f/DejaVuSans-Bold.ttf", "/f/NotoSansCJK-Regular.ttc"}
	slices.SortFunc(files, func(a, b string) int { return rank(a) - rank(b) })
	if files[0] != "/f/NotoSansCJK-Regular.ttc" || files[1] != "/f/ipag.ttf" || files[2] != "/f/DejaVuSans.ttf" {
		t.Error(files)
	}
}

func TestClockText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "00:00", 0: "00:00", 999 * time.Millisecond: "00:00", 61 * time.Second: "01:01",
		time.Hour - 1: "59:59", time.Hour + 62*time.Second: "1:01:02", 25 * time.Hour: "25:00:00", 1000 * time.Hour: "99:00:00",
	} {
		if got := clockText(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestTick(t *testing.T) {
	at := time.Unix(1000, 0)
	p := drawPlate(Sign{Text: english, Since: at}, usual, newFonts([][]byte{goregular.TTF}))
	first := bytes.Clone(p.image.Pix)
	for _, tt := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {999 * time.Millisecond, false}, {time.Second, true}, {1500 * time.Millisecond, false}, {99*time.Hour + time.Second, true}} {
		if got := p.tick(at.Add(tt.after)); got != tt.want {
			t.Errorf("after %v: %v", tt.after, got)
		}
	}
	if bytes.Equal(first, p.image.Pix) {
		t.Error("nothing was drawn")
	}
	p = drawPlate(Sign{Text: english}, usual, newFonts([][]byte{goregular.TTF}))
	if p.tick(at) || !p.clock.Empty() {
		t.Error("a clock without a start")
	}
}

func TestWrap(t *testing.T) {
	measure := func(s string) int { return utf8.RuneCountInString(s) }
	for _, tt := range []struct {
		text string
		room int
		want []string
	}{
		{"", 10, nil},
		{"short", 10, []string{"short"}},
		{"two words", 6, []string{"two", "words"}},
		{"exactly so", 10, []string{"exactly so"}},
		{"a looooooooong", 8, []string{"a looooo", "oooong"}},
		{"one two three four five six", 8, []string{"one two", "three", "four fi…"}},
		{"山田太郎が画面を見ています", 5, []string{"山田太郎が", "画面を見て", "います"}},
		{"xyz", 0, []string{"x", "y", "z"}},
		{"vwxyz", 0, []string{"v", "w", "x…"}},
	} {
		if got := wrap(tt.text, tt.room, measure); !slices.Equal(got, tt.want) {
			t.Errorf("%q in %d: %q, want %q", tt.text, tt.room, got, tt.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("two words and more", 7)
	f.Add("山田 太郎", -1)
	f.Fuzz(func(t *testing.T, text string, room int) {
		lines := wrap(text, room, utf8.RuneCountInString)
		if len(lines) > maxLines || (len(lines) == 0) != (text == "") {
			t.Errorf("%q in %d: %q", text, room, lines)
		}
		for _, l := range lines {
			if n := utf8.RuneCountInString(l); n > max(room, 2) {
				t.Errorf("%q in %d: line %q", text, room, l)
			}
		}
	})
}

// A text of any length fits on the monitor.
func TestLongText(t *testing.T) {
	for _, m := range []image.Rectangle{usual, image.Rect(0, 0, 640, 480), image.Rect(0, 0, 3840, 2160), image.Rect(0, 0, 600, 1024)} {
		s := Sign{Text: strings.Repeat("Maximiliane Musterfrau ", 40), Since: time.Now()}
		p := drawPlate(s, m, newFonts([][]byte{goregular.TTF}))
		if p.image.Rect.Dx() > m.Dx() || p.image.Rect.Dy() > m.Dy()/5 {
			t.Errorf("%v on %v", p.image.Rect, m)
		}
	}
}

func TestLayout(t *testing.T) {
	left, right, tiny := image.Rect(0, 0, 800, 600), image.Rect(800, 0, 4640, 2160), image.Rect(0, 0, 20, 20)
	sign := Sign{Level: Seen, Text: "x"}
	draw := func(image.Rectangle) *plate { return &plate{image: image.NewRGBA(image.Rect(0, 0, 100, 30))} }
	count := func(list []piece, in image.Rectangle) (frames, signs int) {
		for _, p := range list {
			switch {
			case !p.rect.In(in):
			case p.plate != nil:
				signs++
			default:
				frames++
			}
		}
		return frames, signs
	}
	for _, tt := range []struct {
		name           string
		sign           Sign
		monitors, bars []image.Rectangle
		want           [4]int // frames and signs on the left, then on the right
	}{
		{"one", sign, []image.Rectangle{left}, nil, [4]int{4, 1, 0, 0}},
		{"two", sign, []image.Rectangle{left, right}, nil, [4]int{4, 1, 4, 1}},
		{"a mirror and a tiny one", sign, []image.Rectangle{left, left, tiny}, nil, [4]int{4, 1, 0, 0}},
		{"no frame", Sign{Text: "x"}, []image.Rectangle{left, right}, nil, [4]int{0, 1, 0, 1}},
		{"no words", Sign{Level: Seen}, []image.Rectangle{left}, nil, [4]int{4, 0, 0, 0}},
		{"one is shared", Sign{Level: Seen, Text: "x", Displays: []image.Rectangle{right}}, []image.Rectangle{left, right}, nil, [4]int{0, 1, 4, 1}},
		{"none is shared", Sign{Level: Seen, Text: "x", Displays: []image.Rectangle{}}, []image.Rectangle{left}, nil, [4]int{0, 1, 0, 0}},
		{"a bar on the left", sign, []image.Rectangle{left, right}, []image.Rectangle{image.Rect(10, 10, 700, 90)}, [4]int{4, 0, 4, 1}},
		{"a small bar", sign, []image.Rectangle{left}, []image.Rectangle{image.Rect(10, 10, 100, 90)}, [4]int{4, 1, 0, 0}},
		{"a bar between", sign, []image.Rectangle{left, right}, []image.Rectangle{image.Rect(400, 10, 1200, 90)}, [4]int{4, 1, 4, 1}},
		{"a bar nearly all there", sign, []image.Rectangle{left}, []image.Rectangle{image.Rect(-20, 10, 680, 90)}, [4]int{4, 0, 0, 0}},
	} {
		list := layout(tt.sign, tt.monitors, tt.bars, draw)
		var got [4]int
		got[0], got[1] = count(list, left)
		got[2], got[3] = count(list, right)
		if got != tt.want || len(list) != got[0]+got[1]+got[2]+got[3] {
			t.Errorf("%s: %v, want %v; %v", tt.name, got, tt.want, list)
		}
	}
	if width := layout(sign, []image.Rectangle{right}, nil, draw)[0].rect.Dy(); width != 10 {
		t.Errorf("a frame of %d pixels on a monitor with 2160 lines", width)
	}
}

// The four sides of a frame cover its edge once.
func TestSides(t *testing.T) {
	m := image.Rect(-50, 20, 150, 120)
	sum := 0
	parts := sides(m, 5)
	for i, a := range parts {
		sum += area(a)
		for _, b := range parts[i+1:] {
			if a.Overlaps(b) {
				t.Errorf("%v overlaps %v", a, b)
			}
		}
	}
	if want := area(m) - area(m.Inset(5)); sum != want {
		t.Errorf("%d pixels, want %d", sum, want)
	}
}

// TestPictures writes signs to look at into the folder that ASSIST_PICTURES names.
func TestPictures(t *testing.T) {
	dir := os.Getenv("ASSIST_PICTURES")
	if dir == "" {
		dir = t.TempDir()
	}
	for name, s := range map[string]Sign{
		"sign-en": {Level: Controlled, Text: english, Since: time.Now().Add(-753 * time.Second)},
		"sign-ja": {Level: Seen, Text: japanese, Since: time.Now().Add(-2 * time.Hour)},
	} {
		p := drawPlate(s, usual, newFonts([][]byte{goregular.TTF}))
		p.tick(time.Now())
		f, err := os.Create(filepath.Join(dir, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, p.image); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkPlate(b *testing.B) {
	f := newFonts([][]byte{goregular.TTF})
	for b.Loop() {
		drawPlate(Sign{Level: Seen, Text: japanese, Since: time.Now()}, usual, f)
	}
}
