package viewer

import (
	"fmt"
	"image"
	"image/color"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/text"
)

// TestPointerIsOnThePixelUnderTheMouse walks over pixels of the display at several scales of the window and compares
// what is sent with the pixel of the picture that was drawn there.
func TestPointerIsOnThePixelUnderTheMouse(t *testing.T) {
	for _, tt := range []struct {
		scale float32
		size  image.Point
		fit   bool
	}{
		{1, image.Pt(640, 480), false},
		{1, image.Pt(640, 480), true},
		{1, image.Pt(1920, 1080), true},
		{1, image.Pt(1920, 1080), false},
		{1.25, image.Pt(640, 480), false},
		{1.25, image.Pt(1366, 768), true},
		{1.5, image.Pt(1920, 1080), true},
		{2, image.Pt(1920, 1080), false},
		{2, image.Pt(801, 603), true},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			r := newRig(t)
			r.win.Canvas().(software.WindowlessCanvas).SetScale(tt.scale)
			r.live(tt.size)
			r.setFit(tt.fit)
			r.settle()
			g := r.pane.geo
			corner := image.Pt(roundInt(r.abs().X*tt.scale), roundInt(r.abs().Y*tt.scale))
			seen := g.shown.Intersect(image.Rectangle{Max: g.view})
			for _, p := range []image.Point{
				seen.Min, seen.Max.Sub(image.Pt(1, 1)), seen.Min.Add(seen.Size().Div(2)),
				seen.Min.Add(image.Pt(1, 1)), seen.Min.Add(image.Pt(seen.Dx()/3, seen.Dy()/7)),
			} {
				r.moved(r.at(corner.X+p.X, corner.Y+p.Y))
				x := sample(p.X-g.shown.Min.X, tt.size.X, g.shown.Dx())
				y := sample(p.Y-g.shown.Min.Y, tt.size.Y, g.shown.Dy())
				expect(t, r.far, fmt.Sprintf("@0 %d,%d b0 w0,0",
					engineer.PixelToFraction(x, tt.size.X), engineer.PixelToFraction(y, tt.size.Y)))
			}
			if !tt.fit && g.shown.Size() != tt.size {
				t.Errorf("at its own size the picture is %v of the display's pixels, want %v", g.shown.Size(), tt.size)
			}
			if w, want := r.pane.picture.Size().Width*tt.scale, float32(g.shown.Dx()); w < want-0.01 || w > want+0.01 {
				t.Errorf("drawn %v pixels wide, want %v", w, want)
			}
		})
	}
}

func TestPanning(t *testing.T) {
	r := newRig(t)
	r.picture(image.Pt(1920, 1080))
	r.SetAccess(session.ViewOnly)
	r.setFit(false)
	r.settle()
	if !r.right.Visible() || !r.bottom.Visible() {
		t.Fatal("no scroll bars for a picture that is larger than the window")
	}
	r.pane.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -100)})
	r.pane.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-30, 0)})
	r.pane.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if got := r.pane.geo.pan(); got != image.Pt(30+panStep, 100) {
		t.Errorf("pushed by %v", got)
	}
	r.right.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(0, 10000)})
	if end := 1080 - r.pane.geo.view.Y; r.pane.geo.pan().Y != end {
		t.Errorf("the scroll bar's end is %d, want %d", r.pane.geo.pan().Y, end)
	}
	r.right.Tapped(&fyne.PointEvent{})
	if got := r.pane.geo.pan().Y; got >= 1080-r.pane.geo.view.Y {
		t.Error("a tap above the thumb does not go up")
	}
	expect(t, r.far)
	r.setFit(true)
	r.settle()
	if r.right.Visible() || r.bottom.Visible() {
		t.Error("scroll bars although all of it is seen")
	}
}

func TestTypingReachesTheCustomerOnce(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(640, 480))
	// As the driver reports Ctrl+C: press, shortcut instead of TypedKey, release.
	r.pane.KeyDown(key(keyLeftCtrl, desktop.KeyControlLeft))
	r.pane.KeyDown(key(0x06, fyne.KeyC))
	r.pane.TypedShortcut(&fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()})
	r.pane.KeyUp(key(0x06, fyne.KeyC))
	r.pane.KeyUp(key(keyLeftCtrl, desktop.KeyControlLeft))
	expect(t, r.far, "+e0", "+06", "-06", "-e0")
	// As it reports a letter that is held.
	r.pane.KeyDown(key(keyA, fyne.KeyA))
	for range 3 {
		r.pane.TypedKey(key(keyA, fyne.KeyA))
		r.pane.TypedRune('a')
	}
	r.pane.KeyUp(key(keyA, fyne.KeyA))
	expect(t, r.far, "+04", "-04")
	if !r.pane.AcceptsTab() {
		t.Error("Tab does not go to the customer")
	}
}

