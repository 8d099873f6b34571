package viewer

import (
	"fmt"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/text"
)

// Each key is sent once, by the surface, and makes no character of its own.
func TestKeysFromTheSurface(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	ear := r.glass().ear
	ear.Key(scan(keyA), true)
	ear.Key(scan(keyA), true) // repeated
	expect(t, r.far, "+04")
	ear.Key(scan(keyA), false)
	expect(t, r.far, "-04")
	// The window library tells the same a moment later.
	r.pane.KeyDown(key(keyA, fyne.KeyA))
	for range 2 {
		r.pane.TypedKey(key(keyA, fyne.KeyA))
		r.pane.TypedRune('a')
	}
	r.pane.KeyUp(key(keyA, fyne.KeyA))
	expect(t, r.far)
	r.pane.TypedRune('日')
	expect(t, r.far, `"日"`)
	ear.Key(scan(keyF11), true)
	ear.Key(noUsage, true)
	ear.Key(scan(keyPause), true)
	expect(t, r.far)
	r.pane.KeyDown(key(keyF11, fyne.KeyF11))
	if !r.FullScreen() {
		t.Error("F11 does not fill the display")
	}
}

func TestKeysAreForTheCustomerOnlyWithTheFocus(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*nativeRig)
		want []string
	}{
		{"elsewhere in the window", func(r *nativeRig) { r.win.Canvas().Focus(r.bar.full) }, []string{"release"}},
		{"another window", func(r *nativeRig) { r.pane.FocusLost() }, []string{"release"}},
		{"a pop-up", func(r *nativeRig) { widget.NewPopUp(widget.NewLabel("menu"), r.win.Canvas()).Show(); r.rest() }, nil},
		{"without control", func(r *nativeRig) { r.SetAccess(session.ViewOnly) }, []string{"release"}},
		{"the display has gone", func(r *nativeRig) { r.glass().ear.Gone(); r.rest() }, []string{"release"}},
		{"the session is over", func(r *nativeRig) { r.Reset() }, []string{"release"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newNativeRig(t)
			r.live(image.Pt(640, 480))
			ear := r.glass().ear
			tt.do(r)
			expect(t, r.far, tt.want...)
			ear.Key(scan(keyA), true)
			ear.Key(scan(keyA), false)
			expect(t, r.far)
		})
	}
}

// After a click outside the picture, keys go the window's way until it has heard of the click: to where the keyboard is by then.
func TestKeysInDoubt(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	ear := r.glass().ear
	ear.Key(scan(keyLeftShift), true)
	ear.Elsewhere()
	ear.Key(scan(keyA), true)
	ear.Key(scan(keyA), false)
	ear.Key(scan(keyLeftShift), false)
	expect(t, r.far, "+e1", "-e1")
	r.pane.KeyDown(key(keyA, fyne.KeyA)) // the click was not on another widget
	r.pane.TypedKey(key(keyA, fyne.KeyA))
	r.pane.TypedRune('a')
	r.pane.KeyUp(key(keyA, fyne.KeyA))
	expect(t, r.far, "+04", "-04")
	r.native.ears.certain()
	ear.Key(scan(keyA), true)
	r.pane.KeyDown(key(keyA, fyne.KeyA))
	ear.Key(scan(keyA), false)
	r.pane.KeyUp(key(keyA, fyne.KeyA))
	expect(t, r.far, "+04", "-04")

	ear.Elsewhere()
	ear.Key(scan(keyA), true)
	r.win.Canvas().Focus(r.bar.full) // it was
	expect(t, r.far, "release")
	ear.Key(scan(keyA), false)
	expect(t, r.far)
}

func TestLeavingFromTheSurface(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	ear := r.glass().ear
	for _, u := range []engineer.Usage{keyLeftCtrl, keyLeftAlt, keyLeftShift} {
		ear.Key(scan(u), true)
	}
	ear.Key(scan(keyLeftShift), false)
	r.far.take()
	ear.Key(scan(keyA), true) // before the window has heard
	expect(t, r.far)
	r.rest()
	if r.win.Canvas().Focused() != fyne.Focusable(r.bar.full) {
		t.Error("the chord does not lead to the bar")
	}
	expect(t, r.far, "release")
	r.Focus()
	ear.Key(scan(keyA), true)
	expect(t, r.far, "+04")
}

