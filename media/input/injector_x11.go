//go:build linux

package input

import (
	"errors"
	"fmt"
	"image"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"assist/media/internal/xconn"
)

func init() { openInjector = openLinux }

// openLinux prefers our own injector to the portable one.
func openLinux(o InjectorOptions) (Injector, error) {
	if o.Display == "" && os.Getenv("DISPLAY") == "" {
		if os.Getenv("WAYLAND_DISPLAY") != "" {
			return nil, errWayland
		}
		return nil, fmt.Errorf("%w: no X display", ErrUnsupported)
	}
	x, err := openX11(o)
	if err == nil {
		return x, nil
	}
	if errors.Is(err, ErrUnsupported) || openRobot == nil || o.Display != "" {
		return nil, err
	}
	r, err2 := openRobot(o)
	if err2 != nil {
		return nil, errors.Join(err, err2)
	}
	o.Log.Warn("input: portable injector", "err", err)
	return r, nil
}

// errWayland says why nothing can be injected: X programs reach only each other there.
var errWayland = fmt.Errorf("%w: a Wayland session, an X11 session is needed", ErrUnsupported)

// x11 injects by keycode with the XTEST extension. Requests are sent without waiting for the server.
type x11 struct {
	log      *slog.Logger
	watch    *Watchdog
	conn     *xconn.Conn
	displays Displays
	limit    *time.Timer      // ends a connection that does not answer; see enter
	stale    atomic.Bool      // the keymap has changed
	mine     [256]atomic.Bool // keycodes that were given a character here

	mu      sync.Mutex
	closed  bool
	codes   []byte // keycodes that are down, in order
	buttons Buttons
	at      image.Point // where the pointer should be
	placed  bool        // at is known
	trail   trail
	local   localHand
	keymap  *keymap
	spares  spares
}

var (
	_ Hand     = (*x11)(nil)
	_ releaser = (*x11)(nil)
)

func openX11(o InjectorOptions) (*x11, error) {
	x := &x11{log: o.Log, watch: o.Watch}
	x.stale.Store(true)
	conn, err := xconn.Dial(o.Display, x.event)
	if err != nil {
		return nil, fmt.Errorf("input: X display: %w", err)
	}
	x.conn = conn
	x.limit = time.AfterFunc(replyLimit, conn.Close)
	defer x.limit.Stop()
	if err := x.start(); err != nil {
		conn.Close()
		return nil, err
	}
	return x, nil
}

func (x *x11) start() error {
	if x.conn.Xwayland() {
		return errWayland
	}
	if _, found, err := x.conn.Use("XTEST"); err != nil || !found {
		return fmt.Errorf("%w: X server without XTEST", ErrUnsupported)
	}
	// Input must reach the system even while another program holds the server.
	return xtest.GrabControlChecked(x.conn.Conn, true).Check()
}

// event takes what the server says: X11 protocol, "Event Format", MappingNotify.
func (x *x11) event(e []byte) {
	const requestAt, firstAt, countAt = 4, 5, 6
	if e[0]&0x7f != xproto.MappingNotify || e[requestAt] == xproto.MappingPointer {
		return
	}
	if e[countAt] != 1 || !x.mine[e[firstAt]].Load() {
		x.stale.Store(true)
	}
}

// enter begins a method. If it then waits for the server for longer than replyLimit, the connection ends.
func (x *x11) enter() {
	x.mu.Lock()
	x.limit.Reset(replyLimit)
}

// leave ends it.
func (x *x11) leave() {
	x.limit.Stop()
	x.mu.Unlock()
}

// alive returns an error once the connection has ended. Requests into it are lost without one.
func (x *x11) alive() error {
	if x.closed {
		return ErrClosed
	}
	select {
	case <-x.conn.Done():
		return fmt.Errorf("%w: the X server is gone", ErrClosed)
	default:
		return nil
	}
}

func (x *x11) fake(kind, detail byte, at image.Point) error {
	xtest.FakeInput(x.conn.Conn, kind, detail, 0, x.conn.Screen.Root, int16(at.X), int16(at.Y), 0)
	return x.alive()
}

// SetDisplays implements Injector.
func (x *x11) SetDisplays(bounds []image.Rectangle) { x.displays.Set(bounds) }

