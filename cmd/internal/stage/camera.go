//go:build linux

package stage

import (
	"fmt"
	"image"
	"image/png"
	"os"

	"github.com/jezek/xgb/xproto"
)

// Picture returns what the display shows.
func (d *Display) Picture() (*image.RGBA, error) {
	conn, err := d.connect()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	screen := xproto.Setup(conn).DefaultScreen(conn)
	w, h := int(screen.WidthInPixels), int(screen.HeightInPixels)
	reply, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, xproto.Drawable(screen.Root), 0, 0,
		uint16(w), uint16(h), 0xffffffff).Reply()
	if err != nil {
		return nil, fmt.Errorf("stage: camera: %w", err)
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 0; i+3 < len(reply.Data) && i+3 < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = reply.Data[i+2], reply.Data[i+1], reply.Data[i], 0xff
	}
	return img, nil
}

// Save writes a picture of the display into a PNG file.
func (d *Display) Save(file string) error {
	img, err := d.Picture()
	if err != nil {
		return err
	}
	return SavePNG(file, img)
}

// SavePNG writes a picture into a file.
func SavePNG(file string, img image.Image) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	err = png.Encode(f, img)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("stage: %s: %w", file, err)
	}
	return nil
}

// Differences counts the pixels that differ between the part ra of a and the part of b of the same size that begins at pb,
// leaving out those of a in skip.
func Differences(a *image.RGBA, ra image.Rectangle, b *image.RGBA, pb image.Point, skip ...image.Rectangle) (n int, first image.Point) {
	for y := ra.Min.Y; y < ra.Max.Y; y++ {
		for x := ra.Min.X; x < ra.Max.X; x++ {
			p := image.Pt(x, y)
			if a.RGBAAt(x, y) == b.RGBAAt(pb.X+x-ra.Min.X, pb.Y+y-ra.Min.Y) || inAny(p, skip) {
				continue
			}
			if n == 0 {
				first = p
			}
			n++
		}
	}
	return n, first
}

func inAny(p image.Point, list []image.Rectangle) bool {
	for _, r := range list {
		if p.In(r) {
			return true
		}
	}
	return false
}
