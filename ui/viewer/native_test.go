package viewer

import (
	"errors"
	"image"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/app/session"
)

// glass is a surface that writes down what it is told.
type glass struct {
	read   func(func(*engineer.Frame))
	ear    Listener
	shown  bool
	closed bool

	window, picture image.Rectangle
	size            image.Point
	holes           []image.Rectangle
	changed         []image.Rectangle
	shape           *image.RGBA
	at              image.Point
	own             bool
}

func (g *glass) Place(window, picture image.Rectangle, size image.Point, holes []image.Rectangle) {
	g.shown, g.window, g.picture, g.size, g.holes = true, window, picture, size, holes
}
func (g *glass) Hide()                                  { g.shown = false }
func (g *glass) Changed(parts []image.Rectangle)        { g.changed = append(g.changed, parts...) }
func (g *glass) Pointer(m *image.RGBA, hot image.Point) { g.shape = m }
func (g *glass) PointerAt(at image.Point)               { g.at = at }
func (g *glass) OwnPointer(seen bool)                   { g.own = seen }
func (g *glass) Close()                                 { g.closed = true }

// hole reports whether the window library is seen at a place.
func (g *glass) hole(p image.Point) bool {
	return slices.ContainsFunc(g.holes, func(r image.Rectangle) bool { return p.In(r) })
}

// nativeRig is a rig with surfaces.
type nativeRig struct {
	*rig
	made []*glass
}

func (r *nativeRig) glass() *glass { return r.made[len(r.made)-1] }

func newNativeRig(t *testing.T) *nativeRig {
	t.Helper()
	r := &nativeRig{}
	r.rig = newRigOn(t, func(read func(func(*engineer.Frame)), l Listener) (Surface, error) {
		g := &glass{read: read, ear: l, own: true}
		r.made = append(r.made, g)
		return g, nil
	})
	return r
}

// live shows a picture of size pixels, gives control, and has everything come to rest.
func (r *nativeRig) live(size image.Point) {
	r.rig.live(size)
	r.rest()
	r.far.take()
}

// rest draws the window and runs what that asks for.
func (r *nativeRig) rest() {
	for range 3 {
		r.settle()
		r.abs() // looks at everything, as drawing does
		r.queue.run()
	}
}

// picture is a frame with something on it, painted.
func (r *nativeRig) paint(seed byte) *engineer.Frame {
	f := blank(r.pane.own.X, r.pane.own.Y)
	f.Fill(image.Rect(int(seed), 3, int(seed)+9, 20), seed, 2*seed, 3*seed)
	r.Screen().Paint(f, []image.Rectangle{f.Rect})
	return f
}

func TestSurfaceShowsThePicture(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	g := r.glass()
	if !g.shown || g.size != image.Pt(640, 480) {
		t.Fatalf("shown %v with %v", g.shown, g.size)
	}
	corner := image.Pt(roundInt(r.abs().X*r.scale()), roundInt(r.abs().Y*r.scale()))
	if want := r.pane.geo.shown.Add(corner); g.picture != want || g.window != want {
		t.Errorf("picture %v in %v, want %v", g.picture, g.window, want)
	}
	g.changed, r.pane.front = nil, nil
	f := r.paint(7)
	r.Screen().CursorAt(image.Pt(5, 6))
	r.queue.run()
	if !slices.Equal(g.changed, []image.Rectangle{f.Rect}) || g.at != image.Pt(5, 6) {
		t.Errorf("told of %v and a pointer at %v", g.changed, g.at)
	}
	if r.pane.front != nil {
		t.Error("the picture was converted for the window library, too")
	}
	g.read(func(seen *engineer.Frame) {
		if string(seen.Pix) != string(f.Pix) {
			t.Error("the surface reads another picture")
		}
	})
	r.setFit(false)
	r.Screen().Resize(image.Pt(3000, 2000))
	r.paint(9)
	r.queue.run()
	r.paint(9)
	r.rest()
	if g.picture.Size() != image.Pt(3000, 2000) || !g.window.In(g.picture) || g.window.Size() != r.pane.geo.view {
		t.Errorf("at its own size %v is seen of %v", g.window, g.picture)
	}
}

// The window library shows the newest picture while the surface is away, and the surface comes back afterwards.
func TestSurfaceStepsAside(t *testing.T) {
	var popup *widget.PopUp
	for _, tt := range []struct {
		name     string
		do, undo func(*nativeRig)
	}{
		{"paused", func(r *nativeRig) { r.SetPaused(true) }, func(r *nativeRig) { r.SetPaused(false) }},
		{"link down", func(r *nativeRig) { r.SetLink(false, time.Time{}) }, func(r *nativeRig) { r.SetLink(true, time.Time{}) }},
		{"pop-up", func(r *nativeRig) { popup = widget.NewPopUp(widget.NewLabel("menu"), r.win.Canvas()); popup.Show() },
			func(r *nativeRig) { popup.Hide() }},
		{"special keys", func(r *nativeRig) { r.bar.openKeys() }, func(r *nativeRig) { r.win.Canvas().Overlays().Top().Hide() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newNativeRig(t)
			r.live(image.Pt(640, 480))
			before := r.paint(7)
			tt.do(r)
			r.rest()
			if r.glass().shown {
				t.Fatal("the surface stays")
			}
			if m := r.pane.front; m == nil || !same(m, before) || r.pane.picture.Image != image.Image(m) {
				t.Error("the window library does not show what the surface showed")
			}
			after := r.paint(40)
			r.queue.run()
			if !same(r.pane.front, after) {
				t.Error("the window library does not go on")
			}
			tt.undo(r)
			r.rest()
			if !r.glass().shown {
				t.Error("the surface does not come back")
			}
		})
	}
}

