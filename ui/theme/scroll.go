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
	s := &Scroll{}
	s.Content = container.New(layout.NewCustomPaddedLayout(edge, edge, edge, edge), content)
	s.Direction = container.ScrollVerticalOnly
	s.ExtendBaseWidget(s)
	return s
}

// edge is the room around the content of a scroll area.
const edge = ringWidth + 1

// Feet are the buttons beneath a scroll area: they stand exactly beneath what is in it.
func Feet(object fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, edge, edge), object)
}

// FollowFields is Follow for fields: what is wrong with one is brought into view with it.
func (s *Scroll) FollowFields(fields ...*Field) {
	for _, f := range fields {
		f.Entry.OnFocus = func() {
			if f.wrong.Visible() {
				s.Reveal(f.wrong)
			}
			s.Reveal(f.shown)
		}
	}
}

// Follow brings the objects, entries, buttons, choices and readers of this package, into view when they get the focus.
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
		case *Reader:
			o.OnFocus = show
		}
	}
}

// Reveal scrolls as little as is needed to show o, which stands somewhere in the content.
func (s *Scroll) Reveal(o fyne.CanvasObject) {
	const margin = 12
	at, ok := placeIn(s.Content, o)
	if !ok {
		return
	}
	top, bottom := at.Y, at.Y+o.Size().Height
	offset := s.Offset
	if high := s.Size().Height; bottom+margin > offset.Y+high {
		offset.Y = bottom + margin - high
	}
	offset.Y = max(0, min(offset.Y, top-margin))
	if offset != s.Offset {
		s.ScrollToOffset(offset)
	}
}

// placeIn returns where o stands in something that holds it. Fyne's driver could be asked only about what was drawn before, not about
// what was hidden until now.
func placeIn(in, o fyne.CanvasObject) (at fyne.Position, ok bool) {
	if in == o {
		return at, true
	}
	var parts []fyne.CanvasObject
	switch in := in.(type) {
	case *fyne.Container:
		parts = in.Objects
	case *container.ThemeOverride:
		parts = []fyne.CanvasObject{in.Content}
	}
	for _, part := range parts {
		if at, ok = placeIn(part, o); ok {
			return at.Add(part.Position()), true
		}
	}
	return at, false
}
