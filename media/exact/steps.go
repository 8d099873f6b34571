package exact

import "image"

// Which chances of the model a number or the bit before a step has.
const (
	stepMove = iota
	stepTile
	stepPhoto
	stepText
)

// again codes whether a step of this kind follows.
func (m *model) again(step int, more bool) bool { return m.bit(&m.more[step], more) }

// place codes a rectangle. What is read may lie anywhere.
func (m *model) place(step int, r image.Rectangle) image.Rectangle {
	n := m.numbers[4*step:]
	x, y := m.number(&n[0], r.Min.X), m.number(&n[1], r.Min.Y)
	w, h := m.number(&n[2], r.Dx()), m.number(&n[3], r.Dy())
	return image.Rect(x, y, x+w, y+h)
}

// source codes where a move copies from.
func (m *model) source(at image.Point) image.Point {
	return image.Pt(m.number(&m.from[0], at.X), m.number(&m.from[1], at.Y))
}

// tile codes a tile from the shelf: where it goes, counted from the tile before, and where it stands. Mostly both go on by one.
func (m *model) tile(last, now restored) restored {
	at := last.tile + 1 + m.number(&m.hops[0], now.tile-last.tile-1)
	if m.bit(&m.inTurn, now.from == last.from+1) {
		return restored{at, last.from + 1}
	}
	return restored{at, m.number(&m.hops[1], now.from)}
}

// restored is a tile that stood somewhere before: its number in the picture, row by row, and its place on the shelf.
type restored struct{ tile, from int }
