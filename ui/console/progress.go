package console

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// progress is a thin line that gets shorter.
type progress struct {
	widget.BaseWidget
	part float32 // of the whole, 0 to 1
}

const progressHeight = 6

func newProgress() *progress {
	p := &progress{}
	p.ExtendBaseWidget(p)
	return p
}

func (p *progress) set(part float32) {
	if part = min(max(part, 0), 1); part != p.part {
		p.part = part
		p.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (p *progress) CreateRenderer() fyne.WidgetRenderer {
	r := &progressRenderer{p: p, whole: canvas.NewRectangle(color.Transparent), part: canvas.NewRectangle(color.Transparent)}
	r.whole.CornerRadius, r.part.CornerRadius = progressHeight/2, progressHeight/2
	r.paint()
	return r
}

type progressRenderer struct {
	p           *progress
	whole, part *canvas.Rectangle
}

func (r *progressRenderer) Destroy()           {}
func (r *progressRenderer) MinSize() fyne.Size { return fyne.NewSize(60, progressHeight) }
func (r *progressRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.whole, r.part}
}

func (r *progressRenderer) Layout(size fyne.Size) {
	r.whole.Resize(fyne.NewSize(size.Width, progressHeight))
	r.part.Resize(fyne.NewSize(size.Width*r.p.part, progressHeight))
}

func (r *progressRenderer) Refresh() {
	r.Layout(r.p.Size())
	r.paint()
	canvas.Refresh(r.p)
}

func (r *progressRenderer) paint() {
	r.whole.FillColor = theme.Color(theme.ColorNameSeparator)
	r.part.FillColor = theme.Color(theme.ColorNamePrimary)
	r.part.Hidden = r.p.part == 0
}
