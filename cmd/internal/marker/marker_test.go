package marker

import (
	"image"
	"math/bits"
	"math/rand/v2"
	"testing"

	"assist/media/frame"
)

// ground is a picture that is not one colour.
func ground(seed uint64, w, h int) *frame.Frame {
	f := frame.New(w, h)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range f.Pix {
		f.Pix[i] = byte(100 + r.IntN(60))
	}
	return f
}

func TestEveryNumber(t *testing.T) {
	f := ground(1, Width+20, Height+20)
	at := image.Pt(7, 9)
	for n := range 1 << 16 {
		Paint(f, at, uint16(n))
		if got, ok := Read(f, at); !ok || got != uint16(n) {
			t.Fatalf("%d: read %d, %v", n, got, ok)
		}
	}
}

func TestNeighbours(t *testing.T) {
	for n := range uint16(0xffff) {
		if c := bits.OnesCount32(pattern(n) ^ pattern(n+1)); c != 2 {
			t.Fatalf("%d and the next one differ in %d blocks", n, c)
		}
	}
}

// Half of a change is never another number.
func TestTorn(t *testing.T) {
	f := ground(1, Width, Height)
	next := ground(1, Width, Height)
	for n := range uint16(3000) {
		for cut := 0; cut <= Blocks; cut++ {
			Paint(f, image.Point{}, n)
			Paint(next, image.Point{}, n+1)
			f.CopyRect(next, image.Rect(0, 0, cut*Side, Height))
			if got, ok := Read(f, image.Point{}); ok && got != n && got != n+1 {
				t.Fatalf("%d with %d blocks of the next one is read as %d", n, cut, got)
			}
		}
	}
}

// Noise and blur as a lossy codec leaves them do no harm.
func TestNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 0))
	at := image.Pt(16, 16)
	for n := uint16(0); n < 5000; n += 13 {
		f := ground(uint64(n), Width+32, Height+32)
		Paint(f, at, n)
		blur(f)
		for i := range f.Pix {
			f.Pix[i] = byte(max(0, min(255, int(f.Pix[i])+r.IntN(121)-60)))
		}
		if got, ok := Read(f, at); !ok || got != n {
			t.Fatalf("%d: read %d, %v", n, got, ok)
		}
	}
}

// blur takes the mean of three pixels in each row.
func blur(f *frame.Frame) {
	old := append([]byte(nil), f.Pix...)
	for i := frame.BytesPerPixel; i < len(old)-frame.BytesPerPixel; i++ {
		f.Pix[i] = byte((int(old[i-frame.BytesPerPixel]) + int(old[i]) + int(old[i+frame.BytesPerPixel])) / 3)
	}
}

func TestNoMarker(t *testing.T) {
	f := ground(3, Width+40, Height+40)
	if n, ok := Read(f, image.Pt(3, 3)); ok {
		t.Errorf("read %d from nothing", n)
	}
	Paint(f, image.Pt(3, 3), 99)
	f.Fill(image.Rect(3+9*Side, 3, 3+10*Side, 3+Side), 128, 128, 128)
	if n, ok := Read(f, image.Pt(3, 3)); ok {
		t.Errorf("read %d from a marker with a grey block", n)
	}
	for _, at := range []image.Point{{-1, 0}, {0, -1}, {41, 0}, {0, 41}} {
		if _, ok := Read(f, at); ok {
			t.Errorf("read at %v, outside", at)
		}
	}
}

func TestFind(t *testing.T) {
	for i := range 12 {
		f := ground(uint64(i), 400+i, 90)
		want := image.Pt(13*i+1, 5*i+i%3)
		Paint(f, want, 0x2a5)
		if i%2 == 1 {
			blur(f)
		}
		if at, ok := Find(f, 0x2a5); !ok || at != want {
			t.Errorf("found at %v, %v; it is at %v", at, ok, want)
		}
		if at, ok := Find(f, 0x2a6); ok {
			t.Errorf("another number found at %v", at)
		}
	}
}

// BenchmarkFind searches a large picture that has no marker.
func BenchmarkFind(b *testing.B) {
	f := ground(1, 2304, 1248)
	f.Fill(image.Rect(300, 100, 1800, 1000), 250, 250, 250)
	for b.Loop() {
		if _, ok := Find(f, 77); ok {
			b.Fatal("found")
		}
	}
}
