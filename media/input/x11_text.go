//go:build linux

package input

import (
	"errors"
	"slices"
	"time"

	"github.com/jezek/xgb/xproto"
)

// A character without a key is given to a keycode that has no meaning. Programs look up what a keycode means
// when they get to it, and a busy one takes its time; nobody can ask whether it has. So a keycode keeps its
// character for a while after its last use, and when half of them are taken, new characters come slowly.
const (
	spareRest = 300 * time.Millisecond // until it may get another character
	spareKeep = time.Second            // until it loses its meaning again
)

// spare is a keycode without a key, and the character it has been given.
type spare struct {
	code byte
	r    rune
	used time.Time
}

// spares are the keycodes in use for characters without a key.
type spares struct {
	list  []spare
	last  time.Time   // when one was given a character
	timer *time.Timer // restores them
}

// Text implements Sink. A character for which there is neither a key nor a spare keycode is dropped.
func (x *x11) Text(s string) error {
	x.enter()
	defer x.leave()
	if err := x.alive(); err != nil {
		return err
	}
	state, err := x.lookUp()
	if err != nil {
		return errors.Join(err, x.alive())
	}
	errs := []error{x.lift(state, false)}
	for _, r := range s {
		x.limit.Reset(replyLimit)
		if err := x.typeRune(r, int(state>>13)&3); err != nil {
			errs = append(errs, err)
			break
		}
	}
	return errors.Join(append(errs, x.lift(state, true))...)
}

// lookUp reads the keymap if it has changed, and returns the state of modifiers, locks and group.
func (x *x11) lookUp() (state uint16, err error) {
	pointer := xproto.QueryPointer(x.conn.Conn, x.conn.Screen.Root)
	if x.stale.Swap(false) {
		m, err := readKeymap(x.conn.Conn, func(code byte) bool { return x.mine[code].Load() })
		if err != nil {
			x.stale.Store(true)
			return 0, err
		}
		x.keymap = m
	}
	p, err := pointer.Reply()
	if err != nil {
		return 0, err
	}
	return p.Mask, nil
}

// lift takes away what would change the characters, modifiers that the engineer holds and Caps
// Lock, and puts it back.
func (x *x11) lift(state uint16, back bool) error {
	var errs []error
	for _, code := range x.codes {
		if slices.Contains(x.keymap.modifiers, code) {
			errs = append(errs, x.press(code, back))
		}
	}
	if state&xproto.ModMaskLock != 0 && x.keymap.caps != 0 {
		errs = append(errs, x.press(x.keymap.caps, true), x.press(x.keymap.caps, false))
	}
	return errors.Join(errs...)
}

// typeRune types one character.
func (x *x11) typeRune(r rune, group int) error {
	s, ok := x.keymap.find(r, group)
	if !ok {
		if r < ' ' || r == 0x7f {
			return nil
		}
		if s.code, ok = x.spareFor(r); !ok {
			x.log.Debug("input: no keycode for a character")
			return nil
		}
	}
	var keys []byte
	if s.level&levelShift != 0 {
		keys = append(keys, x.keymap.shift)
	}
	if s.level&levelThird != 0 {
		keys = append(keys, x.keymap.third)
	}
	keys = append(keys, s.code)
	var errs []error
	for _, k := range keys {
		errs = append(errs, x.press(k, true))
	}
	for _, k := range slices.Backward(keys) {
		errs = append(errs, x.press(k, false))
	}
	return errors.Join(errs...)
}

// spareFor returns a keycode that types r. It waits only if all are still resting.
func (x *x11) spareFor(r rune) (byte, bool) {
	list := &x.spares.list
	oldest := -1
	for i, s := range *list {
		if s.r == r {
			(*list)[i].used = time.Now()
			return s.code, true
		}
		if oldest < 0 || s.used.Before((*list)[oldest].used) {
			oldest = i
		}
	}
	free, all := len(x.keymap.spare), len(x.keymap.spare)+len(*list)
	if all == 0 {
		return 0, false
	}
	if free <= all/2 {
		time.Sleep(time.Until(x.spares.last.Add(spareRest / time.Duration(max(1, all/2)))))
	}
	if free > 0 {
		*list = append(*list, spare{code: x.keymap.spare[free-1]})
		x.keymap.spare = x.keymap.spare[:free-1]
		oldest = len(*list) - 1
	}
	s := &(*list)[oldest]
	time.Sleep(time.Until(s.used.Add(spareRest)))
	s.r, s.used, x.spares.last = r, time.Now(), time.Now()
	x.watch.tell(grip{gripX11Spare, uint16(s.code)}, true)
	x.assign(s.code, symOf(r))
	if x.spares.timer == nil {
		x.spares.timer = time.AfterFunc(spareKeep, x.tidy)
	}
	return s.code, true
}

// assign gives a keycode one meaning on all levels; 0 takes it away.
func (x *x11) assign(code byte, sym uint32) {
	x.mine[code].Store(sym != 0)
	k := xproto.Keysym(sym)
	xproto.ChangeKeyboardMapping(x.conn.Conn, 1, xproto.Keycode(code), 2, []xproto.Keysym{k, k})
}

// tidy restores the keycodes that were not used for a while, and comes again for the others.
func (x *x11) tidy() {
	x.enter()
	defer x.leave()
	if x.closed || x.spares.restore(x, spareKeep) != nil {
		return
	}
	if x.spares.timer = nil; len(x.spares.list) > 0 {
		x.spares.timer = time.AfterFunc(spareKeep, x.tidy)
	}
}

// restore takes the meaning from the keycodes that have not been used for age.
func (s *spares) restore(x *x11, age time.Duration) error {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.list = slices.DeleteFunc(s.list, func(p spare) bool {
		if time.Since(p.used) < age {
			return false
		}
		x.assign(p.code, 0)
		x.watch.tell(grip{gripX11Spare, uint16(p.code)}, false)
		x.stale.Store(true) // it is spare again
		return true
	})
	return x.alive()
}
