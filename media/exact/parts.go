package exact

import (
	"bytes"
	"image"
	"iter"

	"assist/media/frame"
)

const (
	// maxPart is the most pixels of a rectangle that is coded as text: what is left out for want of room is left out in whole
	// rectangles. A row of tiles is not more.
	maxPart = frame.MaxSide * frame.Tile
	// textPixels is how many pixels of text a byte stands for, of dense text.
	textPixels = 48
	// slack is how many pixels that did not change a rectangle may take in to swallow another one.
	slack = 1024
)

// changes returns the smallest rectangle that holds all in r that differs.
func changes(a, b *frame.Frame, r image.Rectangle) image.Rectangle {
	for r.Min.Y < r.Max.Y && frame.SameColours(a.Row(r.Min.X, r.Max.X, r.Min.Y), b.Row(r.Min.X, r.Max.X, r.Min.Y)) {
		r.Min.Y++
	}
	for r.Min.Y < r.Max.Y && frame.SameColours(a.Row(r.Min.X, r.Max.X, r.Max.Y-1), b.Row(r.Min.X, r.Max.X, r.Max.Y-1)) {
		r.Max.Y--
	}
	x0, x1 := r.Max.X, r.Min.X
	for y := r.Min.Y; y < r.Max.Y; y++ {
		p, q := a.Row(r.Min.X, r.Max.X, y), b.Row(r.Min.X, r.Max.X, y)
		for x := r.Min.X; x < x0; x++ {
			if o := (x - r.Min.X) * frame.BytesPerPixel; pixel(p[o:]) != pixel(q[o:]) {
				x0 = x
			}
		}
		for x := r.Max.X; x > x1; x-- {
			if o := (x - 1 - r.Min.X) * frame.BytesPerPixel; pixel(p[o:]) != pixel(q[o:]) {
				x1 = x
			}
		}
	}
	r.Min.X, r.Max.X = x0, x1
	if r.Empty() {
		return image.Rectangle{}
	}
	return r
}

// joined returns the rectangle that holds both, and whether coding that is no worse than coding both.
func joined(a, b image.Rectangle) (image.Rectangle, bool) {
	u := a.Union(b)
	return u, area(u) <= area(a)+area(b)+slack
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// join makes few rectangles of many, which come row by row of tiles: first neighbours in a row, then what stands above each other.
func join(rs []image.Rectangle) []image.Rectangle {
	var out []image.Rectangle
	start := 0 // of what the last row of tiles left in out
	for i := 0; i < len(rs); {
		band := rs[i].Min.Y / frame.Tile
		var row []image.Rectangle
		for ; i < len(rs) && rs[i].Min.Y/frame.Tile == band; i++ {
			if n := len(row); n > 0 {
				if u, ok := joined(row[n-1], rs[i]); ok {
					row[n-1] = u
					continue
				}
			}
			row = append(row, rs[i])
		}
		next := len(out)
		for _, r := range row {
			out = append(out, r)
			for j := next - 1; j >= start; j-- {
				if u, ok := joined(out[j], r); ok && !out[j].Empty() {
					out[len(out)-1], out[j] = u, image.Rectangle{}
					r = u
				}
			}
		}
		start = max(0, len(out)-len(row)*2-8)
	}
	n := 0
	for _, r := range out {
		if !r.Empty() {
			out[n] = r
			n++
		}
	}
	return out[:n]
}

// Photo reports whether the part of f in r, which is about a tile's size, looks like one of a photo: few pixels have the colour of a
// neighbour.
func Photo(f *frame.Frame, r image.Rectangle) bool { return busy(f, r) }

// photoIn reports whether r, what changed of a tile, looks like part of a photo. A strip of a line of letters, smooth ones, may be as
// busy as that; but the tile around it is not, and the letters' shades are few.
func photoIn(f *frame.Frame, tile, r image.Rectangle) bool {
	return busy(f, r) && (area(r) >= area(tile)/2 || busy(f, tile) || motley(f, r))
}

// motley reports whether at least half of the pixels of r, a part of a tile, have colours of their own.
func motley(f *frame.Frame, r image.Rectangle) bool {
	const bits = 11 // twice the pixels of a tile: there is always a free place
	var seen [1 << bits]uint32
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		for i := 0; i < len(row); i += frame.BytesPerPixel {
			c := pixel(row[i:]) | 1<<31
			at := c * 0x9e3779b1 >> (32 - bits)
			for seen[at] != 0 && seen[at] != c {
				at = (at + 1) % (1 << bits)
			}
			if seen[at] == 0 {
				seen[at] = c
				n++
			}
		}
	}
	return n*2 >= area(r)
}

// busy reports whether the pixels of a tile seldom have the colour of a neighbour, as those of a photo.
func busy(f *frame.Frame, r image.Rectangle) bool {
	n, most := 0, area(r)/2
	up := f.Row(r.Min.X, r.Max.X, r.Min.Y)
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		if !bytes.Equal(row, up) {
			n += strangers(row, up)
		}
		if n > most {
			return true
		}
		if n+(r.Max.Y-y)*r.Dx() <= most { // it cannot become so any more
			return false
		}
		up = row
	}
	return false
}

// strangers counts the pixels of a row that have the colour of none of the four neighbours before them.
func strangers(row, up []byte) int {
	n := 0
	left, upLeft := pixel(row), pixel(up)
	for i := frame.BytesPerPixel; i+frame.BytesPerPixel <= len(row); i += frame.BytesPerPixel {
		c := pixel(row[i:])
		above := pixel(up[i:])
		if c != left && c != above && c != upLeft && (i+2*frame.BytesPerPixel > len(up) || c != pixel(up[i+frame.BytesPerPixel:])) {
			n++
		}
		left, upLeft = c, above
	}
	return n
}

// pieces cuts r into rectangles of at most about most pixels, along the grid of tiles: bands, or if one row of tiles is too
// much, parts of it.
func pieces(r image.Rectangle, most int) iter.Seq[image.Rectangle] {
	return func(yield func(image.Rectangle) bool) {
		wide := r.Dx()
		if wide*frame.Tile > most && most < maxPart {
			wide = max(most/(frame.Tile*frame.Tile), 1) * frame.Tile
		}
		for part := r; part.Min.Y < r.Max.Y; part.Min.Y = part.Max.Y {
			part.Max.Y = min(r.Max.Y, max((part.Min.Y+most/wide)/frame.Tile, part.Min.Y/frame.Tile+1)*frame.Tile)
			for x := r.Min.X; x < r.Max.X; x = part.Max.X {
				part.Min.X = x
				part.Max.X = min(r.Max.X, (x+wide)/frame.Tile*frame.Tile)
				if part.Max.X <= x {
					part.Max.X = r.Max.X
				}
				if wide == r.Dx() {
					part.Max.X = r.Max.X
				}
				if !yield(part) {
					return
				}
			}
		}
	}
}
