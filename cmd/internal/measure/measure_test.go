package measure

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"assist/media/frame"
)

func TestQuantile(t *testing.T) {
	var list Times
	for i := range 20 {
		list = append(list, time.Duration((i*7)%20+1)*time.Millisecond) // 1 to 20 ms, mixed
	}
	for _, tt := range []struct {
		p    float64
		want time.Duration
	}{{0, 1}, {0.05, 1}, {0.5, 10}, {0.95, 19}, {0.951, 20}, {1, 20}} {
		if got := list.Quantile(tt.p); got != tt.want*time.Millisecond {
			t.Errorf("quantile %v: %v, want %v ms", tt.p, got, int64(tt.want))
		}
	}
	if list[0] != time.Millisecond || list[1] != 8*time.Millisecond {
		t.Error("the samples were sorted in place")
	}
	if (Times{}).Median() != 0 || (Times{3}).Quantile(0.95) != 3 {
		t.Error("few samples")
	}
	if got := Median([]float64{9, 1, 5, 7}); got != 5 {
		t.Errorf("median %v", got)
	}
	if Median(nil) != 0 {
		t.Error("median of nothing")
	}
}

func TestWithout(t *testing.T) {
	r := image.Rect(0, 0, 40, 30)
	skip := []image.Rectangle{image.Rect(5, 5, 10, 12), image.Rect(-3, 8, 7, 20), image.Rect(35, 25, 90, 90), image.Rect(200, 0, 210, 9)}
	parts := Without(r, skip)
	for y := range 30 {
		for x := range 40 {
			p, want, in := image.Pt(x, y), 1, 0
			for _, s := range skip {
				if p.In(s) {
					want = 0
				}
			}
			for _, part := range parts {
				if p.In(part) {
					in++
				}
			}
			if in != want {
				t.Fatalf("%v is in %d parts, want %d", p, in, want)
			}
		}
	}
	if got := Without(r, []image.Rectangle{r.Inset(-1)}); len(got) != 0 {
		t.Errorf("all of it is skipped, and %v left", got)
	}
}

// noisy returns a picture and a moved copy in which every colour of an area is off by d.
func noisy(d int, where image.Rectangle) (want, got *frame.Frame, offset image.Point) {
	r := rand.New(rand.NewPCG(1, 1))
	want, got, offset = frame.New(64, 48), frame.New(100, 80), image.Pt(11, 7)
	for i := range want.Pix {
		want.Pix[i] = byte(60 + r.IntN(100))
	}
	for y := range 48 {
		copy(got.Row(11, 75, y+7), want.Row(0, 64, y))
	}
	for y := where.Min.Y; y < where.Max.Y; y++ {
		row := got.Row(where.Min.X+11, where.Max.X+11, y+7)
		for i := range row {
			row[i] += byte(d)
		}
	}
	return want, got, offset
}

func TestPSNR(t *testing.T) {
	all := []image.Rectangle{image.Rect(0, 0, 64, 48)}
	want, got, offset := noisy(0, all[0])
	if p := PSNR(want, got, offset, all); p != Exact {
		t.Errorf("the same picture: %v", p)
	}
	want, got, offset = noisy(10, all[0])
	if p := PSNR(want, got, offset, all); math.Abs(p-28.13) > 0.2 { // 20 log10(255/10), and rounding of the luma
		t.Errorf("10 levels off: %v dB", p)
	}
	want, got, offset = noisy(10, image.Rect(0, 0, 64, 12))
	if p := PSNR(want, got, offset, all); math.Abs(p-34.15) > 0.2 {
		t.Errorf("a quarter 10 levels off: %v dB", p)
	}
	if p := PSNR(want, got, offset, Without(all[0], []image.Rectangle{image.Rect(0, 0, 64, 12)})); p != Exact {
		t.Errorf("without that quarter: %v dB", p)
	}
}

func TestSame(t *testing.T) {
	where := image.Rect(20, 20, 21, 21)
	want, got, offset := noisy(1, where)
	all := image.Rect(0, 0, 64, 48)
	if Same(want, got, offset, []image.Rectangle{all}) {
		t.Error("one pixel differs, and the pictures are the same")
	}
	if !Same(want, got, offset, Without(all, []image.Rectangle{where})) {
		t.Error("without that pixel they are the same")
	}
}

// page is text of a kind: vertical strokes on white.
func page() *frame.Frame {
	f := frame.New(90, 40)
	f.Fill(f.Rect, 255, 255, 255)
	for x := 3; x < 90; x += 9 {
		f.Fill(image.Rect(x, 5, x+1, 35), 20, 20, 20)
	}
	return f
}

func TestText(t *testing.T) {
	want := page()
	text := NewText(want, []image.Rectangle{want.Rect})
	got := frame.New(120, 60)
	offset := image.Pt(17, 9)
	show := func(change func(row []byte)) float64 {
		for y := range 40 {
			row := got.Row(17, 107, y+9)
			copy(row, want.Row(0, 90, y))
			if change != nil {
				change(row)
			}
		}
		return text.Share(got, offset)
	}
	if s := show(nil); s != 1 {
		t.Errorf("the text itself: %v", s)
	}
	if s := show(func(row []byte) {
		for i := range row {
			row[i] = byte(max(0, min(255, int(row[i])+i%41-20)))
		}
	}); s < Readable {
		t.Errorf("a little noise: %v", s)
	}
	if s := show(func(row []byte) { clear(row) }); s != 0 {
		t.Errorf("black: %v", s)
	}
	if s := show(func(row []byte) {
		for i := range row {
			row[i] = 255
		}
	}); s != 0 {
		t.Errorf("an empty page: %v", s)
	}
	if s := show(func(row []byte) {
		old := append([]byte(nil), row...)
		for i := 4; i < len(row)-4; i++ {
			row[i] = byte((int(old[i-4]) + int(old[i]) + int(old[i+4])) / 3)
		}
	}); s >= Readable {
		t.Errorf("blurred strokes are readable: %v", s)
	}
	if s := text.Share(got, image.Pt(60, 9)); s != 0 {
		t.Errorf("outside: %v", s)
	}
}

// BenchmarkSame compares two screens.
func BenchmarkSame(b *testing.B) {
	want, got := frame.New(1920, 1080), frame.New(2304, 1248)
	parts := Without(want.Rect, []image.Rectangle{image.Rect(40, 20, 940, 180)})
	for b.Loop() {
		if !Same(want, got, image.Pt(100, 90), parts) {
			b.Fatal("different")
		}
	}
}
