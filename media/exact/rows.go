package exact

import (
	"cmp"
	"image"
	"maps"
	"slices"

	"assist/media/frame"
)

const (
	stripTiles = 4 // width of the strips whose rows are compared, in tiles
	stripLeast = 3 // changed rows of tiles that make a strip worth it
	rowVotes   = 8 // rows of pixels that must have moved alike
	maxScrolls = 3 // distances that are looked at, at most
	restScroll = 4 // when no more than one changed cell of so many is unexplained, nobody asks for scrolls
)

// scrolls returns the distances by which most rows of pixels have moved up or down, the likeliest first. It finds what landmarks
// cannot: lines of text that are alike but for a few letters have none of their own, but in a strip wide enough
// hardly a row is like another.
func (d *finder) scrolls(g grid, tiles []state, shown, now *frame.Frame) []image.Point {
	votes := map[int]int{}
	for x := 0; x < g.cols; x += stripTiles {
		top, bottom, n := g.rows, 0, 0
		for y := range g.rows {
			if slices.Contains(tiles[y*g.cols+x:y*g.cols+min(x+stripTiles, g.cols)], changed) {
				top, bottom, n = min(top, y), y+1, n+1
			}
		}
		if n < stripLeast {
			continue
		}
		r := g.pixels(image.Rect(x, top, min(x+stripTiles, g.cols), bottom))
		d.marks.reset()
		pairs(shown, r, func(y int, h uint64) { d.marks.add(h, image.Pt(0, y)) })
		pairs(now, r, func(y int, h uint64) {
			if from, ok := d.marks.find(h); ok && from.Y != y {
				votes[from.Y-y]++
			}
		})
	}
	best := slices.SortedFunc(maps.Keys(votes), func(a, b int) int {
		return cmp.Or(cmp.Compare(votes[b], votes[a]), cmp.Compare(a, b))
	})
	var shifts []image.Point
	for _, dy := range best[:min(len(best), maxScrolls)] {
		if votes[dy] >= rowVotes {
			shifts = append(shifts, image.Pt(0, dy))
		}
	}
	return shifts
}

// pairs calls f for each row of r but the first, with what it and the row above look like: letters are made of rows that are
// alike, but begin and end at rows that are not.
func pairs(of *frame.Frame, r image.Rectangle, f func(y int, h uint64)) {
	above := hashRow(of.Row(r.Min.X, r.Max.X, r.Min.Y))
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		h := hashRow(of.Row(r.Min.X, r.Max.X, y))
		f(y, h*31+above)
		above = h
	}
}
