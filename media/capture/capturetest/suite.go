// Package capturetest holds what every [capture.Source] must do, as a suite of tests, and a source in memory for the tests
// of packages that use one.
package capturetest

import (
	"context"
	"errors"
	"image"
	"sync"
	"testing"
	"time"

	"assist/media/capture"
	"assist/media/frame"
)

// Stage is the screen that a source under test reads.
type Stage interface {
	// Fill paints a part of the desktop, in desktop pixels, with one colour. When it returns, the screen shows it.
	Fill(r image.Rectangle, blue, green, red byte)
	// MovePointer puts the pointer at a place of the desktop.
	MovePointer(to image.Point)
	// Calm is how long a source may take to say what changed, and so how long a test waits to believe that nothing did.
	Calm() time.Duration
}

// Opener opens a source and the stage that it reads. The display is at least 320 x 240 pixels, with its corner at 0,0. It has the
// test close both.
type Opener func(*testing.T, capture.Options) (capture.Source, Stage)

// deadline is how long anything may take that must come.
const deadline = 10 * time.Second

// Run tests one kind of source.
func Run(t *testing.T, open Opener) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, Opener)
	}{
		{"First", testFirst},
		{"Change", testChange},
		{"NothingNew", testNothingNew},
		{"Coalesce", testCoalesce},
		{"Pointer", testPointer},
		{"Mask", testMask},
		{"MovedMask", testMovedMask},
		{"MaskAppearsDuringShot", testMaskAppears},
		{"Select", testSelect},
		{"Cancel", testCancel},
		{"Close", testClose},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open) })
	}
}

// viewer keeps what a source's updates add up to.
type viewer struct {
	t       *testing.T
	src     capture.Source
	stage   Stage
	picture *frame.Frame
	last    *frame.Frame // the source's own
	pointer image.Point
}

// view opens a source and takes its first update.
func view(t *testing.T, open Opener, o capture.Options) (*viewer, capture.Update) {
	t.Helper()
	src, stage := open(t, o)
	v := &viewer{t: t, src: src, stage: stage}
	u, err := v.next(deadline)
	if err != nil {
		t.Fatalf("first Next: %v", err)
	}
	return v, u
}

// next takes an update, and checks that its Dirty holds all that changed.
func (v *viewer) next(d time.Duration) (capture.Update, error) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	u, err := v.src.Next(ctx)
	if errors.Is(err, context.DeadlineExceeded) && v.last != nil && !frame.Equal(v.last, v.picture) {
		v.t.Error("the frame changed without an update")
	}
	if err != nil {
		return u, err
	}
	v.last = u.Frame
	if v.picture == nil || v.picture.Rect != u.Frame.Rect {
		v.picture = frame.New(u.Frame.Rect.Dx(), u.Frame.Rect.Dy())
	}
	for _, r := range u.Dirty {
		if r.Empty() || !r.In(u.Frame.Rect) {
			v.t.Errorf("dirty %v is not in %v", r, u.Frame.Rect)
		}
		v.picture.CopyRect(u.Frame, r)
	}
	if !frame.Equal(v.picture, u.Frame) {
		v.t.Errorf("the frame changed outside dirty %v", u.Dirty)
	}
	v.pointer = u.Pointer
	return u, nil
}

// until takes updates until the picture is as wanted, and returns all that was dirty.
func (v *viewer) until(what string, ok func() bool) (dirty []image.Rectangle) {
	v.t.Helper()
	for end := time.Now().Add(deadline); !ok(); {
		u, err := v.next(time.Until(end))
		if err != nil {
			v.t.Fatalf("waiting for %s: %v", what, err)
		}
		dirty = append(dirty, u.Dirty...)
	}
	return dirty
}

// calm takes updates until there are none, and returns all that was dirty.
func (v *viewer) calm() (dirty []image.Rectangle) {
	v.t.Helper()
	for {
		u, err := v.next(v.stage.Calm())
		if errors.Is(err, context.DeadlineExceeded) {
			return dirty
		}
		if err != nil {
			v.t.Fatal(err)
		}
		dirty = append(dirty, u.Dirty...)
	}
}

// shows reports whether the picture is of one colour at r.
func (v *viewer) shows(r image.Rectangle, blue, green, red byte) bool {
	want := frame.New(r.Dx(), r.Dy())
	want.Rect = r
	want.Fill(r, blue, green, red)
	return r.In(v.picture.Rect) && frame.SameIn(v.picture, want, r)
}