func TestEverythingIsLetGo(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*rig)
	}{
		{"focus lost", func(r *rig) { r.win.Canvas().Unfocus() }},
		{"window left", func(r *rig) { r.pane.FocusLost() }},
		{"level down", func(r *rig) { r.SetAccess(session.ViewOnly) }},
		{"paused", func(r *rig) { r.SetPaused(true) }},
		{"link down", func(r *rig) { r.SetLink(false, time.Time{}) }},
		{"another size", func(r *rig) { r.Screen().Resize(image.Pt(5, 5)); r.queue.run() }},
		{"session over", func(r *rig) { r.Reset() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.live(image.Pt(640, 480))
			r.pane.KeyDown(key(keyA, fyne.KeyA))
			r.press(r.on(0, 0), desktop.MouseButtonPrimary)
			r.far.take()
			tt.do(r)
			if got := r.far.take(); len(got) != 1 || got[0] != "release" {
				t.Errorf("sent %v", got)
			}
			r.pane.KeyUp(key(keyA, fyne.KeyA))
			r.lift(r.on(0, 0), desktop.MouseButtonPrimary)
			expect(t, r.far)
		})
	}
}

func TestLeavingWithAButtonDown(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(640, 480))
	r.press(r.on(0, 0), desktop.MouseButtonSecondary)
	r.far.take()
	r.pane.MouseOut()
	expect(t, r.far, "release")
	r.moved(r.on(0, 0))
	if got := r.far.take(); len(got) != 1 || got[0][len(got[0])-7:] != "b0 w0,0" {
		t.Errorf("sent %v", got)
	}
}

func TestDraggingBeyondTheEdge(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(640, 480))
	r.press(r.on(0, 0), desktop.MouseButtonPrimary)
	r.far.take()
	r.pane.Dragged(&fyne.DragEvent{PointEvent: r.on(5000, 5000)})
	expect(t, r.far, "@0 65535,65535 b1 w0,0")
	r.lift(r.on(5000, 5000), desktop.MouseButtonPrimary)
	r.pane.DragEnd()
	expect(t, r.far, "@0 65535,65535 b0 w0,0")
}

// Beyond the window Fyne takes the focus away, then ends the drag, and calls MouseUp not at all.
func TestDraggingOutOfTheWindow(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(640, 480))
	r.press(r.on(0, 0), desktop.MouseButtonPrimary)
	r.pane.Dragged(&fyne.DragEvent{PointEvent: r.on(5000, 5000)})
	r.far.take()
	r.win.Canvas().Unfocus()
	r.pane.DragEnd()
	expect(t, r.far, "release")
	if r.win.Canvas().Focused() != fyne.Focusable(r.pane) {
		t.Error("the drag cost the keyboard")
	}
	r.press(r.on(0, 0), desktop.MouseButtonPrimary)
	r.pane.Dragged(&fyne.DragEvent{PointEvent: r.on(5000, 5000)})
	r.far.take()
	r.pane.DragEnd()
	expect(t, r.far, "@0 65535,65535 b0 w0,0")
}

func TestBesideThePicture(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(200, 100))
	r.setFit(false)
	r.settle()
	beside := r.on(150, 0)
	r.moved(beside)
	r.press(beside, desktop.MouseButtonPrimary)
	r.lift(beside, desktop.MouseButtonPrimary)
	r.pane.Scrolled(&fyne.ScrollEvent{PointEvent: beside, Scrolled: fyne.NewDelta(0, notch)})
	expect(t, r.far)
	if r.pane.Cursor() != desktop.DefaultCursor {
		t.Error("no pointer beside the picture")
	}
}

