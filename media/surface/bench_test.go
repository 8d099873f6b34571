//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"image"
	"testing"

	"github.com/jezek/xgb/xproto"
)

// BenchmarkChangeToPixel is the time from a change of the picture to its last pixel on the display, as another program
// sees it, which asks all the time.
func BenchmarkChangeToPixel(b *testing.B) {
	for _, bb := range []struct {
		name string
		part image.Rectangle
		to   image.Point
	}{
		{"60x40", image.Rect(930, 520, 990, 560), image.Pt(1920, 1080)},
		{"1920x1080", image.Rect(0, 0, 1920, 1080), image.Pt(1920, 1080)},
		{"60x40,shrunk", image.Rect(930, 520, 990, 560), image.Pt(1267, 713)},
		{"1920x1080,shrunk", image.Rect(0, 0, 1920, 1080), image.Pt(1267, 713)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			d := newDesk(b, "-screen", "0", "2000x1200x24")
			c := d.Conn.Conn
			xproto.ConfigureWindow(c, d.window, xproto.ConfigWindowWidth|xproto.ConfigWindowHeight, []uint32{1980, 1150})
			d.paint(noise(1920, 1080, 1))
			r := image.Rectangle{Max: bb.to}
			d.Place(r, r, image.Pt(1920, 1080), nil)
			d.shows("the picture", drawAll(d.picture, bb.to))
			last := bb.part.Max.Sub(image.Pt(3, 3))
			at := image.Pt(last.X*bb.to.X/1920, last.Y*bb.to.Y/1080).Add(d.at)
			level := byte(0)
			for b.Loop() {
				level = ^level
				d.lock.Lock()
				d.picture.Fill(bb.part, level, level, level)
				d.lock.Unlock()
				d.Changed([]image.Rectangle{bb.part})
				for {
					m, err := xproto.GetImage(c, xproto.ImageFormatZPixmap, xproto.Drawable(d.Screen.Root),
						int16(at.X), int16(at.Y), 1, 1, 0xffffffff).Reply()
					if err != nil {
						b.Fatal(err)
					}
					if m.Data[0] == level {
						break
					}
				}
			}
		})
	}
}
