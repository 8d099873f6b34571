//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"fmt"
	"image"
	"os"
	"slices"
	"sync"

	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// At the beginning there are windows already, some of them inside decorations. Later ones are all seen when they are made.
const (
	maxDepth  = 4   // how far below a decoration a program's window may be
	maxSearch = 256 // windows inside one decoration that are asked who made them
)

// maxParents is how many windows one of ours may be inside of. With more it is taken to be everywhere: some program is hiding it.
const maxParents = 64

// watch keeps a list of windows up to date from the server's events, so that an answer costs one round trip: the server answers
// after it has sent the events of everything that happened before.
//
// A window is ours when the server says that its connection is one of our processes'. Where it does not say, as for programs on
// another computer, a window is ours that names one of our processes (_NET_WM_PID), and so is every other one of its connection.
// Both are asked about once: what is ours stays ours until it is destroyed.
type watch struct {
	conn   *xconn.Conn
	root   xproto.Window
	pids   []int
	pid    xproto.Atom
	base   uint32 // the bits of a window's number that name its connection
	owners xconn.Owners
	sure   bool // the server tells whose connection is whose

	mu     sync.Mutex // held by the connection's reader too: no questions while it is
	tops   map[xproto.Window]*top
	fresh  map[xproto.Window]bool  // not asked about yet
	others map[xproto.Window]bool  // that are not ours; only if not sure
	own    map[xproto.Window]*ours // where they are
}

// top is a child of the root window.
type top struct {
	rect    image.Rectangle
	mapped  bool
	stale   bool // to be asked about
	changes int  // counts events, to see that one came while we were asking
}

// ours is a window of ours.
type ours struct {
	top   xproto.Window // the child of the root that it is, or is in; 0 if nobody knows
	deep  bool          // further inside than anybody puts a window to show it
	moved bool          // into another one: top is to be asked for
	only  bool          // takes input and shows nothing
}

// newWatch begins to watch. The windows in known were ours before, as far as they are there.
func newWatch(pids []int, known []xproto.Window) (*watch, error) {
	f := &watch{
		pids: pids, tops: map[xproto.Window]*top{}, fresh: map[xproto.Window]bool{}, others: map[xproto.Window]bool{},
		own: map[xproto.Window]*ours{},
	}
	var err error
	if f.conn, err = xconn.Dial("", f.onEvent); err != nil {
		return nil, unsupported(err)
	}
	if err := f.start(known); err != nil {
		f.conn.Close()
		return nil, fmt.Errorf("window: x11: %w", err)
	}
	return f, nil
}

// start begins to watch, and lists the windows that are there already.
func (f *watch) start(known []xproto.Window) error {
	const name = "_NET_WM_PID"
	a, err := xproto.InternAtom(f.conn.Conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return err
	}
	setup := xproto.Setup(f.conn.Conn)
	f.mu.Lock()
	f.root, f.pid = f.conn.Screen.Root, a.Atom
	f.base = ^setup.ResourceIdMask
	f.mu.Unlock()
	if err := f.learnOwners(setup.ResourceIdBase); err != nil {
		return err
	}
	err = xproto.ChangeWindowAttributesChecked(f.conn.Conn, f.root, xproto.CwEventMask,
		[]uint32{xproto.EventMaskSubstructureNotify}).Check()
	if err != nil {
		return err
	}
	tree, err := xproto.QueryTree(f.conn.Conn, f.root).Reply()
	if err != nil {
		return err
	}
	inside := f.inside(tree.Children)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range tree.Children {
		f.tops[w] = &top{stale: true}
	}
	for _, w := range slices.Concat(tree.Children, inside, known) {
		f.fresh[w] = true
	}
	return nil
}

// learnOwners finds out whether the server can be asked whose connection is whose. It is asked about ours first: behind a
// forwarder all programs look like one.
func (f *watch) learnOwners(self uint32) error {
	owners, ok, err := f.conn.UseOwners()
	if err != nil || !ok {
		return err
	}
	of, err := owners.Of(self)
	if err != nil {
		return err
	}
	f.owners, f.sure = owners, of[self] == os.Getpid()
	return nil
}

// inside lists windows inside those in tops, the outer ones first, and no more than maxSearch in each.
func (f *watch) inside(tops []xproto.Window) (all []xproto.Window) {
	for _, w := range tops {
		level := []xproto.Window{w}
		for depth, seen := 0, 0; depth < maxDepth && seen < maxSearch; depth++ {
			var below []xproto.Window
			for _, w := range level {
				if t, err := xproto.QueryTree(f.conn.Conn, w).Reply(); err == nil {
					below = append(below, t.Children...)
				}
				if seen++; seen == maxSearch {
					break
				}
			}
			all = append(all, below...)
			level = below
		}
	}
	return all
}

// known lists the windows that are ours.
func (f *watch) known() []xproto.Window {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ws []xproto.Window
	for w := range f.own {
		ws = append(ws, w)
	}
	return ws
}

// rects returns the places of the visible windows of ours that are not looked through.
func (f *watch) rects(through func(uintptr) bool) ([]image.Rectangle, error) {
	if err := f.settle(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var tops []xproto.Window
	for w, o := range f.own {
		if o.only || through != nil && through(uintptr(w)) {
			continue
		}
		if o.deep {
			return []image.Rectangle{Everywhere}, nil
		}
		if t := f.tops[o.top]; t != nil && t.mapped && !t.rect.Empty() {
			tops = append(tops, o.top)
		}
	}
	slices.Sort(tops)
	var rs []image.Rectangle
	for _, w := range slices.Compact(tops) {
		rs = append(rs, f.tops[w].rect)
	}
	return rs, nil
}

// focused reports whether one of the windows has the keyboard.
func (f *watch) focused() (bool, error) {
	if err := f.settle(); err != nil {
		return true, err
	}
	r, err := xproto.GetInputFocus(f.conn.Conn).Reply()
	if err != nil {
		return true, err
	}
	switch r.Focus {
	case xproto.InputFocusNone:
		return false, nil
	case xproto.InputFocusPointerRoot, f.root: // keys go where the pointer is
		p, err := xproto.QueryPointer(f.conn.Conn, f.root).Reply()
		if err != nil {
			return true, err
		}
		return f.has(p.Child), nil
	}
	for w, depth := r.Focus, 0; w != f.root && w != 0 && depth < maxParents; depth++ {
		if f.has(w) {
			return true, nil
		}
		t, err := xproto.QueryTree(f.conn.Conn, w).Reply()
		if err != nil {
			return false, f.alive() // the window has gone, and the focus with it
		}
		w = t.Parent
	}
	return false, nil
}

// has reports whether a window is ours, or is a child of the root with one of ours in it, as far as is known.
func (f *watch) has(w xproto.Window) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.own[w] != nil {
		return true
	}
	for _, o := range f.own {
		if o.top == w && w != 0 {
			return true
		}
	}
	return false
}

// alive asks the server anything.
func (f *watch) alive() error {
	_, err := xproto.GetInputFocus(f.conn.Conn).Reply()
	return err
}
