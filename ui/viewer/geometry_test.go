package viewer

import (
	"image"
	"testing"
)

func TestPlace(t *testing.T) {
	for _, tt := range []struct {
		name        string
		frame, view image.Point
		fit         bool
		pan         image.Point
		shown       image.Rectangle
	}{
		{"own size, in the middle", image.Pt(100, 50), image.Pt(300, 200), false, image.Point{}, image.Rect(100, 75, 200, 125)},
		{"own size, too large", image.Pt(300, 200), image.Pt(100, 50), false, image.Pt(20, 30), image.Rect(-20, -30, 280, 170)},
		{"pushed too far", image.Pt(300, 200), image.Pt(100, 50), false, image.Pt(900, 900), image.Rect(-200, -150, 100, 50)},
		{"pushed the wrong way", image.Pt(300, 200), image.Pt(100, 50), false, image.Pt(-5, -5), image.Rect(0, 0, 300, 200)},
		{"nothing to push", image.Pt(50, 50), image.Pt(100, 100), false, image.Pt(20, 20), image.Rect(25, 25, 75, 75)},
		{"fit, wide", image.Pt(1920, 1080), image.Pt(960, 600), true, image.Point{}, image.Rect(0, 30, 960, 570)},
		{"fit, high", image.Pt(1080, 1920), image.Pt(960, 600), true, image.Point{}, image.Rect(311, 0, 649, 600)},
		{"fit, a little larger: stays sharp", image.Pt(1280, 800), image.Pt(1366, 850), true, image.Point{}, image.Rect(43, 25, 1323, 825)},
		{"fit, twice", image.Pt(1280, 720), image.Pt(2560, 1440), true, image.Point{}, image.Rect(0, 0, 2560, 1440)},
		{"no picture", image.Point{}, image.Pt(100, 100), true, image.Point{}, image.Rectangle{}},
		{"no room", image.Pt(100, 100), image.Point{}, true, image.Point{}, image.Rectangle{}},
		{"one row", image.Pt(8192, 1), image.Pt(100, 100), true, image.Point{}, image.Rect(0, 49, 100, 50)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if g := place(tt.frame, tt.view, tt.fit, tt.pan); g.shown != tt.shown {
				t.Errorf("shown %v, want %v", g.shown, tt.shown)
			}
		})
	}
}

// TestPixelIsTheOneSeen compares the pixel named with the one a painter that samples at the middle of each pixel of the
// display would show there.
func TestPixelIsTheOneSeen(t *testing.T) {
	for _, frame := range []image.Point{{1, 1}, {7, 5}, {640, 480}, {1366, 768}, {1920, 1080}} {
		for _, view := range []image.Point{{1, 1}, {5, 7}, {333, 217}, {853, 479}, {1367, 769}, {3840, 2160}} {
			for _, fit := range []bool{true, false} {
				g := place(frame, view, fit, image.Pt(3, 3))
				for _, x := range []int{g.shown.Min.X, (g.shown.Min.X + g.shown.Max.X) / 2, g.shown.Max.X - 1} {
					for _, y := range []int{g.shown.Min.Y, (g.shown.Min.Y + g.shown.Max.Y) / 2, g.shown.Max.Y - 1} {
						got := g.pixel(image.Pt(x, y))
						want := image.Pt(sample(x-g.shown.Min.X, frame.X, g.shown.Dx()), sample(y-g.shown.Min.Y, frame.Y, g.shown.Dy()))
						if got != want {
							t.Fatalf("frame %v in %v fit=%v: %d,%d is %v, want %v", frame, view, fit, x, y, got, want)
						}
					}
				}
			}
		}
	}
}

func sample(at, from, to int) int {
	return int((float64(at) + 0.5) * float64(from) / float64(to))
}

func TestEveryPixelCanBeReached(t *testing.T) {
	for _, tt := range []struct {
		frame, view image.Point
		fit         bool
	}{
		{image.Pt(640, 480), image.Pt(700, 500), false},
		{image.Pt(640, 480), image.Pt(700, 500), true},
		{image.Pt(64, 48), image.Pt(700, 500), true},
	} {
		g := place(tt.frame, tt.view, tt.fit, image.Point{})
		seen := map[int]bool{}
		for x := g.shown.Min.X; x < g.shown.Max.X; x++ {
			p := g.pixel(image.Pt(x, g.shown.Min.Y))
			if !tt.fit && p.X != x-g.shown.Min.X {
				t.Fatalf("%v: at its own size column %d is %d", tt, x-g.shown.Min.X, p.X)
			}
			seen[p.X] = true
		}
		if len(seen) != tt.frame.X {
			t.Errorf("%v: %d of %d columns can be pointed at", tt, len(seen), tt.frame.X)
		}
	}
}

func TestPixelBesideThePicture(t *testing.T) {
	g := place(image.Pt(100, 50), image.Pt(300, 200), false, image.Point{})
	for _, tt := range []struct{ at, want image.Point }{
		{image.Pt(0, 0), image.Pt(0, 0)},
		{image.Pt(299, 199), image.Pt(99, 49)},
		{image.Pt(-500, 100), image.Pt(0, 25)},
		{image.Pt(150, 5000), image.Pt(50, 49)},
	} {
		if g.over(tt.at) {
			t.Errorf("%v is over the picture", tt.at)
		}
		if got := g.pixel(tt.at); got != tt.want {
			t.Errorf("%v is %v, want %v", tt.at, got, tt.want)
		}
	}
}
