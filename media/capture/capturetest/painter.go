//go:build linux || freebsd || netbsd || openbsd

package capturetest

import (
	"errors"
	"image"
	"testing"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"assist/media/internal/xconn"
)

// Painter is a [Stage] on the background of an X server's screen.
type Painter struct {
	t    testing.TB
	conn *xconn.Conn
	gc   xproto.Gcontext
	calm time.Duration
}

// NewPainter connects to the display that the environment names, until the test ends.
func NewPainter(t testing.TB, calm time.Duration) *Painter {
	t.Helper()
	p := &Painter{t: t, calm: calm}
	var err error
	if p.conn, err = xconn.Dial("", func([]byte) {}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.conn.Close)
	if _, found, err := p.conn.Use("XTEST"); err != nil || !found {
		t.Fatalf("the server has no XTEST (%v)", err)
	}
	if p.gc, err = xproto.NewGcontextId(p.conn.Conn); err != nil {
		t.Fatal(err)
	}
	err = xproto.CreateGCChecked(p.conn.Conn, p.gc, xproto.Drawable(p.conn.Screen.Root),
		xproto.GcSubwindowMode, []uint32{xproto.SubwindowModeIncludeInferiors}).Check()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Fill implements [Stage].
func (p *Painter) Fill(r image.Rectangle, blue, green, red byte) {
	p.t.Helper()
	xproto.ChangeGC(p.conn.Conn, p.gc, xproto.GcForeground, []uint32{uint32(blue) | uint32(green)<<8 | uint32(red)<<16})
	err := xproto.PolyFillRectangleChecked(p.conn.Conn, xproto.Drawable(p.conn.Screen.Root), p.gc, []xproto.Rectangle{{
		X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy()),
	}}).Check()
	if err != nil {
		p.t.Fatal(err)
	}
}

// MovePointer implements [Stage] as a hand does: by the mouse.
func (p *Painter) MovePointer(to image.Point) {
	p.t.Helper()
	err := xtest.FakeInputChecked(p.conn.Conn, xproto.MotionNotify, 0, 0, p.conn.Screen.Root, int16(to.X), int16(to.Y), 0).Check()
	if err != nil {
		p.t.Fatal(err)
	}
}

// Warp puts the pointer somewhere as a program does.
func (p *Painter) Warp(to image.Point) {
	p.t.Helper()
	err := xproto.WarpPointerChecked(p.conn.Conn, 0, p.conn.Screen.Root, 0, 0, 0, 0, int16(to.X), int16(to.Y)).Check()
	if err != nil {
		p.t.Fatal(err)
	}
}

// Calm implements [Stage].
func (p *Painter) Calm() time.Duration { return p.calm }

// SetCursor gives the pointer over the background another shape, whose hot spot is at 3,2.
func (p *Painter) SetCursor() {
	p.t.Helper()
	c := p.conn.Conn
	pix, err1 := xproto.NewPixmapId(c)
	cursor, err2 := xproto.NewCursorId(c)
	if err := errors.Join(err1, err2); err != nil {
		p.t.Fatal(err)
	}
	root := p.conn.Screen.Root
	xproto.CreatePixmap(c, 1, pix, xproto.Drawable(root), 16, 16)
	xproto.CreateCursor(c, cursor, pix, pix, 0, 0, 0, 0xffff, 0xffff, 0xffff, 3, 2)
	if err := xproto.ChangeWindowAttributesChecked(c, root, xproto.CwCursor, []uint32{uint32(cursor)}).Check(); err != nil {
		p.t.Fatal(err)
	}
}

// Resize makes the screen smaller.
func (p *Painter) Resize(to image.Point) {
	p.t.Helper()
	c, root := p.conn.Conn, p.conn.Screen.Root
	if _, found, err := p.conn.Use("RANDR"); err != nil || !found {
		p.t.Fatalf("the server has no RANDR (%v)", err)
	}
	_, err := randr.QueryVersion(c, 1, 5).Reply()
	check := func(what string, e error) {
		p.t.Helper()
		if e != nil {
			p.t.Fatalf("%s: %v", what, e)
		}
	}
	check("version", err)
	res, err := randr.GetScreenResources(c, root).Reply()
	check("resources", err)
	crtc, output := res.Crtcs[0], res.Outputs[0]
	name := "smaller"
	mode, err := randr.CreateMode(c, root, randr.ModeInfo{
		Width: uint16(to.X), Height: uint16(to.Y), DotClock: 25_000_000,
		Htotal: uint16(to.X) + 100, Vtotal: uint16(to.Y) + 50, NameLen: uint16(len(name)),
	}, name).Reply()
	check("mode", err)
	check("add mode", randr.AddOutputModeChecked(c, output, mode.Mode).Check())
	_, err = randr.SetCrtcConfig(c, crtc, 0, 0, 0, 0, 0, randr.RotationRotate0, nil).Reply()
	check("off", err)
	check("size", randr.SetScreenSizeChecked(c, root, uint16(to.X), uint16(to.Y), 200, 150).Check())
	_, err = randr.SetCrtcConfig(c, crtc, 0, 0, 0, 0, mode.Mode, randr.RotationRotate0, []randr.Output{output}).Reply()
	check("on", err)
}
