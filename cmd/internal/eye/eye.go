//go:build linux

// Package eye looks at an X display: it wakes up when something was painted there, takes pictures of parts of it, and
// follows the numbers that package marker puts there.
//
// It sees what anybody sees who sits before the display, and nothing else: no program tells it anything. It does not
// judge what it sees.
package eye

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/gen2brain/shm"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	mitshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"assist/media/frame"
)

// ErrClosed says that the display has gone.
var ErrClosed = errors.New("eye: the display has gone")

// Eye looks at one display. It is not safe for concurrent use.
type Eye struct {
	// Bounds are the display's.
	Bounds image.Rectangle

	conn   *xgb.Conn
	root   xproto.Drawable
	seg    mitshm.Seg
	memory []byte
	damage damage.Damage
	woke   chan struct{}
	gone   chan struct{}
}

// New makes an eye from a connection, which is the eye's from now on. Make all eyes of a program before the first one
// opens: xgb does not bear an extension being made known while another connection reads events.
func New(conn *xgb.Conn) (*Eye, error) {
	e := &Eye{conn: conn, woke: make(chan struct{}, 1), gone: make(chan struct{})}
	if err := e.start(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("eye: %w", err)
	}
	return e, nil
}

func (e *Eye) start() error {
	for _, init := range []func(*xgb.Conn) error{mitshm.Init, xfixes.Init, damage.Init} {
		if err := init(e.conn); err != nil {
			return err
		}
	}
	if _, err := xfixes.QueryVersion(e.conn, 5, 0).Reply(); err != nil {
		return err
	}
	if _, err := damage.QueryVersion(e.conn, 1, 1).Reply(); err != nil {
		return err
	}
	screen := xproto.Setup(e.conn).DefaultScreen(e.conn)
	e.root = xproto.Drawable(screen.Root)
	e.Bounds = image.Rect(0, 0, int(screen.WidthInPixels), int(screen.HeightInPixels))
	return e.attach(e.Bounds.Dx() * e.Bounds.Dy() * frame.BytesPerPixel)
}

// attach makes the memory that pictures are taken into.
func (e *Eye) attach(size int) error {
	id, err := shm.Get(shm.IPC_PRIVATE, size, shm.IPC_CREAT|0o600)
	if err != nil {
		return err
	}
	defer shm.Rm(id) // it goes when both ends have let go of it
	if e.memory, err = shm.At(id, 0, 0); err != nil {
		return err
	}
	if e.seg, err = mitshm.NewSegId(e.conn); err != nil {
		return err
	}
	return mitshm.AttachChecked(e.conn, e.seg, uint32(id), false).Check()
}

// Open begins to watch: from now on Wait returns when something was painted.
func (e *Eye) Open() (err error) {
	if e.damage, err = damage.NewDamageId(e.conn); err != nil {
		return fmt.Errorf("eye: %w", err)
	}
	if err := damage.CreateChecked(e.conn, e.damage, e.root, damage.ReportLevelNonEmpty).Check(); err != nil {
		return fmt.Errorf("eye: %w", err)
	}
	go func() {
		defer close(e.gone)
		for {
			ev, err := e.conn.WaitForEvent()
			if ev == nil && err == nil {
				return
			}
			if _, ok := ev.(damage.NotifyEvent); ok {
				select {
				case e.woke <- struct{}{}:
				default:
				}
			}
		}
	}()
	return nil
}

// Wait waits until something was painted since the last Wait. What is painted before the next Look begins may not wake again: that
// Look shows it.
func (e *Eye) Wait(ctx context.Context) error {
	select {
	case <-e.woke:
		damage.Subtract(e.conn, e.damage, 0, 0) // before the next picture: what is painted after it wakes again
		return nil
	case <-e.gone:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Changed reports whether something was painted since the last Wait, or the last Changed that said so.
func (e *Eye) Changed() bool {
	select {
	case <-e.woke:
		damage.Subtract(e.conn, e.damage, 0, 0)
		return true
	default:
		return false
	}
}

// Look takes pictures of parts of the display, at nearly one moment. They are valid until the next Look, have the
// coordinates of the display, and hold together no more pixels than it.
func (e *Eye) Look(parts ...image.Rectangle) ([]*frame.Frame, error) {
	shots := make([]*frame.Frame, len(parts))
	cookies := make([]mitshm.GetImageCookie, len(parts))
	offset := 0
	for i, r := range parts {
		size := r.Dx() * r.Dy() * frame.BytesPerPixel
		if !r.In(e.Bounds) || r.Empty() || offset+size > len(e.memory) {
			return nil, fmt.Errorf("eye: no picture of %v of %v", r, e.Bounds)
		}
		cookies[i] = mitshm.GetImage(e.conn, e.root, int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()),
			0xffffffff, xproto.ImageFormatZPixmap, e.seg, uint32(offset))
		shots[i] = &frame.Frame{Pix: e.memory[offset : offset+size], Stride: r.Dx() * frame.BytesPerPixel, Rect: r}
		offset += size
	}
	var first error
	for _, c := range cookies {
		if _, err := c.Reply(); err != nil && first == nil {
			first = fmt.Errorf("eye: %w", err)
		}
	}
	return shots, first
}

// All takes a picture of the whole display.
func (e *Eye) All() (*frame.Frame, error) {
	shots, err := e.Look(e.Bounds)
	if err != nil {
		return nil, err
	}
	return shots[0], nil
}

// Close ends the connection.
func (e *Eye) Close() {
	e.conn.Close()
	if e.damage != 0 {
		<-e.gone
	}
	if e.memory != nil {
		shm.Dt(e.memory)
		e.memory = nil
	}
}
