//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"cmp"
	"encoding/binary"
	"errors"
	"image"
	"slices"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
)

// leastOpacity is how opaque a window must be, of 2^32 - 1.
const leastOpacity = 0xc0000000

// mostShifts is how often a window manager may put the window somewhere else while it is looked at.
const mostShifts = 4

// step is a window on the way from the kept one to the root.
type step struct {
	w    xproto.Window
	rect image.Rectangle // in desktop pixels, without its border
}

// look implements keeper.
func (k *x11Keeper) look() (fault, error) {
	for range mostShifts {
		f, err := k.lookOnce()
		if !errors.Is(err, errShifted) {
			return f, err
		}
	}
	return fault{what: hidden, grace: mendRest}, nil
}

// lookOnce looks, if the window stays where it is meanwhile.
func (k *x11Keeper) lookOnce() (fault, error) {
	path, visible, err := k.walk()
	if err != nil {
		return fault{}, err
	}
	if err := k.readMonitors(); err != nil {
		return fault{}, err
	}
	k.path = path
	rect := path[0].rect
	if k.first == (image.Point{}) {
		k.first = rect.Size()
	}
	switch {
	case !visible:
		return fault{what: hidden}, nil
	case 2*rect.Dx() < k.first.X || rect.Dy() < leastHeight:
		return fault{what: small}, nil
	}
	for _, look := range []func([]step) (fault, error){k.clipped, k.seeThrough, k.outside, k.beneath} {
		if f, err := look(path); err != nil || f.what != none {
			return f, err
		}
	}
	k.good = rect
	return fault{}, nil
}

// walk returns the windows that the kept one is inside of, beginning with itself, and whether all of them are shown.
func (k *x11Keeper) walk() (path []step, visible bool, err error) {
	c := k.conn.Conn
	a, err := xproto.GetWindowAttributes(c, k.w).Reply()
	if err != nil {
		return nil, false, k.gone(err)
	}
	for w := k.w; w != k.root && len(path) < maxParents; {
		geometry, tree := xproto.GetGeometry(c, xproto.Drawable(w)), xproto.QueryTree(c, w)
		at := xproto.TranslateCoordinates(c, w, k.root, 0, 0)
		g, errG := geometry.Reply()
		t, errT := tree.Reply()
		p, errP := at.Reply()
		if err := cmp.Or(errG, errT, errP); err != nil {
			return nil, false, k.gone(err)
		}
		rect := image.Rect(0, 0, int(g.Width), int(g.Height)).Add(image.Pt(int(p.DstX), int(p.DstY)))
		path = append(path, step{w, rect})
		w = t.Parent
	}
	return path, a.MapState == xproto.MapStateViewable, nil
}

// clipped looks whether something was cut out of the window, or out of one that it is in, or whether clicks pass through.
func (k *x11Keeper) clipped(path []step) (fault, error) {
	need := path[0].rect.Inset(min(slack, leastHeight/4))
	for _, s := range path {
		if !need.In(s.rect) {
			return fault{what: cut}, nil
		}
		if !k.shapes {
			continue
		}
		for _, kind := range []shape.Kind{shape.SkBounding, shape.SkClip, shape.SkInput} {
			r, err := shape.GetRectangles(k.conn.Conn, s.w, kind).Reply()
			if err != nil {
				return fault{}, k.gone(err)
			}
			var whole []image.Rectangle
			for _, r := range r.Rectangles {
				at := s.rect.Min.Add(image.Pt(int(r.X), int(r.Y)))
				whole = append(whole, image.Rectangle{Min: at, Max: at.Add(image.Pt(int(r.Width), int(r.Height)))})
			}
			if left := missing(need, whole); len(left) > 0 {
				return fault{what: holed}, nil
			}
		}
	}
	return fault{}, nil
}

// seeThrough looks whether a composite manager was told to show it as if it were not there.
func (k *x11Keeper) seeThrough(path []step) (fault, error) {
	for _, s := range path {
		r, err := xproto.GetProperty(k.conn.Conn, false, s.w, k.atoms["_NET_WM_WINDOW_OPACITY"], xproto.AtomCardinal, 0, 1).Reply()
		if err != nil {
			return fault{}, k.gone(err)
		}
		if r.Format == 32 && len(r.Value) >= 4 && binary.LittleEndian.Uint32(r.Value) < leastOpacity {
			return fault{what: transparent}, nil
		}
	}
	return fault{}, nil
}

