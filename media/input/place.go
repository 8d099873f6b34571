package input

import (
	"image"
	"slices"
	"sync/atomic"
)

// fractions is the largest fraction: the centre of the last pixel.
const fractions = 65535

// PixelToFraction returns the fraction that names pixel px of size pixels in a row or column. A pixel outside is taken
// to the nearest edge. Up to 32768 pixels, [FractionToPixel] finds the same pixel again.
func PixelToFraction(px, size int) uint16 {
	if size < 2 {
		return 0
	}
	px = min(max(px, 0), size-1)
	return uint16((px*fractions + (size-1)/2) / (size - 1))
}

// FractionToPixel returns the pixel, of size in a row or column, that the fraction f names.
func FractionToPixel(f uint16, size int) int {
	if size < 2 {
		return 0
	}
	return (int(f)*(size-1) + fractions/2) / fractions
}

// Displays are the bounds of the displays by capture.Display.ID, in desktop pixels. The zero value has
// none. Its methods may be called from any goroutine.
type Displays struct {
	bounds atomic.Pointer[[]image.Rectangle]
}

// Set replaces the bounds.
func (d *Displays) Set(bounds []image.Rectangle) {
	b := slices.Clone(bounds)
	d.bounds.Store(&b)
}

// Place returns the desktop pixel that p names, and false if it names a display that is not there.
func (d *Displays) Place(p Pointer) (image.Point, bool) {
	b := d.bounds.Load()
	if b == nil || int(p.Display) >= len(*b) || (*b)[p.Display].Empty() {
		return image.Point{}, false
	}
	r := (*b)[p.Display]
	return r.Min.Add(image.Pt(FractionToPixel(p.X, r.Dx()), FractionToPixel(p.Y, r.Dy()))), true
}
