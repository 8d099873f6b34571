// Package canvas is what the engineer's end shows of the two planes: the exact picture, with tiles of the motion plane over
// it, until they are released.
//
// Frames of motion and releases are numbered by their sender from one count, and come by different ways: a tile is over the
// exact picture if the newest of all that named it, by number, is a frame of motion. The exact picture goes on underneath.
// The package knows no codec and no link.
package canvas

import (
	"image"

	"assist/media/frame"
)

// Canvas is one picture. The zero Canvas has none. One goroutine at a time uses it.
type Canvas struct {
	exact  *frame.Frame // of the exact plane; belongs to its decoder
	mixed  *frame.Frame // what is shown; nil while nothing is over the exact picture
	cols   int
	owners []owner // by tile
	over   int     // tiles of motion
}

// owner says what a tile shows.
type owner struct {
	number uint32 // of the newest frame or release that named it
	known  bool   // number means something
	motion bool
}

// Frame is what is shown, nil for no picture. It is valid until the next call that changes the canvas.
func (c *Canvas) Frame() *frame.Frame {
	if c.mixed != nil {
		return c.mixed
	}
	return c.exact
}

// Exact takes the exact picture after a message that changed dirty, in pixels, and returns what of that is to be seen. A picture of
// another size begins anew, without motion.
func (c *Canvas) Exact(picture *frame.Frame, dirty []image.Rectangle) []image.Rectangle {
	if c.exact == nil || c.exact.Rect.Size() != picture.Rect.Size() {
		size := picture.Rect.Size()
		c.cols = (size.X + frame.Tile - 1) / frame.Tile
		c.owners = make([]owner, c.cols*((size.Y+frame.Tile-1)/frame.Tile))
		c.mixed, c.over = nil, 0
	}
	c.exact = picture
	if c.mixed == nil {
		return dirty
	}
	var seen []image.Rectangle
	for _, r := range dirty {
		c.each(r, func(o *owner, part image.Rectangle) {
			if !o.motion {
				seen = c.show(seen, c.exact, part)
			}
		})
	}
	return seen
}

// Motion paints tiles, in units of tiles, from a frame of motion whose pixel 0,0 stands at `at` in the picture, and returns what is
// to be seen of it. Tiles that are not wholly in both pictures are left as they are.
func (c *Canvas) Motion(number uint32, picture *frame.Frame, at image.Point, tiles []image.Rectangle) []image.Rectangle {
	if c.exact == nil {
		return nil
	}
	src := &frame.Frame{Pix: picture.Pix, Stride: picture.Stride, Rect: picture.Rect.Sub(picture.Rect.Min).Add(at)}
	var seen []image.Rectangle
	for _, t := range tiles {
		c.each(pixels(t), func(o *owner, part image.Rectangle) {
			if !part.In(src.Rect) || o.known && int32(number-o.number) <= 0 {
				return
			}
			c.mix()
			if !o.motion {
				c.over++
			}
			*o = owner{number, true, true}
			seen = c.show(seen, src, part)
		})
	}
	return seen
}

// Release gives tiles, in units of tiles, back to the exact picture, and returns what is to be seen of that.
func (c *Canvas) Release(number uint32, tiles []image.Rectangle) []image.Rectangle {
	if c.exact == nil {
		return nil
	}
	var seen []image.Rectangle
	for _, t := range tiles {
		c.each(pixels(t), func(o *owner, part image.Rectangle) {
			if o.known && int32(number-o.number) <= 0 {
				return
			}
			if o.motion {
				c.over--
				seen = c.show(seen, c.exact, part)
			}
			*o = owner{number, true, false}
		})
	}
	if c.over == 0 {
		c.mixed = nil // the same as the exact picture by now
	}
	return seen
}

// InMotion returns how many tiles show the motion plane.
func (c *Canvas) InMotion() int { return c.over }

// mix makes the canvas's own copy of the picture.
func (c *Canvas) mix() {
	if c.mixed == nil {
		size := c.exact.Rect.Size()
		c.mixed = frame.New(size.X, size.Y)
		c.mixed.CopyRect(c.exact, c.mixed.Rect)
	}
}

// show copies part from src and appends it to what is to be seen, joined with a neighbour to its left.
func (c *Canvas) show(seen []image.Rectangle, src *frame.Frame, part image.Rectangle) []image.Rectangle {
	c.mixed.CopyRect(src, part)
	if n := len(seen); n > 0 {
		last := &seen[n-1]
		if last.Max.X == part.Min.X && last.Min.Y == part.Min.Y && last.Max.Y == part.Max.Y {
			last.Max.X = part.Max.X
			return seen
		}
	}
	return append(seen, part)
}

func pixels(t image.Rectangle) image.Rectangle {
	return image.Rect(t.Min.X*frame.Tile, t.Min.Y*frame.Tile, t.Max.X*frame.Tile, t.Max.Y*frame.Tile)
}

// each calls f for each tile that r, in pixels, touches, with the part of r in it.
func (c *Canvas) each(r image.Rectangle, f func(o *owner, part image.Rectangle)) {
	r = r.Intersect(c.exact.Rect)
	if r.Empty() {
		return
	}
	for y := r.Min.Y / frame.Tile; y*frame.Tile < r.Max.Y; y++ {
		for x := r.Min.X / frame.Tile; x*frame.Tile < r.Max.X; x++ {
			tile := image.Rect(x*frame.Tile, y*frame.Tile, (x+1)*frame.Tile, (y+1)*frame.Tile)
			f(&c.owners[y*c.cols+x], tile.Intersect(r))
		}
	}
}
