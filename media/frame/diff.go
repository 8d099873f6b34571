package frame

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Tile is the side, in pixels, of the squares of the grid in which changes are looked for. The grid starts at
// a frame's Rect.Min; its last column and row may be narrower.
const Tile = 32

// colours keeps the three meaningful bytes of two neighbouring pixels.
const colours = 0x00ffffff_00ffffff

// SameColours reports whether two runs of whole pixels, equally long, show the same colours.
func SameColours(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		if (binary.LittleEndian.Uint64(a[i:])^binary.LittleEndian.Uint64(b[i:]))&colours != 0 {
			return false
		}
	}
	return i == len(a) || (binary.LittleEndian.Uint32(a[i:])^binary.LittleEndian.Uint32(b[i:]))&0xffffff == 0
}

// SameIn reports whether a and b show the same colours in r, which must lie in both.
func SameIn(a, b *Frame, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !SameColours(a.Row(r.Min.X, r.Max.X, y), b.Row(r.Min.X, r.Max.X, y)) {
			return false
		}
	}
	return true
}

// Update makes the part of f that lies in r, and in both frames, show what src does, and appends the parts of tiles of f's grid that
// really changed to dst, neighbours in a row joined.
func (f *Frame) Update(dst []image.Rectangle, src *Frame, r image.Rectangle) []image.Rectangle {
	r = r.Intersect(f.Rect).Intersect(src.Rect)
	if r.Empty() {
		return dst
	}
	o := f.Rect.Min
	var changed [MaxSide/Tile + 1]bool
	for y := o.Y + (r.Min.Y-o.Y)/Tile*Tile; y < r.Max.Y; y += Tile {
		band := image.Rect(r.Min.X, y, r.Max.X, y+Tile).Intersect(r)
		if !f.take(src, band, &changed) {
			continue
		}
		from := len(dst)
		for x := o.X + (r.Min.X-o.X)/Tile*Tile; x < r.Max.X; x += Tile {
			at := (x - o.X) / Tile
			if !changed[at] {
				continue
			}
			changed[at] = false
			t := image.Rect(x, band.Min.Y, x+Tile, band.Max.Y).Intersect(band)
			if n := len(dst); n > from && dst[n-1].Max.X == t.Min.X {
				dst[n-1].Max.X = t.Max.X
			} else {
				dst = append(dst, t)
			}
		}
	}
	return dst
}

// take is Update for a part of one row of tiles. It notes which of them changed, by their column, and reports whether any did. It goes
// row by row of pixels, as they stand in memory.
func (f *Frame) take(src *Frame, band image.Rectangle, changed *[MaxSide/Tile + 1]bool) (some bool) {
	const side = Tile * BytesPerPixel
	column := (band.Min.X - f.Rect.Min.X) / Tile
	first := ((column+1)*Tile - (band.Min.X - f.Rect.Min.X)) * BytesPerPixel // bytes of the first tile
	for y := band.Min.Y; y < band.Max.Y; y++ {
		to, from := f.Row(band.Min.X, band.Max.X, y), src.Row(band.Min.X, band.Max.X, y)
		if bytes.Equal(to, from) {
			continue
		}
		n := min(first, len(to))
		for at := column; len(to) > 0; at++ {
			if !SameColours(to[:n], from[:n]) {
				copy(to[:n], from[:n])
				changed[at], some = true, true
			}
			to, from = to[n:], from[n:]
			n = min(side, len(to))
		}
	}
	return some
}

// Move copies what stands at r shifted by by to r, both inside f, as if through a copy: the two
// places may overlap.
func (f *Frame) Move(r image.Rectangle, by image.Point) {
	if by.Y >= 0 {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			copy(f.Row(r.Min.X, r.Max.X, y), f.Row(r.Min.X+by.X, r.Max.X+by.X, y+by.Y))
		}
		return
	}
	for y := r.Max.Y - 1; y >= r.Min.Y; y-- {
		copy(f.Row(r.Min.X, r.Max.X, y), f.Row(r.Min.X+by.X, r.Max.X+by.X, y+by.Y))
	}
}
