package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Heading is a screen's title.
func Heading(text string) *widget.Label { return label(text, base.SizeNameHeadingText, true) }

// Subheading is the title of a part of a screen.
func Subheading(text string) *widget.Label { return label(text, base.SizeNameSubHeadingText, true) }

// Strong is bold text of ordinary size.
func Strong(text string) *widget.Label { return label(text, base.SizeNameText, true) }

// Text is ordinary text.
func Text(text string) *widget.Label { return label(text, base.SizeNameText, false) }

// label is plain text that goes on in the next line where it must.
func label(text string, size fyne.ThemeSizeName, bold bool) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: bold})
	l.SizeName = size
	l.Wrapping = fyne.TextWrapWord
	return l
}

// Line is ordinary text in one line: it asks for as much room as it needs, and is cut with dots if it gets less
// inside something that shrinks it.
func Line(text string) *widget.Label { return widget.NewLabel(text) }

// Sized shows object with another text size, for what must be read from afar: a code, a check number.
func Sized(object fyne.CanvasObject, size float32) fyne.CanvasObject {
	return container.NewThemeOverride(object, sized{size})
}

// Card puts object on a quiet ground of its own.
func Card(object fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(newGround(), container.NewPadded(object))
}

// ground is a card's rectangle. It is a widget so that it follows the theme.
type ground struct {
	widget.BaseWidget
}

func newGround() *ground {
	g := &ground{}
	g.ExtendBaseWidget(g)
	return g
}

func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	r := &groundRenderer{g: g, box: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type groundRenderer struct {
	g   *ground
	box *canvas.Rectangle
}

func (r *groundRenderer) Destroy()                     {}
func (r *groundRenderer) Layout(size fyne.Size)        { r.box.Resize(size) }
func (r *groundRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *groundRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.box} }
func (r *groundRenderer) Refresh() {
	r.box.FillColor = colour(r.g, ColorNameCard)
	r.box.StrokeColor = colour(r.g, base.ColorNameSeparator)
	r.box.StrokeWidth = 1
	r.box.CornerRadius = 10
	r.box.Refresh()
}

// colour looks a colour up for a widget.
func colour(w fyne.Widget, name fyne.ThemeColorName) color.Color {
	return base.CurrentForWidget(w).Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}

// Middle shows object half way between top and bottom, as wide as there is room.
func Middle(object fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(layout.NewSpacer(), object, layout.NewSpacer())
}

// Page is a whole window's content: it keeps a distance from the window's edges.
func Page(object fyne.CanvasObject) fyne.CanvasObject {
	const edge = 12
	return container.New(layout.NewCustomPaddedLayout(edge, edge, edge, edge), object)
}

// Column shows object in the middle, at most width wide.
func Column(object fyne.CanvasObject, width float32) *fyne.Container {
	return container.New(columnLayout{width}, object)
}

type columnLayout struct{ width float32 }

func (c columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize()
}

func (c columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := min(size.Width, max(c.width, objects[0].MinSize().Width))
	objects[0].Move(fyne.NewPos((size.Width-w)/2, 0))
	objects[0].Resize(fyne.NewSize(w, size.Height))
}

// Wide shows object at least width wide.
func Wide(object fyne.CanvasObject, width float32) *fyne.Container {
	return container.New(leastLayout{fyne.NewSize(width, 0)}, object)
}

// High shows object at least height high.
func High(object fyne.CanvasObject, height float32) *fyne.Container {
	return container.New(leastLayout{fyne.NewSize(0, height)}, object)
}

type leastLayout struct{ size fyne.Size }

func (l leastLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().Max(l.size)
}

func (l leastLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
	objects[0].Move(fyne.Position{})
}
