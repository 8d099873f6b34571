//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"encoding/binary"
	"image"

	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// codes tell events apart.
type codes struct {
	parent, window xproto.Window
	raws           xconn.Raws // events of buttons, wherever they are pressed
	complete       byte       // the server has read the memory
}

// onEvent runs on the connection's reading goroutine. Layouts of events: X11 protocol, appendix B; events that other programs
// made up have the highest bit set, and count as they do for the window around.
func (x *x11) onEvent(e []byte) {
	x.mu.Lock()
	c := x.codes
	x.mu.Unlock()
	if c.window == 0 {
		return // not made yet
	}
	kind := e[0] &^ 0x80
	w := xproto.Window(binary.LittleEndian.Uint32(e[4:]))
	switch kind {
	case c.complete:
		x.tell(func(n *news) bool { n.flying = false; return true })
	case xproto.Expose:
		r := image.Rect(0, 0, short(e[12:]), short(e[14:])).Add(image.Pt(short(e[8:]), short(e[10:])))
		x.tell(func(n *news) bool {
			if n.exposed = append(n.exposed, r); len(n.exposed) > 4*maxParts {
				n.exposed = join(n.exposed)
			}
			return true
		})
	case xproto.DestroyNotify:
		if gone := xproto.Window(binary.LittleEndian.Uint32(e[8:])); gone == c.window || gone == c.parent {
			x.tell(func(n *news) bool { n.gone = true; return true })
		}
	case xproto.KeyPress, xproto.KeyRelease:
		// With the pointer over the window around, that is where the event is from.
		if at := xproto.Window(binary.LittleEndian.Uint32(e[12:])); at == c.parent {
			x.onKey(int(e[1]), kind == xproto.KeyPress)
		}
	case xproto.FocusOut:
		if mode := e[8]; w == c.parent && mode != xproto.NotifyModeGrab && mode != xproto.NotifyModeUngrab {
			x.listen.Blur()
		}
	case xproto.ButtonPress, xproto.ButtonRelease, xproto.MotionNotify:
		if at := xproto.Window(binary.LittleEndian.Uint32(e[12:])); at == c.window {
			x.onMouse(kind, int(e[1]), place(e))
		}
	default:
		if r, ok := c.raws.Read(e); ok && r.Kind == xconn.RawButtonPress {
			x.clicked = x.clicked || !wheel(int(r.Detail))
		}
	}
}

func (x *x11) onKey(code int, down bool) {
	if down && x.clicked {
		x.clicked = false
		x.listen.Elsewhere()
	}
	x.listen.Key(code, down)
}

// wheel reports whether a button is a turn of the wheel.
func wheel(button int) bool { return button >= 4 && button <= 7 }

// onMouse hears the mouse. The server has reported each press before, without saying where it was.
func (x *x11) onMouse(kind byte, button int, at image.Point) {
	down := kind == xproto.ButtonPress
	switch {
	case kind == xproto.MotionNotify:
		x.listen.Pointer(at)
	case !wheel(button):
		x.clicked = x.clicked && !down
		x.listen.Button(button, down, at)
	case down:
		turn := map[int]image.Point{4: {Y: -1}, 5: {Y: 1}, 6: {X: -1}, 7: {X: 1}}[button]
		x.listen.Wheel(turn.X, turn.Y, at)
	}
}

// place is where the mouse was, in the window that the event is about.
func place(e []byte) image.Point {
	return image.Pt(int(int16(binary.LittleEndian.Uint16(e[24:]))), int(int16(binary.LittleEndian.Uint16(e[26:]))))
}

func short(b []byte) int { return int(binary.LittleEndian.Uint16(b)) }
