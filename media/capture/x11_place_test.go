//go:build linux

package capture_test

import (
	"image"
	"slices"
	"testing"

	"assist/media/capture"
	"assist/media/capture/capturetest"
	"assist/media/input"
)

// What is injected at a pixel of the picture puts the pointer on that pixel, whichever displays are shown and wherever they lie.
func TestInjectedPointerIsExact(t *testing.T) {
	stage := capturetest.Xorg(t, 0)
	left, right := image.Rect(0, 157, 403, 460), image.Rect(403, 0, 1300, 801)
	stage.Plug(1, left, right)
	s := open(t, capture.Options{})
	in, err := input.NewInjector()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	u := next(t, s)
	places := capture.Places(u.Displays)
	in.SetDisplays(places)
	choices := []uint8{capture.All, capture.Follow}
	for _, d := range u.Displays {
		choices = append(choices, d.ID)
	}
	if len(choices) != 4 {
		t.Fatalf("displays %+v", u.Displays)
	}
	for _, id := range choices {
		if err := s.Select(id); err != nil {
			t.Fatal(err)
		}
		for u = next(t, s); u.Choice != id; u = next(t, s) {
		}
		size, shown := u.Frame.Rect.Size(), u.Shown
		for _, p := range points(size) {
			at := p.Add(places[shown].Min)
			if !slices.ContainsFunc([]image.Rectangle{left, right}, func(r image.Rectangle) bool { return at.In(r) }) {
				continue // no display is there, and the server lets no pointer go there
			}
			err := in.Pointer(input.Pointer{Display: shown, X: input.PixelToFraction(p.X, size.X), Y: input.PixelToFraction(p.Y, size.Y)})
			if err != nil {
				t.Fatal(err)
			}
			for u.Pointer != p {
				if u = next(t, s); u.Shown != shown {
					t.Fatalf("choice %d: a pointer put on display %d leads to %d", id, shown, u.Shown)
				}
			}
		}
	}
}

// points are the corners of a picture, their neighbours, and some in between.
func points(size image.Point) (ps []image.Point) {
	for _, x := range []int{0, 1, size.X / 7, size.X / 2, size.X - 2, size.X - 1} {
		for _, y := range []int{0, 1, size.Y / 3, size.Y - 2, size.Y - 1} {
			ps = append(ps, image.Pt(x, y))
		}
	}
	return ps
}
