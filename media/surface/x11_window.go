//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"encoding/binary"
	"errors"
	"image"

	"github.com/jezek/xgb/shape"
	mitshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// The keyboard extension, of which xgb knows nothing (X Keyboard Extension protocol, "Per-Client Flags").
const (
	xkbUseExtension     = 0
	xkbPerClientFlags   = 21
	xkbCoreKeyboard     = 0x100
	xkbDetectableRepeat = 1
	glyphArrow          = 68 // of the font "cursor"

	maskAll              = 0xffff
	structure            = xproto.EventMaskStructureNotify
	keyboard             = xproto.EventMaskKeyPress | xproto.EventMaskKeyRelease | xproto.EventMaskFocusChange
	mouse                = xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease | xproto.EventMaskPointerMotion
	pixels32, channelRed = 32, 0xff0000
)

// window is the X window.
type window struct {
	conn        *xconn.Conn
	parent, id  xproto.Window
	gc          xproto.Gcontext
	depth       byte
	shapes      bool
	arrow, none xproto.Cursor
	holes       bool // it has some
}

// use makes the extensions work, and checks that pixels are as the program has them.
func (w *window) use() (codes, error) {
	if !w.plainPixels() {
		return codes{}, errors.New("the screen's pixels are not 32 bits of blue, green and red")
	}
	ext, found, err := w.conn.Use("MIT-SHM")
	if err != nil || !found {
		return codes{}, errors.Join(errors.New("no shared memory"), err)
	}
	if _, err := mitshm.QueryVersion(w.conn.Conn).Reply(); err != nil {
		return codes{}, err
	}
	if _, w.shapes, err = w.conn.Use("SHAPE"); err != nil {
		return codes{}, err
	}
	return codes{complete: ext.FirstEvent + mitshm.Completion}, w.plainRepeat()
}

// plainPixels reports whether pixels of the screen are blue, green, red and an unused byte in memory.
func (w *window) plainPixels() bool {
	setup, s := xproto.Setup(w.conn.Conn), w.conn.Screen
	w.depth = s.RootDepth
	format := false
	for _, f := range setup.PixmapFormats {
		format = format || f.Depth == s.RootDepth && f.BitsPerPixel == pixels32
	}
	if !format || setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return false
	}
	for _, d := range s.AllowedDepths {
		for _, v := range d.Visuals {
			if v.VisualId == s.RootVisual {
				return v.Class == xproto.VisualClassTrueColor && v.RedMask == channelRed && v.BlueMask == 0xff
			}
		}
	}
	return false
}

// plainRepeat makes the server report a key that repeats as going down only, and not as going up in between.
func (w *window) plainRepeat() error {
	ext, found, err := w.conn.Use("XKEYBOARD")
	if err != nil || !found {
		return errors.Join(errors.New("no keyboard extension"), err)
	}
	version := []byte{ext.Opcode, xkbUseExtension, 2, 0, 1, 0, 0, 0}
	if _, err := w.conn.Request(version).Reply(); err != nil {
		return err
	}
	flags := make([]byte, 28)
	flags[0], flags[1], flags[2] = ext.Opcode, xkbPerClientFlags, byte(len(flags)/4)
	binary.LittleEndian.PutUint16(flags[4:], xkbCoreKeyboard)
	binary.LittleEndian.PutUint32(flags[8:], xkbDetectableRepeat)  // what to change
	binary.LittleEndian.PutUint32(flags[12:], xkbDetectableRepeat) // to what
	_, err = w.conn.Request(flags).Reply()
	return err
}

// create makes the window, not shown. It has the screen's own kind of pixels, whatever the surrounding window has, and no
// ground: what was to be seen there stays until it is drawn over.
func (w *window) create() error {
	c := w.conn.Conn
	id, err1 := xproto.NewWindowId(c)
	gc, err2 := xproto.NewGcontextId(c)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	s := w.conn.Screen
	err := xproto.CreateWindowChecked(c, s.RootDepth, id, w.parent, 0, 0, 1, 1, 0, xproto.WindowClassInputOutput, s.RootVisual,
		xproto.CwBackPixmap|xproto.CwBorderPixel|xproto.CwEventMask|xproto.CwColormap,
		[]uint32{xproto.BackPixmapNone, 0, structure | xproto.EventMaskExposure | mouse, uint32(s.DefaultColormap)}).Check()
	if err != nil {
		return err
	}
	w.id, w.gc = id, gc
	if err := xproto.CreateGCChecked(c, gc, xproto.Drawable(id), xproto.GcGraphicsExposures, []uint32{0}).Check(); err != nil {
		return err
	}
	return w.makeCursors()
}

