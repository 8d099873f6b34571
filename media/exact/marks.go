package exact

import (
	"cmp"
	"encoding/binary"
	"image"
	"math/bits"
	"slices"

	"assist/media/frame"
)

// elect returns the shifts with most votes, the best first.
func (d *finder) elect(g grid, tiles []state, shown, now *frame.Frame) []image.Point {
	d.marks.reset()
	each(g, tiles, 1, func(x0, x1, y int) { d.marks.scan(shown, x0, x1, y, d.marks.add) }, 1)
	if d.votes == nil {
		d.votes = map[image.Point]int{}
	}
	clear(d.votes)
	each(g, tiles, sampled, func(x0, x1, y int) {
		d.marks.scan(now, x0, x1, y, func(h uint64, at image.Point) {
			if from, ok := d.marks.find(h); ok && from != at {
				d.votes[from.Sub(at)]++
			}
		})
	}, 0)
	var shifts []image.Point
	for by, n := range d.votes {
		if n >= minVotes {
			shifts = append(shifts, by)
		}
	}
	slices.SortFunc(shifts, func(a, b image.Point) int {
		return cmp.Or(cmp.Compare(d.votes[b], d.votes[a]), cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X))
	})
	return shifts[:min(len(shifts), maxShifts)]
}

// each calls f for the rows of pixels of changed tiles, every n-th of them, and of so many tiles to each side.
func each(g grid, tiles []state, n int, f func(x0, x1, y int), around int) {
	near := func(tx, ty int) bool {
		for y := max(ty-around, 0); y <= min(ty+around, g.rows-1); y++ {
			for x := max(tx-around, 0); x <= min(tx+around, g.cols-1); x++ {
				if tiles[y*g.cols+x] == changed {
					return true
				}
			}
		}
		return false
	}
	for ty := range g.rows {
		for tx := 0; tx < g.cols; tx++ {
			if !near(tx, ty) {
				continue
			}
			end := tx + 1
			for end < g.cols && near(end, ty) {
				end++
			}
			r := g.pixels(image.Rect(tx, ty, end, ty+1))
			for y := r.Min.Y; y < r.Max.Y; y += n {
				f(r.Min.X, r.Max.X, y)
			}
			tx = end
		}
	}
}

// marks finds landmarks by what they look like. Use reset first.
type marks struct {
	slots  []mark
	turn   uint32
	n      int
	forget uint64 // landmarks with one of these bits in their hash are not held
}

type mark struct {
	hash uint64
	turn uint32 // slots of other turns are free
	x, y int16  // x is -1 when several look like this
}

func (m *marks) reset() {
	if m.slots == nil {
		m.slots = make([]mark, 4*maxMarks)
	}
	m.turn++
	m.n, m.forget = 0, 0
}

// scan calls f for the landmarks in a row of pixels.
func (m *marks) scan(f *frame.Frame, x0, x1, y int, each func(h uint64, at image.Point)) {
	if y+1 >= f.Rect.Max.Y {
		return
	}
	const pick = 31 // of 32 edges one is a landmark
	x1 = min(x1, f.Rect.Max.X-markWidth)
	if x1-x0 < 3 {
		return
	}
	row := f.Row(x0, x1+markWidth, y)
	const px = frame.BytesPerPixel
	for i := 1; i < x1-x0; i++ {
		// two pixels and, one further left, the two they follow
		pair := binary.LittleEndian.Uint64(row[i*px:])
		edges := (pair ^ binary.LittleEndian.Uint64(row[(i-1)*px:])) & colours
		if edges == 0 {
			i++
			continue
		}
		if uint32(edges) == 0 { // only the second differs from its neighbour
			if i++; i >= x1-x0 {
				break
			}
			pair = binary.LittleEndian.Uint64(row[i*px:])
		}
		left := pixel(row[(i-1)*px:])
		if (pair&colours*0x9e3779b97f4a7c15^uint64(left)*0xc2b2ae3d27d4eb4f)>>40&pick != 0 {
			continue
		}
		below := f.Row(x0+i, x0+i+markWidth, y+1)
		if h := hashRow(row[i*px:(i+markWidth)*px]) + 31*hashRow(below); h&m.forget == 0 {
			each(h, image.Pt(x0+i, y))
		}
	}
}

// add holds a landmark of the old picture.
func (m *marks) add(h uint64, at image.Point) {
	s := m.slot(h)
	if s.turn == m.turn {
		s.x = -1
		return
	}
	*s = mark{h, m.turn, int16(at.X), int16(at.Y)}
	if m.n++; m.n > maxMarks {
		m.thin()
	}
}

// thin forgets every second landmark.
func (m *marks) thin() {
	m.forget = m.forget<<1 | 1
	var keep []mark
	for _, s := range m.slots {
		if s.turn == m.turn && s.hash&m.forget == 0 {
			keep = append(keep, s)
		}
	}
	m.turn++
	for _, k := range keep {
		k.turn = m.turn
		*m.slot(k.hash) = k
	}
	m.n = len(keep)
}

// find returns where the one landmark that looks like this stands.
func (m *marks) find(h uint64) (at image.Point, ok bool) {
	s := m.slot(h)
	return image.Pt(int(s.x), int(s.y)), s.turn == m.turn && s.x >= 0
}

// slot returns where h stands or would stand.
func (m *marks) slot(h uint64) *mark {
	for i := h >> 32; ; i++ {
		if s := &m.slots[i&uint64(len(m.slots)-1)]; s.turn != m.turn || s.hash == h {
			return s
		}
	}
}

// hashRow hashes the colours of a row of pixels. It only has to be quick: a collision costs a move, never a pixel.
func hashRow(row []byte) uint64 {
	const k = 0x9e3779b97f4a7c15
	mix := func(h, v uint64) uint64 { return bits.RotateLeft64((h^v)*k, 29) }
	a, b, c, d := uint64(len(row)), uint64(1), uint64(2), uint64(3)
	for ; len(row) >= 32; row = row[32:] {
		a = mix(a, binary.LittleEndian.Uint64(row)&colours)
		b = mix(b, binary.LittleEndian.Uint64(row[8:])&colours)
		c = mix(c, binary.LittleEndian.Uint64(row[16:])&colours)
		d = mix(d, binary.LittleEndian.Uint64(row[24:])&colours)
	}
	a = mix(mix(mix(a, b), c), d)
	return a ^ a>>32
}
