// Package choice decides which of several displays a capture source shows: one that was chosen, all of them as one
// picture, or the one where the pointer rests. It also gives displays their numbers.
//
// It knows displays as named places on a desktop. It reads no screen, no pointer and no clock.
package choice

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"assist/media/frame"
)

// What can be chosen besides the ID of a display.
const (
	All    uint8 = 0   // all displays as one picture
	Follow uint8 = 255 // the display where the pointer is
)

// Rest is how long the pointer must stay on another display before that one is followed to.
const Rest = 500 * time.Millisecond

// Max is the largest number of displays that are told apart; more are as if they were not there.
const Max = 64

var (
	errNoDisplay = errors.New("no such display")
	errTooLarge  = errors.New("all displays are too large for one picture")
)

// Display is one monitor. Bounds are desktop pixels; all displays share one coordinate system.
type Display struct {
	ID      uint8 // 1 to 254; the same monitor keeps it, see Numbers
	Name    string
	Bounds  image.Rectangle
	Primary bool
}

// Union is the smallest rectangle that holds all displays.
func Union(ds []Display) image.Rectangle {
	var all image.Rectangle
	for _, d := range ds {
		all = all.Union(d.Bounds)
	}
	return all
}

// fits reports whether there can be a picture of this size.
func fits(r image.Rectangle) bool { return r.Dx() <= frame.MaxSide && r.Dy() <= frame.MaxSide }

// Choice is what was chosen, and what comes of it. Until something is chosen, the primary display is. The zero Choice has no displays.
type Choice struct {
	list   []Display
	chosen uint8 // All, Follow or an ID of list
	shown  Display
	on     uint8     // the display that the pointer is on, as far as it is not the one followed; 0 for none
	since  time.Time // when it got there
}

// Plug replaces the displays, of which there must be one. When the chosen one has gone, or all have become too large for one
// picture, the primary one is chosen instead.
func (c *Choice) Plug(list []Display) {
	first := len(c.list) == 0
	c.list = list
	if first || c.check(c.chosen) != nil {
		c.chosen = primary(list).ID
	}
	c.settle()
}

// primary returns the primary display, or the first where none is.
func primary(list []Display) Display {
	if i := slices.IndexFunc(list, func(d Display) bool { return d.Primary }); i >= 0 {
		return list[i]
	}
	return list[0]
}

// check returns why something cannot be chosen.
func (c *Choice) check(id uint8) error {
	switch {
	case id == Follow:
		return nil
	case id == All && !fits(Union(c.list)):
		return fmt.Errorf("capture: %w", errTooLarge)
	case id != All && c.find(id) < 0:
		return fmt.Errorf("capture: %w: %d", errNoDisplay, id)
	}
	return nil
}

func (c *Choice) find(id uint8) int {
	return slices.IndexFunc(c.list, func(d Display) bool { return d.ID == id })
}

// Choose chooses All, Follow or a display. An error leaves everything as it was. Follow begins with the display that is
// shown, or after All with the primary one, until the next Point.
func (c *Choice) Choose(id uint8) error {
	if err := c.check(id); err != nil {
		return err
	}
	c.chosen, c.on = id, 0
	c.settle()
	return nil
}

// settle brings what is shown in line with what is chosen.
func (c *Choice) settle() {
	switch c.chosen {
	case All:
		c.shown = Display{ID: All, Bounds: Union(c.list)}
		return
	case Follow:
		if i := c.find(c.shown.ID); i >= 0 {
			c.shown = c.list[i]
		} else {
			c.shown, c.on = primary(c.list), 0
		}
		return
	}
	c.shown = c.list[c.find(c.chosen)]
}

// Point tells where the pointer is, in desktop pixels. The first time after Choose(Follow) its display is followed to at once, later
// when it has stayed there for Rest.
func (c *Choice) Point(at image.Point, now time.Time) {
	if c.chosen != Follow {
		return
	}
	i := slices.IndexFunc(c.list, func(d Display) bool { return at.In(d.Bounds) })
	if i < 0 || at.In(c.shown.Bounds) {
		c.on = c.shown.ID
		return
	}
	switch id := c.list[i].ID; {
	case c.on == 0, c.on == id && now.Sub(c.since) >= Rest:
		c.shown, c.on = c.list[i], id
	case c.on != id:
		c.on, c.since = id, now
	}
}

// Due returns how long from now the pointer must be looked at again although it does not move; false if it need not be.
func (c *Choice) Due(now time.Time) (time.Duration, bool) {
	if c.chosen != Follow || c.on == c.shown.ID {
		return 0, false
	}
	if c.on == 0 {
		return 0, true
	}
	return max(0, Rest-now.Sub(c.since)), true
}

// Displays returns the displays. They must not be changed.
func (c *Choice) Displays() []Display { return c.list }

// View returns what comes of the choice now.
func (c *Choice) View() View {
	v := View{Displays: c.list, Chosen: c.chosen, Shown: c.shown, Seen: []image.Rectangle{c.shown.Bounds}}
	if c.shown.ID == All {
		v.Seen = v.Seen[:0]
		for _, d := range c.list {
			v.Seen = append(v.Seen, d.Bounds)
		}
	}
	return v
}

// View is what a Choice came to at one moment.
type View struct {
	Displays []Display
	Chosen   uint8             // All, Follow or the ID of a display
	Shown    Display           // that of All has the ID All and the bounds of them all
	Seen     []image.Rectangle // the parts of Shown that can be seen on a display, in desktop pixels
}

// SamePicture reports whether a picture of v can go on as one of w.
func (v View) SamePicture(w View) bool {
	return v.Shown.ID == w.Shown.ID && v.Shown.Bounds == w.Shown.Bounds && slices.Equal(v.Seen, w.Seen)
}

// News returns a copy of the displays if they, what is chosen or what is shown are not as they were before.
func (v View) News(before View) []Display {
	if slices.Equal(v.Displays, before.Displays) && v.Chosen == before.Chosen && v.Shown.ID == before.Shown.ID {
		return nil
	}
	return slices.Clone(v.Displays)
}
