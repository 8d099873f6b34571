package measure

import (
	"image"
	"math"

	"assist/cmd/internal/marker"
	"assist/media/frame"
)

// Without returns r without what is in skip, as parts that do not overlap.
func Without(r image.Rectangle, skip []image.Rectangle) []image.Rectangle {
	parts := []image.Rectangle{r}
	for _, s := range skip {
		var rest []image.Rectangle
		for _, p := range parts {
			rest = append(rest, cut(p, s)...)
		}
		parts = rest
	}
	return parts
}

// cut returns p without s.
func cut(p, s image.Rectangle) (list []image.Rectangle) {
	s = s.Intersect(p)
	if s.Empty() {
		return []image.Rectangle{p}
	}
	for _, r := range []image.Rectangle{
		{p.Min, image.Pt(p.Max.X, s.Min.Y)},
		{image.Pt(p.Min.X, s.Min.Y), image.Pt(s.Min.X, s.Max.Y)},
		{image.Pt(s.Max.X, s.Min.Y), image.Pt(p.Max.X, s.Max.Y)},
		{image.Pt(p.Min.X, s.Max.Y), p.Max},
	} {
		if !r.Empty() {
			list = append(list, r)
		}
	}
	return list
}

// Same reports whether got shows in each part, moved by offset, the colours that want has there.
func Same(want, got *frame.Frame, offset image.Point, parts []image.Rectangle) bool {
	for _, r := range parts {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			if !frame.SameColours(want.Row(r.Min.X, r.Max.X, y), got.Row(r.Min.X+offset.X, r.Max.X+offset.X, y+offset.Y)) {
				return false
			}
		}
	}
	return true
}

// Exact is the PSNR of pictures that are the same.
var Exact = math.Inf(1)

// PSNR returns how alike got, moved by offset, is to want in the parts: the peak signal-to-noise ratio of the luma, in
// decibels.
func PSNR(want, got *frame.Frame, offset image.Point, parts []image.Rectangle) float64 {
	sum, count := 0, 0
	for _, r := range parts {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			a, b := want.Row(r.Min.X, r.Max.X, y), got.Row(r.Min.X+offset.X, r.Max.X+offset.X, y+offset.Y)
			for i := 0; i < len(a); i += frame.BytesPerPixel {
				d := marker.Luma(a[i:]) - marker.Luma(b[i:])
				sum += d * d
			}
			count += r.Dx()
		}
	}
	if sum == 0 {
		return Exact
	}
	return 10 * math.Log10(255*255*float64(count)/float64(sum))
}

// Text tells whether the text in a picture can be read.
//
// Ink are the pixels of an area that are far from the area's most frequent level, ground is the rest. Text is readable when
// in every area at least [Readable] of the ink, and of the ground, are within [Tolerance] of the level they should have:
// a blurred letter fails by its ink, noise around it by the ground, and an empty page by all its ink.
type Text struct {
	areas []area
}

// What is readable.
const (
	Readable  = 0.95
	Tolerance = 48 // of 255 levels
	inkAway   = 64 // levels between ink and ground
)

// area is one piece of text: all its pixels, and which of them are ink.
type area struct {
	rect image.Rectangle
	want []byte // luma
	ink  []bool
}

// NewText learns the text in areas of want.
func NewText(want *frame.Frame, areas []image.Rectangle) *Text {
	t := &Text{}
	for _, r := range areas {
		a := area{rect: r, want: lumas(want, r)}
		var count [256]int
		for _, v := range a.want {
			count[v]++
		}
		ground := 0
		for v, n := range count {
			if n > count[ground] {
				ground = v
			}
		}
		a.ink = make([]bool, len(a.want))
		for i, v := range a.want {
			a.ink[i] = abs(int(v)-ground) > inkAway
		}
		t.areas = append(t.areas, a)
	}
	return t
}

// Share returns how much of the text in got, moved by offset, is as it should be: the least of all shares. Areas that lie
// outside got are not there.
func (t *Text) Share(got *frame.Frame, offset image.Point) float64 {
	least := 1.0
	for _, a := range t.areas {
		at := a.rect.Add(offset)
		if !at.In(got.Rect) {
			return 0
		}
		var good, all [2]int
		for i, v := range lumas(got, at) {
			kind := 0
			if a.ink[i] {
				kind = 1
			}
			all[kind]++
			if abs(int(v)-int(a.want[i])) <= Tolerance {
				good[kind]++
			}
		}
		for kind := range good {
			if all[kind] > 0 {
				least = min(least, float64(good[kind])/float64(all[kind]))
			}
		}
	}
	return least
}

func lumas(f *frame.Frame, r image.Rectangle) []byte {
	list := make([]byte, 0, r.Dx()*r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		for i := 0; i < len(row); i += frame.BytesPerPixel {
			list = append(list, byte(marker.Luma(row[i:])))
		}
	}
	return list
}

func abs(v int) int { return max(v, -v) }
