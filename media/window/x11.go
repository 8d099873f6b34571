//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"fmt"
	"image"
	"slices"
	"sync"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

const (
	maxDepth  = 4   // how far below a decoration a program's window may be
	maxSearch = 256 // windows inside one decoration that are asked who made them
)

func init() { newFinder = newX11 }

// x11 keeps a list of the screen's top-level windows up to date from the server's events, so that an
// answer costs one round trip: the server answers after it has sent the events of everything that happened before.
//
// A window is ours when it, or one inside it, names one of our processes (_NET_WM_PID), or belongs to the same connection
// as one that does: menus and tips name no process, but the numbers of all windows of a connection begin alike.
type x11 struct {
	conn *xconn.Conn
	root xproto.Window
	pids []int
	pid  xproto.Atom
	base uint32 // the bits of a window's number that name its connection

	shapes   bool // windows may take input in a part of them, or not at all
	newShape byte // the event that says that this changed

	ask sync.Mutex // held while questions are asked

	mu      sync.Mutex // held by the connection's reader too: no questions while it is
	tops    map[xproto.Window]*top
	clients map[uint32]xproto.Window // connections that are ours, each by a window that says so
	last    []image.Rectangle
}

// top is a child of the root window.
type top struct {
	rect    image.Rectangle
	mapped  bool
	own     bool
	clear   bool // takes no input, or shows nothing
	stale   bool // to be asked about, when mapped
	changes int  // counts events, to see that one came while we were asking
}

func newX11(pids []int) (Finder, error) {
	f := &x11{pids: pids, tops: map[xproto.Window]*top{}, clients: map[uint32]xproto.Window{}}
	var err error
	f.conn, err = xconn.Dial("", f.onEvent)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	if err := f.start(); err != nil {
		f.conn.Close()
		return nil, fmt.Errorf("window: x11: %w", err)
	}
	return f, nil
}

// start begins to watch, and lists the windows that are there already.
func (f *x11) start() error {
	const name = "_NET_WM_PID"
	a, err := xproto.InternAtom(f.conn.Conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return err
	}
	root := f.conn.Screen.Root
	newShape, err := f.useShapes()
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.root, f.pid = root, a.Atom
	f.shapes, f.newShape = newShape != 0, newShape
	f.base = ^xproto.Setup(f.conn.Conn).ResourceIdMask
	f.mu.Unlock()
	err = xproto.ChangeWindowAttributesChecked(f.conn.Conn, root, xproto.CwEventMask,
		[]uint32{xproto.EventMaskSubstructureNotify}).Check()
	if err != nil {
		return err
	}
	tree, err := xproto.QueryTree(f.conn.Conn, root).Reply()
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range tree.Children {
		// Whether it is mapped is not known: asking about it will tell.
		f.tops[w] = &top{stale: true, mapped: true}
	}
	return nil
}

// useShapes returns the event of windows that change their shape, or 0 if windows have none for input.
func (f *x11) useShapes() (event byte, err error) {
	ext, found, err := f.conn.Use("SHAPE")
	if err != nil || !found {
		return 0, err
	}
	v, err := shape.QueryVersion(f.conn.Conn).Reply()
	if err != nil || v.MajorVersion == 1 && v.MinorVersion < 1 {
		return 0, err
	}
	return ext.FirstEvent, nil
}

// Rects implements Finder.
func (f *x11) Rects() []image.Rectangle {
	f.ask.Lock()
	defer f.ask.Unlock()
	err := f.settle()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		return slices.Clone(f.last)
	}
	var own []xproto.Window
	for w, t := range f.tops {
		if t.own && t.mapped && !t.clear && !t.rect.Empty() {
			own = append(own, w)
		}
	}
	slices.Sort(own)
	f.last = f.last[:0]
	for _, w := range own {
		f.last = append(f.last, f.tops[w].rect)
	}
	return slices.Clone(f.last)
}

// Focused implements Finder.
func (f *x11) Focused() bool {
	f.ask.Lock()
	defer f.ask.Unlock()
	if err := f.settle(); err != nil {
		return true
	}
	r, err := xproto.GetInputFocus(f.conn.Conn).Reply()
	if err != nil {
		return true
	}
	switch r.Focus {
	case xproto.InputFocusNone:
		return false
	case xproto.InputFocusPointerRoot, f.root: // keys go where the pointer is
		p, err := xproto.QueryPointer(f.conn.Conn, f.root).Reply()
		if err != nil {
			return true
		}
		return f.owns(p.Child)
	}
	for w, depth := r.Focus, 0; w != f.root && w != 0 && depth < 64; depth++ {
		if f.owns(w) {
			return true
		}
		t, err := xproto.QueryTree(f.conn.Conn, w).Reply()
		if err != nil {
			return f.alive() != nil // the window has gone, and the focus with it
		}
		w = t.Parent
	}
	return false
}

// owns reports whether a window is ours, as far as is known.
func (f *x11) owns(w xproto.Window) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.tops[w]; t != nil && t.own {
		return true
	}
	return f.knownLocked(w)
}

// known reports whether a window belongs to a connection that is ours.
func (f *x11) known(w xproto.Window) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.knownLocked(w)
}

func (f *x11) knownLocked(w xproto.Window) bool {
	_, ok := f.clients[uint32(w)&f.base]
	return ok
}

// alive asks the server anything.
func (f *x11) alive() error {
	_, err := xproto.GetInputFocus(f.conn.Conn).Reply()
	return err
}

// Close implements Finder.
func (f *x11) Close() error {
	f.conn.Close()
	return nil
}
