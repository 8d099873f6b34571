//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"encoding/binary"
	"errors"
	"image"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
)

// Values of the properties and messages.
const (
	stateRemove  = 0
	stateAdd     = 1
	fromPager    = 2 // what a message is sent for: what somebody wants, not the program
	allDesktops  = 0xffffffff
	titleHeight  = 32 // room for a decoration above a window
	noUserTime   = 0  // a window that comes up so does not take the keyboard
	stateChanged = "_NET_WM_STATE"
)

// mend implements keeper.
func (k *x11Keeper) mend(f fault, again bool) error {
	c := k.conn.Conn
	for _, s := range k.path {
		xproto.DeleteProperty(c, s.w, k.atoms["_NET_WM_WINDOW_OPACITY"])
		if !k.shapes || f.what != holed {
			continue
		}
		for _, kind := range []shape.Kind{shape.SkBounding, shape.SkClip, shape.SkInput} {
			shape.Mask(c, shape.SoSet, kind, s.w, 0, 0, xproto.PixmapNone)
		}
	}
	if again && f.what != covered { // it may be inside something that nobody manages
		xproto.UnmapWindow(c, k.w)
		at := k.target()
		xproto.ReparentWindow(c, k.w, k.root, int16(at.Min.X), int16(at.Min.Y))
		f.what = hidden
	}
	if f.what == hidden {
		if err := k.show(); err != nil {
			return err
		}
	}
	k.wish()
	switch at := k.target(); f.what {
	case away, cut:
		xproto.ConfigureWindow(c, k.w, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{uint32(at.Min.X), uint32(at.Min.Y)})
	case small, hidden:
		xproto.ConfigureWindow(c, k.w,
			xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
			[]uint32{uint32(at.Min.X), uint32(at.Min.Y), uint32(at.Dx()), uint32(at.Dy())})
	}
	k.raise()
	if again && f.what == covered { // by one that fills the screen, which managers keep above all as long as it has the keyboard
		k.message("_NET_ACTIVE_WINDOW", fromPager)
	}
	_, err := xproto.GetInputFocus(c).Reply()
	return err
}

// target is where the window is to be: where it was last, or as near to that as it is on a monitor.
func (k *x11Keeper) target() image.Rectangle {
	r := k.good
	if r.Empty() {
		r = image.Rectangle{Max: k.first}.Add(image.Pt(0, titleHeight))
	}
	return image.Rectangle{Max: r.Size()}.Add(inside(r, k.monitors))
}

// show has the window come up, on top and without the keyboard. A window manager reads the properties of a window that comes up.
func (k *x11Keeper) show() error {
	c := k.conn.Conn
	state, err := xproto.GetProperty(c, false, k.w, k.atoms["WM_STATE"], xproto.GetPropertyTypeAny, 0, 1).Reply()
	if err != nil {
		return k.later(k.gone(err))
	}
	if len(state.Value) < 4 || binary.LittleEndian.Uint32(state.Value) == 0 { // nobody manages it
		k.set(stateChanged, xproto.AtomAtom, uint32(k.atoms["_NET_WM_STATE_ABOVE"]), uint32(k.atoms["_NET_WM_STATE_STICKY"]))
		k.set("_NET_WM_DESKTOP", xproto.AtomCardinal, allDesktops)
	}
	k.set("_NET_WM_USER_TIME", xproto.AtomCardinal, noUserTime)
	xproto.MapWindow(c, k.w)
	return nil
}

// later makes nothing of an error that the next look takes care of.
func (k *x11Keeper) later(err error) error {
	if errors.Is(err, errShifted) {
		return nil
	}
	return err
}

// set sets a property of the window.
func (k *x11Keeper) set(name string, kind xproto.Atom, values ...uint32) {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	xproto.ChangeProperty(k.conn.Conn, xproto.PropModeReplace, k.w, k.atoms[name], kind, 32, uint32(len(values)), b)
}

// wish asks the window manager to show the window on every desktop, above others, and not rolled up.
func (k *x11Keeper) wish() {
	k.message("_NET_WM_DESKTOP", allDesktops, fromPager)
	k.message(stateChanged, stateRemove, uint32(k.atoms["_NET_WM_STATE_BELOW"]), uint32(k.atoms["_NET_WM_STATE_SHADED"]), fromPager)
	k.message(stateChanged, stateRemove, uint32(k.atoms["_NET_WM_STATE_HIDDEN"]), 0, fromPager)
	k.message(stateChanged, stateAdd, uint32(k.atoms["_NET_WM_STATE_ABOVE"]), uint32(k.atoms["_NET_WM_STATE_STICKY"]), fromPager)
}

// message sends a message about the window to the window manager.
func (k *x11Keeper) message(kind string, data ...uint32) {
	var d [5]uint32
	copy(d[:], data)
	e := xproto.ClientMessageEvent{Format: 32, Window: k.w, Type: k.atoms[kind], Data: xproto.ClientMessageDataUnionData32New(d[:])}
	xproto.SendEvent(k.conn.Conn, false, k.root,
		xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect, string(e.Bytes()))
}

// raise puts the window on top: by its manager, and what the manager has put it in.
func (k *x11Keeper) raise() {
	above := []uint32{xproto.StackModeAbove}
	xproto.ConfigureWindow(k.conn.Conn, k.w, xproto.ConfigWindowStackMode, above)
	if path, _, err := k.walk(); err == nil {
		xproto.ConfigureWindow(k.conn.Conn, path[len(path)-1].w, xproto.ConfigWindowStackMode, above)
	}
}
