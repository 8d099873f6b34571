//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"encoding/binary"
	"image"
	"slices"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
)

// settle takes in everything that happened until now, and asks about windows that it does not tell enough of.
func (f *x11) settle() error {
	for {
		if err := f.alive(); err != nil { // the events before the answer have been handled when it comes
			return err
		}
		w, changes, some := f.nextStale()
		for ; some; w, changes, some = f.nextStale() {
			now, err := f.look(w)
			if err != nil {
				return err
			}
			f.store(w, changes, now)
		}
		if f.settled() {
			return nil
		}
	}
}

// nextStale returns a window that must be asked about.
func (f *x11) nextStale() (w xproto.Window, changes int, some bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w, t := range f.tops {
		if t.stale && t.mapped {
			return w, t.changes, true
		}
	}
	return 0, 0, false
}

func (f *x11) settled() bool {
	_, _, some := f.nextStale()
	return !some
}

// store keeps the answer about a window, unless something happened to it while we were asking.
func (f *x11) store(w xproto.Window, changes int, now top) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.tops[w]; t != nil && t.changes == changes {
		now.changes = changes
		*t = now
	}
}

// look asks about a child of the root. A window that is gone by now is nobody's.
func (f *x11) look(w xproto.Window) (top, error) {
	c := f.conn.Conn
	f.listen(w)
	if f.shapes {
		shape.SelectInput(c, w, true)
	}
	attributes, geometry := xproto.GetWindowAttributes(c, w), xproto.GetGeometry(c, xproto.Drawable(w))
	a, errA := attributes.Reply()
	g, errG := geometry.Reply()
	if errA != nil || errG != nil {
		return top{}, f.alive()
	}
	t := top{mapped: a.MapState != xproto.MapStateUnmapped}
	b := 2 * int(g.BorderWidth)
	t.rect = image.Rect(0, 0, int(g.Width)+b, int(g.Height)+b).Add(image.Pt(int(g.X), int(g.Y)))
	t.own = f.search(w)
	t.clear = a.Class == xproto.WindowClassInputOnly || t.own && f.passes(w)
	return t, f.alive()
}

// passes reports whether a window takes no input anywhere.
func (f *x11) passes(w xproto.Window) bool {
	if !f.shapes {
		return false
	}
	r, err := shape.GetRectangles(f.conn.Conn, w, shape.SkInput).Reply()
	return err == nil && len(r.Rectangles) == 0
}

// listen asks for news of a window's process, and of its end.
func (f *x11) listen(w xproto.Window) {
	xproto.ChangeWindowAttributes(f.conn.Conn, w, xproto.CwEventMask,
		[]uint32{xproto.EventMaskPropertyChange | xproto.EventMaskStructureNotify})
}

// search reports whether a window or one inside it is ours. It looks at the outer ones first, and at no more than
// maxSearch.
func (f *x11) search(w xproto.Window) bool {
	level := []xproto.Window{w}
	for depth, seen := 0, 0; depth <= maxDepth && seen < maxSearch; depth++ {
		var below []xproto.Window
		for _, w := range level {
			if f.ours(w) || f.known(w) {
				return true
			}
			if seen++; seen == maxSearch {
				break
			}
			if t, err := xproto.QueryTree(f.conn.Conn, w).Reply(); err == nil {
				below = append(below, t.Children...)
			}
		}
		for _, w := range below {
			f.listen(w)
		}
		level = below
	}
	return false
}

// ours reports whether a window names one of our processes, and remembers its connection if so.
func (f *x11) ours(w xproto.Window) bool {
	r, err := xproto.GetProperty(f.conn.Conn, false, w, f.pid, xproto.AtomCardinal, 0, 1).Reply()
	if err != nil || r.Format != 32 || len(r.Value) < 4 {
		return false
	}
	if !slices.Contains(f.pids, int(binary.LittleEndian.Uint32(r.Value))) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	client := uint32(w) & f.base
	if _, known := f.clients[client]; !known {
		f.clients[client] = w
		for other, t := range f.tops { // that looked like somebody else's
			if uint32(other)&f.base == client && !t.own {
				t.changes++
				t.stale = true
			}
		}
	}
	return true
}
