//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"fmt"
	"image"

	"github.com/gen2brain/shm"
	mitshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"

	"assist/media/frame"
	"assist/media/internal/xconn"
)

const allPlanes = 0xffffffff

// shooter takes pictures of parts of a screen: through memory that it shares with the server, or, when the
// server is on another machine, over the connection.
type shooter struct {
	conn   *xconn.Conn
	root   xproto.Drawable
	shared bool       // try shared memory
	seg    mitshm.Seg // 0 while nothing is attached
	memory []byte
}

func (s *shooter) start(c *xconn.Conn, root xproto.Drawable) {
	s.conn, s.root = c, root
	if _, found, err := c.Use("MIT-SHM"); err == nil && found {
		_, err := mitshm.QueryVersion(c.Conn).Reply()
		s.shared = err == nil
	}
}

// shoot takes pictures of parts of the screen, whose common size is less than that of all, at an origin.
func (s *shooter) shoot(parts []image.Rectangle, all image.Rectangle) ([]*frame.Frame, error) {
	if s.shared {
		if err := s.grow(all.Dx() * all.Dy() * frame.BytesPerPixel); err != nil {
			s.shared = false // a server elsewhere: it will not work next time either
		}
	}
	if !s.shared {
		return s.fetch(parts, all.Min)
	}
	var shots []*frame.Frame
	var cookies []mitshm.GetImageCookie
	offset := 0
	for _, r := range parts {
		f := &frame.Frame{Pix: s.memory[offset:], Stride: r.Dx() * frame.BytesPerPixel, Rect: r}
		at := r.Add(all.Min)
		cookies = append(cookies, mitshm.GetImage(s.conn.Conn, s.root, int16(at.Min.X), int16(at.Min.Y),
			uint16(r.Dx()), uint16(r.Dy()), allPlanes, xproto.ImageFormatZPixmap, s.seg, uint32(offset)))
		offset += r.Dy() * f.Stride
		f.Pix = f.Pix[:r.Dy()*f.Stride]
		shots = append(shots, f)
	}
	var first error
	for _, c := range cookies {
		if _, err := c.Reply(); err != nil && first == nil {
			first = err
		}
	}
	return shots, first
}

// fetch is shoot without shared memory.
func (s *shooter) fetch(parts []image.Rectangle, origin image.Point) ([]*frame.Frame, error) {
	var shots []*frame.Frame
	for _, r := range parts {
		at := r.Add(origin)
		img, err := xproto.GetImage(s.conn.Conn, xproto.ImageFormatZPixmap, s.root, int16(at.Min.X), int16(at.Min.Y),
			uint16(r.Dx()), uint16(r.Dy()), allPlanes).Reply()
		if err != nil {
			return nil, err
		}
		stride := r.Dx() * frame.BytesPerPixel
		if len(img.Data) < r.Dy()*stride {
			return nil, fmt.Errorf("image of %d bytes", len(img.Data))
		}
		shots = append(shots, &frame.Frame{Pix: img.Data, Stride: stride, Rect: r})
	}
	return shots, nil
}

// grow makes sure that the shared memory has size bytes. The system's handle of it is removed as soon as both ends
// hold it, so nothing is left behind however the program ends.
func (s *shooter) grow(size int) error {
	if len(s.memory) >= size {
		return nil
	}
	if err := s.close(); err != nil {
		return err
	}
	id, err := shm.Get(shm.IPC_PRIVATE, size, shm.IPC_CREAT|0o600)
	if err != nil {
		return err
	}
	defer shm.Rm(id)
	memory, err := shm.At(id, 0, 0)
	if err != nil {
		return err
	}
	seg, err := mitshm.NewSegId(s.conn.Conn)
	if err == nil {
		err = mitshm.AttachChecked(s.conn.Conn, seg, uint32(id), false).Check()
	}
	if err != nil {
		shm.Dt(memory)
		return err
	}
	s.seg, s.memory = seg, memory
	return nil
}

// close gives the shared memory back. The server has let go of it when the connection has ended.
func (s *shooter) close() error {
	if s.memory == nil {
		return nil
	}
	mitshm.Detach(s.conn.Conn, s.seg)
	memory := s.memory
	s.seg, s.memory = 0, nil
	return shm.Dt(memory)
}

// grab implements picture.Grab for what is shown.
func (s *x11) grab(parts []image.Rectangle) ([]*frame.Frame, error) {
	return s.shots.shoot(parts, s.view.Shown.Bounds)
}
