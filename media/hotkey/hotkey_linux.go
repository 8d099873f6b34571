package hotkey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

func init() { grab = grabX11 }

// Keysyms from X11/keysymdef.h.
const (
	symPause      = 0xff13
	symBreak      = 0xff6b
	symNumLock    = 0xff7f
	symScrollLock = 0xff14
)

// answerLimit is how long the X server may take to answer. After it the grab gives up.
const answerLimit = 2 * time.Second

// x11Grab is a passive grab on the root window of an X connection that does nothing else.
type x11Grab struct {
	conn    *xconn.Conn
	fn      func()
	pressed chan struct{} // each holds one token
	mapped  chan struct{}
	done    chan struct{}
	codes   []xproto.Keycode // what is grabbed; codes and locks belong to run, once it runs
	locks   []uint16
}

func grabX11(ctx context.Context, _ Key, fn func()) (io.Closer, error) {
	g := &x11Grab{fn: fn, pressed: make(chan struct{}, 1), mapped: make(chan struct{}, 1), done: make(chan struct{})}
	conn, err := xconn.Dial("", g.event)
	if errors.Is(err, xconn.ErrNoDisplay) {
		return nil, fmt.Errorf("%w: no X display", ErrUnsupported)
	}
	if err != nil {
		return nil, fmt.Errorf("hotkey: X display: %w", err)
	}
	g.conn = conn
	if err := g.grab(); err != nil {
		conn.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	go g.run(ctx)
	return closer(func() error {
		stop()
		<-g.done
		return nil
	}), nil
}

// event takes what the server says: X11 protocol, "Event Format". It must not wait.
func (g *x11Grab) event(e []byte) {
	token := g.pressed
	switch e[0] & 0x7f {
	case xproto.KeyPress:
	case xproto.MappingNotify:
		token = g.mapped
	default:
		return
	}
	select {
	case token <- struct{}{}:
	default:
	}
}

// run calls fn until ctx or the connection ends.
func (g *x11Grab) run(ctx context.Context) {
	defer close(g.done)
	defer g.conn.Close()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-g.conn.Done():
			return
		case <-g.pressed:
			if ctx.Err() == nil {
				g.fn()
			}
		case <-g.mapped:
			g.grab() // a key that another program has meanwhile stays with it
		}
	}
}

// grab takes the keycodes that are the key at the moment and gives back the others.
func (g *x11Grab) grab() error {
	limit := time.AfterFunc(answerLimit, g.conn.Close)
	defer limit.Stop()
	codes, locks, err := g.lookUp()
	if err != nil {
		return fmt.Errorf("hotkey: keymap: %w", err)
	}
	if len(codes) == 0 {
		return fmt.Errorf("%w: the keyboard has no Pause key", ErrUnsupported)
	}
	if slices.Equal(codes, g.codes) && slices.Equal(locks, g.locks) {
		return nil
	}
	for _, code := range g.codes {
		xproto.UngrabKey(g.conn.Conn, code, g.conn.Screen.Root, xproto.ModMaskAny)
	}
	g.codes, g.locks = codes, locks
	for _, code := range codes {
		if g.takeAny(code) {
			continue
		}
		if err := g.take(code, 0, locks); err != nil {
			return err
		}
		if err := g.take(code, xproto.ModMaskControl, locks); err != nil && !errors.Is(err, ErrTaken) {
			return err
		}
	}
	return nil
}

// takeAny grabs code under every modifier there is: whoever holds Shift or Alt from afar must not keep the key from working.
// Where another program has one combination, the others are still taken as far as they are free; it reports false then,
// and those that matter are left to take.
func (g *x11Grab) takeAny(code xproto.Keycode) bool {
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
func (g *x11Grab) take(code xproto.Keycode, mods uint16, locks []uint16) error {
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
func (g *x11Grab) lookUp() (codes []xproto.Keycode, locks []uint16, err error) {
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