// Key implements Sink. A key that this keyboard numbering lacks is dropped.
func (x *x11) Key(k Key) error {
	x.enter()
	defer x.leave()
	code, ok := usageKeycode[k.Usage]
	if !ok || slices.Contains(x.codes, code) == k.Down {
		return x.alive()
	}
	if !k.Down {
		x.codes = slices.DeleteFunc(x.codes, func(c byte) bool { return c == code })
		return x.press(code, false)
	}
	x.codes = append(x.codes, code)
	return x.press(code, true)
}

// press moves a key and tells the watchdog: before it goes down and after it went up.
func (x *x11) press(code byte, down bool) error {
	if err := x.alive(); err != nil {
		return err
	}
	g := grip{gripX11Key, uint16(code)}
	if down {
		x.watch.tell(g, true)
		return x.fake(xproto.KeyPress, code, image.Point{})
	}
	defer x.watch.tell(g, false)
	x.trail.ups[code] = time.Now()
	return x.fake(xproto.KeyRelease, code, image.Point{})
}

// x11Buttons are the numbers of the buttons in the order of Buttons' bits.
var x11Buttons = [...]byte{1, 3, 2, 8, 9}

// The buttons that are notches of the wheel.
const (
	wheelUp    = 4
	wheelDown  = 5
	wheelLeft  = 6
	wheelRight = 7
)

// Pointer implements Sink.
func (x *x11) Pointer(p Pointer) error {
	x.enter()
	defer x.leave()
	if err := x.alive(); err != nil {
		return err
	}
	if !p.Stay {
		at, ok := x.displays.Place(p)
		if ok {
			if x.placed && at != x.at {
				x.trail.leave(x.at)
			}
			x.at, x.placed = at, true
			if err := x.fake(xproto.MotionNotify, 0, at); err != nil {
				return err
			}
		} else { // nowhere: release only
			p.Buttons &= x.buttons
			p.WheelX, p.WheelY = 0, 0
		}
	}
	return errors.Join(x.setButtons(p.Buttons),
		x.turn(p.WheelY, wheelUp, wheelDown), x.turn(p.WheelX, wheelLeft, wheelRight))
}

// setButtons makes the buttons in b the ones that are down: first those going up.
func (x *x11) setButtons(b Buttons) error {
	var errs []error
	for _, down := range []bool{false, true} {
		for i, n := range x11Buttons {
			bit := Buttons(1) << i
			if (b^x.buttons)&bit == 0 || (b&bit != 0) != down {
				continue
			}
			x.buttons ^= bit
			errs = append(errs, x.click(n, down))
		}
	}
	return errors.Join(errs...)
}

func (x *x11) click(n byte, down bool) error {
	g := grip{gripX11Button, uint16(n)}
	if down {
		x.watch.tell(g, true)
		return x.fake(xproto.ButtonPress, n, image.Point{})
	}
	defer x.watch.tell(g, false)
	x.trail.button = time.Now()
	return x.fake(xproto.ButtonRelease, n, image.Point{})
}

func (x *x11) turn(notches int8, back, on byte) error {
	n, button := int(notches), on
	if n < 0 {
		n, button = -n, back
	}
	for range n {
		x.trail.button = time.Now()
		x.fake(xproto.ButtonPress, button, image.Point{})
		if err := x.fake(xproto.ButtonRelease, button, image.Point{}); err != nil {
			return err
		}
	}
	return nil
}

// Close implements Injector.
func (x *x11) Close() error {
	x.enter()
	defer x.leave()
	if x.closed {
		return nil
	}
	err := x.releaseAll()
	x.closed = true
	x.conn.Close()
	return err
}

// releaseAll lets everything go and waits until the server has done it.
func (x *x11) releaseAll() error {
	var errs []error
	for _, code := range slices.Backward(x.codes) {
		errs = append(errs, x.press(code, false))
	}
	x.codes = nil
	errs = append(errs, x.setButtons(0), x.spares.restore(x, 0))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	x.conn.Sync()
	return x.alive()
}

// undo implements releaser.
func (x *x11) undo(left []grip) error {
	x.enter()
	defer x.leave()
	for _, g := range slices.Backward(left) {
		if g.code > 255 {
			continue
		}
		code := byte(g.code)
		switch g.kind {
		case gripX11Key:
			x.fake(xproto.KeyRelease, code, image.Point{})
		case gripX11Button:
			x.fake(xproto.ButtonRelease, code, image.Point{})
		case gripX11Spare:
			x.assign(code, 0)
		}
	}
	x.conn.Sync()
	return x.alive()
}
