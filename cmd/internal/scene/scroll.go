package scene

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"assist/media/frame"
)

// newLog is a terminal in which 30 lines a second come.
func newLog(d *desktop) *Scene {
	const columns, rows, longest = 150, 60, 900
	at := image.Rect(40, Top+titleHeight, 40+columns*cellW, Top+titleHeight+rows*cellH)
	d.window(at, "Terminal - tail -f service.log", night)
	w := newWriter(33)
	s := newSheet(at.Dx(), (rows+longest)*cellH, night)
	for i := range rows + longest {
		s.logLine(w, i*cellH+cellBase, i)
	}
	strip := s.frame()
	return &Scene{
		Rate: 30, Region: at, Marks: []image.Point{titleMark(at), statusMark(at)},
		draw: func(f *frame.Frame, n int) []image.Rectangle {
			n %= longest
			blit(f, at.Min, strip, image.Rect(0, n*cellH, at.Dx(), (n+rows)*cellH))
			return []image.Rectangle{outside(at)}
		},
	}
}

// logLine writes one entry of a log.
func (s sheet) logLine(w writer, y, i int) {
	f := fonts().terminal
	x := s.write(f, 2, y, grey, fmt.Sprintf("2026-03-%02d %02d:%02d:%02d.%03d ", 1+i/997%28, i/401%24, i/30%60, i/7%60, w.IntN(1000)))
	level, c := "INFO ", color.Color(green)
	switch w.IntN(12) {
	case 0:
		level, c = "WARN ", yellow
	case 1:
		level, c = "ERROR", red
	}
	x = s.write(f, x, y, c, level)
	x = s.write(f, x, y, blue, fmt.Sprintf(" %s[%d]", w.word(), 1000+w.IntN(60000)))
	text := fmt.Sprintf(": %s id=%08x took=%dms", strings.ToLower(w.sentence(4+w.IntN(8))), w.Uint32(), w.IntN(900))
	s.write(f, x, y, light, text)
}

// Scrolling of the page.
const (
	pageStep   = 16 // pixels a step
	pageLength = 6000
)

// newPage is a page that scrolls; in the terminal beside it something small changes twice a second.
func newPage(d *desktop) *Scene {
	page := drawPage(documentAt.Dx(), pageLength)
	return &Scene{
		Rate: 30, Region: documentAt, Marks: []image.Point{titleMark(documentAt), statusMark(documentAt)},
		Probe: statusMark(terminalAt), ProbeEvery: 15,
		draw: func(f *frame.Frame, n int) []image.Rectangle {
			top := swing(n*pageStep, pageLength-documentAt.Dy())
			blit(f, documentAt.Min, page, image.Rect(0, top, documentAt.Dx(), top+documentAt.Dy()))
			return []image.Rectangle{outside(documentAt)}
		},
	}
}

// drawPage draws a long page with headings, text, code and boxes.
func drawPage(width, height int) *frame.Frame {
	s := newSheet(width, height, paper)
	w := newWriter(34)
	const margin = 40
	for y, i := 60, 0; y < height-300; i++ {
		switch i % 4 {
		case 0:
			s.write(fonts().title, margin, y, ink, w.sentence(4))
			y += 36
		case 1, 3:
			y = s.paragraph(fonts().text, margin, y, width-2*margin, 22, ink, w.text(5+w.IntN(4))) + 16
		case 2:
			box := image.Rect(margin, y, width-margin, y+9*cellH)
			s.fill(box, color.RGBA{0xf2, 0xf4, 0xf6, 0xff})
			for j := range 8 {
				x := s.write(fonts().terminal, margin+10+j%3*14, y+(j+1)*cellH, link, w.word()+"("+w.word()+")")
				s.write(fonts().terminal, x+cellW, y+(j+1)*cellH, grey, "// "+w.sentence(5))
			}
			y = box.Max.Y + 30
		}
	}
	return s.frame()
}
