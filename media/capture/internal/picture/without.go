package picture

import "image"

// without returns what is left of r when others are cut out of it, as rectangles that do not overlap.
func without(r image.Rectangle, others []image.Rectangle) []image.Rectangle {
	left := []image.Rectangle{r}
	for _, o := range others {
		var next []image.Rectangle
		for _, l := range left {
			next = cut(next, l, o)
		}
		left = next
	}
	return left
}

// cut appends what is left of r when o is cut out of it.
func cut(dst []image.Rectangle, r, o image.Rectangle) []image.Rectangle {
	o = o.Intersect(r)
	if o.Empty() {
		return append(dst, r)
	}
	for _, part := range [4]image.Rectangle{
		{Min: r.Min, Max: image.Pt(r.Max.X, o.Min.Y)},
		{Min: image.Pt(r.Min.X, o.Max.Y), Max: r.Max},
		{Min: image.Pt(r.Min.X, o.Min.Y), Max: image.Pt(o.Min.X, o.Max.Y)},
		{Min: image.Pt(o.Max.X, o.Min.Y), Max: image.Pt(r.Max.X, o.Max.Y)},
	} {
		if !part.Empty() {
			dst = append(dst, part)
		}
	}
	return dst
}
