package scene

import (
	"fmt"
	"image"
	"image/color"
	"strings"
)

// Colours.
var (
	teal     = color.RGBA{0x2f, 0x5d, 0x62, 0xff}
	panel    = color.RGBA{0xd8, 0xdc, 0xe0, 0xff}
	titleBar = color.RGBA{0x6f, 0x96, 0xc8, 0xff}
	ink      = color.RGBA{0x20, 0x22, 0x26, 0xff}
	grey     = color.RGBA{0x60, 0x66, 0x6e, 0xff}
	paper    = color.RGBA{0xff, 0xff, 0xff, 0xff}
	night    = color.RGBA{0x10, 0x12, 0x16, 0xff}
	light    = color.RGBA{0xd0, 0xd4, 0xd8, 0xff}
	green    = color.RGBA{0x6a, 0xc8, 0x7c, 0xff}
	yellow   = color.RGBA{0xe0, 0xc0, 0x60, 0xff}
	red      = color.RGBA{0xe0, 0x60, 0x60, 0xff}
	blue     = color.RGBA{0x70, 0xa0, 0xf0, 0xff}
	link     = color.RGBA{0x1a, 0x4f, 0xb0, 0xff}
)

// Heights of parts of the desktop.
const (
	titleHeight  = 24 // of a window's title
	statusHeight = 20 // of the line at its foot
	taskHeight   = 32 // of the bar at the foot of the screen
)

// The two windows of every desktop, inside their frames: a terminal and a document.
var (
	terminalAt = image.Rect(40, Top+titleHeight, 40+104*cellW, Top+titleHeight+56*cellH)
	documentAt = image.Rect(820, Top+titleHeight, 1880, 1010)
)

// desktop is what stands still behind a scene.
type desktop struct {
	sheet
	text []image.Rectangle
}

// newDesktop draws the background, two windows full of text, and a bar.
func newDesktop() *desktop {
	d := &desktop{sheet: newSheet(Size.X, Size.Y, teal)}
	w := newWriter(1)
	for i, name := range []string{"Home", "Reports", "Printer", "Backup"} {
		at := image.Rect(1000+i*120, 60, 1048+i*120, 100)
		d.fill(at, yellow)
		d.fill(at.Inset(6), paper)
		d.write(fonts().text, at.Min.X, at.Max.Y+20, paper, name)
	}
	d.window(terminalAt, "Terminal - support", night)
	for i := range terminalAt.Dy() / cellH {
		d.shellLine(w, terminalAt.Min.X, terminalAt.Min.Y+i*cellH, i)
	}
	d.window(documentAt, "Notes on the installation - Document", paper)
	y := documentAt.Min.Y + 50
	d.write(fonts().title, documentAt.Min.X+30, y, ink, "Notes on the installation")
	for y += 40; y < documentAt.Max.Y-120; y += 14 {
		y = d.paragraph(fonts().text, documentAt.Min.X+30, y, documentAt.Dx()-60, 21, ink, w.text(4))
	}
	d.text = []image.Rectangle{terminalAt, documentAt}
	bar := image.Rect(0, Size.Y-taskHeight, Size.X, Size.Y)
	d.fill(bar, panel)
	for i, name := range []string{"Terminal - support", "Notes on the installation"} {
		b := image.Rect(300+i*260, bar.Min.Y+4, 550+i*260, bar.Max.Y-4)
		d.fill(b, paper)
		d.write(fonts().text, b.Min.X+8, b.Max.Y-7, ink, name)
	}
	return d
}

// window draws a frame around r: a title above, a line of state beneath.
func (d *desktop) window(r image.Rectangle, title string, ground color.Color) {
	drawWindow(d.sheet, r, title, ground)
}

func drawWindow(s sheet, r image.Rectangle, title string, ground color.Color) {
	s.fill(outside(r).Inset(-1), grey)
	s.fill(r, ground)
	s.fill(image.Rect(r.Min.X, r.Min.Y-titleHeight, r.Max.X, r.Min.Y), titleBar)
	s.write(fonts().bold, r.Min.X+r.Dx()/2-len(title)*4, r.Min.Y-7, paper, title)
	for i, c := range []color.Color{red, yellow, green} {
		s.fill(image.Rect(0, 0, 12, 12).Add(image.Pt(r.Max.X-20-i*20, r.Min.Y-18)), c)
	}
	s.fill(image.Rect(r.Min.X, r.Max.Y, r.Max.X, r.Max.Y+statusHeight), panel)
	s.write(fonts().terminal, r.Max.X-16*cellW, r.Max.Y+14, grey, "line 1, column 1")
}

// outside is a window with its title and the line at its foot.
func outside(r image.Rectangle) image.Rectangle {
	return image.Rect(r.Min.X, r.Min.Y-titleHeight, r.Max.X, r.Max.Y+statusHeight)
}

// titleMark and statusMark are where a window has markers: they do not scroll with what is in it.
func titleMark(r image.Rectangle) image.Point  { return image.Pt(r.Min.X+8, r.Min.Y-titleHeight+8) }
func statusMark(r image.Rectangle) image.Point { return image.Pt(r.Min.X+8, r.Max.Y+6) }

// shellLine writes line i of a terminal with its upper edge at y.
func (s sheet) shellLine(w writer, x, y, i int) {
	y += cellBase
	f := fonts().terminal
	switch i % 7 {
	case 0:
		x = s.write(f, x, y, green, "support@server")
		x = s.write(f, x, y, light, ":")
		x = s.write(f, x, y, blue, "/var/log")
		s.write(f, x, y, light, "$ grep -n "+w.word()+" "+w.word()+".log")
	case 3:
		x = s.write(f, x, y, red, "ERROR ")
		s.write(f, x, y, light, w.sentence(7))
	default:
		x = s.write(f, x, y, yellow, fmt.Sprintf("%5d ", 100+i*17))
		s.write(f, x, y, light, strings.ToLower(w.sentence(5+i%6)))
	}
}