func testFirst(t *testing.T, open Opener) {
	v, u := view(t, open, capture.Options{})
	if len(u.Displays) == 0 {
		t.Fatal("no displays")
	}
	for i, d := range u.Displays {
		if d.ID == capture.All || d.ID == capture.Follow || d.Bounds.Empty() {
			t.Errorf("display %d: %+v", i, d)
		}
	}
	if want := (image.Rectangle{Max: u.Displays[0].Bounds.Size()}); u.Frame.Rect != want {
		t.Errorf("frame %v, want %v", u.Frame.Rect, want)
	}
	if len(u.Dirty) != 1 || u.Dirty[0] != u.Frame.Rect {
		t.Errorf("dirty %v, want all of %v", u.Dirty, u.Frame.Rect)
	}
	if c := u.Cursor; c == nil || len(c.Pix) != 4*c.Size.X*c.Size.Y || c.Size.X > 256 || c.Size.Y > 256 {
		t.Errorf("cursor %+v", c)
	}
	v.calm()
}

func testChange(t *testing.T, open Opener) {
	v, _ := view(t, open, capture.Options{})
	v.calm()
	for i, r := range []image.Rectangle{
		image.Rect(10, 20, 11, 21), image.Rect(100, 100, 200, 200), image.Rect(0, 0, 320, 240), image.Rect(64, 64, 96, 96),
	} {
		c := byte(40*i + 10)
		v.stage.Fill(r, c, c+1, c+2)
		dirty := v.until("a change", func() bool { return v.shows(r, c, c+1, c+2) })
		dirty = append(dirty, v.calm()...)
		tiles := image.Rect(r.Min.X&^31, r.Min.Y&^31, (r.Max.X+31)&^31, (r.Max.Y+31)&^31)
		for _, d := range dirty {
			if !d.In(tiles) {
				t.Errorf("painted %v, dirty %v is beyond its tiles %v", r, d, tiles)
			}
		}
	}
}

// Painting what is there already is no change, and no update.
func testNothingNew(t *testing.T, open Opener) {
	v, _ := view(t, open, capture.Options{})
	r := image.Rect(50, 50, 150, 150)
	v.stage.Fill(r, 1, 2, 3)
	v.until("a change", func() bool { return v.shows(r, 1, 2, 3) })
	v.calm()
	v.stage.Fill(r.Inset(10), 1, 2, 3)
	if u, err := v.next(v.stage.Calm()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("painting the same again: %+v, %v; want no update", u, err)
	}
}

// What changed while the caller was busy comes at once, as it is now.
func testCoalesce(t *testing.T, open Opener) {
	v, _ := view(t, open, capture.Options{})
	v.calm()
	a, b := image.Rect(0, 0, 50, 50), image.Rect(200, 150, 300, 200)
	for i := range byte(50) {
		v.stage.Fill(a, i, i, 100)
		v.stage.Fill(b, 100, i, i)
	}
	updates := 0
	v.until("the last of fifty changes", func() bool {
		updates++
		return v.shows(a, 49, 49, 100) && v.shows(b, 100, 49, 49)
	})
	if updates > 4 {
		t.Errorf("%d updates for fifty changes that were there already", updates)
	}
}

func testPointer(t *testing.T, open Opener) {
	v, _ := view(t, open, capture.Options{})
	v.stage.MovePointer(image.Pt(5, 6))
	v.until("the pointer", func() bool { return v.pointer == image.Pt(5, 6) })
	v.calm()
	for i := range 5 {
		at := image.Pt(100+i, 90-i)
		v.stage.MovePointer(at)
		if dirty := v.until("the pointer to move", func() bool { return v.pointer == at }); len(dirty) > 0 {
			t.Errorf("moving the pointer changed the picture at %v", dirty)
		}
	}
}

// mask is a mask that a test changes.
type mask struct {
	mu    sync.Mutex
	rects []image.Rectangle
	calls int
	later func(call int) []image.Rectangle
}

func (m *mask) get() []image.Rectangle {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.later != nil {
		return m.later(m.calls)
	}
	return m.rects
}

func (m *mask) set(rs ...image.Rectangle) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rects = rs
}

// isGrey reports whether r shows nothing but one dark grey.
func (v *viewer) isGrey(r image.Rectangle) bool {
	p := v.picture.Row(r.Min.X, r.Min.X+1, r.Min.Y)
	return p[0] == p[1] && p[1] == p[2] && p[0] > 0 && p[0] < 0x60 && v.shows(r, p[0], p[1], p[2])
}

