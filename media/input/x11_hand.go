//go:build linux

package input

import (
	"errors"
	"image"
	"slices"
	"time"

	"github.com/jezek/xgb/xproto"
)

// handRest is how long a key held by the customer counts. One that hangs must not keep the engineer
// out for ever.
const handRest = 10 * time.Second

// lag is how long the server may take to show what was done here. A window manager that looks at each click first holds the
// devices back until it has (X11 protocol, "GrabButton", synchronous): a button is seen as down that was let go, and the
// pointer where it was.
const lag = time.Second

// maxSpots bounds a trail.
const maxSpots = 512

// trail is what was done here lately.
type trail struct {
	ups    [256]time.Time // when keys were let go
	button time.Time      // when a button was
	spots  []spot         // where the pointer was put, the oldest first
}

// spot is where the pointer was until some time.
type spot struct {
	at    image.Point
	until time.Time
}

// leave notes that the pointer is no longer at a place.
func (t *trail) leave(at image.Point) {
	if len(t.spots) == maxSpots {
		t.spots = slices.Delete(t.spots, 0, maxSpots/2)
	}
	t.spots = append(t.spots, spot{at, time.Now()})
}

// has reports whether the pointer was put at a place that the server may still show.
func (t *trail) has(at image.Point, now time.Time) bool {
	old := func(p spot) bool { return now.Sub(p.until) >= lag }
	t.spots = slices.DeleteFunc(t.spots, old)
	return slices.ContainsFunc(t.spots, func(p spot) bool { return near(p.at, at) })
}

// near reports whether two places are one, but for rounding.
func near(a, b image.Point) bool {
	d := a.Sub(b)
	return max(d.X, -d.X, d.Y, -d.Y) <= 1
}

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
// remote desktop of the customer's own is the customer. A key that is down only between two looks is missed, and so is one,
// or a button, that the engineer let go within the last second.
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
	moved := x.local.look(x.foreignKeys(k.Keys, now), x.foreignButton(p.Mask, now), now)
	at := image.Pt(int(p.RootX), int(p.RootY))
	if !x.placed || !near(at, x.at) && !x.trail.has(at, now) {
		moved = moved || p.SameScreen
		x.at, x.placed = at, true
	}
	return moved && !first, nil
}

// foreignKeys returns what is down but for the engineer's keys.
func (x *x11) foreignKeys(down []byte, now time.Time) (keys [32]byte) {
	copy(keys[:], down)
	for c, up := range x.trail.ups {
		if now.Sub(up) < lag || slices.Contains(x.codes, byte(c)) {
			keys[c/8] &^= 1 << (c % 8)
		}
	}
	return keys
}

// foreignButton reports whether a button is down while none is, or was lately, the engineer's: which is which depends on
// whether the mouse is one for the left hand.
func (x *x11) foreignButton(mask uint16, now time.Time) bool {
	return mask&anyButton != 0 && x.buttons == 0 && now.Sub(x.trail.button) >= lag
}

// look takes what is down that is not the engineer's, and reports whether a hand was at work.
func (h *localHand) look(keys [32]byte, buttons bool, now time.Time) bool {
	changed := keys != h.keys || buttons != h.buttons
	if changed || h.changed.IsZero() {
		h.keys, h.buttons, h.changed = keys, buttons, now
	}
	holding := (keys != [32]byte{} || buttons) && now.Sub(h.changed) < handRest
	return changed || holding
}
