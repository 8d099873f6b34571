package surface

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"assist/media/frame"
)

// noise is a picture of random colours.
func noise(width, height int, seed uint64) *frame.Frame {
	f := frame.New(width, height)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range f.Pix {
		f.Pix[i] = byte(r.Uint32())
	}
	return f
}

// average is a channel of the picture over what a pixel of the drawing covers, worked out slowly.
func average(f *frame.Frame, to image.Point, x, y, channel int) float64 {
	size := f.Rect.Size()
	span := func(i, n, m int) (lo, hi float64) {
		return float64(i) * float64(n) / float64(m), float64(i+1) * float64(n) / float64(m)
	}
	x0, x1 := span(x, size.X, to.X)
	y0, y1 := span(y, size.Y, to.Y)
	sum := 0.0
	for py := int(y0); py < size.Y && float64(py) < y1; py++ {
		for px := int(x0); px < size.X && float64(px) < x1; px++ {
			w := (math.Min(x1, float64(px+1)) - math.Max(x0, float64(px))) * (math.Min(y1, float64(py+1)) - math.Max(y0, float64(py)))
			sum += w * float64(f.Pix[py*f.Stride+4*px+channel])
		}
	}
	return sum / ((x1 - x0) * (y1 - y0))
}

func drawAll(f *frame.Frame, to image.Point) *frame.Frame {
	d := frame.New(to.X, to.Y)
	newScaler(f.Rect.Size(), to).draw(d.Pix, f, d.Rect)
	return d
}

func TestShrinkingAverages(t *testing.T) {
	for _, tt := range []struct{ size, to image.Point }{
		{image.Pt(64, 48), image.Pt(63, 47)},
		{image.Pt(64, 48), image.Pt(40, 30)},
		{image.Pt(64, 48), image.Pt(32, 24)},
		{image.Pt(97, 31), image.Pt(10, 3)},
		{image.Pt(50, 50), image.Pt(1, 1)},
		{image.Pt(50, 40), image.Pt(30, 40)},
		{image.Pt(50, 40), image.Pt(50, 20)},
	} {
		f := noise(tt.size.X, tt.size.Y, 7)
		d := drawAll(f, tt.to)
		for y := range tt.to.Y {
			for x := range tt.to.X {
				for c := range 4 {
					got, want := float64(d.Pix[y*d.Stride+4*x+c]), average(f, tt.to, x, y, c)
					if math.Abs(got-want) > 3 {
						t.Fatalf("%v as %v: channel %d of pixel %d,%d is %v, want %.1f", tt.size, tt.to, c, x, y, got, want)
					}
				}
			}
		}
	}
}

// One colour stays what it is: the weights of a pixel add up to it.
func TestOneColourStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 90)
		f := frame.New(side.Draw(t, "w"), side.Draw(t, "h"))
		for i := range f.Pix {
			f.Pix[i] = []byte{255, 200, 1, 0}[i%4]
		}
		to := image.Pt(side.Draw(t, "to x"), side.Draw(t, "to y"))
		for i, v := range drawAll(f, to).Pix {
			if want := []byte{255, 200, 1, 0}[i%4]; v != want {
				t.Fatalf("%v as %v: byte %d is %d, want %d", f.Rect.Size(), to, i, v, want)
			}
		}
	})
}

func TestEnlargingRepeats(t *testing.T) {
	for n := 1; n <= 4; n++ {
		f := noise(9, 7, uint64(n))
		d := drawAll(f, image.Pt(9*n, 7*n))
		for y := range 7 * n {
			for x := range 9 * n {
				got, want := d.Row(x, x+1, y), f.Row(x/n, x/n+1, y/n)
				if string(got) != string(want) {
					t.Fatalf("%d times: pixel %d,%d is %v, want %v", n, x, y, got, want)
				}
			}
		}
	}
}

