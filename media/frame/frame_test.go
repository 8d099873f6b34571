package frame

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// noise fills f, unused bytes included, with what t draws.
func noise(t *rapid.T, f *Frame, label string) {
	copy(f.Pix, rapid.SliceOfN(rapid.Byte(), len(f.Pix), len(f.Pix)).Draw(t, label))
}

func TestSameColours(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b []byte
		want bool
	}{
		{"nothing", nil, nil, true},
		{"one pixel, unused byte", []byte{1, 2, 3, 4}, []byte{1, 2, 3, 9}, true},
		{"one pixel, red", []byte{1, 2, 3, 4}, []byte{1, 2, 9, 4}, false},
		{"two pixels, unused bytes", []byte{1, 2, 3, 4, 5, 6, 7, 8}, []byte{1, 2, 3, 0, 5, 6, 7, 0}, true},
		{"two pixels, second blue", []byte{1, 2, 3, 4, 5, 6, 7, 8}, []byte{1, 2, 3, 4, 0, 6, 7, 8}, false},
		{"third of three", []byte{1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4}, []byte{1, 2, 3, 0, 5, 6, 7, 8, 1, 3, 3, 4}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := SameColours(tt.a, tt.b); got != tt.want {
				t.Errorf("SameColours(%v, %v) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
		})
	}
}

func TestUpdateNamesOnlyWhatChanged(t *testing.T) {
	old, next := New(100, 70), New(100, 70)
	for i := 3; i < len(next.Pix); i += BytesPerPixel {
		next.Pix[i] = 0xff // no change: the byte has no meaning
	}
	next.Fill(image.Rect(31, 10, 34, 11), 1, 2, 3) // tiles 0 and 1 of row 0
	next.Fill(image.Rect(99, 69, 100, 70), 1, 2, 3)
	next.Fill(image.Rect(60, 40, 61, 41), 1, 2, 3) // outside the part asked for

	r := image.Rect(0, 0, 100, 70)
	got := old.Update(nil, next, r.Intersect(image.Rect(0, 0, 100, 32)))
	got = old.Update(got, next, image.Rect(64, 32, 200, 200))
	want := []image.Rectangle{image.Rect(0, 0, 64, 32), image.Rect(96, 64, 100, 70)}
	if !slices.Equal(got, want) {
		t.Errorf("Update: %v, want %v", got, want)
	}
	if again := old.Update(nil, next, image.Rect(0, 0, 100, 32)); len(again) != 0 {
		t.Errorf("a second Update: %v, want none", again)
	}
	if Equal(old, next) {
		t.Error("Update touched what lies outside its rectangle")
	}
	old.Update(nil, next, r)
	if !Equal(old, next) {
		t.Error("frames differ after Update of everything")
	}
}

// A frame that is a part of a picture counts tiles from its own corner.
func TestUpdateOfPart(t *testing.T) {
	old := New(64, 64)
	part := &Frame{Pix: make([]byte, 40*10*4), Stride: 160, Rect: image.Rect(20, 30, 60, 40)}
	part.Fill(image.Rect(50, 35, 51, 36), 9, 9, 9)
	got := old.Update(nil, part, part.Rect)
	if want := []image.Rectangle{image.Rect(32, 32, 60, 40)}; !slices.Equal(got, want) {
		t.Errorf("Update: %v, want %v", got, want)
	}
}

