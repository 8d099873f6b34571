package hotkey

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// Keysyms from X11/keysymdef.h.
const (
	symPause      = 0xff13
	symBreak      = 0xff6b
	symNumLock    = 0xff7f
	symScrollLock = 0xff14
)

// x11Keys are the passive grabs on a screen's root window.
type x11Keys struct {
	conn  *xconn.Conn
	codes []xproto.Keycode // what is grabbed
	locks []uint16
}

// grab takes the codes and gives back the others. The error is ErrTaken if another program has one of them.
func (g *x11Keys) grab(codes []xproto.Keycode, locks []uint16) error {
	if slices.Equal(codes, g.codes) && slices.Equal(locks, g.locks) {
		return nil
	}
	for _, code := range g.codes {
		xproto.UngrabKey(g.conn.Conn, code, g.conn.Screen.Root, xproto.ModMaskAny)
	}
	g.codes, g.locks = codes, locks
	var taken error
	for _, code := range codes {
		if g.takeAny(code) {
			continue
		}
		if err := g.take(code, 0, locks); errors.Is(err, ErrTaken) {
			taken = err
		} else if err != nil {
			return err
		}
		if err := g.take(code, xproto.ModMaskControl, locks); err != nil && !errors.Is(err, ErrTaken) {
			return err
		}
	}
	return taken
}

// takeAny grabs code under every modifier there is: whoever holds Shift or Alt from afar must not keep the key from working.
// Where another program has one combination, the others are still taken as far as they are free; it reports false then,
// and those that matter are left to take.
func (g *x11Keys) takeAny(code xproto.Keycode) bool {
	request := func(mods uint16) xproto.GrabKeyCookie {
		return xproto.GrabKeyChecked(g.conn.Conn, false, g.conn.Screen.Root, mods, code, xproto.GrabModeAsync, xproto.GrabModeAsync)
	}
	if request(xproto.ModMaskAny).Check() == nil {
		return true
	}
	const combinations = 1 << 8 // of Shift, Lock, Control, Mod1 to Mod5
	asked := make([]xproto.GrabKeyCookie, combinations)
	for mods := range asked {
		asked[mods] = request(uint16(mods))
	}
	for _, a := range asked {
		a.Check() // what is taken stays with the other program
	}
	return false
}

// take grabs code with mods, under every combination of locks.
func (g *x11Keys) take(code xproto.Keycode, mods uint16, locks []uint16) error {
	for set := range 1 << len(locks) {
		m := mods
		for i, lock := range locks {
			if set&(1<<i) != 0 {
				m |= lock
			}
		}
		err := xproto.GrabKeyChecked(g.conn.Conn, false, g.conn.Screen.Root, m, code,
			xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
		if _, taken := err.(xproto.AccessError); taken {
			return fmt.Errorf("%w: Pause, modifiers %#x", ErrTaken, m)
		}
		if err != nil {
			return fmt.Errorf("hotkey: grab: %w", err)
		}
	}
	return nil
}

// lookUp returns the keycodes of Pause and Break, and the modifiers that are locks and may be on.
func (g *x11Keys) lookUp() (codes []xproto.Keycode, locks []uint16, err error) {
	setup := xproto.Setup(g.conn.Conn)
	first, last := setup.MinKeycode, setup.MaxKeycode
	mapping := xproto.GetKeyboardMapping(g.conn.Conn, first, byte(last-first)+1)
	mods, err := xproto.GetModifierMapping(g.conn.Conn).Reply()
	if err != nil {
		return nil, nil, err
	}
	keys, err := mapping.Reply()
	if err != nil {
		return nil, nil, err
	}
	per := int(keys.KeysymsPerKeycode)
	has := func(code xproto.Keycode, syms ...xproto.Keysym) bool {
		i := int(code-first) * per
		return code >= first && i+per <= len(keys.Keysyms) && slices.ContainsFunc(keys.Keysyms[i:i+per],
			func(s xproto.Keysym) bool { return slices.Contains(syms, s) })
	}
	for code := int(first); code <= int(last); code++ {
		if has(xproto.Keycode(code), symPause, symBreak) {
			codes = append(codes, xproto.Keycode(code))
		}
	}
	locks = []uint16{xproto.ModMaskLock}
	for i, code := range mods.Keycodes {
		bit := uint16(1) << (i / int(mods.KeycodesPerModifier))
		if code != 0 && has(code, symNumLock, symScrollLock) && !slices.Contains(locks, bit) {
			locks = append(locks, bit)
		}
	}
	return codes, locks, nil
}
