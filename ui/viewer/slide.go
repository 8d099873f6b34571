package viewer

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// slideWidth is how broad a scroll bar is.
const slideWidth = 14

// slide is a scroll bar beside the pane. Fyne's own lies over what it scrolls and shades its edges, and here
// every pixel is the customer's.
type slide struct {
	widget.BaseWidget
	upright bool
	onMoved func(at int) // pixels of the display

	at, room, length int // first pixel seen, pixels seen, pixels there are
}

var (
	_ fyne.Draggable     = (*slide)(nil)
	_ fyne.Tappable      = (*slide)(nil)
	_ desktop.Cursorable = (*slide)(nil)
)

func newSlide(upright bool, moved func(int)) *slide {
	s := &slide{upright: upright, onMoved: moved}
	s.ExtendBaseWidget(s)
	return s
}

// set says what is seen of how much.
func (s *slide) set(at, room, length int) {
	if s.at != at || s.room != room || s.length != length {
		s.at, s.room, s.length = at, room, length
		s.Refresh()
	}
}

// along is the part of a place or length that runs along the bar.
func (s *slide) along(x, y float32) float32 {
	if s.upright {
		return y
	}
	return x
}

// thumb is where the thumb begins and how long it is.
func (s *slide) thumb() (from, long float32) {
	total := s.along(s.Size().Width, s.Size().Height)
	if s.length <= s.room || s.length == 0 {
		return 0, total
	}
	long = max(24, total*float32(s.room)/float32(s.length))
	return (total - long) * float32(s.at) / float32(s.length-s.room), long
}

// Dragged moves the picture with the thumb.
func (s *slide) Dragged(ev *fyne.DragEvent) {
	_, long := s.thumb()
	if free := s.along(s.Size().Width, s.Size().Height) - long; free > 0 {
		step := s.along(ev.Dragged.DX, ev.Dragged.DY) * float32(s.length-s.room) / free
		s.onMoved(s.at + roundInt(step))
	}
}

// DragEnd implements fyne.Draggable.
func (s *slide) DragEnd() {}

// Tapped goes on by a page, towards the place tapped.
func (s *slide) Tapped(ev *fyne.PointEvent) {
	from, long := s.thumb()
	switch at := s.along(ev.Position.X, ev.Position.Y); {
	case at < from:
		s.onMoved(s.at - s.room*9/10)
	case at > from+long:
		s.onMoved(s.at + s.room*9/10)
	}
}

// Cursor implements desktop.Cursorable.
func (s *slide) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// CreateRenderer implements fyne.Widget.
func (s *slide) CreateRenderer() fyne.WidgetRenderer {
	r := &slideRenderer{s: s, ground: canvas.NewRectangle(color.Transparent), thumb: canvas.NewRectangle(color.Transparent)}
	r.paint()
	return r
}

type slideRenderer struct {
	s             *slide
	ground, thumb *canvas.Rectangle
}

func (r *slideRenderer) Destroy()           {}
func (r *slideRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(slideWidth) }
func (r *slideRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.thumb}
}

func (r *slideRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	from, long := r.s.thumb()
	if r.s.upright {
		r.thumb.Move(fyne.NewPos(3, from))
		r.thumb.Resize(fyne.NewSize(size.Width-6, long))
	} else {
		r.thumb.Move(fyne.NewPos(from, 3))
		r.thumb.Resize(fyne.NewSize(long, size.Height-6))
	}
}

func (r *slideRenderer) Refresh() {
	r.Layout(r.s.Size())
	r.paint()
	canvas.Refresh(r.s)
}

func (r *slideRenderer) paint() {
	r.ground.FillColor = theme.Color(theme.ColorNameHeaderBackground)
	r.thumb.FillColor = theme.Color(theme.ColorNameScrollBar)
	r.thumb.CornerRadius = (slideWidth - 6) / 2
}
