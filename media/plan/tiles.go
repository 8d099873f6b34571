package plan

import (
	"image"
	"slices"

	"assist/media/frame"
)

// each calls f for the tiles that r, in pixels, touches.
func (p *Planner) each(r image.Rectangle, f func(i int)) {
	r = r.Intersect(image.Rectangle{Max: p.size})
	if r.Empty() {
		return
	}
	for y := r.Min.Y / frame.Tile; y*frame.Tile < r.Max.Y; y++ {
		for x := r.Min.X / frame.Tile; x*frame.Tile < r.Max.X; x++ {
			f(y*p.cols + x)
		}
	}
}

// pixels is where a tile stands in the picture.
func (p *Planner) pixels(i int) image.Rectangle {
	x, y := i%p.cols*frame.Tile, i/p.cols*frame.Tile
	return image.Rect(x, y, x+frame.Tile, y+frame.Tile).Intersect(image.Rectangle{Max: p.size})
}

// rects joins tiles to rectangles, of pixels or of tiles: neighbours in a row, and equal rows.
func (p *Planner) rects(in func(i int) bool, pixels bool) []image.Rectangle {
	var list []image.Rectangle
	open := 0 // the first rectangle that a row beneath may make longer
	for y := range p.rows {
		begin := len(list)
		for x := 0; x < p.cols; x++ {
			if !in(y*p.cols + x) {
				continue
			}
			from := x
			for x < p.cols && in(y*p.cols+x) {
				x++
			}
			list = append(list, image.Rect(from, y, x, y+1))
		}
		list, open = joinRows(list, open, begin)
	}
	if pixels {
		for i, r := range list {
			list[i] = image.Rect(r.Min.X*frame.Tile, r.Min.Y*frame.Tile, r.Max.X*frame.Tile, r.Max.Y*frame.Tile).
				Intersect(image.Rectangle{Max: p.size})
		}
	}
	return list
}

// joinRows makes the rectangles from open on longer by those from begin on that stand right beneath them, and returns the list
// and where those begin now that the next row may make longer.
func joinRows(list []image.Rectangle, open, begin int) ([]image.Rectangle, int) {
	row := slices.Clone(list[begin:])
	list = list[:begin]
	var grown, fresh []image.Rectangle
	for _, r := range row {
		k := slices.IndexFunc(list[open:], func(o image.Rectangle) bool {
			return o.Min.X == r.Min.X && o.Max.X == r.Max.X && o.Max.Y == r.Min.Y
		})
		if k < 0 {
			fresh = append(fresh, r)
			continue
		}
		o := list[open+k]
		list = slices.Delete(list, open+k, open+k+1)
		o.Max.Y = r.Max.Y
		grown = append(grown, o)
	}
	open = len(list)
	list = append(list, grown...)
	return append(list, fresh...), open
}
