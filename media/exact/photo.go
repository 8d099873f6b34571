package exact

import (
	"image"

	"assist/media/frame"
)

// photo appends the pixels of r, which f shows, as differences.
func photo(dst []byte, f *frame.Frame, r image.Rectangle) []byte {
	w := r.Dx()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		n := len(dst)
		dst = append(dst, make([]byte, rawBytes*w)...)
		green, red, blue := dst[n:n+w], dst[n+w:n+2*w], dst[n+2*w:]
		around := newNeighbours(f, r, y)
		for i := range w {
			c, p := pixel(around.row[i*frame.BytesPerPixel:]), around.predict(i)
			d := byte(c>>8) - byte(p>>8)
			green[i] = d
			red[i] = byte(c>>16) - byte(p>>16) - d
			blue[i] = byte(c) - byte(p) - d
		}
	}
	return dst
}

// unphoto paints row y of r in f from its differences.
func unphoto(f *frame.Frame, r image.Rectangle, y int, in []byte) {
	w := r.Dx()
	green, red, blue := in[:w], in[w:2*w], in[2*w:3*w]
	around := newNeighbours(f, r, y)
	for i := range w {
		p := around.predict(i)
		d := green[i]
		o := around.row[i*frame.BytesPerPixel:][:frame.BytesPerPixel]
		o[0], o[1], o[2], o[3] = blue[i]+d+byte(p), d+byte(p>>8), red[i]+d+byte(p>>16), 0
	}
}

// neighbours is what predicts a row of a photo. Outside the photo it is black.
type neighbours struct{ row, up []byte }

func newNeighbours(f *frame.Frame, r image.Rectangle, y int) neighbours {
	n := neighbours{row: f.Row(r.Min.X, r.Max.X, y)}
	if y > r.Min.Y {
		n.up = f.Row(r.Min.X, r.Max.X, y-1)
	}
	return n
}

func (n neighbours) predict(i int) uint32 {
	at := i * frame.BytesPerPixel
	switch {
	case i == 0 && n.up == nil:
		return 0
	case i == 0:
		return pixel(n.up)
	case n.up == nil:
		return pixel(n.row[at-4:])
	}
	return between(pixel(n.row[at-4:]), pixel(n.up[at:]), pixel(n.up[at-4:]))
}