// Drawing what is covered by a changed part makes the same as drawing everything.
func TestPartsMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 60)
		size := image.Pt(side.Draw(t, "w"), side.Draw(t, "h"))
		to := image.Pt(side.Draw(t, "to x"), side.Draw(t, "to y"))
		before, after := noise(size.X, size.Y, 1), noise(size.X, size.Y, 1)
		x, y := rapid.IntRange(0, size.X-1).Draw(t, "x"), rapid.IntRange(0, size.Y-1).Draw(t, "y")
		part := image.Rect(x, y, rapid.IntRange(x+1, size.X).Draw(t, "x1"), rapid.IntRange(y+1, size.Y).Draw(t, "y1"))
		after.CopyRect(noise(size.X, size.Y, 2), part)

		s := newScaler(size, to)
		d, want := drawAll(before, to), drawAll(after, to)
		if r := s.covered(part); !r.Empty() {
			p := &frame.Frame{Pix: make([]byte, 4*r.Dx()*r.Dy()), Stride: 4 * r.Dx(), Rect: r}
			s.draw(p.Pix, after, r)
			d.CopyRect(p, r)
		}
		if !frame.Equal(d, want) {
			t.Fatalf("%v of %v as %v: not all of it was drawn", part, size, to)
		}
	})
}

// A drawing made in bands is the one that is made at once.
func TestBands(t *testing.T) {
	for _, to := range []image.Point{{1200, 900}, {999, 701}, {3000, 2100}} {
		f := noise(1500, 1050, 3)
		s, want := newScaler(f.Rect.Size(), to), frame.New(to.X, to.Y)
		s.drawBand(0, want.Pix, f, want.Rect)
		if !frame.Equal(drawAll(f, to), want) {
			t.Errorf("%v differs", to)
		}
	}
}

func TestJoin(t *testing.T) {
	row := func(n, step int) (list []image.Rectangle) {
		for i := range n {
			list = append(list, image.Rect(i*step, 0, i*step+10, 10))
		}
		return list
	}
	for _, tt := range []struct {
		name  string
		parts []image.Rectangle
		want  int
	}{
		{"none", nil, 0},
		{"empty ones", []image.Rectangle{{}, image.Rect(5, 5, 5, 9)}, 0},
		{"neighbours", row(100, 10), 1},
		{"apart", row(10, 20), 10},
		{"many apart", row(1000, 20), 63},
		{"one above the other", []image.Rectangle{image.Rect(0, 0, 9, 9), image.Rect(0, 9, 9, 12)}, 1},
		{"one in the other", []image.Rectangle{image.Rect(0, 0, 9, 9), image.Rect(2, 2, 4, 4)}, 1},
		{"corner to corner", []image.Rectangle{image.Rect(0, 0, 9, 9), image.Rect(9, 9, 12, 12)}, 2},
	} {
		whole := everywhere(tt.parts)
		got := join(tt.parts)
		if len(got) != tt.want {
			t.Errorf("%s: %d parts, want %d", tt.name, len(got), tt.want)
		}
		if now := everywhere(got); now != whole {
			t.Errorf("%s: %v is covered, want %v", tt.name, now, whole)
		}
	}
}

func everywhere(parts []image.Rectangle) (all image.Rectangle) {
	for _, r := range parts {
		if !r.Empty() {
			all = all.Union(r)
		}
	}
	return all
}

func TestFitting(t *testing.T) {
	parts := []image.Rectangle{image.Rect(0, 0, 10, 10), image.Rect(5, 5, 12, 12)}
	if got := fitting(parts, 149); len(got) != 2 {
		t.Errorf("%v, although there is room", got)
	}
	if got := fitting(parts, 148); len(got) != 1 || got[0] != image.Rect(0, 0, 12, 12) {
		t.Errorf("%v, although there is no room", got)
	}
}

func BenchmarkScale(b *testing.B) {
	f := noise(1920, 1080, 1)
	for _, to := range []image.Point{{1920, 1080}, {1824, 1026}, {1267, 713}, {640, 360}, {3840, 2160}} {
		b.Run(to.String(), func(b *testing.B) {
			s, dst := newScaler(f.Rect.Size(), to), make([]byte, 4*to.X*to.Y)
			for b.Loop() {
				s.draw(dst, f, image.Rectangle{Max: to})
			}
		})
	}
}
