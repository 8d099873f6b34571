package hotkey

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

func init() { grab = grabX11 }

// answerLimit is how long the X server may take to answer before the key is taken.
const answerLimit = 2 * time.Second

// maxKeycode is the highest of the core protocol.
const maxKeycode = 255

// x11Grab is an X connection that does nothing else. It hears of the key in two ways:
//
//   - a passive grab on the root window, so that the key goes nowhere else. It does not work while another program has
//     grabbed the keyboard, as every open menu does, nor where another program has such a grab;
//   - raw events, which are only listened to, and come all the same.
//
// The server gives both events of one press the same time.
type x11Grab struct {
	conn    *xconn.Conn
	fn      func()
	raws    atomic.Pointer[xconn.Raws]
	presses presses
	pressed chan struct{} // each holds one token
	mapped  chan struct{}
	done    chan struct{}
	wg      sync.WaitGroup

	keys x11Keys // belongs to follow, once it runs
}

func grabX11(ctx context.Context, _ Key, fn func()) (io.Closer, error) {
	g := &x11Grab{fn: fn, pressed: make(chan struct{}, 1), mapped: make(chan struct{}, 1), done: make(chan struct{})}
	g.raws.Store(&xconn.Raws{})
	conn, err := xconn.Dial("", g.event)
	if errors.Is(err, xconn.ErrNoDisplay) {
		return nil, fmt.Errorf("%w: no X display", ErrUnsupported)
	}
	if err != nil {
		return nil, fmt.Errorf("hotkey: X display: %w", err)
	}
	g.conn = conn
	if err := g.start(); err != nil {
		conn.Close()
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	g.wg.Go(g.follow)
	go g.run(ctx)
	return closer(func() error {
		stop()
		<-g.done
		return nil
	}), nil
}

// start takes the key in every way there is. One is enough.
func (g *x11Grab) start() error {
	limit := time.AfterFunc(answerLimit, g.conn.Close)
	defer limit.Stop()
	if g.conn.Xwayland() {
		return fmt.Errorf("%w: a Wayland session, whose other windows have the key for themselves", ErrUnsupported)
	}
	raws, heard, err := g.conn.SelectRaw(xconn.AllDevices, xconn.RawKeyPress)
	if err != nil {
		return fmt.Errorf("hotkey: raw events: %w", err)
	}
	g.raws.Store(&raws)
	g.keys = x11Keys{conn: g.conn}
	err = g.learn()
	if heard && errors.Is(err, ErrTaken) {
		return nil
	}
	return err
}

// learn takes the keys that are the one at the moment.
func (g *x11Grab) learn() error {
	change := g.presses.changed()
	codes, locks, err := g.keys.lookUp()
	if err != nil {
		return fmt.Errorf("hotkey: keymap: %w", err)
	}
	if g.presses.learn(change, codes) {
		wake(g.pressed)
	}
	if len(codes) == 0 {
		return fmt.Errorf("%w: the keyboard has no Pause key", ErrUnsupported)
	}
	return g.keys.grab(codes, locks)
}

// event takes what the server says: X11 protocol, "Event Format". It must not wait.
func (g *x11Grab) event(e []byte) {
	switch e[0] & 0x7f {
	case xproto.KeyPress:
		if g.presses.grabbed(xproto.Keycode(e[1]), xproto.Timestamp(binary.LittleEndian.Uint32(e[4:]))) {
			wake(g.pressed)
		}
	case xproto.MappingNotify:
		if e[4] != xproto.MappingPointer {
			g.presses.change()
			wake(g.mapped)
		}
	default:
		r, ok := g.raws.Load().Read(e)
		if ok && r.Kind == xconn.RawKeyPress && r.Detail <= maxKeycode && g.presses.heard(xproto.Keycode(r.Detail), r.Time, r.Device) {
			wake(g.pressed)
		}
	}
}

// wake leaves a token.
func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run calls fn until ctx or the connection ends. It asks the server nothing, which another program may hold.
func (g *x11Grab) run(ctx context.Context) {
	defer close(g.done)
	defer g.wg.Wait()
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
		}
	}
}

// follow follows the keyboard's mapping, for as long as the server takes to tell it, until the connection ends.
func (g *x11Grab) follow() {
	for {
		select {
		case <-g.conn.Done():
			return
		case <-g.mapped:
			g.learn() // a key that another program has meanwhile stays with it
		}
	}
}
