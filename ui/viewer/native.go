package viewer

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
)

// native keeps a Surface over the picture while there is nothing else to be seen there: it tells it where the picture is,
// where the bar or a note needs a hole, and to go away for a menu or a sentence in the middle. The pane then shows the picture
// itself, and is always told what it needs for that. All of it runs on the window's goroutine; what the Surface hears arrives in ears.
type native struct {
	v     *Viewer
	open  OpenSurface // nil for none
	tried bool        // in this session

	surface Surface // nil while there is none
	ears    *ears
	shown   bool
	drawn   bool // the pane was drawn in this session
	posted  bool // settle will run
	busy    bool // settle runs
}

// start makes a Surface, once a session. What went wrong has been said by then, and the window library draws.
func (n *native) start() {
	if n.tried || n.open == nil {
		return
	}
	n.tried = true
	e := newEars(n)
	s, err := n.open(n.v.feed.read, e)
	if err != nil {
		return
	}
	n.surface, n.ears = s, e
	n.v.pane.ears = e
	n.v.feed.use(s)
}

// stop takes the Surface away; the next session makes another one.
func (n *native) stop() {
	n.tried, n.drawn = false, false
	if n.surface == nil {
		return
	}
	n.hide()
	n.ears.listen(false)
	n.v.feed.use(nil)
	n.v.pane.ears = nil
	s := n.surface
	n.surface, n.ears = nil, nil
	s.Close()
}

// lost is called when the display took away the Surface that e listens to.
func (n *native) lost(e *ears) {
	if n.ears == e {
		n.stop()
		n.tried = true
		n.v.hands.letGo()
	}
}

// onDrawn has the place looked at again, after the window was drawn: by then everything is where it belongs.
func (n *native) onDrawn() {
	if n.surface == nil || n.posted || n.busy {
		return
	}
	n.posted, n.drawn = true, true
	n.v.feed.post(func() {
		n.posted = false
		n.settle()
	})
}

// settle brings the Surface in line with the window.
func (n *native) settle() {
	if n.surface == nil || n.busy {
		return
	}
	n.busy = true // looking for places draws, as far as the pane can tell
	defer func() { n.busy = false }()
	n.listen()
	open := n.v.hands.isOpen()
	n.surface.OwnPointer(!open || n.v.pane.shape == nil)
	if !n.wanted() || !n.place() {
		n.hide()
		return
	}
	if !n.shown {
		n.shown = true
		n.v.feed.sleep()
		n.v.pane.setNative(true)
	}
}

// listen says whether keys are for the customer now.
func (n *native) listen() {
	if n.surface != nil {
		n.ears.listen(n.v.pane.focused && n.v.options.Canvas.Overlays().Top() == nil)
	}
}

// wanted reports whether nothing but notes and the bar is to be seen over the picture.
func (n *native) wanted() bool {
	return n.drawn && n.v.picture && n.v.access.Valid() && n.v.scene() == scene{} && n.v.options.Canvas.Overlays().Top() == nil
}

// place tells the Surface where it is, and reports whether it is anywhere.
func (n *native) place() bool {
	p := n.v.pane
	g := p.geo
	seen := g.shown.Intersect(image.Rectangle{Max: g.view})
	if seen.Empty() {
		return false
	}
	corner := n.rect(p).Min
	var holes []image.Rectangle
	top := 0
	if n.v.over.foot.Visible() {
		holes = append(holes, rounded(n.rect(n.v.over.foot), roundInt(cardRadius*p.ratio))...)
	}
	if n.v.frame.full {
		bar := n.v.bar.object
		top = roundInt((bar.MinSize().Height + awayFromBar) * p.ratio)
		if bar.Visible() {
			holes = append(holes, n.rect(bar))
		}
	}
	n.ears.set(spotted{geo: g, corner: seen.Min, size: seen.Size(), full: n.v.frame.full, top: top, ratio: p.ratio})
	n.surface.Place(seen.Add(corner), g.shown.Add(corner), g.frame, holes)
	return true
}

// rect is where an object is in the window, in pixels, as the painter rounds it.
func (n *native) rect(o fyne.CanvasObject) image.Rectangle {
	at, ratio := fyne.CurrentApp().Driver().AbsolutePositionForObject(o), n.v.pane.ratio
	end := at.Add(o.Size())
	return image.Rect(roundInt(at.X*ratio), roundInt(at.Y*ratio), roundInt(end.X*ratio), roundInt(end.Y*ratio))
}

// hide shows the window library's picture again, with all that it missed.
func (n *native) hide() {
	if !n.shown {
		return
	}
	n.shown = false
	n.v.pane.setNative(false)
	n.v.feed.wake()
	n.surface.Hide()
	if n.ears.forget() { // the release of a button will be reported elsewhere
		n.v.hands.lift()
	}
}

// rounded is r without what a circle of a radius leaves of its corners.
func rounded(r image.Rectangle, radius int) []image.Rectangle {
	radius = min(radius, r.Dx()/2, r.Dy()/2)
	if radius <= 0 {
		return []image.Rectangle{r}
	}
	list := []image.Rectangle{image.Rect(r.Min.X, r.Min.Y+radius, r.Max.X, r.Max.Y-radius)}
	for i := range radius {
		up := float64(radius-i) - 0.5
		in := radius - int(math.Sqrt(float64(radius*radius)-up*up)+0.5)
		list = append(list,
			image.Rect(r.Min.X+in, r.Min.Y+i, r.Max.X-in, r.Min.Y+i+1),
			image.Rect(r.Min.X+in, r.Max.Y-i-1, r.Max.X-in, r.Max.Y-i))
	}
	return list
}
