package scene

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"assist/media/frame"
)

// faces are the fonts: that of terminals has hard edges, the others have soft ones.
type faces struct{ terminal, text, bold, title font.Face }

// Cell of the terminal's font.
const (
	cellW    = 7
	cellH    = 13
	cellBase = 11 // from its top to the line on which letters stand
)

var fonts = sync.OnceValue(func() faces {
	return faces{
		terminal: basicfont.Face7x13, text: face(goregular.TTF, 15), bold: face(gobold.TTF, 15), title: face(gobold.TTF, 30),
	}
})

// face makes a font of a size in pixels.
func face(ttf []byte, size float64) font.Face {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // the font is part of the program
	}
	made, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	return made
}

// sheet is a picture that is drawn once and then copied from.
type sheet struct{ *image.RGBA }

func newSheet(w, h int, ground color.Color) sheet {
	s := sheet{image.NewRGBA(image.Rect(0, 0, w, h))}
	s.fill(s.Rect, ground)
	return s
}

func (s sheet) fill(r image.Rectangle, c color.Color) {
	draw.Draw(s.RGBA, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// write writes a line, with the letters standing on y, and returns where the next one would begin.
func (s sheet) write(f font.Face, x, y int, c color.Color, line string) int {
	d := font.Drawer{Dst: s.RGBA, Src: image.NewUniform(c), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(line)
	return d.Dot.X.Ceil()
}

// paragraph writes words into a column, and returns where the line after the last one stands.
func (s sheet) paragraph(f font.Face, x, y, width, leading int, c color.Color, text string) int {
	line := ""
	for _, w := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + w)
		if font.MeasureString(f, longer).Ceil() > width {
			s.write(f, x, y, c, line)
			y, longer = y+leading, w
		}
		line = longer
	}
	s.write(f, x, y, c, line)
	return y + leading
}

// frame is the sheet in the layout of the screen.
func (s sheet) frame() *frame.Frame {
	f := frame.New(s.Rect.Dx(), s.Rect.Dy())
	for i := 0; i+3 < len(f.Pix); i += frame.BytesPerPixel {
		f.Pix[i], f.Pix[i+1], f.Pix[i+2] = s.Pix[i+2], s.Pix[i+1], s.Pix[i]
	}
	return f
}

// blit copies the part r of src to at.
func blit(dst *frame.Frame, at image.Point, src *frame.Frame, r image.Rectangle) {
	r = r.Intersect(src.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		to := at.Add(image.Pt(0, y-r.Min.Y))
		copy(dst.Row(to.X, to.X+r.Dx(), to.Y), src.Row(r.Min.X, r.Max.X, y))
	}
}

// writer makes text up.
type writer struct{ *rand.Rand }

func newWriter(seed uint64) writer { return writer{rand.New(rand.NewPCG(seed, 0xa5515))} }

var words = strings.Fields(`the of and to in is that for it as with was on be at by this are from or an they which one you
were all her she there would their we him been has when who will no more if out so up into them can only other time new some could
these two may first then do any like my now over such our man me even most made after also did many off before must well back
through years much where your way down should because long each just state those people too mr how little good world make
very year still see own work men day get here old life both between being under three never know same last another while
us might great go come since against right came take used himself few house use place during high without again home around
small however found mrs thought went say part once general upon school every server disk cable printer folder update window`)

func (w writer) word() string { return words[w.IntN(len(words))] }

func (w writer) sentence(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = w.word()
	}
	list[0] = strings.ToUpper(list[0][:1]) + list[0][1:]
	return strings.Join(list, " ") + "."
}

func (w writer) text(sentences int) string {
	list := make([]string, sentences)
	for i := range list {
		list[i] = w.sentence(6 + w.IntN(12))
	}
	return strings.Join(list, " ")
}
