package viewer

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/theme"
)

// rig is a viewer in a test window. What it hands over to the window's goroutine waits until run.
type rig struct {
	*Viewer
	win   fyne.Window
	far   *far
	queue *window
	asked []session.Access
	full  []bool
}

func newRig(t *testing.T) *rig { return newRigOn(t, nil) }

// newRigOn is newRig with a way to make surfaces.
func newRigOn(t *testing.T, open OpenSurface) *rig {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.Fixed(base.VariantLight))
	r := &rig{far: &far{}, queue: &window{}}
	r.win = test.NewTempWindow(t, nil)
	r.Viewer = New(r.far, Options{
		Canvas:     r.win.Canvas(),
		Ask:        func(a session.Access) { r.asked = append(r.asked, a) },
		FullScreen: func(on bool) { r.full = append(r.full, on) },
		Surface:    open,
	})
	r.feed.post = r.queue.post
	r.hands.usage = testUsage
	r.win.SetContent(r.Content())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(900, 700))
	t.Cleanup(func() { r.say("") }) // stops the clock of a note
	return r
}

// live shows a picture of size pixels and gives control.
func (r *rig) live(size image.Point) {
	r.picture(size)
	r.SetAccess(session.SharedControl)
	r.SetInput(engineer.InputOn)
	r.Focus()
	r.settle()
	r.far.take()
}

func (r *rig) picture(size image.Point) {
	f := blank(size.X, size.Y)
	r.Screen().Resize(size)
	r.Screen().Paint(f, []image.Rectangle{f.Rect})
	r.queue.run()
	r.settle()
}

func (r *rig) settle() {
	for range 2 {
		r.win.Content().Refresh()
	}
}

func (r *rig) scale() float32 { return r.win.Canvas().Scale() }

// abs is where the pane begins in the window.
func (r *rig) abs() fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(r.pane)
}

// at is the mouse on pixel x, y of the engineer's display, as the driver reports it: whole pixels, divided by the scale.
func (r *rig) at(x, y int) fyne.PointEvent {
	abs := fyne.NewPos(float32(x)/r.scale(), float32(y)/r.scale())
	return fyne.PointEvent{AbsolutePosition: abs, Position: abs.Subtract(r.abs())}
}

// on is the mouse on the middle of the picture, moved by dx, dy pixels of the display.
func (r *rig) on(dx, dy int) fyne.PointEvent {
	x := roundInt(r.abs().X*r.scale()) + (r.pane.geo.shown.Min.X+r.pane.geo.shown.Max.X)/2
	y := roundInt(r.abs().Y*r.scale()) + (r.pane.geo.shown.Min.Y+r.pane.geo.shown.Max.Y)/2
	return r.at(x+dx, y+dy)
}

func (r *rig) moved(e fyne.PointEvent) {
	r.pane.MouseMoved(&desktop.MouseEvent{PointEvent: e})
}

func (r *rig) press(e fyne.PointEvent, b desktop.MouseButton) {
	r.pane.MouseDown(&desktop.MouseEvent{PointEvent: e, Button: b})
}

func (r *rig) lift(e fyne.PointEvent, b desktop.MouseButton) {
	r.pane.MouseUp(&desktop.MouseEvent{PointEvent: e, Button: b})
}

func key(u engineer.Usage, name fyne.KeyName) *fyne.KeyEvent {
	return &fyne.KeyEvent{Name: name, Physical: fyne.HardwareKey{ScanCode: scan(u)}}
}
