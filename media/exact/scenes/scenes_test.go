package scenes

import (
	"bytes"
	"errors"
	"image"
	"testing"

	"assist/media/frame"
)

// Every recording plays to its end, byte for byte, and something happens in it.
func TestPlay(t *testing.T) {
	for _, name := range Names {
		t.Run(name, func(t *testing.T) {
			frames, last := 0, -1
			err := Play(name, func(f Frame) error {
				if f.Tick <= last || f.Picture.Rect.Size() != image.Pt(1920, 1080) || len(f.Dirty) == 0 {
					t.Errorf("frame %d: tick %d after %d, %v, %d parts", frames, f.Tick, last, f.Picture.Rect, len(f.Dirty))
				}
				last = f.Tick
				frames++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if frames < 10 || last < Rate {
				t.Errorf("%d frames in %d ticks: is that a scene?", frames, last)
			}
		})
	}
}

func TestUnknownName(t *testing.T) {
	if err := Play("nothing", nil); err == nil {
		t.Error("a recording that is not there was played")
	}
}

// What is written is read back; what is damaged is noticed.
func TestWriteAndRead(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	f := frame.New(100, 60)
	for i := range 3 {
		r := image.Rect(10*i, 5, 10*i+20, 50)
		f.Fill(r, byte(50*i), 100, 200)
		if err := w.Write(Frame{Tick: 2 * i, Picture: f, Dirty: []image.Rectangle{r}}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	err := Read(bytes.NewReader(b.Bytes()), func(got Frame) error {
		if want := image.Rect(10*n, 5, 10*n+20, 50); got.Tick != 2*n || got.Dirty[0] != want {
			t.Errorf("frame %d: tick %d, changed %v; want %d, %v", n, got.Tick, got.Dirty, 2*n, want)
		}
		if n++; n == 3 && !frame.Equal(got.Picture, f) {
			t.Error("the last picture differs")
		}
		return nil
	})
	if err != nil || n != 3 {
		t.Fatalf("%d frames, %v; want 3", n, err)
	}
	for i := range b.Len() {
		if err := Read(bytes.NewReader(b.Bytes()[:i]), func(Frame) error { return nil }); err != nil && !errors.Is(err, ErrCorrupt) {
			t.Errorf("cut after %d bytes: %v, want %v or none", i, err, ErrCorrupt)
		}
	}
	damaged := bytes.Clone(b.Bytes())
	damaged[b.Len()-1] ^= 1
	if err := Read(bytes.NewReader(damaged), func(Frame) error { return nil }); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a wrong sum: %v, want %v", err, ErrCorrupt)
	}
}