func testMask(t *testing.T, open Opener) {
	r := image.Rect(30, 40, 130, 140)
	m := &mask{rects: []image.Rectangle{r, image.Rect(-50, -50, -10, -10)}}
	v, _ := view(t, open, capture.Options{Mask: m.get})
	if !v.isGrey(r) {
		t.Error("the first picture shows what is hidden")
	}
	v.calm()
	v.stage.Fill(r.Inset(5), 9, 8, 7)
	if dirty := v.calm(); len(dirty) > 0 {
		t.Errorf("painting what is hidden: dirty %v, want nothing", dirty)
	}
	beside := image.Rect(100, 100, 160, 160)
	v.stage.Fill(beside, 1, 2, 3)
	v.until("a change half hidden", func() bool { return v.shows(image.Rect(130, 100, 160, 160), 1, 2, 3) })
	if !v.isGrey(r) {
		t.Error("a change half hidden shows what is hidden")
	}
}

// When a hidden window moves, its old place shows what is there and its new one is hidden, whatever the system reports as changed.
func testMovedMask(t *testing.T, open Opener) {
	a, b := image.Rect(30, 40, 90, 100), image.Rect(150, 40, 210, 100)
	m := &mask{rects: []image.Rectangle{a}}
	v, _ := view(t, open, capture.Options{Mask: m.get})
	v.stage.Fill(image.Rect(0, 0, 320, 200), 1, 2, 3)
	v.until("a change", func() bool { return v.shows(b, 1, 2, 3) })
	v.calm()
	m.set(b)
	v.stage.Fill(image.Rect(300, 220, 301, 221), 50, 60, 70)
	v.until("the mask to move", func() bool { return v.shows(a, 1, 2, 3) && v.isGrey(b) })
	m.set()
	v.stage.Fill(image.Rect(300, 220, 301, 221), 51, 60, 70)
	v.until("the mask to go", func() bool { return v.shows(b, 1, 2, 3) })
}

// A window that comes up while the screen is read is hidden in that very update.
func testMaskAppears(t *testing.T, open Opener) {
	r := image.Rect(30, 40, 90, 100)
	m := &mask{later: func(call int) []image.Rectangle {
		if call%2 == 1 {
			return nil // before the shot
		}
		return []image.Rectangle{r}
	}}
	src, stage := open(t, capture.Options{Mask: m.get})
	stage.Fill(image.Rect(0, 0, 320, 200), 1, 2, 3)
	v := &viewer{t: t, src: src, stage: stage}
	if _, err := v.next(deadline); err != nil {
		t.Fatal(err)
	}
	if !v.isGrey(r) {
		t.Error("a window that came up during the shot is seen")
	}
}

func testSelect(t *testing.T, open Opener) {
	v, first := view(t, open, capture.Options{})
	v.calm()
	if err := v.src.Select(capture.Follow - 1); err == nil {
		t.Error("Select of a display that is not there: no error")
	}
	if err := v.src.Select(first.Displays[0].ID); err != nil {
		t.Fatal(err)
	}
	u, err := v.next(deadline)
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Dirty) != 1 || u.Dirty[0] != u.Frame.Rect {
		t.Errorf("dirty %v after Select, want all of %v", u.Dirty, u.Frame.Rect)
	}
}

func testCancel(t *testing.T, open Opener) {
	v, _ := view(t, open, capture.Options{})
	v.calm()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.src.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Next with a context that has ended: %v, want %v", err, context.Canceled)
	}
	v.stage.Fill(image.Rect(1, 1, 9, 9), 200, 100, 50)
	v.until("a change after that", func() bool { return v.shows(image.Rect(1, 1, 9, 9), 200, 100, 50) })
}

func testClose(t *testing.T, open Opener) {
	v, _ := view(t, open, capture.Options{})
	v.calm()
	got := make(chan error)
	go func() {
		_, err := v.src.Next(context.Background())
		got <- err
	}()
	if err := v.src.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-got:
		if !errors.Is(err, capture.ErrClosed) {
			t.Errorf("Next while Close: %v, want %v", err, capture.ErrClosed)
		}
	case <-time.After(deadline):
		t.Fatal("Close does not end Next")
	}
	if _, err := v.src.Next(context.Background()); !errors.Is(err, capture.ErrClosed) {
		t.Errorf("Next after Close: %v, want %v", err, capture.ErrClosed)
	}
	if err := v.src.Select(capture.All); !errors.Is(err, capture.ErrClosed) {
		t.Errorf("Select after Close: %v, want %v", err, capture.ErrClosed)
	}
	if err := v.src.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}
