//go:build linux || freebsd || netbsd || openbsd

package overlay

import (
	"encoding/binary"
	"image"
	"image/color"
	"os"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
)

// Names of properties: Extended Window Manager Hints 1.5, and what composite managers read.
const (
	pidName          = "_NET_WM_PID"
	typeName         = "_NET_WM_WINDOW_TYPE"
	notificationName = "_NET_WM_WINDOW_TYPE_NOTIFICATION"
	titleName        = "_NET_WM_NAME"
	utf8Name         = "UTF8_STRING"
	opacityName      = "_NET_WM_WINDOW_OPACITY"
)

// title is what tools that list windows show.
const title = "Assist: screen is shared"

// maxImage is how many bytes of a picture go to the server at once: each server takes requests of this size.
const maxImage = 128 << 10

// pane is a window of the overlay.
type pane struct {
	piece
	window xproto.Window
	pixmap xproto.Pixmap // its ground, for a sign
	gc     xproto.Gcontext
}

// make makes and shows a window. No window manager takes it up, it takes no input, and the server itself paints it.
func (s *screen) make(p piece) (*pane, error) {
	c := s.conn.Conn
	w, err := xproto.NewWindowId(c)
	if err != nil {
		return nil, err
	}
	made := &pane{piece: p, window: w}
	mask, ground := uint32(xproto.CwBackPixel), pixel(p.level.colours().ground)
	if p.plate != nil {
		if err := s.makeGround(made); err != nil {
			return nil, err
		}
		mask, ground = xproto.CwBackPixmap, uint32(made.pixmap)
	}
	err = xproto.CreateWindowChecked(c, s.conn.Screen.RootDepth, w, s.root, int16(p.rect.Min.X), int16(p.rect.Min.Y),
		uint16(p.rect.Dx()), uint16(p.rect.Dy()), 0, xproto.WindowClassInputOutput, s.conn.Screen.RootVisual,
		mask|xproto.CwOverrideRedirect, []uint32{ground, 1}).Check()
	if err != nil {
		s.free(made)
		return nil, err
	}
	if err := shape.RectanglesChecked(c, shape.SoSet, shape.SkInput, xproto.ClipOrderingUnsorted, w, 0, 0, nil).Check(); err != nil {
		s.destroy(made)
		return nil, err
	}
	s.describe(w)
	shape.SelectInput(c, w, true)
	xproto.ChangeWindowAttributes(c, w, xproto.CwEventMask, []uint32{
		xproto.EventMaskVisibilityChange | xproto.EventMaskStructureNotify | xproto.EventMaskPropertyChange})
	if err := xproto.MapWindowChecked(c, w).Check(); err != nil {
		s.destroy(made)
		return nil, err
	}
	return made, nil
}

// describe says to other programs what the window is.
func (s *screen) describe(w xproto.Window) {
	set := func(name string, kind xproto.Atom, format byte, b []byte) {
		n := uint32(len(b)) * 8 / uint32(format)
		xproto.ChangeProperty(s.conn.Conn, xproto.PropModeReplace, w, s.atoms[name], kind, format, n, b)
	}
	set(pidName, xproto.AtomCardinal, 32, binary.LittleEndian.AppendUint32(nil, uint32(os.Getpid())))
	set(typeName, xproto.AtomAtom, 32, binary.LittleEndian.AppendUint32(nil, uint32(s.atoms[notificationName])))
	set(titleName, s.atoms[utf8Name], 8, []byte(title))
}

// makeGround makes the picture of a sign.
func (s *screen) makeGround(p *pane) error {
	c := s.conn.Conn
	id, err := xproto.NewPixmapId(c)
	if err != nil {
		return err
	}
	gc, err := xproto.NewGcontextId(c)
	if err != nil {
		return err
	}
	err = xproto.CreatePixmapChecked(c, s.conn.Screen.RootDepth, id, xproto.Drawable(s.root),
		uint16(p.rect.Dx()), uint16(p.rect.Dy())).Check()
	if err != nil {
		return err
	}
	p.pixmap = id
	if err := xproto.CreateGCChecked(c, gc, xproto.Drawable(id), 0, nil).Check(); err != nil {
		s.free(p)
		return err
	}
	p.gc = gc
	s.put(p, p.plate.image.Rect)
	return nil
}

// put brings a part of a sign's picture to the server.
func (s *screen) put(p *pane, part image.Rectangle) {
	rows := max(1, maxImage/(4*part.Dx()))
	for y := part.Min.Y; y < part.Max.Y; y += rows {
		n := min(rows, part.Max.Y-y)
		b := make([]byte, 0, 4*part.Dx()*n)
		for row := y; row < y+n; row++ {
			for x := part.Min.X; x < part.Max.X; x++ {
				b = binary.LittleEndian.AppendUint32(b, pixel(p.plate.image.RGBAAt(x, row)))
			}
		}
		xproto.PutImage(s.conn.Conn, xproto.ImageFormatZPixmap, xproto.Drawable(p.pixmap), p.gc,
			uint16(part.Dx()), uint16(n), int16(part.Min.X), int16(y), 0, s.conn.Screen.RootDepth, b)
	}
}

// repaint shows a part of a sign's picture that has changed. A window takes a changed ground only when it is set again.
func (s *screen) repaint(p *pane, part image.Rectangle) {
	s.put(p, part)
	xproto.ChangeWindowAttributes(s.conn.Conn, p.window, xproto.CwBackPixmap, []uint32{uint32(p.pixmap)})
	xproto.ClearArea(s.conn.Conn, false, p.window, int16(part.Min.X), int16(part.Min.Y), uint16(part.Dx()), uint16(part.Dy()))
}

// intact reports whether a window still is as it was made, and clears what other programs can make it invisible with.
func (s *screen) intact(p *pane) bool {
	c := s.conn.Conn
	xproto.DeleteProperty(c, p.window, s.atoms[opacityName])
	geometry, attributes := xproto.GetGeometry(c, xproto.Drawable(p.window)), xproto.GetWindowAttributes(c, p.window)
	extents, input := shape.QueryExtents(c, p.window), shape.GetRectangles(c, p.window, shape.SkInput)
	g, errG := geometry.Reply()
	a, errA := attributes.Reply()
	e, errE := extents.Reply()
	i, errI := input.Reply()
	if errG != nil || errA != nil || errE != nil || errI != nil {
		return false
	}
	at := image.Pt(int(g.X), int(g.Y))
	return p.rect == image.Rectangle{Min: at, Max: at.Add(image.Pt(int(g.Width), int(g.Height)))} && g.BorderWidth == 0 &&
		a.MapState == xproto.MapStateViewable && a.OverrideRedirect && !e.BoundingShaped && len(i.Rectangles) == 0
}

func (s *screen) destroy(p *pane) {
	xproto.DestroyWindow(s.conn.Conn, p.window)
	s.free(p)
}

func (s *screen) free(p *pane) {
	if p.gc != 0 {
		xproto.FreeGC(s.conn.Conn, p.gc)
	}
	if p.pixmap != 0 {
		xproto.FreePixmap(s.conn.Conn, p.pixmap)
	}
}

// pixel is a colour as the screen has it.
func pixel(c color.RGBA) uint32 { return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B) }
