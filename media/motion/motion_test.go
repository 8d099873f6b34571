package motion

import (
	"errors"
	"image"
	"testing"
)

func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		name string
		area image.Rectangle
		want error
		size image.Point // that is coded
	}{
		{"screen", image.Rect(0, 0, 1920, 1080), nil, image.Pt(1920, 1080)},
		{"odd, elsewhere", image.Rect(-7, 5, 94, 46), nil, image.Pt(102, 42)},
		{"one pixel", image.Rect(5, 5, 6, 6), nil, image.Pt(16, 16)},
		{"longest row", image.Rect(0, 0, 8192, 1), nil, image.Pt(8192, 16)},
		{"longest column", image.Rect(0, 0, 1, 8192), nil, image.Pt(16, 8192)},
		{"most pixels", image.Rect(0, 0, 4096, 2048), nil, image.Pt(4096, 2048)},
		{"empty", image.Rect(5, 5, 5, 9), ErrSize, image.Point{}},
		{"inside out", image.Rectangle{Min: image.Pt(9, 9)}, ErrSize, image.Point{}},
		{"too wide", image.Rect(0, 0, 8193, 16), ErrSize, image.Point{}},
		{"too many pixels", image.Rect(0, 0, 4096, 2049), ErrSize, image.Point{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := check(tt.area)
			if !errors.Is(err, tt.want) {
				t.Fatalf("check(%v): %v, want %v", tt.area, err, tt.want)
			}
			if err == nil && coded(tt.area) != tt.size {
				t.Errorf("coded(%v) = %v, want %v", tt.area, coded(tt.area), tt.size)
			}
		})
	}
}

// Whatever the program was built with, a rectangle that no stream can have is an ErrSize, and any other opens or is unsupported.
func TestOpen(t *testing.T) {
	var want error
	if !Supported() {
		want = ErrUnsupported
	}
	good, bad := image.Rect(10, 10, 42, 42), image.Rect(0, 0, 9000, 2)
	e, err := NewEncoder(good, Settings{})
	if !errors.Is(err, want) {
		t.Errorf("NewEncoder: %v, want %v", err, want)
	}
	if err == nil {
		e.Close()
	}
	d, err := NewDecoder(good)
	if !errors.Is(err, want) {
		t.Errorf("NewDecoder: %v, want %v", err, want)
	}
	if err == nil {
		d.Close()
	}
	if _, err := NewEncoder(bad, Settings{}); !errors.Is(err, ErrSize) {
		t.Errorf("NewEncoder: %v, want %v", err, ErrSize)
	}
	if _, err := NewDecoder(bad); !errors.Is(err, ErrSize) {
		t.Errorf("NewDecoder: %v, want %v", err, ErrSize)
	}
}
