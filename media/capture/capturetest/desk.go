package capturetest

import (
	"image"
	"slices"
	"testing"
	"time"

	"assist/media/capture"
)

// desk is a viewer that knows the displays.
type desk struct {
	*viewer
	plugs Plugs
	last  capture.Update
}

// twoDisplays opens a source on left and right, and takes its first update.
func twoDisplays(t *testing.T, open PlugOpener, o capture.Options) *desk {
	t.Helper()
	src, stage := open(t, o, func(p Plugs) { p.Plug(1, left, right) })
	d := &desk{viewer: &viewer{t: t, src: src, stage: stage}, plugs: stage}
	d.until("the first picture", func() bool { return d.last.Frame != nil })
	return d
}

// until takes updates until ok.
func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	for end := time.Now().Add(deadline); !ok(); {
		u, err := d.next(time.Until(end))
		if err != nil {
			d.t.Fatalf("waiting for %s: %v; displays %+v, chosen %d, shown %d", what, err, d.last.Displays, d.last.Choice, d.last.Shown)
		}
		d.take(u)
	}
}

// take takes an update, and checks that what it says of displays is whole.
func (d *desk) take(u capture.Update) {
	d.t.Helper()
	before := d.last
	d.last = u
	if before.Frame == nil {
		return
	}
	if u.Displays == nil {
		d.last.Displays = before.Displays
		if u.Choice != before.Choice || u.Shown != before.Shown {
			d.t.Errorf("chosen %d, shown %d instead of %d and %d, and the displays are not told", u.Choice, u.Shown, before.Choice, before.Shown)
		}
	}
	if u.Shown != before.Shown && !slices.Equal(u.Dirty, []image.Rectangle{u.Frame.Rect}) {
		d.t.Errorf("another display is shown, and dirty %v is not all of it", u.Dirty)
	}
}

// calm takes updates until there are none, and returns all that was dirty.
func (d *desk) calm() (dirty []image.Rectangle) {
	d.t.Helper()
	for {
		u, err := d.next(d.stage.Calm())
		if err != nil {
			return dirty
		}
		d.take(u)
		dirty = append(dirty, u.Dirty...)
	}
}

// at returns the display at a place of the desktop.
func (d *desk) at(r image.Rectangle) capture.Display {
	d.t.Helper()
	i := slices.IndexFunc(d.last.Displays, func(m capture.Display) bool { return m.Bounds == r })
	if i < 0 {
		d.t.Fatalf("no display at %v in %+v", r, d.last.Displays)
	}
	return d.last.Displays[i]
}

// choose selects a display, or All or Follow, and waits until it is shown.
func (d *desk) choose(id uint8, what image.Rectangle) {
	d.t.Helper()
	if err := d.src.Select(id); err != nil {
		d.t.Fatal(err)
	}
	d.untilShown(what)
	d.until("the choice", func() bool { return d.last.Choice == id })
}

// untilShown waits for the picture of a part of the desktop.
func (d *desk) untilShown(what image.Rectangle) {
	d.t.Helper()
	d.until("another display", func() bool { return d.bounds() == what && d.picture.Rect == what.Sub(what.Min) })
}

// bounds is where what is shown lies.
func (d *desk) bounds() image.Rectangle {
	places := capture.Places(d.last.Displays)
	if int(d.last.Shown) >= len(places) {
		return image.Rectangle{}
	}
	return places[d.last.Shown]
}

// corners paints the pixels in the corners of r, one after the other, and looks that they are where they belong.
func (d *desk) corners(r image.Rectangle) {
	d.t.Helper()
	d.stage.Fill(r, 10, 20, 30)
	d.until("one colour", func() bool { return d.showsAt(r, 10, 20, 30) })
	for i, p := range []image.Point{r.Min, {r.Max.X - 1, r.Min.Y}, {r.Min.X, r.Max.Y - 1}, r.Max.Sub(image.Pt(1, 1))} {
		pixel := image.Rectangle{Min: p, Max: p.Add(image.Pt(1, 1))}
		c := byte(200 + i)
		d.stage.Fill(pixel, c, c, 9)
		d.until("a pixel in a corner", func() bool { return d.showsAt(pixel, c, c, 9) })
		for _, n := range []image.Point{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			if beside := pixel.Add(n); beside.In(r) && !d.showsAt(beside, 10, 20, 30) {
				d.t.Errorf("the pixel beside %v has another colour than it was given", p)
			}
		}
	}
}

// showsAt reports whether the picture shows a part of the desktop in one colour.
func (d *desk) showsAt(r image.Rectangle, blue, green, red byte) bool {
	return d.shows(r.Sub(d.bounds().Min), blue, green, red)
}

// pointTo moves the pointer and waits until the picture has it there.
func (d *desk) pointTo(at image.Point) {
	d.t.Helper()
	d.stage.MovePointer(at)
	d.until("the pointer", func() bool { return d.last.Pointer == at.Sub(d.bounds().Min) })
}
