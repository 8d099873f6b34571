package capture

import (
	"image"
	"strings"
)

// arrowShape is the pointer where the system does not tell its shape: X black, o white.
const arrowShape = `
X...........
XX..........
XoX.........
XooX........
XoooX.......
XooooX......
XoooooX.....
XooooooX....
XoooooooX...
XooooooooX..
XoooooooooX.
XooooooXXXXX
XoooXooX....
XooXXooX....
XoX..XooX...
XX...XooX...
X.....XooX..
......XooX..
.......XX...`

// arrow returns a plain pointer.
func arrow() *Cursor {
	rows := strings.Fields(arrowShape)
	c := &Cursor{Serial: 1, Size: image.Pt(len(rows[0]), len(rows))}
	for _, row := range rows {
		for _, p := range row {
			switch p {
			case 'X':
				c.Pix = append(c.Pix, 0, 0, 0, 255)
			case 'o':
				c.Pix = append(c.Pix, 255, 255, 255, 255)
			default:
				c.Pix = append(c.Pix, 0, 0, 0, 0)
			}
		}
	}
	return c
}