func TestSurfaceWithoutAPicture(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*nativeRig)
	}{
		{"chat only", func(r *nativeRig) { r.SetAccess(session.ChatOnly) }},
		{"no level", func(r *nativeRig) { r.SetAccess(session.NoAccess) }},
		{"no picture", func(r *nativeRig) { r.Screen().Resize(image.Point{}); r.queue.run() }},
		{"over", func(r *nativeRig) { r.Reset() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newNativeRig(t)
			r.live(image.Pt(640, 480))
			tt.do(r)
			if g := r.glass(); g.shown {
				t.Error("the surface stays")
			}
		})
	}
}

func TestHolesForNotesAndTheBar(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(1920, 1080))
	g := r.glass()
	if len(g.holes) != 0 {
		t.Fatalf("holes for nothing: %v", g.holes)
	}
	r.SetInput(engineer.InputPrompt)
	r.rest()
	middle := func(o fyne.CanvasObject) image.Point {
		box := r.native.rect(o)
		return box.Min.Add(box.Size().Div(2))
	}
	if !g.shown || !g.hole(middle(r.over.foot)) || g.hole(r.native.rect(r.over.foot).Min) {
		t.Errorf("the note at %v is behind %v", r.native.rect(r.over.foot), g.holes)
	}
	r.SetInput(engineer.InputOn)
	r.SetFullScreen(true)
	r.say("")
	r.rest()
	if len(g.holes) != 0 {
		t.Errorf("holes in full screen for nothing: %v", g.holes)
	}
	g.ear.Pointer(image.Pt(100, 0).Sub(g.window.Min))
	r.rest()
	if !r.bar.object.Visible() || !g.hole(middle(r.bar.object)) {
		t.Error("the bar is not seen at the top edge")
	}
	g.ear.Pointer(image.Pt(100, 300).Sub(g.window.Min))
	r.rest()
	if r.bar.object.Visible() || len(g.holes) != 0 {
		t.Error("the bar stays")
	}
}

func TestRounded(t *testing.T) {
	whole := image.Rect(10, 20, 60, 50)
	in := func(radius int, p image.Point) bool {
		return slices.ContainsFunc(rounded(whole, radius), func(r image.Rectangle) bool { return p.In(r) })
	}
	for _, p := range []image.Point{{10, 20}, {59, 20}, {10, 49}, {59, 49}} {
		if in(10, p) || !in(0, p) {
			t.Errorf("corner %v is wrong", p)
		}
	}
	for _, p := range []image.Point{{10, 35}, {35, 20}, {35, 49}, {59, 35}, {13, 23}} {
		if !in(10, p) {
			t.Errorf("%v is missing", p)
		}
	}
}

func TestOwnPointerOverTheSurface(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	g := r.glass()
	if !g.own {
		t.Error("the engineer's pointer is away before there is another one")
	}
	r.Screen().CursorShape(&engineer.Cursor{Size: image.Pt(8, 8), Pix: make([]byte, 256)})
	r.Screen().CursorAt(image.Pt(100, 50))
	r.rest()
	if g.own || g.shape == nil || g.at != image.Pt(100, 50) {
		t.Error("two pointers over the picture, or none")
	}
	if e := r.Elements()["pointer"]; !e.Visible() || e.Size() == (fyne.Size{}) || r.pane.pointer.Visible() {
		t.Error("the pointer's place is not known, or it is drawn twice")
	}
	r.SetAccess(session.ViewOnly)
	if !g.own {
		t.Error("the engineer's pointer is away without control")
	}
	if r.pane.Cursor() != desktop.DefaultCursor {
		t.Error("the engineer's pointer is away beside the picture")
	}
}

func TestDisplayGoes(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	f := r.paint(7)
	g := r.glass()
	g.ear.Gone()
	r.rest()
	if !g.closed || r.pane.front == nil || !same(r.pane.front, f) {
		t.Error("the window library does not take over")
	}
	r.far.take()
	r.pane.KeyDown(key(keyA, fyne.KeyA))
	expect(t, r.far, "+04")
	if r.SetPaused(false); len(r.made) != 1 {
		t.Error("tried again in the same session")
	}
}

func TestOneSurfaceASession(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	old := r.glass()
	r.Reset()
	if !old.closed || len(r.made) != 1 {
		t.Fatal("the surface outlives the session")
	}
	r.live(image.Pt(320, 200))
	old.ear.Gone() // late
	old.ear.Button(1, true, image.Pt(1, 1))
	r.far.take()
	r.rest()
	if g := r.glass(); len(r.made) != 2 || !g.shown || g.closed {
		t.Error("the second session has no surface")
	}
}

func TestNoSurface(t *testing.T) {
	tried := 0
	r := newRigOn(t, func(func(func(*engineer.Frame)), Listener) (Surface, error) {
		tried++
		return nil, errors.New("not here")
	})
	r.live(image.Pt(640, 480))
	r.SetPaused(true)
	r.SetPaused(false)
	if tried != 1 {
		t.Errorf("tried %d times", tried)
	}
	r.pane.KeyDown(key(keyA, fyne.KeyA))
	expect(t, r.far, "release", "+04")
	if r.pane.front == nil {
		t.Error("no picture")
	}
}
