package exact

import (
	"image"
	"slices"

	"assist/media/frame"
)

// explain adds the moves of one shift, if it explains so many cells at least, and reports whether there are any.
func (d *finder) explain(by image.Point, shown, now *frame.Frame, least int) bool {
	box, n := image.Rectangle{}, 0
	if d.followed > 0 { // by the shift at hand: it comes first
		box, n = d.followedIn, d.followed
		d.followed = 0
	} else {
		clear(d.tried)
	}
	for _, i := range d.todo {
		if x, y := i%d.cols, i/d.cols; d.fits(x, y, by, shown, now) {
			box = box.Union(image.Rect(x, y, x+1, y+1))
			n++
		}
	}
	if n < max(least, minCells) {
		return false
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			d.fits(x, y, by, shown, now)
		}
	}
	some := false
	for range maxRects {
		r := d.largest(box)
		if r.Empty() {
			break
		}
		some = true
		d.take(r)
		to := image.Rect(r.Min.X*cell, r.Min.Y*cell, min(r.Max.X*cell, now.Rect.Max.X), min(r.Max.Y*cell, now.Rect.Max.Y))
		d.moves = append(d.moves, move{widen(to, by, shown, now), by})
	}
	if some {
		d.todo = slices.DeleteFunc(d.todo, func(i int) bool { return d.cells[i]&cellMoved != 0 })
	}
	return some
}

// take notes that a move makes the cells in r right.
func (d *finder) take(r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			d.cells[y*d.cols+x] |= cellMoved
		}
	}
}

// fits reports whether now shows in a cell what shown shows by away.
func (d *finder) fits(x, y int, by image.Point, shown, now *frame.Frame) bool {
	t := &d.tried[y*d.cols+x]
	if *t == untried {
		*t = misfits
		if sameShifted(shown, now, d.rect(x, y, now), by) {
			*t = fits
		}
	}
	return *t == fits
}

// gain is what it is worth to make a cell right by a move.
func (c cellState) gain() int32 {
	switch c {
	case cellChanged | cellRich:
		return richGain
	case cellChanged:
		return 1
	}
	return 0
}

// largest returns, of the rectangles of cells in box that all fit, the one with most to gain, cut down to the cells that
// gain. It is empty if no gain is enough.
func (d *finder) largest(box image.Rectangle) image.Rectangle {
	w := box.Dx()
	// sums[y][x] is the gain of all cells in box above and left of x, y.
	d.sums = slices.Grow(d.sums[:0], (w+1)*(box.Dy()+1))[:(w+1)*(box.Dy()+1)]
	d.heights = slices.Grow(d.heights[:0], w+1)[:w+1]
	clear(d.sums[:w+1])
	clear(d.heights)
	best, most := image.Rectangle{}, int32(minCells*richGain-1)
	for y := range box.Dy() {
		up, row, sum := d.sums[y*(w+1):], d.sums[(y+1)*(w+1):], int32(0)
		row[0] = 0
		d.open = d.open[:0]
		for x := range w + 1 { // the last one closes all
			height := 0
			if x < w {
				at := (box.Min.Y+y)*d.cols + box.Min.X + x
				sum += d.cells[at].gain()
				row[x+1] = up[x+1] + sum
				if d.tried[at] == fits {
					height = d.heights[x] + 1
				}
				d.heights[x] = height
			}
			start := x
			for n := len(d.open); n > 0 && d.open[n-1].height >= height; n-- {
				o := d.open[n-1]
				d.open, start = d.open[:n-1], o.start
				top := d.sums[(y+1-o.height)*(w+1):]
				if g := row[x] - row[o.start] - top[x] + top[o.start]; g > most {
					best, most = image.Rect(o.start, y+1-o.height, x, y+1), g
				}
			}
			d.open = append(d.open, span{start, height})
		}
	}
	return d.trim(best.Add(box.Min))
}

// span is a rectangle that is still growing to the right.
type span struct{ start, height int }

// trim returns the part of r outside which no cell gains.
func (d *finder) trim(r image.Rectangle) image.Rectangle {
	t := image.Rectangle{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if d.cells[y*d.cols+x].gain() > 0 {
				t = t.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return t
}

// widen makes a move larger by less than a cell to each side, where now shows what shown shows by away.
func widen(r image.Rectangle, by image.Point, shown, now *frame.Frame) image.Rectangle {
	for range cell - 1 {
		s := image.Rect(r.Min.X, r.Min.Y-1, r.Max.X, r.Min.Y)
		if !s.In(now.Rect) || !sameShifted(shown, now, s, by) {
			break
		}
		r.Min.Y--
	}
	for range cell - 1 {
		s := image.Rect(r.Min.X, r.Max.Y, r.Max.X, r.Max.Y+1)
		if !s.In(now.Rect) || !sameShifted(shown, now, s, by) {
			break
		}
		r.Max.Y++
	}
	r.Min.X -= leftOf(r, by, shown, now)
	r.Max.X += rightOf(r, by, shown, now)
	return r
}

// leftOf returns by how many columns r can grow to the left. It goes row by row, as they stand in memory.
func leftOf(r image.Rectangle, by image.Point, shown, now *frame.Frame) int {
	k := min(cell-1, r.Min.X-now.Rect.Min.X, r.Min.X+by.X-shown.Rect.Min.X)
	for y := r.Min.Y; y < r.Max.Y && k > 0; y++ {
		a, b := now.Row(r.Min.X-k, r.Min.X, y), shown.Row(r.Min.X-k+by.X, r.Min.X+by.X, y+by.Y)
		if frame.SameColours(a, b) {
			continue
		}
		n := 0
		for o := len(a) - frame.BytesPerPixel; pixel(a[o:]) == pixel(b[o:]); o -= frame.BytesPerPixel {
			n++
		}
		k = n
	}
	return k
}

// rightOf returns by how many columns r can grow to the right.
func rightOf(r image.Rectangle, by image.Point, shown, now *frame.Frame) int {
	k := min(cell-1, now.Rect.Max.X-r.Max.X, shown.Rect.Max.X-r.Max.X-by.X)
	for y := r.Min.Y; y < r.Max.Y && k > 0; y++ {
		a, b := now.Row(r.Max.X, r.Max.X+k, y), shown.Row(r.Max.X+by.X, r.Max.X+k+by.X, y+by.Y)
		if frame.SameColours(a, b) {
			continue
		}
		n := 0
		for o := 0; pixel(a[o:]) == pixel(b[o:]); o += frame.BytesPerPixel {
			n++
		}
		k = n
	}
	return k
}
