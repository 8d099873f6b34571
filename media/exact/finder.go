package exact

import (
	"encoding/binary"
	"image"
	"slices"

	"assist/media/frame"
)

const (
	cell      = 16      // side of the squares that moves are made of, in pixels
	markWidth = 32      // width of what a landmark looks like, in pixels; its height is 2
	maxMarks  = 1 << 12 // landmarks of the old picture; of more, every second is forgotten until it is fewer
	sampled   = 2       // of so many rows of the new picture one is searched for landmarks
	minVotes  = 2       // landmarks that must have moved alike
	maxShifts = 16      // directions that are looked at, at most
	minCells  = 3       // changed cells of several colours that a move must explain to be worth its bytes
	richGain  = 8       // cells of one colour that are worth as much as one of several
	maxRects  = 8       // moves of one shift
	maxRecent = 6       // shifts of frames before that are tried first
	restShare = 16      // when they leave no more than one changed cell of so many unexplained, no others are looked for
)

// finder finds moves: parts of the new frame that the decoder has elsewhere.
//
// Where much changed, it asks first whether most of it has moved as something did in a frame before. What is left after that, but for what
// comes up where something moved away, is searched for.
//
// It looks for landmarks, places beside an edge that a hash of the few pixels there picks, so that the same things are picked
// wherever they stand. Landmarks that stand once in the old frame, and again in what changed, vote for the shift
// between the two; where they are too few, rows of pixels do, for scrolls. Then, for the shifts with most votes, it compares all pixels, looks for the rectangles of cells that explain
// most, and widens them pixel by pixel.
type finder struct {
	cols, rows int // of cells
	cells      []cellState
	todo       []int // changed cells of several colours that no move explains yet
	followed   int   // cells that a shift of a frame before makes right, and the rectangle that holds them
	followedIn image.Rectangle
	recent     []image.Point // shifts of frames before, the last one first
	marks      marks
	votes      map[image.Point]int
	tried      []uint8 // of each cell, under the shift at hand
	sums       []int32
	heights    []int
	open       []span
	moves      []move
}

type cellState uint8

const (
	cellChanged cellState = 1 << iota
	cellRich              // of several colours
	cellMoved             // explained by a move
)

// Whether a cell is right after a shift.
const (
	untried = iota
	fits
	misfits
)

// find returns moves that may bring shown nearer to now. Tiles says which tiles changed. One move may paint over what
// another copies: whoever makes a move checks it before, with [sameShifted].
func (d *finder) find(g grid, tiles []state, shown, now *frame.Frame) []move {
	d.begin(g)
	by, goesOn := d.follow(g, tiles, shown, now)
	d.look(g, tiles, shown, now)
	all := len(d.todo) + d.followed
	if all < minCells {
		return nil
	}
	if goesOn {
		d.explain(by, shown, now, minCells)
	} else {
		for _, by := range d.recent {
			if d.explain(by, shown, now, len(d.todo)/2) {
				break
			}
		}
	}
	if d.unexplained() > max(minCells, all/restShare) {
		for _, by := range d.elect(g, tiles, shown, now) {
			if d.explain(by, shown, now, minCells) && len(d.todo) < minCells || len(d.moves) >= MaxMoves/2 {
				break
			}
		}
	}
	if d.unexplained() > max(minCells, all/restScroll) {
		for _, by := range d.scrolls(g, tiles, shown, now) {
			if d.explain(by, shown, now, minCells) && len(d.todo) < minCells {
				break
			}
		}
	}
	d.remember()
	return order(d.moves)
}

// unexplained counts the changed cells of several colours that no move explains, but for those from which something has
// moved away: what comes up there is new.
func (d *finder) unexplained() int {
	n := 0
	for _, i := range d.todo {
		c := image.Pt(i%d.cols*cell, i/d.cols*cell)
		r := image.Rectangle{c, c.Add(image.Pt(cell, cell))}
		if !slices.ContainsFunc(d.moves, func(m move) bool { return m.to.Add(m.by).Overlaps(r) }) {
			n++
		}
	}
	return n
}

