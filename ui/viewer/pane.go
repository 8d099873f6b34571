package viewer

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
)

// pane shows the picture and the customer's pointer, and is the widget that takes the engineer's keys and mouse
// (pane_input.go). It is the sink made of canvas images.
type pane struct {
	widget.BaseWidget
	hands  *hands
	canvas fyne.Canvas

	onArranged func()           // the picture stands somewhere else
	onResized  func()           // the picture's own size changed
	onPicture  func(shown bool) // there is a picture now, or no longer
	onLeave    func()           // the keyboard was set free by Ctrl+Alt+Shift
	onFocus    func(bool)
	onTop      func(y float32) // the pointer is y below the pane's top edge
	onFull     func()          // F11
	onDenied   func()          // a key or click that is not sent
	onDrawn    func()          // the window is being drawn
	onCursor   func()          // the customer's pointer has another shape

	fit   bool
	pan   image.Point // of the picture's own pixels, when it is larger than the pane
	geo   geometry
	ratio float32 // display pixels by unit of length

	back    *canvas.Rectangle
	own     image.Point // the picture's own size, zero if there is none
	picture *canvas.Image
	front   *image.RGBA // what picture shows; written on the goroutine that draws it, so never while it is drawn
	pointer *canvas.Image
	spot    *spot // where the pointer is, whoever draws it
	shape   *image.RGBA
	hot, at image.Point

	ears    *ears // of the Surface that hears the keys, nil for none
	native  bool  // a Surface draws the picture and hears the mouse over it
	focused bool
	covered bool // the picture may not be seen now
	hover   bool // the mouse is over the picture
	buttons int  // down over the pane, sent or not
	dragged bool // a button is down and the mouse was moved
}

func newPane(h *hands, c fyne.Canvas) *pane {
	p := &pane{
		hands:   h,
		canvas:  c,
		fit:     true,
		ratio:   1,
		back:    canvas.NewRectangle(color.Black),
		picture: &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest},
		pointer: &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest},
		spot:    &spot{},
	}
	p.picture.Hide()
	p.pointer.Hide()
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *pane) CreateRenderer() fyne.WidgetRenderer { return paneRenderer{p} }

type paneRenderer struct{ *pane }

func (r paneRenderer) Layout(fyne.Size)   { r.arrange() }
func (r paneRenderer) MinSize() fyne.Size { return fyne.NewSize(160, 120) }
func (r paneRenderer) Destroy()           {}
func (r paneRenderer) Refresh()           { r.arrange() }

// Objects is asked for each time the window is drawn, so this is where the pane learns that something may have moved.
func (r paneRenderer) Objects() []fyne.CanvasObject {
	r.call(r.onDrawn)
	return []fyne.CanvasObject{r.back, r.picture, r.pointer, r.spot}
}

// size is the picture's own size, zero if there is none.
func (p *pane) size() image.Point { return p.own }

// setCovered hides the picture, or shows it again.
func (p *pane) setCovered(on bool) {
	if p.covered == on {
		return
	}
	p.covered = on
	p.showPicture()
	p.arrangePointer()
}

func (p *pane) showPicture() { visible(p.picture, p.own != image.Point{} && !p.covered) }

// setNative leaves the drawing to a Surface, or takes it back; what has changed meanwhile is painted next.
func (p *pane) setNative(on bool) {
	if p.native == on {
		return
	}
	p.native, p.buttons, p.dragged = on, 0, false
	p.setImage()
	p.arrangePointer()
	p.pointer.Refresh()
}

func (p *pane) setImage() {
	p.picture.Image = nil
	if p.native {
		p.picture.Image = image.NewRGBA(image.Rect(0, 0, 1, 1))
	} else if p.front != nil {
		p.picture.Image = p.front
	}
	p.picture.Refresh()
}

// setFit chooses between the whole picture and its own size.
func (p *pane) setFit(fit bool) {
	p.fit = fit
	p.arrange()
}

// panTo pushes a picture that is larger than the pane to the left and up.
func (p *pane) panTo(to image.Point) {
	p.pan = to
	p.arrange()
}

