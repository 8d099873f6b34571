package viewer

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// spot is a place in the pane that shows nothing. Unlike Fyne's own objects it can be moved without having the window
// drawn again.
type spot struct {
	at   fyne.Position
	room fyne.Size
	seen bool
}

var _ fyne.Widget = (*spot)(nil)

// MinSize implements fyne.CanvasObject, like everything below but CreateRenderer.
func (s *spot) MinSize() fyne.Size { return fyne.Size{} }

// Move implements fyne.CanvasObject.
func (s *spot) Move(to fyne.Position) { s.at = to }

// Position implements fyne.CanvasObject.
func (s *spot) Position() fyne.Position { return s.at }

// Resize implements fyne.CanvasObject.
func (s *spot) Resize(to fyne.Size) { s.room = to }

// Size implements fyne.CanvasObject.
func (s *spot) Size() fyne.Size { return s.room }

// Hide implements fyne.CanvasObject.
func (s *spot) Hide() { s.seen = false }

// Show implements fyne.CanvasObject.
func (s *spot) Show() { s.seen = true }

// Visible implements fyne.CanvasObject.
func (s *spot) Visible() bool { return s.seen }

// Refresh implements fyne.CanvasObject.
func (s *spot) Refresh() {}

// CreateRenderer implements fyne.Widget.
func (s *spot) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&fyne.Container{})
}
