package input_test

import (
	"image"
	"testing"

	"assist/media/input"
)

// Every pixel has a fraction of its own, and the corners are exact.
func TestPixelToFraction(t *testing.T) {
	for _, size := range []int{1, 2, 3, 7, 480, 768, 1080, 1366, 1920, 2560, 3840, 8192, 32768} {
		for px := range size {
			if back := input.FractionToPixel(input.PixelToFraction(px, size), size); back != px {
				t.Fatalf("pixel %d of %d becomes %d", px, size, back)
			}
		}
		if f := input.PixelToFraction(size-1, size); size > 1 && f != 65535 {
			t.Errorf("the last of %d pixels is %d", size, f)
		}
		if got := input.FractionToPixel(65535, size); got != size-1 {
			t.Errorf("65535 of %d is pixel %d", size, got)
		}
		if a, b := input.PixelToFraction(-5, size), input.PixelToFraction(size+5, size); a != 0 || size > 1 && b != 65535 {
			t.Errorf("outside %d: %d and %d", size, a, b)
		}
	}
	if input.PixelToFraction(3, 0) != 0 || input.FractionToPixel(3, 0) != 0 || input.FractionToPixel(3, -1) != 0 {
		t.Error("no size, no place")
	}
}

func TestDisplays(t *testing.T) {
	var d input.Displays
	if _, ok := d.Place(input.Pointer{}); ok {
		t.Error("a place without displays")
	}
	d.Set([]image.Rectangle{image.Rect(0, 0, 1920, 1080), image.Rect(-1366, 200, 0, 968), {}})
	for _, tt := range []struct {
		p    input.Pointer
		want image.Point
		ok   bool
	}{
		{input.Pointer{}, image.Pt(0, 0), true},
		{input.Pointer{X: 65535, Y: 65535}, image.Pt(1919, 1079), true},
		{input.Pointer{Display: 1}, image.Pt(-1366, 200), true},
		{input.Pointer{Display: 1, X: 65535, Y: 65535}, image.Pt(-1, 967), true},
		{input.Pointer{Display: 2}, image.Point{}, false},
		{input.Pointer{Display: 255}, image.Point{}, false},
	} {
		if at, ok := d.Place(tt.p); at != tt.want || ok != tt.ok {
			t.Errorf("%+v: %v, %v", tt.p, at, ok)
		}
	}
}
