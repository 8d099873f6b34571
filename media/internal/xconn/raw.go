package xconn

import (
	"encoding/binary"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Devices of XInput (XI2.h).
const (
	// AllDevices are the masters, the devices attached to them and those taken away from them. What a device does is then
	// reported for it and for its master.
	AllDevices = 0
	// AllMasters are the keyboards and pointers that programs see.
	AllMasters = 1
)

// Kinds of raw events (XI2.h).
const (
	RawKeyPress    = 13
	RawButtonPress = 15
)

// Requests of XInput 2 (XI2proto.h), of which xgb knows nothing.
const (
	xiSelectEvents = 46
	xiQueryVersion = 47
	versionReply   = 12 // bytes of the answer up to the version's end
)

// From version 2.1 on, raw events come whatever has a grab.
const (
	xiMajor, xiMinor = 2, 2
	xiLeast          = 1
)

// Raws tells raw events from the others of a connection. The zero Raws knows none.
type Raws struct{ opcode byte }

// Raw is what a device did, wherever that went.
type Raw struct {
	Kind   uint16
	Device uint16           // that it is reported for
	Time   xproto.Timestamp // the one of the key or button event that comes of it
	Detail uint32           // the keycode or the button
}

// SelectRaw has raw events of the kinds reported on this connection: what is done with keys or buttons, whatever has the focus and
// whoever has grabbed a device. Kinds are below 32. It reports false when the server has no XInput 2.1 (X.Org 1.12).
func (c *Conn) SelectRaw(devices uint16, kinds ...uint16) (Raws, bool, error) {
	ext, found, err := c.Use("XInputExtension")
	if err != nil || !found {
		return Raws{}, false, err
	}
	version, err := c.Request([]byte{ext.Opcode, xiQueryVersion, 2, 0, xiMajor, 0, xiMinor, 0}).Reply()
	if err != nil || len(version) < versionReply {
		return Raws{}, false, err
	}
	major, minor := binary.LittleEndian.Uint16(version[8:]), binary.LittleEndian.Uint16(version[10:])
	if major != xiMajor || minor < xiLeast {
		return Raws{}, false, nil
	}
	sel := make([]byte, 20) // one mask, of one word
	sel[0], sel[1], sel[2] = ext.Opcode, xiSelectEvents, byte(len(sel)/4)
	binary.LittleEndian.PutUint32(sel[4:], uint32(c.Screen.Root))
	sel[8], sel[14] = 1, 1
	binary.LittleEndian.PutUint16(sel[12:], devices)
	var mask uint32
	for _, k := range kinds {
		mask |= 1 << k
	}
	binary.LittleEndian.PutUint32(sel[16:], mask)
	cookie := c.NewCookie(true, false)
	c.NewRequest(sel, cookie)
	if err := cookie.Check(); err != nil {
		return Raws{}, false, err
	}
	return Raws{ext.Opcode}, true, nil
}

// Request sends a request made by hand that has an answer.
func (c *Conn) Request(b []byte) *xgb.Cookie {
	cookie := c.NewCookie(true, true)
	c.NewRequest(b, cookie)
	return cookie
}

// Read returns what an event says, and false if it is no raw event. Other programs cannot send such events.
func (r Raws) Read(e []byte) (Raw, bool) {
	if r.opcode == 0 || len(e) < packet || e[0] != genericEvent || e[1] != r.opcode {
		return Raw{}, false
	}
	kind := binary.LittleEndian.Uint16(e[8:])
	if kind < RawKeyPress || kind > lastRaw {
		return Raw{}, false
	}
	return Raw{
		Kind: kind, Device: binary.LittleEndian.Uint16(e[10:]),
		Time: xproto.Timestamp(binary.LittleEndian.Uint32(e[12:])), Detail: binary.LittleEndian.Uint32(e[16:]),
	}, true
}

// lastRaw is the last kind of raw events of keys, buttons and motion.
const lastRaw = 17