// remember notes the shifts of this frame for the next one: what scrolls often goes on in the same steps.
func (d *finder) remember() {
	for _, m := range d.moves {
		if !slices.Contains(d.recent, m.by) {
			d.recent = slices.Insert(d.recent, 0, m.by)
		}
	}
	d.recent = d.recent[:min(len(d.recent), maxRecent)]
}

// begin forgets the frame before.
func (d *finder) begin(g grid) {
	d.cols, d.rows = (g.size.X+cell-1)/cell, (g.size.Y+cell-1)/cell
	n := d.cols * d.rows
	d.cells = slices.Grow(d.cells[:0], n)[:n]
	d.tried = slices.Grow(d.tried[:0], n)[:n]
	clear(d.cells)
	clear(d.tried)
	d.todo, d.moves = d.todo[:0], d.moves[:0]
	d.followed = 0
}

// cellsOf returns the cells of a tile.
func (d *finder) cellsOf(tx, ty int) image.Rectangle {
	const per = frame.Tile / cell
	return image.Rect(tx*per, ty*per, min(tx*per+per, d.cols), min(ty*per+per, d.rows))
}

// look notes which cells changed.
func (d *finder) look(g grid, tiles []state, shown, now *frame.Frame) {
	for i, t := range tiles {
		if t != changed {
			continue
		}
		cs := d.cellsOf(i%g.cols, i/g.cols)
		for y := cs.Min.Y; y < cs.Max.Y; y++ {
			for x := cs.Min.X; x < cs.Max.X; x++ {
				at := y*d.cols + x
				if d.cells[at] != 0 { // followed
					continue
				}
				r := d.rect(x, y, shown)
				if frame.SameIn(shown, now, r) {
					continue
				}
				d.cells[at] = cellChanged
				if rich(now, r) {
					d.cells[at] |= cellRich
					d.todo = append(d.todo, at)
				}
			}
		}
	}
	slices.Sort(d.todo)
}

// rect returns the pixels of a cell.
func (d *finder) rect(x, y int, f *frame.Frame) image.Rectangle {
	return image.Rect(x*cell, y*cell, min(x*cell+cell, f.Rect.Max.X), min(y*cell+cell, f.Rect.Max.Y))
}

// rich reports whether r has several colours.
func rich(f *frame.Frame, r image.Rectangle) bool {
	first := pixel(f.Row(r.Min.X, r.Max.X, r.Min.Y))
	want := uint64(first) | uint64(first)<<32
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		for ; len(row) >= 8; row = row[8:] {
			if binary.LittleEndian.Uint64(row)&colours != want {
				return true
			}
		}
		if len(row) >= 4 && pixel(row) != first {
			return true
		}
	}
	return false
}

const colours = 0x00ffffff_00ffffff

// order puts moves in an order in which none paints over what a later one copies, as far as there is one.
func order(moves []move) []move {
	for i := range moves {
		// next: one whose target no other that is left copies from
		for j := i; j < len(moves); j++ {
			free := true
			for k := i; k < len(moves) && free; k++ {
				free = k == j || !moves[k].to.Add(moves[k].by).Overlaps(moves[j].to)
			}
			if free {
				m := moves[j]
				copy(moves[i+1:j+1], moves[i:j])
				moves[i] = m
				break
			}
		}
	}
	return moves
}

// sameShifted reports whether now shows at r what shown shows by away. Nothing is shown outside the picture.
func sameShifted(shown, now *frame.Frame, r image.Rectangle, by image.Point) bool {
	from := r.Add(by)
	if !from.In(shown.Rect) {
		return false
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !frame.SameColours(now.Row(r.Min.X, r.Max.X, y), shown.Row(from.Min.X, from.Max.X, y+by.Y)) {
			return false
		}
	}
	return true
}
