package exact

import (
	"image"
	"math/rand/v2"

	"assist/media/frame"
)

// scene paints like programs do, always the same for the same seed.
type scene struct {
	f     *frame.Frame
	r     *rand.Rand
	dirty []image.Rectangle
}

func newScene(w, h int, seed uint64) *scene {
	return &scene{f: frame.New(w, h), r: rand.New(rand.NewPCG(seed, 1))}
}

// take returns what was painted since the last take.
func (s *scene) take() []image.Rectangle {
	d := s.dirty
	s.dirty = nil
	return d
}

// fill paints r with one colour.
func (s *scene) fill(r image.Rectangle, c uint32) {
	s.f.Fill(r, byte(c), byte(c>>8), byte(c>>16))
	s.touch(r)
}

func (s *scene) touch(r image.Rectangle) {
	if r = r.Intersect(s.f.Rect); !r.Empty() {
		s.dirty = append(s.dirty, r)
	}
}

// Size of a glyph.
const glyphW, glyphH = 8, 16

// glyph paints one of 96 glyphs of grey-edged strokes; the same n is the same pixels.
func (s *scene) glyph(at image.Point, n int, ink, paper uint32) {
	s.f.Fill(image.Rectangle{at, at.Add(image.Pt(glyphW, glyphH))}, byte(paper), byte(paper>>8), byte(paper>>16))
	g := rand.New(rand.NewPCG(uint64(n), 7))
	for range 4 {
		x, y := at.X+1+g.IntN(glyphW-3), at.Y+2+g.IntN(glyphH-6)
		edge := (ink&0xfefefe)/2 + (paper&0xfefefe)/2
		stroke := image.Rect(x, y, x+1, y+3)
		if g.IntN(2) == 0 {
			stroke = image.Rect(x, y, x+3, y+1)
		}
		s.f.Fill(stroke.Add(image.Pt(1, 0)), byte(edge), byte(edge>>8), byte(edge>>16))
		s.f.Fill(stroke, byte(ink), byte(ink>>8), byte(ink>>16))
	}
	s.touch(image.Rectangle{at, at.Add(image.Pt(glyphW, glyphH))})
}

// line paints a line of text of n glyphs, with the words and the indent of a log.
func (s *scene) line(at image.Point, n int) {
	inks := []uint32{0x202020, 0x202020, 0x1050a0, 0xa03010, 0x108030}
	ink := inks[s.r.IntN(len(inks))]
	for i := 0; i < n; {
		word := 2 + s.r.IntN(9)
		for j := 0; j < word && i < n; j++ {
			s.glyph(at.Add(image.Pt(i*glyphW, 0)), s.r.IntN(96), ink, 0xf8f8f8)
			i++
		}
		i++
	}
}

// page fills r with lines of text.
func (s *scene) page(r image.Rectangle) {
	s.fill(r, 0xf8f8f8)
	for y := r.Min.Y; y+glyphH <= r.Max.Y; y += glyphH {
		s.line(image.Pt(r.Min.X, y), s.r.IntN(r.Dx()/glyphW+1))
	}
}

// scroll moves what r shows up by n pixels, a line high, and writes a new line at its lower end.
func (s *scene) scroll(r image.Rectangle, n int) {
	s.f.Move(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Max.Y-n), image.Pt(0, n))
	s.fill(image.Rect(r.Min.X, r.Max.Y-n, r.Max.X, r.Max.Y), 0xf8f8f8)
	s.line(image.Pt(r.Min.X, r.Max.Y-n), s.r.IntN(r.Dx()/glyphW+1))
	s.touch(r)
}

// noise fills r with random pixels, the unused byte included.
func (s *scene) noise(r image.Rectangle) {
	r = r.Intersect(s.f.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := s.f.Row(r.Min.X, r.Max.X, y)
		for i := range row {
			row[i] = byte(s.r.Uint32())
		}
	}
	s.touch(r)
}

// photo fills r with a smooth picture with grain, different each time.
func (s *scene) photo(r image.Rectangle) {
	a, b := s.r.IntN(256), s.r.IntN(256)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := s.f.Row(r.Min.X, r.Max.X, y)
		for i := 0; i < len(row); i += 4 {
			g := s.r.Uint32() & 0x030303
			row[i] = byte(a+y/5+i/40) + byte(g)
			row[i+1] = byte(b+y/7+i/60) + byte(g>>8)
			row[i+2] = byte(a^b+y/3+i/80) + byte(g>>16)
		}
	}
	s.touch(r)
}

// desktop paints a bar, a terminal and a page. It returns the terminal's text area.
func (s *scene) desktop() image.Rectangle {
	s.fill(s.f.Rect, 0x705030)
	w, h := s.f.Rect.Dx(), s.f.Rect.Dy()
	s.fill(image.Rect(0, h-40, w, h), 0x303030)
	s.page(image.Rect(w/2+30, 60, w-50, h-100))
	term := image.Rect(45, 77, w/2-13, h-91)
	s.fill(term.Inset(-6), 0x404040)
	s.page(term)
	s.take()
	s.touch(s.f.Rect)
	return term
}
