package scene

import (
	"image"
	"math/rand/v2"

	"assist/media/frame"
)

// newRest is the desktop, on which a small menu opens and closes.
func newRest(*desktop) *Scene {
	const entries = 6
	open := image.Rect(420, 700, 620, 700+24*entries)
	menus := make([]*frame.Frame, entries)
	for i := range menus {
		w := newWriter(30)
		s := newSheet(open.Dx(), open.Dy(), grey)
		s.fill(s.Rect.Inset(1), panel)
		for j := range entries {
			row := image.Rect(2, j*24+2, open.Dx()-2, j*24+22)
			c := ink
			if i == j {
				s.fill(row, link)
				c = paper
			}
			s.write(fonts().text, 12, row.Max.Y-5, c, w.word()+" "+w.word())
		}
		menus[i] = s.frame()
	}
	shut := newDesktop().frame()
	mark := image.Pt(open.Min.X, open.Min.Y-marksAbove)
	return &Scene{
		Rate: 2.5, Region: image.Rect(open.Min.X, mark.Y, open.Max.X, open.Max.Y), Marks: []image.Point{mark},
		draw: func(f *frame.Frame, n int) []image.Rectangle {
			if n%2 == 0 {
				f.CopyRect(shut, open)
			} else {
				blit(f, open.Min, menus[n/2%entries], menus[0].Rect)
			}
			return []image.Rectangle{open}
		},
	}
}

// marksAbove is how far above a menu its marker is.
const marksAbove = 12

// newTyping is a terminal in which a text is typed.
func newTyping(d *desktop) *Scene {
	const columns, lines = 100, 8
	at := image.Rect(40, Top+titleHeight, 40+104*cellW, Top+titleHeight+40*cellH)
	d.window(at, "Terminal - typing", night)
	w := newWriter(31)
	for i := range 40 - lines - 1 {
		d.shellLine(w, at.Min.X, at.Min.Y+i*cellH, i)
	}
	field := image.Rect(at.Min.X, at.Max.Y-lines*cellH, at.Min.X+columns*cellW, at.Max.Y)
	full, empty := newSheet(field.Dx(), field.Dy(), night), newSheet(field.Dx(), field.Dy(), night)
	text := w.text(columns * lines / 20)
	for i := range lines {
		full.write(fonts().terminal, 0, i*cellH+cellBase, light, text[i*columns:(i+1)*columns])
	}
	written, blank := full.frame(), empty.frame()
	d.text = []image.Rectangle{at}
	return &Scene{
		Region: field, Marks: []image.Point{statusMark(at)},
		draw: func(f *frame.Frame, n int) []image.Rectangle {
			n %= columns * lines
			row, column := n/columns*cellH, n%columns*cellW
			blit(f, field.Min, blank, blank.Rect)
			blit(f, field.Min, written, image.Rect(0, 0, field.Dx(), row))
			blit(f, field.Min.Add(image.Pt(0, row)), written, image.Rect(0, row, column, row+cellH))
			cursor := image.Rect(column, row, column+cellW, row+cellH).Add(field.Min)
			f.Fill(cursor, light.B, light.G, light.R)
			if column == 0 {
				return []image.Rectangle{field}
			}
			cursor.Min.X -= cellW // the letter, and the cursor behind it
			return []image.Rectangle{cursor}
		},
	}
}

// newDrag is a window that is dragged over the desktop.
func newDrag(d *desktop) *Scene {
	inner := image.Rect(0, titleHeight, 640, titleHeight+400)
	s := newSheet(inner.Dx(), outside(inner).Dy(), paper)
	drawWindow(s, inner, "Printers", paper)
	w := newWriter(32)
	y := inner.Min.Y + 30
	for y < inner.Max.Y-80 {
		y = s.paragraph(fonts().text, 20, y, inner.Dx()-40, 21, ink, w.text(2)) + 10
	}
	moved := s.frame()
	room := image.Rect(60, Top+10, 1860, Size.Y-taskHeight-10)
	room.Max = room.Max.Sub(moved.Rect.Size())
	still := d.frame()
	region := image.Rectangle{Min: room.Min, Max: room.Max.Add(moved.Rect.Size())}
	where := func(n int) image.Rectangle {
		at := image.Pt(room.Min.X+swing(n*13, room.Dx()), room.Min.Y+swing(n*7, room.Dy()))
		return moved.Rect.Add(at)
	}
	return &Scene{
		Rate: 30, Region: region, Marks: []image.Point{{30, Size.Y - taskHeight + 12}},
		draw: func(f *frame.Frame, n int) []image.Rectangle {
			f.CopyRect(still, region)
			blit(f, where(n).Min, moved, moved.Rect)
			return []image.Rectangle{where(n).Union(where(max(0, n-1)))}
		},
	}
}

// swing goes from 0 to room and back, n pixels of the way.
func swing(n, room int) int {
	n %= 2 * room
	return min(n, 2*room-n)
}

// newVideo is a video of 640x360 pixels in a window beside text: a picture like a photo, through which a camera moves,
// and a little noise.
func newVideo(d *desktop) *Scene {
	screen := image.Rect(60, Top+titleHeight, 700, Top+titleHeight+360)
	d.window(screen, "Video", night)
	p := newPhoto(40)
	grain := make([]int8, 1<<16)
	r := rand.New(rand.NewPCG(41, 0))
	for i := range grain {
		grain[i] = int8(r.IntN(9) - 4)
	}
	return &Scene{
		Rate: 24, Region: screen,
		Marks: []image.Point{screen.Min.Add(image.Pt(16, 16)), screen.Max.Sub(image.Pt(16+192, 16+8))},
		draw: func(f *frame.Frame, n int) []image.Rectangle {
			p.shoot(f, screen, n, grain)
			return []image.Rectangle{screen}
		},
	}
}