func TestMouseFromTheSurface(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(320, 240))
	r.setFit(false)
	r.win.Canvas().Unfocus()
	r.rest()
	r.far.take()
	g := r.glass()
	at := func(x, y, buttons, wx, wy int) string {
		return fmt.Sprintf("@0 %d,%d b%d w%d,%d", engineer.PixelToFraction(x, 320), engineer.PixelToFraction(y, 240), buttons, wx, wy)
	}
	g.ear.Pointer(image.Pt(10, 20))
	g.ear.Button(1, true, image.Pt(10, 20))
	g.ear.Pointer(image.Pt(500, -20)) // beyond the edge
	g.ear.Button(1, false, image.Pt(500, -20))
	expect(t, r.far, at(10, 20, 0, 0, 0), at(10, 20, 1, 0, 0), at(319, 0, 1, 0, 0), at(319, 0, 0, 0, 0))
	for number, want := range map[int]int{2: 4, 3: 2, 8: 8, 9: 16} {
		g.ear.Button(number, true, image.Pt(5, 5))
		g.ear.Button(number, false, image.Pt(5, 5))
		expect(t, r.far, at(5, 5, want, 0, 0), at(5, 5, 0, 0, 0))
	}
	g.ear.Button(12, true, image.Pt(6, 6))
	g.ear.Button(12, false, image.Pt(6, 6))
	expect(t, r.far)
	g.ear.Wheel(0, 1, image.Pt(5, 5))
	g.ear.Wheel(-1, 0, image.Pt(5, 5))
	expect(t, r.far, at(5, 5, 0, 0, 1), at(5, 5, 0, -1, 0))
	r.rest()
	if r.win.Canvas().Focused() != fyne.Focusable(r.pane) {
		t.Error("a click does not take the keyboard")
	}
}

// What went down over the surface is not lost when the pointer leaves what the window library knows.
func TestPressThenTheLibraryHearsThePointerLeave(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	g := r.glass()
	g.ear.Button(1, true, image.Pt(5, 5))
	r.far.take()
	r.pane.MouseOut()
	expect(t, r.far)
	r.SetPaused(true) // the surface goes while the button is down
	if got := r.far.take(); len(got) != 1 || got[0] != "release" {
		t.Errorf("sent %v", got)
	}
}

func TestButtonDownWhenTheSurfaceSteps(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(640, 480))
	g := r.glass()
	g.ear.Button(1, true, image.Pt(0, 0))
	r.far.take()
	widget.NewPopUp(widget.NewLabel("menu"), r.win.Canvas()).Show()
	r.rest()
	expect(t, r.far, "@0 0,0 b0 w0,0")
}

func TestWithoutControlOnTheSurface(t *testing.T) {
	r := newNativeRig(t)
	r.live(image.Pt(1920, 1080))
	r.setFit(false)
	r.SetAccess(session.ViewOnly)
	r.rest()
	r.far.take()
	g := r.glass()
	g.ear.Button(1, true, image.Pt(100, 100))
	g.ear.Pointer(image.Pt(70, 90))
	g.ear.Pointer(image.Pt(60, 80))
	g.ear.Button(1, false, image.Pt(60, 80))
	g.ear.Wheel(0, 1, image.Pt(60, 80))
	r.rest()
	expect(t, r.far)
	if got, want := r.pane.geo.pan(), image.Pt(40, 20+roundInt(notch*r.scale())); got != want {
		t.Errorf("pushed by %v, want %v", got, want)
	}
	if r.over.note.Text() != text.L("viewer.denied") {
		t.Errorf("a click that is not sent is answered with %q", r.over.note.Text())
	}
}
