package exact

import (
	"image"
	"math/rand/v2"
	"testing"

	"assist/media/frame"
)

// TestPhotoIn has strips of a tile change: one of letters with smooth edges is as busy as one of a photo.
func TestPhotoIn(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 8))
	tile := image.Rect(32, 32, 64, 64)
	letters := func(f *frame.Frame, in image.Rectangle) {
		for y := in.Min.Y; y < in.Max.Y; y++ {
			for x := in.Min.X; x < in.Max.X; x++ {
				shade := byte(r.IntN(24) * 10)
				f.Fill(image.Rect(x, y, x+1, y+1), shade, shade, shade)
			}
		}
	}
	photo := func(f *frame.Frame, in image.Rectangle) {
		for y := in.Min.Y; y < in.Max.Y; y++ {
			for x := in.Min.X; x < in.Max.X; x++ {
				f.Fill(image.Rect(x, y, x+1, y+1), byte(3*x+r.IntN(9)), byte(2*y+r.IntN(9)), byte(x+y+r.IntN(9)))
			}
		}
	}
	strip := image.Rect(32, 56, 64, 64)
	for _, tt := range []struct {
		name  string
		paint func(*frame.Frame)
		r     image.Rectangle
		want  bool
	}{
		{"a line of letters comes up", func(f *frame.Frame) { letters(f, strip) }, strip, false},
		{"the edge of a photo", func(f *frame.Frame) { photo(f, strip) }, strip, true},
		{"a strip inside a photo", func(f *frame.Frame) { photo(f, tile); letters(f, strip) }, strip, true},
		{"a photo", func(f *frame.Frame) { photo(f, tile) }, tile, true},
		{"nothing", func(*frame.Frame) {}, tile, false},
	} {
		f := frame.New(96, 96)
		f.Fill(f.Rect, 250, 250, 250)
		tt.paint(f)
		if tt.r == strip && !busy(f, tt.r) {
			t.Errorf("%s: not busy: it shows nothing", tt.name)
		}
		if got := photoIn(f, tile, tt.r); got != tt.want {
			t.Errorf("%s: a photo: %v, want %v", tt.name, got, tt.want)
		}
	}
}