func TestWheelReachesTheCustomer(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(640, 480))
	r.moved(r.on(0, 0))
	r.far.take()
	for _, dy := range []float32{notch, -notch / 2, -notch / 2, -2 * notch} {
		r.pane.Scrolled(&fyne.ScrollEvent{PointEvent: r.on(0, 0), Scrolled: fyne.NewDelta(0, dy)})
	}
	x, y := engineer.PixelToFraction(320, 640), engineer.PixelToFraction(240, 480)
	expect(t, r.far, fmt.Sprintf("@0 %d,%d b0 w0,-1", x, y), fmt.Sprintf("@0 %d,%d b0 w0,1", x, y),
		fmt.Sprintf("@0 %d,%d b0 w0,2", x, y))
}

func TestPointerIsDrawn(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(640, 480))
	r.setFit(false)
	if r.moved(r.on(0, 0)); r.pane.Cursor() != desktop.DefaultCursor {
		t.Error("the local pointer is hidden before there is another one")
	}
	r.Screen().CursorShape(&engineer.Cursor{Size: image.Pt(8, 8), Hot: image.Pt(2, 3), Pix: make([]byte, 256)})
	r.Screen().CursorAt(image.Pt(100, 50))
	r.queue.run()
	want := fyne.NewPos(float32(r.pane.geo.shown.Min.X+98), float32(r.pane.geo.shown.Min.Y+47))
	if p := r.pane.pointer; !p.Visible() || p.Position() != want || p.Size() != fyne.NewSize(8, 8) {
		t.Errorf("drawn at %v, size %v, visible %v; want %v", p.Position(), p.Size(), p.Visible(), want)
	}
	if r.pane.Cursor() != desktop.HiddenCursor {
		t.Error("two pointers over the picture")
	}
	r.SetAccess(session.ViewOnly)
	if r.pane.Cursor() != desktop.DefaultCursor {
		t.Error("the local pointer is hidden without control")
	}
	r.Screen().CursorAt(image.Pt(640, 50))
	r.queue.run()
	if r.pane.pointer.Visible() {
		t.Error("a pointer outside the picture is drawn")
	}
}

func TestSpecialKeys(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(64, 48))
	menu := r.bar.keysMenu()
	menu.Items[0].Action()
	expect(t, r.far, "+e0", "+e2", "+4c", "-4c", "-e2", "-e0")
	typed := menu.Items[len(menu.Items)-1]
	fyne.CurrentApp().Clipboard().SetContent("echo 日本\n")
	typed.Action()
	expect(t, r.far, `"echo 日本\n"`)
	fyne.CurrentApp().Clipboard().SetContent("")
	typed.Action()
	expect(t, r.far)
	if r.over.note.Text() != text.L("viewer.type.empty") {
		t.Errorf("an empty clipboard is answered with %q", r.over.note.Text())
	}
	r.SetAccess(session.ViewOnly)
	if !r.bar.keys.Disabled() {
		t.Error("special keys without control")
	}
}

func TestPictureOnTheWindow(t *testing.T) {
	r := newRig(t)
	f := blank(40, 30)
	f.Fill(f.Rect, 0x10, 0x20, 0xf0)
	f.Fill(image.Rect(10, 10, 20, 20), 0xf0, 0x20, 0x10)
	r.Screen().Resize(image.Pt(40, 30))
	r.Screen().Paint(f, []image.Rectangle{f.Rect})
	r.queue.run()
	r.SetAccess(session.ViewOnly)
	r.setFit(false)
	r.settle()
	shot := r.win.Canvas().Capture()
	corner := image.Pt(roundInt(r.abs().X), roundInt(r.abs().Y)).Add(r.pane.geo.shown.Min)
	for y := range 30 {
		for x := range 40 {
			want := color.NRGBA{R: 0xf0, G: 0x20, B: 0x10, A: 0xff}
			if image.Pt(x, y).In(image.Rect(10, 10, 20, 20)) {
				want = color.NRGBA{R: 0x10, G: 0x20, B: 0xf0, A: 0xff}
			}
			if got := color.NRGBAModel.Convert(shot.At(corner.X+x, corner.Y+y)); got != want {
				t.Fatalf("pixel %d,%d is %v, want %v", x, y, got, want)
			}
		}
	}
}

// A picture that came before Reset must not be seen in the next session.
func TestResetForgetsThePicture(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(64, 48))
	f := blank(64, 48)
	r.Screen().Paint(f, []image.Rectangle{f.Rect}) // still waiting to be taken over
	r.Reset()
	r.queue.run()
	r.SetAccess(session.ViewOnly)
	if r.pane.picture.Visible() || r.pane.size() != (image.Point{}) {
		t.Error("the old picture is there")
	}
}
