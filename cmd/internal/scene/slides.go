package scene

import (
	"image"
	"image/color"
	"math/rand/v2"

	"assist/media/frame"
)

// slideCount is how many slides there are before the first one comes again.
const slideCount = 6

// newSlides is a talk that fills the screen.
func newSlides(d *desktop) *Scene {
	var all [slideCount]*frame.Frame
	for i := range all {
		all[i] = drawSlide(i)
	}
	d.text = []image.Rectangle{image.Rect(120, 260, 1000, 900)}
	return &Scene{
		Rate: 0.5, Region: Screen, Marks: []image.Point{{60, Top + 10}, {1660, 1040}},
		draw: func(f *frame.Frame, n int) []image.Rectangle {
			f.CopyRect(all[n%slideCount], Screen)
			return []image.Rectangle{Screen}
		},
	}
}

// drawSlide draws a heading, some points and a chart on a ground that shades.
func drawSlide(n int) *frame.Frame {
	s := newSheet(Size.X, Size.Y, paper)
	hues := []color.RGBA{{0x20, 0x40, 0x70, 0xff}, {0x60, 0x30, 0x50, 0xff}, {0x20, 0x60, 0x40, 0xff}}
	hue := hues[n%len(hues)]
	for y := range Size.Y {
		part := func(c byte) byte { return byte(int(c) + (255-int(c))*y/Size.Y/3) }
		s.fill(image.Rect(0, y, Size.X, y+1), color.RGBA{part(hue.R), part(hue.G), part(hue.B), 0xff})
	}
	w := newWriter(uint64(50 + n))
	s.write(fonts().title, 120, 330, paper, w.sentence(5))
	for i := range 6 {
		s.fill(image.Rect(130, 410+i*70, 142, 422+i*70), yellow)
		s.paragraph(fonts().text, 170, 424+i*70, 760, 22, paper, w.text(2))
	}
	s.chart(image.Rect(1080, 300, 1800, 900), w.Rand)
	return s.frame()
}

// chart draws bars.
func (s sheet) chart(r image.Rectangle, rnd *rand.Rand) {
	s.fill(r, paper)
	colours := []color.Color{blue, green, yellow, red}
	const bars = 12
	for i := range bars {
		high := 40 + rnd.IntN(r.Dy()-80)
		x := r.Min.X + 30 + i*(r.Dx()-60)/bars
		s.fill(image.Rect(x, r.Max.Y-20-high, x+40, r.Max.Y-20), colours[i%len(colours)])
	}
}