// TestUpdateIsByTiles holds Update against one that asks tile by tile, on frames that differ here and there.
func TestUpdateIsByTiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 140).Draw(t, "w"), rapid.IntRange(1, 100).Draw(t, "h")
		src, got, want := New(w, h), New(w, h), New(w, h)
		for range rapid.IntRange(0, 6).Draw(t, "spots") {
			x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
			src.Fill(image.Rect(x, y, x+rapid.IntRange(1, 40).Draw(t, "dx"), y+rapid.IntRange(1, 3).Draw(t, "dy")), 1, 2, 3)
			src.Pix[rapid.IntRange(0, w*h-1).Draw(t, "unused")*BytesPerPixel+3] = 7
		}
		x0, y0 := rapid.IntRange(0, w-1).Draw(t, "x0"), rapid.IntRange(0, h-1).Draw(t, "y0")
		r := image.Rect(x0, y0, rapid.IntRange(x0, w+5).Draw(t, "x1"), rapid.IntRange(y0, h+5).Draw(t, "y1"))
		var list []image.Rectangle
		for y := 0; y < h; y += Tile {
			from := len(list)
			for x := 0; x < w; x += Tile {
				tile := image.Rect(x, y, x+Tile, y+Tile).Intersect(want.Rect).Intersect(r)
				if tile.Empty() || SameIn(want, src, tile) {
					continue
				}
				want.CopyRect(src, tile)
				if n := len(list); n > from && list[n-1].Max.X == tile.Min.X {
					list[n-1].Max.X = tile.Max.X
				} else {
					list = append(list, tile)
				}
			}
		}
		if dirty := got.Update(nil, src, r); !slices.Equal(dirty, list) || !Equal(got, want) {
			t.Fatalf("Update in %v: %v, want %v; equal: %v", r, dirty, list, Equal(got, want))
		}
	})
}

func TestMoveIsLikeACopy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 12).Draw(t, "w"), rapid.IntRange(1, 12).Draw(t, "h")
		f, was := New(w, h), New(w, h)
		noise(t, f, "pixels")
		copy(was.Pix, f.Pix)
		x0, y0 := rapid.IntRange(0, w-1).Draw(t, "x0"), rapid.IntRange(0, h-1).Draw(t, "y0")
		r := image.Rect(x0, y0, rapid.IntRange(x0+1, w).Draw(t, "x1"), rapid.IntRange(y0+1, h).Draw(t, "y1"))
		by := image.Pt(rapid.IntRange(-r.Min.X, w-r.Max.X).Draw(t, "dx"), rapid.IntRange(-r.Min.Y, h-r.Max.Y).Draw(t, "dy"))
		f.Move(r, by)
		for y := range h {
			for x := range w {
				from := image.Pt(x, y)
				if from.In(r) {
					from = from.Add(by)
				}
				if got, want := f.Row(x, x+1, y), was.Row(from.X, from.X+1, from.Y); !slices.Equal(got, want) {
					t.Fatalf("Move(%v, %v): pixel %d,%d is %v, want %v", r, by, x, y, got, want)
				}
			}
		}
	})
}

func TestEqualAndCopyRect(t *testing.T) {
	a, b := New(7, 5), New(7, 5)
	b.Fill(image.Rect(2, 1, 4, 3), 10, 20, 30)
	if Equal(a, b) {
		t.Fatal("different frames are equal")
	}
	a.CopyRect(b, image.Rect(-5, -5, 50, 50))
	if !Equal(a, b) {
		t.Error("frames differ after CopyRect of everything")
	}
	a.Pix[3] = 0xff
	if !Equal(a, b) {
		t.Error("the unused byte counts")
	}
	if Equal(a, New(5, 7)) {
		t.Error("frames of different sizes are equal")
	}
}

func TestToRGBA(t *testing.T) {
	f := New(3, 2)
	f.Fill(f.Rect, 1, 2, 3)
	img := image.NewRGBA(image.Rect(0, 0, 3, 2))
	f.ToRGBA(img, image.Rect(1, 0, 9, 9))
	if got, want := img.RGBAAt(1, 1), (color.RGBA{R: 3, G: 2, B: 1, A: 255}); got != want {
		t.Errorf("pixel 1,1: %v, want %v", got, want)
	}
	if got := img.RGBAAt(0, 0); got != (color.RGBA{}) {
		t.Errorf("pixel 0,0 outside the rectangle: %v, want nothing", got)
	}
}

func BenchmarkUpdateUnchanged1080p(b *testing.B) {
	old, next := New(1920, 1080), New(1920, 1080)
	var dst []image.Rectangle
	for b.Loop() {
		dst = old.Update(dst[:0], next, next.Rect)
	}
	b.ReportMetric(float64(len(dst)), "rects/frame")
}