// makeCursors makes the pointer that is seen, and the one that is not.
func (w *window) makeCursors() error {
	c := w.conn.Conn
	font, err1 := xproto.NewFontId(c)
	arrow, err2 := xproto.NewCursorId(c)
	none, err3 := xproto.NewCursorId(c)
	dot, err4 := xproto.NewPixmapId(c)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	const name = "cursor"
	if xproto.OpenFontChecked(c, font, uint16(len(name)), name).Check() == nil {
		xproto.CreateGlyphCursor(c, arrow, font, font, glyphArrow, glyphArrow+1, 0, 0, 0, maskAll, maskAll, maskAll)
		xproto.CloseFont(c, font)
		w.arrow = arrow
	}
	xproto.CreatePixmap(c, 1, dot, xproto.Drawable(w.id), 1, 1)
	gc, err := xproto.NewGcontextId(c)
	if err != nil {
		return err
	}
	xproto.CreateGC(c, gc, xproto.Drawable(dot), xproto.GcForeground, []uint32{0})
	xproto.PolyFillRectangle(c, xproto.Drawable(dot), gc, []xproto.Rectangle{{Width: 1, Height: 1}})
	xproto.FreeGC(c, gc)
	err = xproto.CreateCursorChecked(c, none, dot, dot, 0, 0, 0, 0, 0, 0, 0, 0).Check()
	xproto.FreePixmap(c, dot)
	w.none = none
	w.setCursor(true)
	return err
}

// setCursor shows or hides the system's pointer over the window. Without a font of pointers it is what the window around has.
func (w *window) setCursor(seen bool) {
	cursor := w.none
	if seen {
		cursor = w.arrow
	}
	xproto.ChangeWindowAttributes(w.conn.Conn, w.id, xproto.CwCursor, []uint32{uint32(cursor)})
}

// hear asks for the keys of the window around. Its owner hears them as well, so the keyboard stays where it is, for the
// window manager and for the widgets.
func (w *window) hear() error {
	return xproto.ChangeWindowAttributesChecked(w.conn.Conn, w.parent, xproto.CwEventMask, []uint32{keyboard | structure}).Check()
}

// place moves and shapes the window and shows it.
func (w *window) place(was, now placement) {
	c := w.conn.Conn
	if was.window != now.window {
		r := now.window
		xproto.ConfigureWindow(c, w.id, xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
			[]uint32{uint32(int32(r.Min.X)), uint32(int32(r.Min.Y)), uint32(r.Dx()), uint32(r.Dy())})
	}
	if w.shapes && (len(now.holes) > 0 || w.holes) {
		w.pierce(now)
	}
	if !was.shown {
		xproto.MapWindow(c, w.id)
	}
}

// pierce makes the holes.
func (w *window) pierce(now placement) {
	var holes []xproto.Rectangle
	for _, r := range now.holes {
		if r = r.Intersect(now.window).Sub(now.window.Min); !r.Empty() {
			holes = append(holes, rectangle(r))
		}
	}
	c := w.conn.Conn
	if w.holes = len(holes) > 0; !w.holes {
		shape.Mask(c, shape.SoSet, shape.SkBounding, w.id, 0, 0, 0)
		return
	}
	whole := []xproto.Rectangle{rectangle(image.Rectangle{Max: now.window.Size()})}
	shape.Rectangles(c, shape.SoSet, shape.SkBounding, xproto.ClipOrderingUnsorted, w.id, 0, 0, whole)
	shape.Rectangles(c, shape.SoSubtract, shape.SkBounding, xproto.ClipOrderingUnsorted, w.id, 0, 0, holes)
}

func rectangle(r image.Rectangle) xproto.Rectangle {
	return xproto.Rectangle{X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy())}
}

func (w *window) unmap() { xproto.UnmapWindow(w.conn.Conn, w.id) }