// outside looks whether it has left the monitors. Somebody may be moving it at this moment.
func (k *x11Keeper) outside(path []step) (fault, error) {
	rect := path[0].rect
	if len(missing(rect.Inset(slack), k.monitors)) == 0 || inside(rect, k.monitors) == rect.Min { // as far in as it fits
		return fault{}, nil
	}
	p, err := xproto.QueryPointer(k.conn.Conn, k.root).Reply()
	if err != nil {
		return fault{}, err
	}
	f := fault{what: away, grace: placeGrace}
	if !slices.ContainsFunc(k.monitors, rect.Overlaps) {
		f.grace = 0
	} else if p.Mask&xproto.ButtonMask1 != 0 {
		f.grace = dragGrace
	}
	return f, nil
}

// beneath looks for windows of others above it, those that show nothing and only take the clicks among them.
func (k *x11Keeper) beneath(path []step) (fault, error) {
	c := k.conn.Conn
	tree, err := xproto.QueryTree(c, k.root).Reply()
	if err != nil {
		return fault{}, err
	}
	rect, at := path[0].rect, slices.Index(tree.Children, path[len(path)-1].w)
	if at < 0 {
		return fault{}, nil // just put somewhere else, which is news
	}
	for _, w := range tree.Children[at+1:] {
		if uint32(w)&^xproto.Setup(k.conn.Conn).ResourceIdMask == 0 {
			continue // the server's own, as the one that composite managers draw on
		}
		r, err := k.place(w)
		if err != nil {
			return fault{}, err
		}
		if !r.Overlaps(rect) {
			continue
		}
		own, known := k.f.holds(w)
		if !known {
			return fault{}, errUnmarked
		}
		if !own {
			return fault{what: covered, grace: coverGrace, by: uint64(w)}, nil
		}
	}
	return fault{}, nil
}

// place returns the place of a child of the root with its border, or nothing if it is not there.
func (k *x11Keeper) place(w xproto.Window) (image.Rectangle, error) {
	c := k.conn.Conn
	attributes, geometry := xproto.GetWindowAttributes(c, w), xproto.GetGeometry(c, xproto.Drawable(w))
	a, errA := attributes.Reply()
	g, errG := geometry.Reply()
	if errA != nil || errG != nil { // it has gone, or everything has
		_, err := xproto.GetInputFocus(c).Reply()
		return image.Rectangle{}, err
	}
	if a.MapState != xproto.MapStateViewable {
		return image.Rectangle{}, nil
	}
	r := image.Rect(0, 0, int(g.Width)+2*int(g.BorderWidth), int(g.Height)+2*int(g.BorderWidth)).Add(image.Pt(int(g.X), int(g.Y)))
	if !k.shapes {
		return r, nil
	}
	e, err := shape.QueryExtents(c, w).Reply()
	if err == nil && e.BoundingShaped {
		at := image.Pt(int(g.X)+int(e.BoundingShapeExtentsX), int(g.Y)+int(e.BoundingShapeExtentsY))
		size := image.Pt(int(e.BoundingShapeExtentsWidth), int(e.BoundingShapeExtentsHeight))
		r = image.Rectangle{Min: at, Max: at.Add(size)}
	}
	return r, nil
}

// readMonitors asks where the monitors are. Without RANDR 1.5 the whole screen is one.
func (k *x11Keeper) readMonitors() error {
	k.monitors = k.monitors[:0]
	if k.randr {
		r, err := randr.GetMonitors(k.conn.Conn, k.root, true).Reply()
		if err != nil {
			return err
		}
		for _, m := range r.Monitors {
			at := image.Pt(int(m.X), int(m.Y))
			b := image.Rectangle{Min: at, Max: at.Add(image.Pt(int(m.Width), int(m.Height)))}
			if !b.Empty() && len(k.monitors) < maxParents {
				k.monitors = append(k.monitors, b)
			}
		}
	}
	if len(k.monitors) > 0 {
		return nil
	}
	g, err := xproto.GetGeometry(k.conn.Conn, xproto.Drawable(k.root)).Reply()
	if err == nil {
		k.monitors = append(k.monitors, image.Rect(0, 0, int(g.Width), int(g.Height)))
	}
	return err
}
