//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"image"

	"github.com/jezek/xgb/xinerama"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

func init() { newDesk = newX11Desk }

// x11Desk asks an X server.
type x11Desk struct {
	conn  *xconn.Conn
	randr bool
}

func newX11Desk() (desk, error) {
	c, err := xconn.Dial("", func([]byte) {})
	if err != nil {
		return nil, err
	}
	_, ok := useRandr(c)
	return x11Desk{c, ok}, nil
}

func (x11Desk) inPixels(f func()) { f() }

// displays implements desk.
func (d x11Desk) displays() []Display {
	ds, err := listDisplays(d.conn, d.randr)
	if err != nil {
		return nil
	}
	return ds
}

func (d x11Desk) pointer() (image.Point, bool) {
	r, err := xproto.QueryPointer(d.conn.Conn, d.conn.Screen.Root).Reply()
	if err != nil {
		return image.Point{}, false
	}
	return image.Pt(int(r.RootX), int(r.RootY)), true
}

// origin implements desk: screenshots are counted from the first screen's corner.
func (d x11Desk) origin() image.Point {
	if _, found, err := d.conn.Use("XINERAMA"); err != nil || !found {
		return image.Point{}
	}
	r, err := xinerama.QueryScreens(d.conn.Conn).Reply()
	if err != nil || len(r.ScreenInfo) == 0 {
		return image.Point{}
	}
	return image.Pt(int(r.ScreenInfo[0].XOrg), int(r.ScreenInfo[0].YOrg))
}

func (d x11Desk) close() { d.conn.Close() }
