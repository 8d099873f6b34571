package viewer

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// shield is the ground of what lies over the picture: it keeps the mouse from the pane beneath, and shows the
// engineer's own pointer.
type shield struct {
	widget.BaseWidget
	box *canvas.Rectangle
}

var (
	_ desktop.Mouseable  = (*shield)(nil)
	_ desktop.Hoverable  = (*shield)(nil)
	_ desktop.Cursorable = (*shield)(nil)
	_ fyne.Scrollable    = (*shield)(nil)
)

func newShield(radius float32) *shield {
	s := &shield{box: canvas.NewRectangle(color.Transparent)}
	s.box.CornerRadius = radius
	s.ExtendBaseWidget(s)
	return s
}

// MouseDown does nothing, like everything below but Cursor.
func (s *shield) MouseDown(*desktop.MouseEvent) {}

// MouseUp implements desktop.Mouseable.
func (s *shield) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (s *shield) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements desktop.Hoverable.
func (s *shield) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (s *shield) MouseOut() {}

// Scrolled implements fyne.Scrollable.
func (s *shield) Scrolled(*fyne.ScrollEvent) {}

// Cursor implements desktop.Cursorable.
func (s *shield) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// Refresh follows the theme.
func (s *shield) Refresh() {
	s.box.FillColor = theme.Color(theme.ColorNameHeaderBackground)
	s.box.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (s *shield) CreateRenderer() fyne.WidgetRenderer {
	s.box.FillColor = theme.Color(theme.ColorNameHeaderBackground)
	return widget.NewSimpleRenderer(s.box)
}
