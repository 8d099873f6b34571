package hotkey_test

import (
	"encoding/binary"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// Requests of XInput 2 (XI2proto.h).
const (
	xiChangeHierarchy = 43
	xiQueryVersion    = 47
	xiQueryDevice     = 48
	xiGrabDevice      = 51
)

// devices are the input devices of a display.
type devices struct {
	t     *testing.T
	c     *xgb.Conn
	xi    byte // opcode
	event byte // the first of XInput's own events
}

func openDevices(t *testing.T, c *xgb.Conn) devices {
	t.Helper()
	const name = "XInputExtension"
	ext, err := xproto.QueryExtension(c, uint16(len(name)), name).Reply()
	if err != nil || !ext.Present {
		t.Fatal("no XInput: ", err)
	}
	if err := xtest.Init(c); err != nil {
		t.Fatal(err)
	}
	d := devices{t, c, ext.MajorOpcode, ext.FirstEvent}
	d.ask([]byte{d.xi, xiQueryVersion, 2, 0, 2, 0, 2, 0})
	return d
}

// ask sends a request that has an answer.
func (d devices) ask(b []byte) []byte {
	d.t.Helper()
	cookie := d.c.NewCookie(true, true)
	d.c.NewRequest(b, cookie)
	r, err := cookie.Reply()
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// keyboard returns a keyboard that is attached to the master one, and is not the one that programs press keys on.
func (d devices) keyboard() byte {
	d.t.Helper()
	const slaveKeyboard, head = 4, 12
	all := d.ask([]byte{d.xi, xiQueryDevice, 2, 0, 0, 0, 0, 0})
	info := all[32:]
	for range binary.LittleEndian.Uint16(all[8:]) {
		id, use := info[0], binary.LittleEndian.Uint16(info[2:])
		classes, length := binary.LittleEndian.Uint16(info[6:]), int(binary.LittleEndian.Uint16(info[8:]))
		name := string(info[head : head+length])
		if use == slaveKeyboard && name != "Virtual core XTEST keyboard" {
			return id
		}
		info = info[head+(length+3)/4*4:]
		for range classes {
			info = info[4*int(binary.LittleEndian.Uint16(info[2:])):]
		}
	}
	d.t.Fatal("the display has no keyboard of its own")
	return 0
}

// tap presses Pause on a device.
func (d devices) tap(device byte) {
	d.t.Helper()
	const pause, deviceKeyPress, deviceKeyRelease = 127, 1, 2
	for _, kind := range []byte{deviceKeyPress, deviceKeyRelease} {
		if err := xtest.FakeInputChecked(d.c, d.event+kind, pause, 0, 0, 0, 0, device).Check(); err != nil {
			d.t.Fatal(err)
		}
	}
}

// detach takes a device away from its master: programs hear no more of it.
func (d devices) detach(device byte) {
	d.t.Helper()
	const detachSlave = 4
	cookie := d.c.NewCookie(true, false)
	d.c.NewRequest([]byte{d.xi, xiChangeHierarchy, 4, 0, 1, 0, 0, 0, detachSlave, 0, 2, 0, device, 0, 0, 0}, cookie)
	if err := cookie.Check(); err != nil {
		d.t.Fatal(err)
	}
}

// grab has a device for its own, and lets nothing of it go on.
func (d devices) grab(device byte, root xproto.Window) {
	d.t.Helper()
	b := make([]byte, 24)
	b[0], b[1], b[2] = d.xi, xiGrabDevice, byte(len(b)/4)
	binary.LittleEndian.PutUint32(b[4:], uint32(root))
	b[16], b[18], b[19] = device, xproto.GrabModeSync, xproto.GrabModeSync
	if r := d.ask(b); r[8] != xproto.GrabStatusSuccess {
		d.t.Fatalf("the keyboard is not to be had: %d", r[8])
	}
}

// A keyboard is heard as well as what programs press, also when a program has cut it off from all others.
func TestGrabDevice(t *testing.T) {
	d := newDesktop(t)
	_, fired := grab(t)
	c, _ := d.other()
	all := openDevices(t, c)
	keyboard := all.keyboard()
	for _, when := range []string{"on a keyboard", "on a keyboard that no program hears"} {
		all.tap(keyboard)
		wants(t, fired, true, when)
		wants(t, fired, false, when+", again")
		all.detach(keyboard)
	}
	d.once(fired, "on another")
}