// arrange puts picture and pointer where they belong, on whole pixels of the display.
func (p *pane) arrange() {
	p.ratio = p.pixelRatio()
	p.back.Resize(p.Size())
	p.geo = place(p.size(), p.viewport(), p.fit, p.pan)
	p.pan = p.geo.pan()
	p.picture.Move(p.units(float32(p.geo.shown.Min.X), float32(p.geo.shown.Min.Y)))
	p.picture.Resize(fyne.NewSize(float32(p.geo.shown.Dx())/p.ratio, float32(p.geo.shown.Dy())/p.ratio))
	p.arrangePointer()
	if p.onArranged != nil {
		p.onArranged()
	}
}

func (p *pane) arrangePointer() {
	seen := p.shape != nil && !p.covered && p.at.In(image.Rectangle{Max: p.own})
	if visible(p.pointer, seen && !p.native); !seen {
		p.spot.Hide()
		return
	}
	x, y := p.geo.scaled(p.at.Sub(p.hot))
	width, height := p.geo.scaled(p.shape.Rect.Size())
	x, y = float32(math.Round(float64(x))), float32(math.Round(float64(y)))
	p.spot.Move(p.units(x+float32(p.geo.shown.Min.X), y+float32(p.geo.shown.Min.Y)))
	p.spot.Resize(fyne.NewSize(max(width, 1)/p.ratio, max(height, 1)/p.ratio))
	p.spot.Show()
	if !p.native {
		p.pointer.Move(p.spot.Position())
		p.pointer.Resize(p.spot.Size())
	}
}

// viewport is the pane in pixels of the display.
func (p *pane) viewport() image.Point {
	return image.Pt(int(p.Size().Width*p.ratio+0.5), int(p.Size().Height*p.ratio+0.5))
}

// units converts pixels of the display into units of length.
func (p *pane) units(x, y float32) fyne.Position { return fyne.NewPos(x/p.ratio, y/p.ratio) }

// under is the pixel of the display, counted from the pane's corner, that abs in the window lies on. rel is the same
// place in the pane. The pane's corner is rounded as the painter rounds it.
func (p *pane) under(abs, rel fyne.Position) image.Point {
	corner := abs.Subtract(rel)
	return image.Pt(
		roundInt(abs.X*p.ratio)-roundInt(corner.X*p.ratio),
		roundInt(abs.Y*p.ratio)-roundInt(corner.Y*p.ratio),
	)
}

func roundInt(v float32) int { return int(math.Round(float64(v))) }

// pixelRatio is how many pixels of the display make one unit of length. Fyne knows the canvas of an object only
// once it has been drawn, so the pane is told it.
func (p *pane) pixelRatio() float32 {
	const far = 4096
	if x, _ := p.canvas.PixelCoordinateForPosition(fyne.NewPos(far, 0)); x > 0 {
		return float32(x) / far
	}
	return 1
}

// resize implements sink.
func (p *pane) resize(size image.Point) {
	p.hands.letGo()
	p.own, p.front = size, nil
	p.setImage()
	p.showPicture()
	p.pan = image.Point{}
	p.call(p.onResized)
	p.arrange()
	if size == (image.Point{}) && p.onPicture != nil {
		p.onPicture(false)
	}
}

// begin implements sink.
func (p *pane) begin() {
	if p.own != (image.Point{}) && p.onPicture != nil {
		p.onPicture(true)
	}
}

// paint implements sink.
func (p *pane) paint(picture *engineer.Frame, dirty []image.Rectangle) {
	if p.own == (image.Point{}) || picture.Rect.Size() != p.own {
		return
	}
	if p.front == nil {
		p.front = image.NewRGBA(image.Rectangle{Max: p.own})
		dirty = []image.Rectangle{picture.Rect}
		p.setImage()
	}
	for _, r := range dirty {
		picture.ToRGBA(p.front, r)
	}
	p.picture.Refresh()
}

// cursor implements sink.
func (p *pane) cursor(shape *image.RGBA, hot image.Point) {
	p.hot, p.shape, p.pointer.Image = hot, shape, nil
	if shape != nil {
		p.pointer.Image = shape
	}
	p.arrangePointer()
	if !p.native {
		p.pointer.Refresh()
	}
	p.call(p.onCursor)
}

// cursorAt implements sink.
func (p *pane) cursorAt(at image.Point) {
	p.at = at
	p.arrangePointer()
}
