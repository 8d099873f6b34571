package capturetest

import (
	"context"
	"errors"
	"fmt"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"assist/media/capture"
	"assist/media/frame"
)

// fakeStage paints on a Fake.
type fakeStage struct{ *Fake }

func (s fakeStage) Fill(r image.Rectangle, blue, green, red byte) {
	s.Paint(func(f *frame.Frame) []image.Rectangle {
		f.Fill(r, blue, green, red)
		return []image.Rectangle{r}
	})
}

func (fakeStage) Calm() time.Duration { return 20 * time.Millisecond }

func TestFake(t *testing.T) {
	Run(t, func(t *testing.T, o capture.Options) (capture.Source, Stage) {
		f := NewFake(640, 480)
		s, err := f.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s, fakeStage{f}
	})
}

// Plug implements Plugs.
func (s fakeStage) Plug(primary int, monitors ...image.Rectangle) {
	var list []capture.Display
	for i, r := range monitors {
		if !r.Empty() {
			list = append(list, capture.Display{Name: fmt.Sprintf("monitor %d", i), Bounds: r, Primary: i == primary})
		}
	}
	s.Fake.Plug(list...)
}

func TestFakeDisplays(t *testing.T) {
	RunDisplays(t, func(t *testing.T, o capture.Options, ready func(Plugs)) (capture.Source, Plugs) {
		f := NewFake(1040, 480)
		ready(fakeStage{f})
		s, err := f.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s, fakeStage{f}
	})
}

func TestFakeWaitsInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFake(64, 48)
		ctx := t.Context()
		if f.Opened() != 0 || f.Nexts() != 0 {
			t.Errorf("opened %d, nexts %d before anything", f.Opened(), f.Nexts())
		}
		if _, err := f.Next(ctx); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		go func() {
			time.Sleep(time.Hour)
			fakeStage{f}.Fill(image.Rect(0, 0, 1, 1), 1, 2, 3)
		}()
		u, err := f.Next(ctx)
		if err != nil || len(u.Dirty) != 1 || time.Since(start) != time.Hour {
			t.Errorf("Next: %v, %v after %v; want one change after an hour", u.Dirty, err, time.Since(start))
		}
		if f.Nexts() != 2 {
			t.Errorf("%d nexts, want 2", f.Nexts())
		}
	})
}

func TestFakePlugAndBreak(t *testing.T) {
	f := NewFake(64, 48)
	ctx := context.Background()
	if _, err := f.Next(ctx); err != nil {
		t.Fatal(err)
	}
	f.Plug(capture.Display{Name: "left", Bounds: image.Rect(-100, 0, 0, 50)}, capture.Display{Name: "fake", Bounds: image.Rect(0, 0, 64, 48)})
	u, err := f.Next(ctx)
	if err != nil || len(u.Displays) != 2 || u.Frame.Rect != image.Rect(0, 0, 64, 48) {
		t.Fatalf("after Plug: displays %v, frame %v, %v; want the old display still shown", u.Displays, u.Frame.Rect, err)
	}
	if err := f.Select(u.Displays[0].ID); err != nil {
		t.Fatal(err)
	}
	fakeStage{f}.Fill(image.Rect(-100, 0, -99, 1), 1, 2, 3)
	if u, err = f.Next(ctx); err != nil || u.Frame.Rect != image.Rect(0, 0, 100, 50) || u.Frame.Pix[0] != 1 {
		t.Errorf("after Select: frame %v, %v", u.Frame.Rect, err)
	}
	want := errors.New("gone")
	f.Break(want)
	if _, err := f.Next(ctx); err != want {
		t.Errorf("after Break: %v, want %v", err, want)
	}
}
