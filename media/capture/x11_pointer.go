//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"encoding/binary"
	"image"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// XInput 2, of which xgb knows nothing (XI2proto.h).
const (
	xiSelectEvents = 46
	xiQueryVersion = 47
	xiAllMasters   = 1
	xiMotion       = 6
	xiRawMotion    = 17
	xiGeneric      = 35
)

// pointerWatch says when the pointer moves. XInput 2.1 reports every motion, whatever program has the pointer. On
// servers without it, none since 2011, the pointer is looked at: often while it moves, seldom while it rests. A look costs
// less than 0.1 ms of CPU, so that is under 0.1 % of a core at rest.
type pointerWatch struct {
	opcode byte // of XInput; 0 without it
	last   image.Point
	moving time.Time // when it last moved, as far as at has seen
}

const (
	lookMoving = 16 * time.Millisecond  // between looks while the pointer moves, without XInput 2
	lookAtRest = 100 * time.Millisecond // while it rests
	restAfter  = time.Second            // from the last motion
)

// watchPointer asks for reports of motion, and returns XInput's request number, or 0 when there will be none.
func watchPointer(c *xconn.Conn) (opcode byte) {
	const name = "XInputExtension"
	ext, found, err := c.Use(name)
	if err != nil || !found {
		return 0
	}
	version := make([]byte, 8)
	version[0], version[1] = ext.Opcode, xiQueryVersion
	binary.LittleEndian.PutUint16(version[2:], 2)
	binary.LittleEndian.PutUint16(version[4:], 2)
	binary.LittleEndian.PutUint16(version[6:], 2)
	r, err := request(c, version, true).Reply()
	if err != nil || len(r) < 12 {
		return 0
	}
	if major, minor := xgb.Get16(r[8:]), xgb.Get16(r[10:]); major < 2 || major == 2 && minor < 1 {
		return 0
	}
	// One mask, of one word, for the pointers that can be seen. Motion as well as raw motion: a program that puts the pointer somewhere makes
	// only the former, and motion is reported here only where no window below has asked for it.
	sel := make([]byte, 20)
	sel[0], sel[1] = ext.Opcode, xiSelectEvents
	binary.LittleEndian.PutUint16(sel[2:], 5)
	binary.LittleEndian.PutUint32(sel[4:], uint32(c.Screen.Root))
	binary.LittleEndian.PutUint16(sel[8:], 1)
	binary.LittleEndian.PutUint16(sel[12:], xiAllMasters)
	binary.LittleEndian.PutUint16(sel[14:], 1)
	binary.LittleEndian.PutUint32(sel[16:], 1<<xiRawMotion|1<<xiMotion)
	if request(c, sel, false).Check() != nil {
		return 0
	}
	return ext.Opcode
}

// request sends a request made by hand.
func request(c *xconn.Conn, buf []byte, reply bool) *xgb.Cookie {
	cookie := c.NewCookie(true, reply)
	c.NewRequest(buf, cookie)
	return cookie
}

// isMotion reports whether an event says that the pointer moved.
func (p *pointerWatch) isMotion(e []byte) bool {
	if p.opcode == 0 || e[0]&^0x80 != xiGeneric || e[1] != p.opcode {
		return false
	}
	kind := binary.LittleEndian.Uint16(e[8:])
	return kind == xiRawMotion || kind == xiMotion
}

// lookIn returns in how long the pointer must be looked at; false when its motion is reported.
func (p *pointerWatch) lookIn() (time.Duration, bool) {
	switch {
	case p.opcode != 0:
		return 0, false
	case time.Since(p.moving) < restAfter:
		return lookMoving, true
	}
	return lookAtRest, true
}

// take takes where the pointer is, in desktop pixels, from the server's answer.
func (p *pointerWatch) take(c xproto.QueryPointerCookie) (image.Point, error) {
	r, err := c.Reply()
	if err != nil {
		return image.Point{}, err
	}
	at := image.Pt(int(r.RootX), int(r.RootY))
	if at != p.last {
		p.last, p.moving = at, time.Now()
	}
	return at, nil
}

// maxCursor is the largest side of a pointer's shape.
const maxCursor = 256

// cursor reads the pointer's shape.
func (s *x11) cursor() (*Cursor, error) {
	r, err := xfixes.GetCursorImage(s.conn.Conn).Reply()
	if err != nil {
		return nil, err
	}
	w, h := int(r.Width), int(r.Height)
	c := &Cursor{
		Serial: r.CursorSerial,
		Size:   image.Pt(min(w, maxCursor), min(h, maxCursor)),
		Hot:    image.Pt(int(r.Xhot), int(r.Yhot)),
	}
	for y := range c.Size.Y {
		for x := range c.Size.X {
			c.Pix = binary.LittleEndian.AppendUint32(c.Pix, r.CursorImage[y*w+x])
		}
	}
	return c, nil
}
