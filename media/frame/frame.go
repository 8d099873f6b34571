// Package frame is a picture of a screen as the picture pipeline handles it:
// the memory layout that X11 and GDI deliver, so that capture, the exact plane and a
// native viewer never convert.
//
// It owns the layout and the copying of rectangles. It knows nothing of screens, codecs or
// windows.
package frame

import (
	"image"
)

// BytesPerPixel is the size of a pixel: blue, green, red and an unused byte, in that order.
const BytesPerPixel = 4

// MaxSide is the largest width or height, in pixels, that any part of the program accepts.
const MaxSide = 8192

// Frame is a picture of 8-bit BGRX pixels. The X byte has no meaning: it is never sent
// and never compared.
type Frame struct {
	Pix    []byte
	Stride int             // bytes from one row to the next
	Rect   image.Rectangle // bounds; Min is the origin for all other coordinates
}

// New returns a black frame with its origin at 0,0.
func New(width, height int) *Frame {
	return &Frame{
		Pix:    make([]byte, width*height*BytesPerPixel),
		Stride: width * BytesPerPixel,
		Rect:   image.Rect(0, 0, width, height),
	}
}

// Row returns the bytes of the pixels x0 to x1 (exclusive) of row y, which must lie in f.Rect.
func (f *Frame) Row(x0, x1, y int) []byte {
	o := (y-f.Rect.Min.Y)*f.Stride + (x0-f.Rect.Min.X)*BytesPerPixel
	return f.Pix[o : o+(x1-x0)*BytesPerPixel]
}

// CopyRect copies the part of src that lies in r, and in both frames, to the same place in f.
func (f *Frame) CopyRect(src *Frame, r image.Rectangle) {
	r = r.Intersect(f.Rect).Intersect(src.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(f.Row(r.Min.X, r.Max.X, y), src.Row(r.Min.X, r.Max.X, y))
	}
}

// Fill paints r with one colour.
func (f *Frame) Fill(r image.Rectangle, blue, green, red byte) {
	r = r.Intersect(f.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		for i := 0; i < len(row); i += BytesPerPixel {
			row[i], row[i+1], row[i+2], row[i+3] = blue, green, red, 0
		}
	}
}

// Equal reports whether a and b have the same bounds and show the same colours everywhere.
func Equal(a, b *Frame) bool {
	if a.Rect != b.Rect {
		return false
	}
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y++ {
		ra, rb := a.Row(a.Rect.Min.X, a.Rect.Max.X, y), b.Row(a.Rect.Min.X, a.Rect.Max.X, y)
		for i := 0; i < len(ra); i += BytesPerPixel {
			if ra[i] != rb[i] || ra[i+1] != rb[i+1] || ra[i+2] != rb[i+2] {
				return false
			}
		}
	}
	return true
}

// ToRGBA converts the part r of f into dst, opaque, at the same coordinates relative to f's origin.
func (f *Frame) ToRGBA(dst *image.RGBA, r image.Rectangle) {
	r = r.Intersect(f.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		src := f.Row(r.Min.X, r.Max.X, y)
		o := dst.PixOffset(r.Min.X-f.Rect.Min.X+dst.Rect.Min.X, y-f.Rect.Min.Y+dst.Rect.Min.Y)
		out := dst.Pix[o : o+len(src)]
		for i := 0; i < len(src); i += BytesPerPixel {
			out[i], out[i+1], out[i+2], out[i+3] = src[i+2], src[i+1], src[i], 0xff
		}
	}
}
