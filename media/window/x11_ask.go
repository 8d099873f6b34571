//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"encoding/binary"
	"image"
	"slices"

	"github.com/jezek/xgb/xproto"
)

// settle takes in everything that happened until now, and asks about windows that it does not tell enough of.
func (f *watch) settle() error {
	for {
		if err := f.alive(); err != nil { // the events before the answer have been handled when it comes
			return err
		}
		asked := false
		for _, step := range []func() (bool, error){f.sortFresh, f.follow, f.lookAtTops} {
			some, err := step()
			if err != nil {
				return err
			}
			asked = asked || some
		}
		if !asked {
			return nil
		}
	}
}

// sortFresh asks whose the new windows are.
func (f *watch) sortFresh() (some bool, err error) {
	f.mu.Lock()
	var ids []uint32
	for w := range f.fresh {
		ids = append(ids, uint32(w))
	}
	clear(f.fresh)
	f.mu.Unlock()
	if len(ids) == 0 {
		return false, nil
	}
	slices.Sort(ids)
	pids := map[uint32]int{}
	if f.sure {
		if pids, err = f.owners.Of(ids...); err != nil {
			return true, err
		}
	}
	for _, id := range ids {
		if pid, known := pids[id]; known {
			if slices.Contains(f.pids, pid) {
				err = f.take(xproto.Window(id))
			}
		} else {
			err = f.judge(xproto.Window(id))
		}
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

// judge asks a window itself which process it belongs to: the server does not say.
func (f *watch) judge(w xproto.Window) error {
	f.mu.Lock()
	f.others[w] = true // before it is asked, so that it is told when it goes
	kin := f.kinLocked(w)
	f.mu.Unlock()
	if !f.listen(w) {
		f.mu.Lock()
		delete(f.others, w)
		f.mu.Unlock()
		return f.alive()
	}
	if !kin && !f.names(w) {
		return f.alive()
	}
	f.mu.Lock()
	for other := range f.others { // its connection is ours
		if other != w && uint32(other)&f.base == uint32(w)&f.base {
			delete(f.others, other)
			f.fresh[other] = true
		}
	}
	delete(f.others, w)
	f.mu.Unlock()
	return f.take(w)
}

// kinLocked reports whether a window belongs to the same connection as one that is ours.
func (f *watch) kinLocked(w xproto.Window) bool {
	for o := range f.own {
		if uint32(o)&f.base == uint32(w)&f.base {
			return true
		}
	}
	return false
}

// names reports whether a window names one of our processes.
func (f *watch) names(w xproto.Window) bool {
	r, err := xproto.GetProperty(f.conn.Conn, false, w, f.pid, xproto.AtomCardinal, 0, 1).Reply()
	return err == nil && r.Format == 32 && len(r.Value) >= 4 &&
		slices.Contains(f.pids, int(binary.LittleEndian.Uint32(r.Value)))
}

// take makes a window ours, if it is there.
func (f *watch) take(w xproto.Window) error {
	if !f.listen(w) {
		return f.alive()
	}
	f.mu.Lock()
	if f.own[w] == nil {
		f.own[w] = &ours{moved: true}
	}
	f.mu.Unlock()
	// It may have gone before we listened: what is not there has no attributes.
	a, err := xproto.GetWindowAttributes(f.conn.Conn, w).Reply()
	f.mu.Lock()
	defer f.mu.Unlock()
	if o := f.own[w]; o != nil && err == nil {
		o.only = a.Class == xproto.WindowClassInputOnly
	} else {
		delete(f.own, w)
	}
	return nil
}

// listen asks for news of a window's process, of its parent and of its end. It reports whether the window is there.
func (f *watch) listen(w xproto.Window) bool {
	return xproto.ChangeWindowAttributesChecked(f.conn.Conn, w, xproto.CwEventMask,
		[]uint32{xproto.EventMaskPropertyChange | xproto.EventMaskStructureNotify}).Check() == nil
}

// follow finds out inside of which children of the root our windows are.
func (f *watch) follow() (some bool, err error) {
	f.mu.Lock()
	var moved []xproto.Window
	for w, o := range f.own {
		if o.moved {
			moved = append(moved, w)
			o.moved = false
		}
	}
	f.mu.Unlock()
	for _, w := range moved {
		at, deep, err := f.outermost(w)
		if err != nil {
			return true, err
		}
		f.mu.Lock()
		if o := f.own[w]; o != nil {
			o.top, o.deep = at, deep
			if at != 0 && f.tops[at] == nil {
				f.tops[at] = &top{stale: true}
			}
		}
		f.mu.Unlock()
	}
	return len(moved) > 0, nil
}

// outermost returns the child of the root that a window is, or is inside of; 0 if it is gone.
func (f *watch) outermost(w xproto.Window) (at xproto.Window, deep bool, err error) {
	for range maxParents {
		t, err := xproto.QueryTree(f.conn.Conn, w).Reply()
		if err != nil {
			return 0, false, f.alive()
		}
		if t.Parent == f.root || t.Parent == 0 {
			return w, false, nil
		}
		w = t.Parent
		if !f.listen(w) { // it may be put somewhere else with ours in it
			return 0, false, f.alive()
		}
	}
	return 0, true, nil
}

// lookAtTops asks where the children of the root are that our windows are in, as far as events have not told.
func (f *watch) lookAtTops() (some bool, err error) {
	f.mu.Lock()
	stale := map[xproto.Window]int{}
	for _, o := range f.own {
		if t := f.tops[o.top]; t != nil && t.stale {
			stale[o.top] = t.changes
		}
	}
	f.mu.Unlock()
	for w, changes := range stale {
		now, err := f.look(w)
		if err != nil {
			return true, err
		}
		f.mu.Lock()
		if t := f.tops[w]; t != nil && t.changes == changes {
			now.changes = changes
			*t = now
		}
		f.mu.Unlock()
	}
	return len(stale) > 0, nil
}

// look asks about a child of the root. One that is gone by now is nowhere.
func (f *watch) look(w xproto.Window) (top, error) {
	c := f.conn.Conn
	attributes, geometry := xproto.GetWindowAttributes(c, w), xproto.GetGeometry(c, xproto.Drawable(w))
	a, errA := attributes.Reply()
	g, errG := geometry.Reply()
	if errA != nil || errG != nil {
		return top{}, f.alive()
	}
	b := 2 * int(g.BorderWidth)
	return top{
		mapped: a.MapState != xproto.MapStateUnmapped,
		rect:   image.Rect(0, 0, int(g.Width)+b, int(g.Height)+b).Add(image.Pt(int(g.X), int(g.Y))),
	}, f.alive()
}
