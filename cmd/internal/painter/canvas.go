//go:build linux

package painter

import (
	"image"

	"github.com/gen2brain/shm"
	"github.com/jezek/xgb"
	mitshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"

	"assist/media/frame"
)

// canvas is a window that shows a frame.
type canvas struct {
	frame  *frame.Frame // in memory that the display shares
	events chan event

	conn   *xgb.Conn
	window xproto.Window
	gc     xproto.Gcontext
	depth  byte
	seg    mitshm.Seg
	memory []byte
	gone   chan struct{}
}

func newCanvas(size image.Point) (*canvas, error) {
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, err
	}
	c := &canvas{conn: conn, events: make(chan event), gone: make(chan struct{})}
	if err = c.share(size); err == nil {
		err = c.open(size)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	go c.listen()
	return c, nil
}

// share makes the memory.
func (c *canvas) share(size image.Point) error {
	if err := mitshm.Init(c.conn); err != nil {
		return err
	}
	bytes := size.X * size.Y * frame.BytesPerPixel
	id, err := shm.Get(shm.IPC_PRIVATE, bytes, shm.IPC_CREAT|0o600)
	if err != nil {
		return err
	}
	defer shm.Rm(id)
	if c.memory, err = shm.At(id, 0, 0); err != nil {
		return err
	}
	c.frame = &frame.Frame{Pix: c.memory[:bytes], Stride: size.X * frame.BytesPerPixel, Rect: image.Rectangle{Max: size}}
	if c.seg, err = mitshm.NewSegId(c.conn); err != nil {
		return err
	}
	return mitshm.AttachChecked(c.conn, c.seg, uint32(id), false).Check()
}

// open shows the window, beneath all others and out of reach of a window manager.
func (c *canvas) open(size image.Point) (err error) {
	screen := xproto.Setup(c.conn).DefaultScreen(c.conn)
	c.depth = screen.RootDepth
	if c.window, err = xproto.NewWindowId(c.conn); err != nil {
		return err
	}
	err = xproto.CreateWindowChecked(c.conn, c.depth, c.window, screen.Root, 0, 0, uint16(size.X), uint16(size.Y), 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwOverrideRedirect|xproto.CwEventMask,
		[]uint32{1, xproto.EventMaskKeyPress | xproto.EventMaskExposure}).Check()
	if err != nil {
		return err
	}
	if c.gc, err = xproto.NewGcontextId(c.conn); err != nil {
		return err
	}
	if err := xproto.CreateGCChecked(c.conn, c.gc, xproto.Drawable(c.window), 0, nil).Check(); err != nil {
		return err
	}
	if err := xproto.MapWindowChecked(c.conn, c.window).Check(); err != nil {
		return err
	}
	return xproto.ConfigureWindowChecked(c.conn, c.window, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeBelow}).Check()
}

// focus takes the keyboard.
func (c *canvas) focus() error {
	return xproto.SetInputFocusChecked(c.conn, xproto.InputFocusPointerRoot, c.window, xproto.TimeCurrentTime).Check()
}

// event is what the window was told: of a key, or that something which was in front of a part of it has gone.
type event struct {
	key     bool
	exposed image.Rectangle
}

// listen passes events on.
func (c *canvas) listen() {
	defer close(c.events)
	for {
		ev, err := c.conn.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		var told event
		switch ev := ev.(type) {
		case xproto.KeyPressEvent:
			told.key = true
		case xproto.ExposeEvent:
			x, y := int(ev.X), int(ev.Y)
			told.exposed = image.Rect(x, y, x+int(ev.Width), y+int(ev.Height))
		default:
			continue
		}
		select {
		case c.events <- told:
		case <-c.gone:
			return
		}
	}
}

// put brings parts of the frame to the screen, in order, and waits until they are there: the frame may be painted
// again then.
func (c *canvas) put(parts ...image.Rectangle) error {
	size := c.frame.Rect.Size()
	for _, r := range parts {
		mitshm.PutImage(c.conn, xproto.Drawable(c.window), c.gc, uint16(size.X), uint16(size.Y), uint16(r.Min.X), uint16(r.Min.Y),
			uint16(r.Dx()), uint16(r.Dy()), int16(r.Min.X), int16(r.Min.Y), c.depth, xproto.ImageFormatZPixmap, 0, c.seg, 0)
	}
	_, err := xproto.GetInputFocus(c.conn).Reply()
	return err
}

func (c *canvas) close() {
	close(c.gone)
	c.conn.Close()
	shm.Dt(c.memory)
}
