package capture_test

import (
	"context"
	"image"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"assist/media/capture"
)

// TestWindowsDesk reads this computer's screen as one, as all and by its pointer.
func TestWindowsDesk(t *testing.T) {
	s, err := capture.Open(capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	next := func() capture.Update {
		t.Helper()
		u, err := s.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	u := next()
	if len(u.Displays) == 0 || !u.Displays[0].Primary || u.Displays[0].Bounds.Min != (image.Point{}) || u.Displays[0].Name == "" {
		t.Fatalf("displays %+v", u.Displays)
	}
	places := capture.Places(u.Displays)
	if u.Shown != u.Displays[0].ID || u.Frame.Rect.Size() != places[u.Shown].Size() {
		t.Errorf("shown %d of size %v", u.Shown, u.Frame.Rect.Size())
	}
	put := windows.NewLazySystemDLL("user32.dll").NewProc("SetCursorPos")
	for i, id := range []uint8{capture.All, capture.Follow, u.Displays[0].ID} {
		if err := s.Select(id); err != nil {
			t.Fatal(err)
		}
		for u = next(); u.Choice != id; u = next() {
		}
		at := image.Pt(100+i, 120+i)
		put.Call(uintptr(at.X), uintptr(at.Y))
		for u.Pointer.Add(places[u.Shown].Min) != at {
			u = next()
		}
	}
}
