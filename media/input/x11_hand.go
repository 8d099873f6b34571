//go:build linux

package input

import (
	"errors"
	"image"
	"time"

	"github.com/jezek/xgb/xproto"
)

// handRest is how long a key held by the customer counts. One that hangs must not keep the engineer
// out for ever.
const handRest = 10 * time.Second

// localHand is what was last seen that is not the engineer's doing.
type localHand struct {
	keys    [32]byte // keycodes that are down, a bit each
	buttons bool
	changed time.Time
}

// anyButton are the bits of the buttons in a pointer's state.
const anyButton = xproto.ButtonMask1 | xproto.ButtonMask2 | xproto.ButtonMask3 | xproto.ButtonMask4 | xproto.ButtonMask5

// Moved implements Hand. The hand is seen by what it does: the pointer is not where it was put, or a
// key is down, or a button, that was not pressed here. That needs one round trip. It takes a program that
// warps the pointer for the customer, and so it takes another program that injects: an on-screen keyboard or a
// remote desktop of the customer's own is the customer. A key that is down only between two looks is missed.
func (x *x11) Moved() (bool, error) {
	x.enter()
	defer x.leave()
	if err := x.alive(); err != nil {
		return false, err
	}
	pointer, keys := xproto.QueryPointer(x.conn.Conn, x.conn.Screen.Root), xproto.QueryKeymap(x.conn.Conn)
	p, err1 := pointer.Reply()
	k, err2 := keys.Reply()
	if err := errors.Join(err1, err2); err != nil {
		return false, errors.Join(err, x.alive())
	}
	first := x.local.changed.IsZero()
	now := time.Now()
	moved := x.local.look(k.Keys, x.codes, p.Mask&anyButton != 0 && x.buttons == 0, now)
	at := image.Pt(int(p.RootX), int(p.RootY))
	if d := at.Sub(x.at); !x.placed || max(d.X, -d.X, d.Y, -d.Y) > 1 {
		moved = moved || p.SameScreen
		x.at, x.placed = at, true
	}
	return moved && !first, nil
}

// look takes what is down, but for the keys that are mine, and reports whether a hand was at work.
func (h *localHand) look(down []byte, mine []byte, buttons bool, now time.Time) bool {
	var keys [32]byte
	copy(keys[:], down)
	for _, c := range mine {
		keys[c/8] &^= 1 << (c % 8)
	}
	changed := keys != h.keys || buttons != h.buttons
	if changed || h.changed.IsZero() {
		h.keys, h.buttons, h.changed = keys, buttons, now
	}
	holding := (keys != [32]byte{} || buttons) && now.Sub(h.changed) < handRest
	return changed || holding
}
