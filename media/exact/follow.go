package exact

import (
	"bytes"
	"image"

	"assist/media/frame"
)

const (
	followLeast   = 24 // changed tiles from which on it is worth it to ask first whether what moved goes on moving
	followSamples = 16 // tiles that are asked
)

// follow asks whether most of what changed has moved by one of the shifts of frames before, as things do that scroll. Then it
// notes the tiles that have, so that nobody has to look at their cells, and returns the shift.
func (d *finder) follow(g grid, tiles []state, shown, now *frame.Frame) (by image.Point, ok bool) {
	n := 0
	for _, t := range tiles {
		if t == changed {
			n++
		}
	}
	if n < followLeast {
		return by, false
	}
	for _, by := range d.recent {
		if d.sample(g, tiles, n, func(r image.Rectangle) bool { return sameShifted(shown, now, r, by) }) {
			d.followTiles(g, tiles, by, shown, now)
			return by, true
		}
	}
	return by, false
}

// sample reports whether some of the n changed tiles, spread over all of them, do, most of them.
func (d *finder) sample(g grid, tiles []state, n int, fits func(image.Rectangle) bool) bool {
	nth, good, bad := -1, 0, 0
	for i, t := range tiles {
		if t != changed {
			continue
		}
		if nth++; nth*followSamples/n == (nth-1)*followSamples/n && nth > 0 {
			continue
		}
		if fits(g.tile(i%g.cols, i/g.cols)) {
			good++
		} else if bad++; bad > followSamples/3 {
			return false
		}
	}
	return good >= 3*bad
}

// followTiles notes which changed tiles a shift makes right.
func (d *finder) followTiles(g grid, tiles []state, by image.Point, shown, now *frame.Frame) {
	d.followedIn = image.Rectangle{}
	inside := func(tx, ty int) bool {
		return tiles[ty*g.cols+tx] == changed && g.tile(tx, ty).Add(by).In(shown.Rect)
	}
	for ty := range g.rows {
		for tx := 0; tx < g.cols; tx++ {
			end := tx
			for end < g.cols && inside(end, ty) {
				end++
			}
			if end > tx {
				d.followRun(g, image.Rect(tx, ty, end, ty+1), by, shown, now)
				tx = end
			}
		}
	}
}

// followRun does so for changed tiles beside each other. It goes row by row of pixels, as they stand in memory.
func (d *finder) followRun(g grid, run image.Rectangle, by image.Point, shown, now *frame.Frame) {
	const side = frame.Tile * frame.BytesPerPixel
	var misfit [frame.MaxSide / frame.Tile]bool
	r, good := g.pixels(run), run.Dx()
	for y := r.Min.Y; y < r.Max.Y && good > 0; y++ {
		a, b := now.Row(r.Min.X, r.Max.X, y), shown.Row(r.Min.X+by.X, r.Max.X+by.X, y+by.Y)
		if bytes.Equal(a, b) {
			continue
		}
		for i := range run.Dx() {
			from, to := i*side, min(i*side+side, len(a))
			if !misfit[i] && !frame.SameColours(a[from:to], b[from:to]) {
				misfit[i] = true
				good--
			}
		}
	}
	for i := range run.Dx() {
		if misfit[i] {
			continue
		}
		cs := d.cellsOf(run.Min.X+i, run.Min.Y)
		d.followedIn = d.followedIn.Union(cs)
		d.followed += area(cs)
		for y := cs.Min.Y; y < cs.Max.Y; y++ {
			for x := cs.Min.X; x < cs.Max.X; x++ {
				d.cells[y*d.cols+x], d.tried[y*d.cols+x] = cellChanged|cellRich, fits
			}
		}
	}
}
