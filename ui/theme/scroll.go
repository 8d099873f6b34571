package theme

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// Scroll is a vertical scroll area that follows the keyboard: what gets the focus is brought into view. Say what can
// get it with Follow.
type Scroll struct {
	container.Scroll
}

// NewScroll makes a scroll area around content, with room for the ring around what has the focus.
func NewScroll(content fyne.CanvasObject) *Scroll {
	const edge = ringWidth + 1
	s := &Scroll{}
	s.Content = container.New(layout.NewCustomPaddedLayout(edge, edge, edge, edge), content)
	s.Direction = container.ScrollVerticalOnly
	s.ExtendBaseWidget(s)
	return s
}

// Follow brings the objects, entries, buttons and choices of this package, into view when they get the focus.
func (s *Scroll) Follow(objects ...fyne.CanvasObject) {
	for _, o := range objects {
		show := func() { s.Reveal(o) }
		switch o := o.(type) {
		case *Entry:
			o.OnFocus = show
		case *Digits:
			o.OnFocus = show
		case *Button:
			o.OnFocus = show
		case *Choice:
			o.OnFocus = show
		}
	}
}

// Reveal scrolls as little as is needed to show o.
func (s *Scroll) Reveal(o fyne.CanvasObject) {
	const margin = 12
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s).Y + s.Offset.Y
	bottom := top + o.Size().Height
	offset := s.Offset
	if high := s.Size().Height; bottom+margin > offset.Y+high {
		offset.Y = bottom + margin - high
	}
	offset.Y = max(0, min(offset.Y, top-margin))
	if offset != s.Offset {
		s.ScrollToOffset(offset)
	}
}
