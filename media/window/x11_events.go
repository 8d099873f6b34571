//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"encoding/binary"
	"image"

	"github.com/jezek/xgb/xproto"
)

// onEvent keeps the list up to date. It runs on the connection's reading goroutine. Layouts of events: X11 protocol,
// appendix B.
func (f *x11) onEvent(e []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := xproto.Window(binary.LittleEndian.Uint32(e[4:])) // whose event it is
	w := xproto.Window(binary.LittleEndian.Uint32(e[8:]))
	switch e[0] { // events that other programs made up have the highest bit set, and are not listened to
	case xproto.PropertyNotify:
		if xproto.Atom(w) == f.pid {
			f.named(at)
		}
		return
	case xproto.DestroyNotify:
		f.gone(w)
	case f.newShape:
		f.change(at, func(t *top) { t.stale = true })
		return
	}
	if at != f.root {
		return
	}
	switch e[0] {
	case xproto.CreateNotify:
		f.tops[w] = &top{rect: place(e[12:], e[16:], e[20:]), stale: true}
	case xproto.DestroyNotify:
		delete(f.tops, w)
	case xproto.MapNotify:
		f.change(w, func(t *top) { t.mapped, t.stale = true, t.stale || !t.own })
	case xproto.UnmapNotify:
		f.change(w, func(t *top) { t.mapped = false })
	case xproto.ConfigureNotify:
		f.change(w, func(t *top) { t.rect = place(e[16:], e[20:], e[24:]) })
	case xproto.GravityNotify:
		f.change(w, func(t *top) { t.rect = t.rect.Sub(t.rect.Min).Add(point(e[12:])) })
	case xproto.ReparentNotify:
		f.reparented(w, xproto.Window(binary.LittleEndian.Uint32(e[12:])))
	}
}

// change changes what is known of a child of the root.
func (f *x11) change(w xproto.Window, do func(*top)) {
	if t := f.tops[w]; t != nil {
		t.changes++
		do(t)
	}
}

// reparented notes that a window became a child of the root, or of a decoration.
func (f *x11) reparented(w, parent xproto.Window) {
	if parent == f.root {
		f.tops[w] = &top{stale: true, mapped: true}
		return
	}
	delete(f.tops, w)
	if f.tops[parent] == nil { // further inside a decoration, and there is no telling which
		f.allStale()
	}
	f.change(parent, func(t *top) { t.stale = true })
}

// named notes that a window says another process than before.
func (f *x11) named(w xproto.Window) {
	if t := f.tops[w]; t != nil {
		t.changes++
		t.stale = true
		return
	}
	f.allStale() // somewhere inside one
}

// gone notes that a window is no more. One that said which connection is ours takes that knowledge with it: the
// connection may have ended, and its numbers may go to another program.
func (f *x11) gone(w xproto.Window) {
	client := uint32(w) & f.base
	if teacher, ok := f.clients[client]; ok && teacher == w {
		delete(f.clients, client)
		f.allStale()
	}
}

func (f *x11) allStale() {
	for _, t := range f.tops {
		t.changes++
		t.stale = true
	}
}

// place reads a window's place with its border.
func place(at, size, border []byte) image.Rectangle {
	b := 2 * int(binary.LittleEndian.Uint16(border))
	w, h := int(binary.LittleEndian.Uint16(size)), int(binary.LittleEndian.Uint16(size[2:]))
	return image.Rect(0, 0, w+b, h+b).Add(point(at))
}

func point(b []byte) image.Point {
	return image.Pt(int(int16(binary.LittleEndian.Uint16(b))), int(int16(binary.LittleEndian.Uint16(b[2:]))))
}
