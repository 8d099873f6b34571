// Package picture keeps the picture of a display, or of several, that a capture source hands out: it brings it up to date from
// fresh shots of parts of the screen, paints over what must stay hidden, and says what
// really changed.
//
// It knows no system and takes no shots itself.
package picture

import (
	"fmt"
	"image"
	"slices"

	"assist/media/frame"
)

// Grey is the value of all three colours of a hidden part.
const Grey = 0x30

// Picture is the kept picture of one display, or of several.
type Picture struct {
	Frame  *frame.Frame      // starts at 0,0; belongs to the Picture
	bounds image.Rectangle   // in desktop pixels
	holes  []image.Rectangle // what no display shows, in the picture's pixels: black
	hidden []image.Rectangle
	fresh  bool // nothing was shot yet
	dirty  []image.Rectangle
}

// New returns the black picture of a part of the desktop, in desktop pixels. Its first Refresh shoots all of it. Seen are the displays
// there; what lies between them stays black, whatever the system has there. Without any, all of it is one display.
func New(bounds image.Rectangle, seen ...image.Rectangle) (*Picture, error) {
	size := bounds.Size()
	if bounds.Empty() || size.X > frame.MaxSide || size.Y > frame.MaxSide {
		return nil, fmt.Errorf("a display of %d x %d pixels", size.X, size.Y)
	}
	p := &Picture{Frame: frame.New(size.X, size.Y), bounds: bounds, fresh: true}
	if len(seen) > 0 {
		p.holes = without(bounds, seen)
	}
	for i, r := range p.holes {
		p.holes[i] = r.Sub(bounds.Min)
	}
	return p, nil
}

// Grab returns fresh pictures of at least the given parts of the picture. Parts and the pictures' Rects are pixels of the
// picture, starting at 0,0. The pictures may be written to, and are not used after the next Grab.
type Grab func(parts []image.Rectangle) ([]*frame.Frame, error)

// Refresh takes the damaged parts, and those that are hidden now or are no longer, from the screen. Damage and the answers of
// mask are desktop pixels. It returns the parts of Frame that changed, valid until the next Refresh.
//
// A window may come up or move between the answer of mask and the shot. So mask is asked on both
// sides of it, and everything either answer names is painted over; again is true when the answers differ and another Refresh is
// due at once.
func (p *Picture) Refresh(damage []image.Rectangle, mask func() []image.Rectangle, grab Grab) (dirty []image.Rectangle, again bool, err error) {
	before := p.inPicture(mask)
	parts := p.parts(damage, before)
	p.dirty = p.dirty[:0]
	if len(parts) == 0 {
		return nil, false, nil
	}
	shots, err := grab(parts)
	if err != nil {
		return nil, false, err
	}
	after := p.inPicture(mask)
	if again = !slices.Equal(before, after); again {
		for _, r := range after {
			if !slices.Contains(before, r) {
				before = append(before, r)
			}
		}
		shots = append(shots, p.cover(before)...)
	}
	for _, s := range shots {
		for _, r := range before {
			s.Fill(r, Grey, Grey, Grey)
		}
		for _, r := range p.holes {
			s.Fill(r, 0, 0, 0)
		}
		p.dirty = p.Frame.Update(p.dirty, s, s.Rect)
	}
	p.hidden = before
	if p.fresh {
		p.fresh = false
		p.dirty = append(p.dirty[:0], p.Frame.Rect)
	}
	return p.dirty, again, nil
}

// cover returns shots of nothing at rs, so that hidden parts that no real shot holds are painted over as well.
func (p *Picture) cover(rs []image.Rectangle) []*frame.Frame {
	var covers []*frame.Frame
	for _, r := range rs {
		c := frame.New(r.Dx(), r.Dy())
		c.Rect = r
		covers = append(covers, c)
	}
	return covers
}

// inPicture asks mask and returns the parts in this picture, in its pixels.
func (p *Picture) inPicture(mask func() []image.Rectangle) []image.Rectangle {
	if mask == nil {
		return nil
	}
	var rs []image.Rectangle
	for _, r := range mask() {
		if r = p.toPicture(r); !r.Empty() && !slices.Contains(rs, r) {
			rs = append(rs, r)
		}
	}
	return rs
}

// toPicture returns the part of r, in desktop pixels, that is in the picture, in its pixels.
func (p *Picture) toPicture(r image.Rectangle) image.Rectangle {
	return r.Intersect(p.bounds).Sub(p.bounds.Min)
}

// parts returns what must be shot: damage, and whatever is hidden in only one of the picture and hide.
func (p *Picture) parts(damage, hide []image.Rectangle) []image.Rectangle {
	if p.fresh {
		return []image.Rectangle{p.Frame.Rect}
	}
	var parts []image.Rectangle
	for _, r := range damage {
		if r = p.toPicture(r); !r.Empty() {
			parts = append(parts, r)
		}
	}
	for _, r := range p.hidden {
		if !slices.Contains(hide, r) {
			parts = append(parts, r)
		}
	}
	for _, r := range hide {
		if !slices.Contains(p.hidden, r) {
			parts = append(parts, r)
		}
	}
	return Merge(parts)
}
