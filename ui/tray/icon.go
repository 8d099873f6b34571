package tray

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"sync"

	"fyne.io/fyne/v2"
	"golang.org/x/image/draw"

	"assist/assets"
)

// iconSize is how large an icon is, in pixels: more than any tray shows.
const iconSize = 64

// set is the icons there are.
type set struct {
	plain   fyne.Resource
	view    fyne.Resource // with a ring
	control fyne.Resource // with a large dot
}

// icons draws the icons when they are first needed.
var icons = sync.OnceValue(func() set {
	full, err := png.Decode(bytes.NewReader(assets.Icon))
	if err != nil {
		panic(err) // built into the program, and checked by the tests
	}
	small := image.NewNRGBA(image.Rect(0, 0, iconSize, iconSize))
	draw.CatmullRom.Scale(small, small.Rect, full, full.Bounds(), draw.Src, nil)
	white := color.NRGBA{0xff, 0xff, 0xff, 0xff}
	amber, red := color.NRGBA{0xf0, 0xa0, 0x00, 0xff}, color.NRGBA{0xc6, 0x1c, 0x1c, 0xff}
	view, control := clone(small), clone(small)
	disc(view, 15, white)
	disc(view, 13, amber)
	disc(view, 6, white)
	disc(control, 21, white)
	disc(control, 18, red)
	return set{resource("tray", small), resource("tray-view", view), resource("tray-control", control)}
})

func clone(img *image.NRGBA) *image.NRGBA {
	c := image.NewNRGBA(img.Rect)
	copy(c.Pix, img.Pix)
	return c
}

// disc draws a disc into the lower right corner.
func disc(img *image.NRGBA, radius int, c color.NRGBA) {
	const x, y = iconSize - 22, iconSize - 22
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			if dx*dx+dy*dy <= radius*radius {
				img.SetNRGBA(x+dx, y+dy, c)
			}
		}
	}
}

func resource(name string, img image.Image) fyne.Resource {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a picture in memory
	}
	return fyne.NewStaticResource(name+".png", b.Bytes())
}
