// Package marker is a number that a program paints on a screen and another program reads from a picture of that
// screen, or of another one that shows it: sharp or blurred, but not scaled.
//
//	white black white white | 16 blocks of the number, highest first | parity | black white black
//
// A block is a square of [Side] pixels, white for one. The number stands in Gray code, so that the next number changes one
// block of it, and the parity another one: a reader that sees half of a change sees the old number, the new one, or
// a wrong parity, and never a third number.
//
// The package knows pixels. It does not know what is counted.
package marker

import (
	"image"
	"math/bits"

	"assist/media/frame"
)

// Sizes, in pixels and blocks.
const (
	Side   = 8
	Blocks = head + number + 1 + tail
	Width  = Blocks * Side
	Height = Side

	head, number, tail = 4, 16, 3
)

// ends are the blocks that are always the same, 1 for white.
const (
	headBits = 0b1011
	tailBits = 0b010
)

// pattern returns the blocks of a number, the first one in the highest of Blocks bits.
func pattern(n uint16) uint32 {
	gray := n ^ n>>1
	parity := uint32(bits.OnesCount16(gray) & 1)
	return headBits<<(number+1+tail) | uint32(gray)<<(1+tail) | parity<<tail | tailBits
}

// Bounds is where a marker at a place is.
func Bounds(at image.Point) image.Rectangle {
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(Width, Height))}
}

// Paint paints the number at a place of f.
func Paint(f *frame.Frame, at image.Point, n uint16) {
	p := pattern(n)
	for i := range Blocks {
		var c byte
		if p>>(Blocks-1-i)&1 == 1 {
			c = 0xff
		}
		f.Fill(image.Rect(0, 0, Side, Side).Add(at).Add(image.Pt(i*Side, 0)), c, c, c)
	}
}

// Levels between which a block is neither black nor white: the marker is then being painted, or is none.
const (
	darkest  = 88
	lightest = 167
	rim      = 2 // pixels of a block that are not looked at, because a neighbour may have run into them
)

// Read returns the number of the marker at a place of f, and false if there is none that can be read.
func Read(f *frame.Frame, at image.Point) (n uint16, ok bool) {
	if !Bounds(at).In(f.Rect) {
		return 0, false
	}
	var p uint32
	for i := range Blocks {
		level := level(f, at.Add(image.Pt(i*Side, 0)))
		if level > darkest && level < lightest {
			return 0, false
		}
		p <<= 1
		if level >= lightest {
			p |= 1
		}
		if i == head-1 && p != headBits {
			return 0, false // most places, when one is searched
		}
	}
	gray := uint16(p >> (1 + tail))
	for n = gray; gray > 0; {
		gray >>= 1
		n ^= gray
	}
	return n, p == pattern(n)
}

// level is how light a block is, 0 to 255.
func level(f *frame.Frame, at image.Point) int {
	sum := 0
	for y := at.Y + rim; y < at.Y+Side-rim; y++ {
		row := f.Row(at.X+rim, at.X+Side-rim, y)
		for i := 0; i < len(row); i += frame.BytesPerPixel {
			sum += Luma(row[i:])
		}
	}
	const counted = (Side - 2*rim) * (Side - 2*rim)
	return sum / counted
}

// Luma is how light a pixel is, 0 to 255, after BT.601.
func Luma(p []byte) int { return (29*int(p[0]) + 150*int(p[1]) + 77*int(p[2]) + 128) >> 8 }

// Find searches f for the marker with a number, and returns its exact place.
func Find(f *frame.Frame, n uint16) (at image.Point, ok bool) {
	const step = rim + 1 // every marker is readable from at least one place of this grid
	for y := f.Rect.Min.Y; y+Height <= f.Rect.Max.Y; y += step {
		for x := f.Rect.Min.X; x+Width <= f.Rect.Max.X; x += step {
			p := image.Pt(x, y)
			if !begins(f, p) {
				continue
			}
			if found, ok := Read(f, p); ok && found == n {
				return settle(f, p, n), true
			}
		}
	}
	return image.Point{}, false
}

// begins reports whether the first blocks of a marker may be at a place, from a pixel of each.
func begins(f *frame.Frame, at image.Point) bool {
	row := f.Row(at.X, at.X+head*Side, at.Y+Side/2)
	for i := range head {
		white := Luma(row[(i*Side+Side/2)*frame.BytesPerPixel:]) > 127
		if white != (headBits>>(head-1-i)&1 == 1) {
			return false
		}
	}
	return true
}

// settle returns the place near at where the marker fits best.
func settle(f *frame.Frame, at image.Point, n uint16) (best image.Point) {
	least := -1
	for dy := -Side / 2; dy <= Side/2; dy++ {
		for dx := -Side / 2; dx <= Side/2; dx++ {
			p := at.Add(image.Pt(dx, dy))
			if !Bounds(p).In(f.Rect) {
				continue
			}
			if m := misfit(f, p, n); least < 0 || m < least {
				least, best = m, p
			}
		}
	}
	return best
}

// misfit is how far the pixels at a place are from the marker.
func misfit(f *frame.Frame, at image.Point, n uint16) (sum int) {
	p := pattern(n)
	for i := range Blocks {
		want := 255 * int(p>>(Blocks-1-i)&1)
		for y := at.Y; y < at.Y+Side; y++ {
			row := f.Row(at.X+i*Side, at.X+(i+1)*Side, y)
			for j := 0; j < len(row); j += frame.BytesPerPixel {
				d := Luma(row[j:]) - want
				sum += d * d
			}
		}
	}
	return sum
}
