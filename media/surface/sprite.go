package surface

import (
	"image"
	"math"

	"assist/media/frame"
)

// sprite is the customer's pointer as it is drawn: as large as the picture around it is drawn.
type sprite struct {
	shape *image.RGBA
	hot   image.Point
	at    image.Point // in the picture

	pixels *frame.Frame    // the shape, scaled; the fourth byte of a pixel is its opacity
	scaled [2]image.Point  // for which pixels was made
	place  image.Rectangle // where it is in the drawing; empty for nowhere
}

// arrange works out where the pointer is in a picture of size pixels that is drawn as to pixels.
func (p *sprite) arrange(size, to image.Point) {
	if p.shape == nil || p.shape.Rect.Empty() || !p.at.In(image.Rectangle{Max: size}) || to.X <= 0 || to.Y <= 0 {
		p.place = image.Rectangle{}
		return
	}
	if scaled := [2]image.Point{size, to}; p.pixels == nil || p.scaled != scaled {
		p.scaled = scaled
		p.draw(size, to)
	}
	corner := p.at.Sub(p.hot)
	min := image.Pt(along(corner.X, size.X, to.X), along(corner.Y, size.Y, to.Y))
	p.place = image.Rectangle{Min: min, Max: min.Add(p.pixels.Rect.Size())}
}

// along is where a place in a row of size pixels is when they are drawn as to.
func along(at, size, to int) int { return int(math.Round(float64(at) * float64(to) / float64(size))) }

// draw scales the shape.
func (p *sprite) draw(size, to image.Point) {
	own := p.shape.Rect.Size()
	want := image.Pt(max(1, along(own.X, size.X, to.X)), max(1, along(own.Y, size.Y, to.Y)))
	s := frame.New(own.X, own.Y)
	for y := range own.Y {
		from := p.shape.Pix[y*p.shape.Stride:]
		row := s.Row(0, own.X, y)
		for i := 0; i < len(row); i += frame.BytesPerPixel {
			row[i], row[i+1], row[i+2], row[i+3] = from[i+2], from[i+1], from[i], from[i+3]
		}
	}
	p.pixels = frame.New(want.X, want.Y)
	newScaler(own, want).draw(p.pixels.Pix, s, p.pixels.Rect)
}

// blend draws the pointer over a drawing's part r, whose rows are dst.
func (p *sprite) blend(dst []byte, r image.Rectangle) {
	over := p.place.Intersect(r)
	for y := over.Min.Y; y < over.Max.Y; y++ {
		from := p.pixels.Row(over.Min.X-p.place.Min.X, over.Max.X-p.place.Min.X, y-p.place.Min.Y)
		o := ((y-r.Min.Y)*r.Dx() + over.Min.X - r.Min.X) * frame.BytesPerPixel
		row := dst[o : o+len(from)]
		for i := 0; i < len(from); i += frame.BytesPerPixel {
			rest := 255 - uint32(from[i+3])
			for c := i; c < i+3; c++ {
				row[c] = byte(min(255, uint32(from[c])+(uint32(row[c])*rest+127)/255))
			}
		}
	}
}
