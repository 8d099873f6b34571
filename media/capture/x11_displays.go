//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"errors"
	"fmt"
	"image"
	"os"

	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xinerama"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// noDisplay returns why there is no X server to read.
func noDisplay(err error) error {
	if onWayland() {
		return fmt.Errorf("%w: and no X server: %w", ErrWayland, err)
	}
	if errors.Is(err, xconn.ErrNoDisplay) {
		return fmt.Errorf("%w: no display: DISPLAY is not set", ErrUnsupported)
	}
	return fmt.Errorf("%w: no display: %w", ErrUnsupported, err)
}

func onWayland() bool {
	return os.Getenv("XDG_SESSION_TYPE") == "wayland" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// checkServer refuses servers whose screen cannot be read, or not by this source.
func checkServer(c *xconn.Conn) error {
	if _, found, err := c.Use("XWAYLAND"); err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	} else if found || c.Xwayland() {
		return fmt.Errorf("%w: the X server belongs to it", ErrWayland)
	}
	if trueColour(c) {
		return nil
	}
	// Screenshots are no way out: the package for them takes the same format for granted.
	return fmt.Errorf("%w: the screen's pixels are not 32 bits of blue, green and red", ErrUnsupported)
}

// unusual returns an error for a server that this source does not know how to read. The portable source would, on
// Wayland, ask the desktop's portal, and the customer, for each picture.
func unusual(why string) error {
	if onWayland() {
		return fmt.Errorf("%w: x11: %s", ErrUnsupported, why)
	}
	return fmt.Errorf("%w: x11: %s", errFallback, why)
}

// trueColour reports whether the screen's pixels are those of a frame.
func trueColour(c *xconn.Conn) bool {
	setup := xproto.Setup(c.Conn)
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return false
	}
	for _, f := range setup.PixmapFormats {
		if f.Depth == c.Screen.RootDepth && (f.BitsPerPixel != 32 || f.ScanlinePad != 32) {
			return false
		}
	}
	for _, d := range c.Screen.AllowedDepths {
		for _, v := range d.Visuals {
			if v.VisualId == c.Screen.RootVisual {
				return v.Class == xproto.VisualClassTrueColor &&
					v.RedMask == 0xff0000 && v.GreenMask == 0xff00 && v.BlueMask == 0xff
			}
		}
	}
	return false
}

// useExtensions asks for the extensions the source needs; without RANDR it goes on.
func (s *x11) useExtensions() error {
	var got codes
	fixes, found, err := s.conn.Use("XFIXES")
	if err != nil || !found {
		return unusual("no XFIXES")
	}
	dmg, found, err := s.conn.Use("DAMAGE")
	if err != nil || !found {
		return unusual("no DAMAGE")
	}
	// Both answer no request before they were asked for their version.
	if v, err := xfixes.QueryVersion(s.conn.Conn, 4, 0).Reply(); err != nil || v.MajorVersion < 2 {
		return unusual("an XFIXES older than 2")
	}
	if _, err := damage.QueryVersion(s.conn.Conn, 1, 1).Reply(); err != nil {
		return unusual("no DAMAGE")
	}
	got.xfixes, got.damage = fixes.FirstEvent, dmg.FirstEvent
	if rr, ok := useRandr(s.conn); ok {
		got.randr, got.hasRandr = rr.FirstEvent, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes = got
	return nil
}

// listDisplays lists the monitors of a screen, the primary one first. withRandr says whether to ask RANDR 1.5.
func listDisplays(c *xconn.Conn, withRandr bool) ([]Display, error) {
	g, err := xproto.GetGeometry(c.Conn, xproto.Drawable(c.Screen.Root)).Reply()
	if err != nil {
		return nil, err
	}
	all := image.Rect(0, 0, int(g.Width), int(g.Height))
	var found []Display
	if withRandr {
		found = askMonitors(c)
	}
	if len(found) == 0 {
		found = askXinerama(c)
	}
	ds := found[:0]
	for _, d := range found {
		if d.Bounds = d.Bounds.Intersect(all); !d.Bounds.Empty() && len(ds) < MaxDisplays {
			ds = append(ds, d)
		}
	}
	if len(ds) == 0 {
		ds = append(ds, Display{Name: "screen", Bounds: all, Primary: true})
	}
	primaryFirst(ds)
	return ds, nil
}

// askMonitors asks RANDR 1.5. Without it, it returns nothing.
func askMonitors(c *xconn.Conn) []Display {
	r, err := randr.GetMonitors(c.Conn, c.Screen.Root, true).Reply()
	if err != nil {
		return nil
	}
	var ds []Display
	for _, m := range r.Monitors {
		d := Display{Bounds: bounds(m.X, m.Y, m.Width, m.Height), Primary: m.Primary}
		if a, err := xproto.GetAtomName(c.Conn, m.Name).Reply(); err == nil {
			d.Name = a.Name
		}
		ds = append(ds, d)
	}
	return ds
}

// askXinerama asks the extension that RANDR 1.5 replaced.
func askXinerama(c *xconn.Conn) []Display {
	if _, found, err := c.Use("XINERAMA"); err != nil || !found {
		return nil
	}
	r, err := xinerama.QueryScreens(c.Conn).Reply()
	if err != nil {
		return nil
	}
	var ds []Display
	for i, m := range r.ScreenInfo {
		ds = append(ds, Display{
			Name:    fmt.Sprintf("screen %d", i),
			Bounds:  bounds(m.XOrg, m.YOrg, m.Width, m.Height),
			Primary: i == 0,
		})
	}
	return ds
}

// useRandr makes RANDR work on a connection. It reports false when the server has none that tells about monitors.
func useRandr(c *xconn.Conn) (xconn.Extension, bool) {
	rr, found, err := c.Use("RANDR")
	if err != nil || !found {
		return rr, false
	}
	v, err := randr.QueryVersion(c.Conn, 1, 5).Reply()
	return rr, err == nil && (v.MajorVersion > 1 || v.MinorVersion >= 2)
}

func bounds(x, y int16, w, h uint16) image.Rectangle {
	return image.Rect(0, 0, int(w), int(h)).Add(image.Pt(int(x), int(y)))
}
