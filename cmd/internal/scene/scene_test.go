package scene

import (
	"flag"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"assist/cmd/internal/marker"
	"assist/media/frame"
)

var pictures = flag.String("pictures", "", "write a picture of each scene into this folder")

func open(t *testing.T, name string) (*Scene, *frame.Frame) {
	t.Helper()
	s, err := New(name)
	if err != nil {
		t.Fatal(err)
	}
	f := frame.New(Size.X, Size.Y)
	s.Begin(f, first)
	return s, f
}

const first = 700

// Every scene is the same whenever it is made and however a step is reached, says truly what changes, and is marked.
func TestScenes(t *testing.T) {
	for _, name := range Names {
		t.Run(name, func(t *testing.T) {
			a, fa := open(t, name)
			b, fb := open(t, name)
			before := frame.New(Size.X, Size.Y)
			for n := 1; n <= 33; n++ {
				before.CopyRect(fa, Screen)
				dirty := a.Step(fa, n, first)
				for _, r := range dirty {
					before.CopyRect(fa, r)
				}
				if !frame.Equal(before, fa) {
					t.Fatalf("step %d changed more than %v", n, dirty)
				}
				checkMarks(t, a, fa, n)
			}
			b.Step(fb, 33, first)
			if !frame.Equal(fa, fb) {
				t.Error("step 33 at once is not step 33 after the others")
			}
			if !a.Region.In(Screen) || a.Region.Empty() {
				t.Errorf("region %v", a.Region)
			}
			save(t, name, fa)
		})
	}
}

// checkMarks reads all markers, and holds them against where other programs may have windows.
func checkMarks(t *testing.T, s *Scene, f *frame.Frame, n int) {
	t.Helper()
	for _, at := range s.Marks {
		if got, ok := marker.Read(f, at); !ok || got != first+uint16(n) {
			t.Fatalf("marker at %v shows %d, %v at step %d", at, got, ok, n)
		}
		if at.Y < Top {
			t.Errorf("marker at %v may be covered", at)
		}
	}
	if s.ProbeEvery == 0 {
		return
	}
	if got, ok := marker.Read(f, s.Probe); !ok || got != first+uint16(n/s.ProbeEvery) {
		t.Fatalf("probe shows %d, %v at step %d", got, ok, n)
	}
	if marker.Bounds(s.Probe).Overlaps(outside(documentAt)) {
		t.Error("the probe is part of what scrolls")
	}
}

// Sums of step 20, so that a change of a scene, which makes measurements before and after it different, is made knowingly.
func TestSame(t *testing.T) {
	want := map[string]uint32{}
	for _, name := range Names {
		s, f := open(t, name)
		s.Step(f, 20, first)
		again, g := open(t, name)
		again.Step(g, 20, first)
		if crc32.ChecksumIEEE(f.Pix) != crc32.ChecksumIEEE(g.Pix) {
			t.Errorf("%s differs from itself", name)
		}
		want[name] = crc32.ChecksumIEEE(f.Pix)
	}
	seen := map[uint32]string{}
	for name, sum := range want {
		if other, is := seen[sum]; is {
			t.Errorf("%s and %s are the same", name, other)
		}
		seen[sum] = name
	}
}

// Something happens in every step, in the region and not only in the markers.
func TestMoves(t *testing.T) {
	for _, name := range Names {
		s, f := open(t, name)
		before := frame.New(Size.X, Size.Y)
		for n := 1; n < 8; n++ {
			before.CopyRect(f, Screen)
			s.Step(f, n, first)
			inner := s.Region
			for _, at := range s.Marks {
				if marker.Bounds(at).Overlaps(inner) {
					before.CopyRect(f, marker.Bounds(at))
				}
			}
			if frame.SameIn(before, f, inner) {
				t.Errorf("%s: nothing happens in step %d", name, n)
			}
		}
	}
}

func TestUnknown(t *testing.T) {
	if _, err := New("nothing"); err == nil {
		t.Error("a scene that is not there was made")
	}
}

// A desktop has text, and not only ground: what is readable can be told from what is not.
func TestText(t *testing.T) {
	s, f := open(t, Rest)
	if len(s.Text) < 2 {
		t.Fatal("no text")
	}
	for _, r := range s.Text {
		ground, other := marker.Luma(f.Row(r.Min.X, r.Min.X+1, r.Min.Y)), 0
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := f.Row(r.Min.X, r.Max.X, y)
			for i := 0; i < len(row); i += frame.BytesPerPixel {
				if d := marker.Luma(row[i:]) - ground; d > 60 || d < -60 {
					other++
				}
			}
		}
		if share := float64(other) / float64(r.Dx()*r.Dy()); share < 0.03 || share > 0.3 {
			t.Errorf("%.3f of %v is ink", share, r)
		}
	}
}

func save(t *testing.T, name string, f *frame.Frame) {
	t.Helper()
	if *pictures == "" {
		return
	}
	img := image.NewRGBA(f.Rect)
	f.ToRGBA(img, f.Rect)
	out, err := os.Create(filepath.Join(*pictures, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, img); err != nil {
		t.Error(err)
	}
}

func BenchmarkStep(b *testing.B) {
	for _, name := range Names {
		b.Run(name, func(b *testing.B) {
			s, err := New(name)
			if err != nil {
				b.Fatal(err)
			}
			f := frame.New(Size.X, Size.Y)
			s.Begin(f, 0)
			n := 0
			for b.Loop() {
				n++
				s.Step(f, n, 0)
			}
		})
	}
}
