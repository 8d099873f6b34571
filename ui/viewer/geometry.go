package viewer

import "image"

// geometry says where the picture stands in the pane. All lengths are pixels of the engineer's display,
// counted from the pane's top left corner; only frame counts the customer's.
type geometry struct {
	frame image.Point     // the picture as the customer's display has it
	view  image.Point     // the pane
	shown image.Rectangle // the picture as it is drawn; reaches beyond the pane when it is larger
}

// place fits a picture of size frame into the pane, or leaves it as large as it is and pushes it by pan pixels
// to the left and up. Fitting keeps the proportions and enlarges by whole factors only, so that letters stay sharp.
func place(frame, view image.Point, fit bool, pan image.Point) geometry {
	g := geometry{frame: frame, view: view}
	if frame.X <= 0 || frame.Y <= 0 || view.X <= 0 || view.Y <= 0 {
		return g
	}
	size := frame
	if fit {
		size = fitted(frame, view)
	}
	at := image.Pt(start(size.X, view.X, pan.X), start(size.Y, view.Y, pan.Y))
	g.shown = image.Rectangle{Min: at, Max: at.Add(size)}
	return g
}

// fitted is the largest size that frame has in view.
func fitted(frame, view image.Point) image.Point {
	if n := min(view.X/frame.X, view.Y/frame.Y); n >= 1 {
		return frame.Mul(n)
	}
	if view.X*frame.Y <= view.Y*frame.X {
		return image.Pt(view.X, max(1, (frame.Y*view.X+frame.X/2)/frame.X))
	}
	return image.Pt(max(1, (frame.X*view.Y+frame.Y/2)/frame.Y), view.Y)
}

// start is where a line of length size begins in room: in the middle if it is shorter, else pushed out by pan.
func start(size, room, pan int) int {
	if size <= room {
		return (room - size) / 2
	}
	return -min(max(pan, 0), size-room)
}

// pan is how far the picture is pushed out to the left and up.
func (g geometry) pan() image.Point {
	return image.Pt(max(0, -g.shown.Min.X), max(0, -g.shown.Min.Y))
}

// larger reports whether the picture does not fit, by direction.
func (g geometry) larger() (x, y bool) {
	return g.shown.Dx() > g.view.X, g.shown.Dy() > g.view.Y
}

// over reports whether the pixel p of the display shows a pixel of the picture.
func (g geometry) over(p image.Point) bool {
	return p.In(g.shown) && p.In(image.Rectangle{Max: g.view})
}

// pixel is the pixel of the customer's display that p shows, or the nearest one if p is beside the picture.
func (g geometry) pixel(p image.Point) image.Point {
	return image.Pt(
		nearest(p.X-g.shown.Min.X, g.frame.X, g.shown.Dx()),
		nearest(p.Y-g.shown.Min.Y, g.frame.Y, g.shown.Dy()),
	)
}

// nearest is the one of from pixels that lies under the middle of pixel at when they are drawn as to pixels.
func nearest(at, from, to int) int {
	if to <= 0 || from <= 0 || at < 0 {
		return 0
	}
	return min((2*at+1)*from/(2*to), from-1)
}

// scaled is a length on the customer's display as it is drawn, in pixels.
func (g geometry) scaled(p image.Point) (x, y float32) {
	if g.frame.X <= 0 || g.frame.Y <= 0 {
		return 0, 0
	}
	return float32(p.X) * float32(g.shown.Dx()) / float32(g.frame.X),
		float32(p.Y) * float32(g.shown.Dy()) / float32(g.frame.Y)
}
