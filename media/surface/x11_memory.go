//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"crypto/rand"
	"errors"
	"image"

	"github.com/gen2brain/shm"
	mitshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"

	"assist/media/frame"
)

// memory is what the server reads pixels from.
type memory struct {
	seg   mitshm.Seg
	bytes []byte
}

// grow makes sure that there are size bytes. The system's handle is removed as soon as both ends hold the memory, so nothing is
// left behind however the program ends.
func (m *memory) grow(w *window, size int) error {
	if len(m.bytes) >= size {
		return nil
	}
	m.close(w)
	id, err := shm.Get(shm.IPC_PRIVATE, size, shm.IPC_CREAT|0o600)
	if err != nil {
		return err
	}
	defer shm.Rm(id)
	bytes, err := shm.At(id, 0, 0)
	if err != nil {
		return err
	}
	seg, err := mitshm.NewSegId(w.conn.Conn)
	if err == nil {
		err = mitshm.AttachChecked(w.conn.Conn, seg, uint32(id), true).Check()
	}
	if err != nil {
		shm.Dt(bytes)
		return err
	}
	m.seg, m.bytes = seg, bytes
	return nil
}

// close gives the memory back; without a window the connection has ended, and the server has let go of it.
func (m *memory) close(w *window) {
	if m.bytes == nil {
		return
	}
	if w != nil {
		mitshm.Detach(w.conn.Conn, m.seg)
	}
	shm.Dt(m.bytes)
	m.seg, m.bytes = 0, nil
}

// try sends pixels to the server and fetches them back: a server on another machine may have memory of the same
// number, and not see ours.
func (m *memory) try(w *window) error {
	const side = 4
	if err := m.grow(w, side*side*frame.BytesPerPixel); err != nil {
		return err
	}
	c := w.conn.Conn
	rand.Read(m.bytes[:side*side*frame.BytesPerPixel])
	pixmap, err := xproto.NewPixmapId(c)
	if err != nil {
		return err
	}
	if err := xproto.CreatePixmapChecked(c, w.depth, pixmap, xproto.Drawable(w.id), side, side).Check(); err != nil {
		return err
	}
	defer xproto.FreePixmap(c, pixmap)
	err = mitshm.PutImageChecked(c, xproto.Drawable(pixmap), w.gc, side, side, 0, 0, side, side, 0, 0, w.depth,
		xproto.ImageFormatZPixmap, 0, m.seg, 0).Check()
	if err != nil {
		return err
	}
	back, err := xproto.GetImage(c, xproto.ImageFormatZPixmap, xproto.Drawable(pixmap), 0, 0, side, side, 0xffffffff).Reply()
	if err != nil {
		return err
	}
	if n := side * side * frame.BytesPerPixel; len(back.Data) < n || !frame.SameColours(m.bytes[:n], back.Data[:n]) {
		return errors.New("the server does not see it")
	}
	return nil
}

// put draws parts of the drawing, which lie in the window and have no more pixels together than that.
func (x *x11) put(parts []image.Rectangle) {
	seen := x.is.window.Sub(x.is.picture.Min)
	if err := x.memory.grow(&x.window, seen.Dx()*seen.Dy()*frame.BytesPerPixel); err != nil {
		x.log.Warn("no memory for the native picture", "error", err)
		x.conn.Close()
		return
	}
	x.fill(parts)
	x.mu.Lock()
	x.news.flying = true
	x.mu.Unlock()
	offset, last := 0, len(parts)-1
	for i, r := range parts {
		size := r.Size()
		at := r.Min.Sub(seen.Min)
		report := byte(0)
		if i == last {
			report = 1
		}
		mitshm.PutImage(x.conn.Conn, xproto.Drawable(x.id), x.gc, uint16(size.X), uint16(size.Y), 0, 0, uint16(size.X), uint16(size.Y),
			int16(at.X), int16(at.Y), x.depth, xproto.ImageFormatZPixmap, report, x.memory.seg, uint32(offset))
		offset += size.X * size.Y * frame.BytesPerPixel
	}
}

// fill draws the parts into the memory, one after the other.
func (x *x11) fill(parts []image.Rectangle) {
	x.read(func(f *frame.Frame) {
		dst := x.memory.bytes
		for _, r := range parts {
			n := r.Dx() * r.Dy() * frame.BytesPerPixel
			if f == nil || f.Rect.Size() != x.is.size {
				clear(dst[:n]) // a picture of another size: the window's place follows
			} else {
				x.scale.draw(dst[:n], f, r)
			}
			dst = dst[n:]
		}
	})
	dst := x.memory.bytes
	for _, r := range parts {
		x.pointer.blend(dst, r)
		dst = dst[r.Dx()*r.Dy()*frame.BytesPerPixel:]
	}
}
