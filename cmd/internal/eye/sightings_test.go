//go:build linux

package eye

import (
	"context"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"assist/cmd/internal/marker"
	"assist/media/frame"
)

func at(ms int) time.Time { return time.Unix(1000, 0).Add(time.Duration(ms) * time.Millisecond) }

func TestSightings(t *testing.T) {
	s := NewSightings()
	if _, ok := s.Last(); ok {
		t.Error("something was seen")
	}
	for _, v := range []struct {
		ms    int
		shown []uint16
	}{
		{0, []uint16{10, 10}}, {5, []uint16{11, 10}}, {6, []uint16{11, 11}}, {7, []uint16{11, 11}},
		{20, []uint16{14, 13}}, {22, []uint16{14, 15}}, {30, []uint16{15, 15}}, {31, []uint16{12, 12}},
	} {
		s.add(at(v.ms), v.shown)
	}
	for _, tt := range []struct {
		n    uint16
		want int // ms; -1: never
	}{{9, 0}, {10, 0}, {11, 6}, {12, 20}, {13, 20}, {14, 22}, {15, 30}, {16, -1}} {
		got, ok := s.When(tt.n)
		if ok != (tt.want >= 0) || ok && !got.Equal(at(tt.want)) {
			t.Errorf("%d was seen at %v, %v; want %d ms", tt.n, got, ok, tt.want)
		}
	}
	// 12, 13, 14 were never there on both markers at once while they were new; 12 came out of turn.
	if n := s.Whole(10, 15, at(30)); n != 3 {
		t.Errorf("%d wholes, want 10, 11 and 15", n)
	}
	if n := s.Whole(11, 15, at(29)); n != 1 {
		t.Errorf("%d wholes by 29 ms, want 11", n)
	}
	if n, ok := s.Last(); !ok || n != 15 {
		t.Errorf("last: %d, %v", n, ok)
	}
	for _, tt := range []struct {
		ms   int
		want uint16
		ok   bool
	}{{-1, 0, false}, {0, 10, true}, {19, 11, true}, {21, 13, true}, {99, 15, true}} {
		if n, ok := s.At(at(tt.ms)); ok != tt.ok || n != tt.want {
			t.Errorf("at %d ms: %d, %v; want %d", tt.ms, n, ok, tt.want)
		}
	}
}

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSightings()
		go func() {
			for n := range uint16(5) {
				time.Sleep(time.Second)
				s.add(time.Now(), []uint16{n})
			}
		}()
		began := time.Now()
		if err := s.Until(t.Context(), 3); err != nil || time.Since(began) != 4*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Until(ctx, 9); err == nil {
			t.Error("9 never came")
		}
	})
}

func TestTargets(t *testing.T) {
	f := frame.New(600, 100)
	offset := image.Pt(30, 20)
	targets := Targets{Offset: offset, Marks: []image.Point{{5, 5}, {300, 40}}, Lowest: 100, Highest: 120}
	read := func(a, b uint16) ([]uint16, bool) {
		marker.Paint(f, image.Pt(35, 25), a)
		marker.Paint(f, image.Pt(330, 60), b)
		var shots []*frame.Frame
		for _, r := range targets.rects() {
			shot := frame.New(r.Max.X, r.Max.Y)
			shot.CopyRect(f, r)
			shot = &frame.Frame{Pix: shot.Pix[r.Min.Y*shot.Stride+4*r.Min.X:], Stride: shot.Stride, Rect: r}
			shots = append(shots, shot)
		}
		return targets.read(shots)
	}
	if shown, ok := read(110, 109); !ok || shown[0] != 110 || shown[1] != 109 {
		t.Errorf("%v, %v", shown, ok)
	}
	for _, pair := range [][2]uint16{{99, 110}, {110, 121}} {
		if shown, ok := read(pair[0], pair[1]); ok {
			t.Errorf("%v was read: it cannot be there", shown)
		}
	}
}
