package hotkey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

func init() { grab = grabX11 }

// Keysyms from X11/keysymdef.h.
const (
	symPause      = 0xff13
	symBreak      = 0xff6b
	symNumLock    = 0xff7f
	symScrollLock = 0xff14
)

// closeLimit is how long Close waits for an X server that stands still.
const closeLimit = 2 * time.Second

// x11Grab is a passive grab on the root window of an X connection that does nothing else.
type x11Grab struct {
	c    *xgb.Conn
	root xproto.Window
	fn   func()
	done chan struct{}

	mu    sync.Mutex
	codes []xproto.Keycode
	ended bool
}

func grabX11(ctx context.Context, _ Key, fn func()) (io.Closer, error) {
	if os.Getenv("DISPLAY") == "" {
		return nil, fmt.Errorf("%w: no X display", ErrUnsupported)
	}
	c, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("hotkey: X display: %w", err)
	}
	g := &x11Grab{c: c, root: xproto.Setup(c).DefaultScreen(c).Root, fn: fn, done: make(chan struct{})}
	go g.run()
	if err := g.grab(); err != nil {
		g.Close()
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { g.Close() })
	return closer(func() error { stop(); return g.Close() }), nil
}

// run takes what the server says until the connection ends.
func (g *x11Grab) run() {
	defer close(g.done)
	for {
		ev, err := g.c.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		switch ev := ev.(type) {
		case xproto.KeyPressEvent:
			if !g.closing() {
				g.fn()
			}
		case xproto.MappingNotifyEvent:
			if ev.Request != xproto.MappingPointer {
				go g.grab() // it waits for answers that run has to pass on; a key that is taken now stays lost
			}
		}
	}
}

func (g *x11Grab) closing() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// grab takes the keycodes that are the key at the moment and gives back the others.
func (g *x11Grab) grab() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return nil
	}
	codes, locks, err := g.lookUp()
	if err != nil {
		return fmt.Errorf("hotkey: keymap: %w", err)
	}
	if len(codes) == 0 {
		return fmt.Errorf("%w: the keyboard has no Pause key", ErrUnsupported)
	}
	if slices.Equal(codes, g.codes) {
		return nil
	}
	for _, code := range g.codes {
		xproto.UngrabKey(g.c, code, g.root, xproto.ModMaskAny)
	}
	g.codes = codes
	for _, code := range codes {
		if err := g.take(code, 0, locks); err != nil {
			return err
		}
		if err := g.take(code, xproto.ModMaskControl, locks); err != nil && !errors.Is(err, ErrTaken) {
			return err
		}
	}
	return nil
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
		err := xproto.GrabKeyChecked(g.c, false, g.root, m, code, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
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
	setup := xproto.Setup(g.c)
	first, last := setup.MinKeycode, setup.MaxKeycode
	mapping := xproto.GetKeyboardMapping(g.c, first, byte(last-first)+1)
	mods, err := xproto.GetModifierMapping(g.c).Reply()
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

// Close ends the connection, and the grabs with it.
func (g *x11Grab) Close() error {
	g.mu.Lock()
	ended := g.ended
	g.ended = true
	g.mu.Unlock()
	if !ended {
		go g.c.Close() // it waits for a server that may stand still
	}
	select {
	case <-g.done:
		return nil
	case <-time.After(closeLimit):
		return errors.New("hotkey: close: the X server does not answer")
	}
}
