package overlay

import (
	"image"
	"iter"
	"slices"
)

// Sizes at a monitor of usual height, in pixels; on a higher one everything grows with it.
const (
	usualHeight = 1080
	frameWidth  = 5
	textSize    = 16
)

// A bar smaller than this says nothing that can be read.
const (
	minBarWidth  = 240
	minBarHeight = 32
)

// piece is one window of the overlay: a part of a frame, or a sign.
type piece struct {
	rect  image.Rectangle
	level Level
	plate *plate // nil for a part of a frame
}

// grown is a size at a monitor of usual height made fit for m.
func grown(size int, m image.Rectangle) int {
	return max(size, size*min(m.Dx(), m.Dy())/usualHeight)
}

// layout places everything. bars are windows that can be seen whole, and make a sign on their monitor needless.
func layout(s Sign, monitors, bars []image.Rectangle, draw func(m image.Rectangle) *plate) []piece {
	var list []piece
	var done []image.Rectangle
	for _, m := range monitors {
		width := grown(frameWidth, m)
		if slices.Contains(done, m) || m.Dx() < 8*width || m.Dy() < 8*width { // a mirror, or nothing to be seen on it
			continue
		}
		done = append(done, m)
		top := m.Min.Y
		if s.framed(m) {
			for _, r := range sides(m, width) {
				list = append(list, piece{rect: r, level: s.Level})
			}
			top += width
		}
		if s.Text == "" || slices.ContainsFunc(bars, func(b image.Rectangle) bool { return says(b, m) }) {
			continue
		}
		p := draw(m)
		size := p.image.Rect.Size()
		at := image.Pt(m.Min.X+(m.Dx()-size.X)/2, top)
		list = append(list, piece{image.Rectangle{Min: at, Max: at.Add(size)}, s.Level, p})
	}
	return list
}

// framed reports whether a monitor is shared.
func (s Sign) framed(m image.Rectangle) bool {
	return s.Level > Connected && (s.Displays == nil || slices.ContainsFunc(s.Displays, m.Overlaps))
}

// sides are the four parts of a frame inside m: top, bottom, left, right.
func sides(m image.Rectangle, width int) [4]image.Rectangle {
	return [4]image.Rectangle{
		image.Rect(m.Min.X, m.Min.Y, m.Max.X, m.Min.Y+width),
		image.Rect(m.Min.X, m.Max.Y-width, m.Max.X, m.Max.Y),
		image.Rect(m.Min.X, m.Min.Y+width, m.Min.X+width, m.Max.Y-width),
		image.Rect(m.Max.X-width, m.Min.Y+width, m.Max.X, m.Max.Y-width),
	}
}

// uncovered returns those of the bars that can be seen whole: a window of just that place is in the stack, the highest first, and
// none above it is in the way.
func uncovered(bars []image.Rectangle, stack iter.Seq[image.Rectangle]) []image.Rectangle {
	if len(bars) == 0 {
		return nil
	}
	var above, seen []image.Rectangle
	left := slices.Clone(bars)
	for r := range stack {
		if at := slices.Index(left, r); at >= 0 {
			left = slices.Delete(left, at, at+1)
			if !slices.ContainsFunc(above, r.Overlaps) {
				seen = append(seen, r)
			}
		}
		if len(left) == 0 {
			break
		}
		above = append(above, r)
	}
	return seen
}

// says reports whether a bar can be read on a monitor: large enough, and nearly all of it there.
func says(bar, m image.Rectangle) bool {
	in := bar.Intersect(m)
	return in.Dx() >= minBarWidth && in.Dy() >= minBarHeight && 10*area(in) >= 9*area(bar)
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }
