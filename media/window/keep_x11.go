//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// Properties and messages: Extended Window Manager Hints 1.5 and ICCCM 2.0; the opacity is what composite managers read.
var keeperAtoms = []string{
	"WM_STATE", "_NET_WM_STATE", "_NET_WM_STATE_ABOVE", "_NET_WM_STATE_STICKY", "_NET_WM_STATE_BELOW", "_NET_WM_STATE_SHADED",
	"_NET_WM_STATE_HIDDEN", "_NET_WM_DESKTOP", "_NET_WM_USER_TIME", "_NET_WM_WINDOW_OPACITY",
	"_NET_ACTIVE_WINDOW",
}

// x11Keeper keeps a window on a connection of its own, so that it works while the window's own program hangs.
type x11Keeper struct {
	f      *finder
	conn   *xconn.Conn
	root   xproto.Window
	w      xproto.Window
	atoms  map[string]xproto.Atom
	shapes bool
	randr  bool
	news   chan struct{}

	monitors []image.Rectangle
	first    image.Point // how big it was at first
	path     []step
	good     image.Rectangle // where it was last when nothing was the matter
}

// Keep implements Finder.
func (f *finder) Keep(ctx context.Context, w uintptr, k Keeping) error {
	if k.Log == nil {
		k.Log = slog.New(slog.DiscardHandler)
	}
	keeper := &x11Keeper{f: f, w: xproto.Window(w)}
	var away time.Time // since when the server cannot be reached
	for {
		err := keeper.serve(ctx, k)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrGone):
			k.Lost(OutOfSight)
			return ErrGone
		case errors.Is(err, errUnmarked):
			k.Lost(Unmarked)
		case errors.Is(err, ErrUnsupported):
			if away.IsZero() {
				away = time.Now()
			} else if time.Since(away) >= unknownWait {
				k.Lost(OutOfSight)
			}
		default: // the connection was closed
			away = time.Time{}
		}
		k.Log.Warn("keeping a window begins anew", "error", err)
		if !pause(ctx, redialRest) {
			return nil
		}
	}
}

// errUnmarked says that the finder does not know any more.
var errUnmarked = errors.New("window: own windows unknown")

// serve keeps the window on one connection.
func (k *x11Keeper) serve(ctx context.Context, how Keeping) error {
	k.news = make(chan struct{}, 1)
	var err error
	if k.conn, err = xconn.Dial("", func([]byte) { k.tell() }); err != nil {
		return unsupported(err)
	}
	defer k.conn.Close()
	defer context.AfterFunc(ctx, k.conn.Close)()
	ended := make(chan struct{})
	defer close(ended)
	go func() { // a connection that is lost is news
		select {
		case <-k.conn.Done():
			k.tell()
		case <-ended:
		}
	}()
	if err := k.start(); err != nil {
		return err
	}
	return hold(ctx, k, k.news, how)
}

// tell notes that something happened.
func (k *x11Keeper) tell() {
	select {
	case k.news <- struct{}{}:
	default:
	}
}

// start asks for news, and has the window stay on all desktops and above others.
func (k *x11Keeper) start() error {
	c := k.conn.Conn
	k.root = k.conn.Screen.Root
	k.atoms = map[string]xproto.Atom{}
	for _, name := range keeperAtoms {
		a, err := xproto.InternAtom(c, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		k.atoms[name] = a.Atom
	}
	if err := k.useExtensions(); err != nil {
		return err
	}
	err := xproto.ChangeWindowAttributesChecked(c, k.root, xproto.CwEventMask,
		[]uint32{xproto.EventMaskSubstructureNotify | xproto.EventMaskStructureNotify}).Check()
	if err != nil {
		return err
	}
	err = xproto.ChangeWindowAttributesChecked(c, k.w, xproto.CwEventMask,
		[]uint32{xproto.EventMaskStructureNotify | xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return k.gone(err)
	}
	if k.shapes {
		shape.SelectInput(c, k.w, true)
	}
	k.wish()
	return nil
}

func (k *x11Keeper) useExtensions() error {
	_, found, err := k.conn.Use("SHAPE")
	if err != nil {
		return err
	}
	if k.shapes = found; found {
		v, err := shape.QueryVersion(k.conn.Conn).Reply()
		if err != nil {
			return err
		}
		k.shapes = v.MajorVersion > 1 || v.MinorVersion >= 1
	}
	_, found, err = k.conn.Use("RANDR")
	if err != nil || !found {
		return err
	}
	v, err := randr.QueryVersion(k.conn.Conn, 1, 5).Reply()
	if k.randr = err == nil && (v.MajorVersion > 1 || v.MinorVersion >= 5); k.randr {
		randr.SelectInput(k.conn.Conn, k.root, randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange|randr.NotifyMaskOutputChange)
	}
	return err
}

// errShifted says that a window that the kept one was in has gone: it is in another one now.
var errShifted = errors.New("window: it has been put into another one")

// gone is why the server had no answer about the window or one that it is in: ErrGone, errShifted, or what ended the connection.
func (k *x11Keeper) gone(err error) error {
	if _, there := xproto.GetWindowAttributes(k.conn.Conn, k.w).Reply(); there == nil {
		return errShifted
	}
	if _, alive := xproto.GetInputFocus(k.conn.Conn).Reply(); alive != nil {
		return err
	}
	return ErrGone
}
