//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"encoding/binary"
	"image"

	"github.com/jezek/xgb/xproto"
)

// onEvent keeps the list up to date. It runs on the connection's reading goroutine. Layouts of events: X11 protocol,
// appendix B.
func (f *watch) onEvent(e []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := xproto.Window(binary.LittleEndian.Uint32(e[4:])) // whose event it is
	w := xproto.Window(binary.LittleEndian.Uint32(e[8:]))
	switch e[0] { // events that other programs made up have the highest bit set, and are not listened to
	case xproto.PropertyNotify:
		if xproto.Atom(w) == f.pid && f.others[at] {
			f.fresh[at] = true
		}
		return
	case xproto.DestroyNotify:
		delete(f.own, w)
		delete(f.others, w)
		delete(f.fresh, w)
		delete(f.tops, w)
		return
	case xproto.ReparentNotify:
		for _, o := range f.own {
			o.moved = true
		}
	}
	if at != f.root {
		return
	}
	switch e[0] {
	case xproto.CreateNotify:
		f.tops[w] = &top{rect: place(e[12:], e[16:], e[20:])}
		f.fresh[w] = true
	case xproto.MapNotify:
		f.change(w, func(t *top) { t.mapped = true })
	case xproto.UnmapNotify:
		f.change(w, func(t *top) { t.mapped = false })
	case xproto.ConfigureNotify:
		f.change(w, func(t *top) { t.rect = place(e[16:], e[20:], e[24:]) })
	case xproto.GravityNotify:
		f.change(w, func(t *top) { t.rect = t.rect.Sub(t.rect.Min).Add(point(e[12:])) })
	case xproto.ReparentNotify:
		delete(f.tops, w)
		if xproto.Window(binary.LittleEndian.Uint32(e[12:])) == f.root {
			f.tops[w] = &top{stale: true}
			if f.own[w] == nil {
				f.fresh[w] = true
			}
		}
	}
}

// change changes what is known of a child of the root.
func (f *watch) change(w xproto.Window, do func(*top)) {
	if t := f.tops[w]; t != nil {
		t.changes++
		do(t)
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
