package exact

import (
	"cmp"
	"encoding/binary"
	"image"
	"math/bits"
	"slices"

	"assist/media/frame"
)

const (
	reach    = 256 // rows above and below a strip in which its rows are looked for
	bridge   = 4   // unchanged tiles between two changed ones of a strip that scrolled as a whole
	minTiles = 2   // height of the shortest strip that is looked at, in tiles
	minGain  = 16  // changed rows that a shift must explain to be worth a move
	minVotes = 4   // rows found elsewhere, each in one place only, that make a shift a candidate
	leaders  = 3   // shifts of other strips that every strip tries
)

// finder finds vertical moves: parts of the new frame that the decoder has, higher or lower.
//
// It works on strips, one tile wide and as high as the changes in that column of tiles. Each row of a strip is
// hashed, in both frames. Rows whose hash stands once in the old strip vote for a shift; then each strip
// takes the shift that explains most of its changed rows, and neighbours with one shift are joined.
//
// Moves in other directions would come from a second finder with the same result; nothing after it depends on dx being 0.
type finder struct {
	strips []strip
	hashes []uint64
	votes  map[int]int
	lines  lines
	runs   []run
	moves  []move
}

// strip is a part of a column of tiles, the target of moves.
type strip struct {
	at      image.Rectangle
	now     []uint64 // a hash for each row
	old     []uint64 // a hash for each row that may be a source
	above   int      // rows of old that are above the strip
	changed int      // rows that differ in place
	shift   int      // its own candidate, 0 for none
}

// was returns the old hash of the row that is by rows below row i.
func (s *strip) was(i, by int) uint64 { return s.old[s.above+i+by] }

// span returns the rows that a shift may explain: those whose source is in old.
func (s *strip) span(by int) (from, to int) {
	return max(0, -s.above-by), min(len(s.now), len(s.old)-s.above-by)
}

// run is rows of a strip that are explained by one shift.
type run struct {
	core image.Rectangle // what is worth moving
	most image.Rectangle // what could be moved as well
	by   int
}

// find returns moves that may bring shown nearer to now, in the best order. Tiles says which tiles changed. Hashes collide, and one move may
// paint over what another copies: whoever makes a move checks it before, with [sameShifted].
func (d *finder) find(g grid, tiles []state, shown, now *frame.Frame) []move {
	d.strips, d.runs, d.moves = d.strips[:0], d.runs[:0], d.moves[:0]
	d.cut(g, tiles)
	if len(d.strips) == 0 {
		return nil
	}
	d.hashAll(shown, now)
	common := d.elect()
	for i := range d.strips {
		s := &d.strips[i]
		n := len(d.runs)
		d.explain(s, common)
		if len(d.runs) == n {
			if d.narrow(s, shown, now); !s.at.Empty() {
				d.explain(s, common)
			}
		}
	}
	d.join()
	for _, r := range d.runs {
		if len(d.moves) < MaxMoves {
			d.moves = append(d.moves, move{r.core, image.Pt(0, r.by)})
		}
	}
	slices.SortFunc(d.moves, inOrder)
	return d.moves
}

// inOrder puts moves of one strip in an order in which none paints over what a later one copies.
func inOrder(a, b move) int {
	if up := a.by.Y > 0; up != (b.by.Y > 0) {
		if up {
			return -1
		}
		return 1
	} else if up {
		return cmp.Or(cmp.Compare(a.to.Min.Y, b.to.Min.Y), cmp.Compare(a.to.Min.X, b.to.Min.X))
	}
	return cmp.Or(cmp.Compare(b.to.Min.Y, a.to.Min.Y), cmp.Compare(a.to.Min.X, b.to.Min.X))
}

// cut lists the strips, column by column.
func (d *finder) cut(g grid, tiles []state) {
	for tx := range g.cols {
		first, last := -1, -1
		for ty := 0; ty <= g.rows; ty++ {
			if ty < g.rows && tiles[ty*g.cols+tx] == changed {
				if first < 0 {
					first = ty
				}
				last = ty
			}
			if first >= 0 && (ty == g.rows || ty-last > bridge) {
				if last-first+1 >= minTiles {
					d.strips = append(d.strips, strip{at: g.pixels(image.Rect(tx, first, tx+1, last+1))})
				}
				first = -1
			}
		}
	}
}

// hashAll hashes every row of every strip, in the order in which the rows stand in memory: one strip after the
// other would take several times as long.
func (d *finder) hashAll(shown, now *frame.Frame) {
	total := 0
	for _, s := range d.strips {
		total += 2*s.at.Dy() + 2*reach
	}
	d.hashes = slices.Grow(d.hashes[:0], total)[:total]
	rest := d.hashes
	for i := range d.strips {
		s := &d.strips[i]
		s.above = min(reach, s.at.Min.Y)
		h, below := s.at.Dy(), min(reach, shown.Rect.Max.Y-s.at.Max.Y)
		s.now, rest = rest[:h], rest[h:]
		s.old, rest = rest[:s.above+h+below], rest[s.above+h+below:]
	}
	for y := range shown.Rect.Max.Y {
		for i := range d.strips {
			d.strips[i].hash(shown, now, y)
		}
	}
	for i := range d.strips {
		d.strips[i].count()
	}
}

// hash hashes row y of the picture, as far as it belongs to the strip.
func (s *strip) hash(shown, now *frame.Frame, y int) {
	i := y - s.at.Min.Y
	if i+s.above >= 0 && i+s.above < len(s.old) {
		s.old[i+s.above] = hashRow(shown.Row(s.at.Min.X, s.at.Max.X, y))
	}
	if i >= 0 && i < len(s.now) {
		s.now[i] = hashRow(now.Row(s.at.Min.X, s.at.Max.X, y))
	}
}

// count counts the rows that differ in place.
func (s *strip) count() {
	s.changed = 0
	for i, h := range s.now {
		if h != s.was(i, 0) {
			s.changed++
		}
	}
}

// elect lets every strip choose a candidate, and returns the shifts with most votes of all.
func (d *finder) elect() []int {
	tally := map[int]int{}
	for i := range d.strips {
		s := &d.strips[i]
		if s.changed < minGain {
			continue
		}
		shift, votes := d.vote(s)
		if votes >= minVotes {
			s.shift = shift
			tally[shift] += votes
		}
	}
	var common []int
	for shift := range tally {
		common = append(common, shift)
	}
	slices.SortFunc(common, func(a, b int) int {
		return cmp.Or(cmp.Compare(tally[b], tally[a]), cmp.Compare(a, b))
	})
	return common[:min(len(common), leaders)]
}

// vote returns the shift that most changed rows of s agree on. Rows that stand in several places do not vote.
func (d *finder) vote(s *strip) (shift, votes int) {
	d.lines.fill(s.old)
	if d.votes == nil {
		d.votes = map[int]int{}
	}
	clear(d.votes)
	for i, h := range s.now {
		if h == s.was(i, 0) {
			continue
		}
		if from, ok := d.lines.find(h); ok {
			by := from - s.above - i
			d.votes[by]++
			if n := d.votes[by]; n > votes {
				shift, votes = by, n
			}
		}
	}
	return shift, votes
}

// explain adds the runs of the shift that explains most of s.
func (d *finder) explain(s *strip, common []int) {
	if s.changed < minGain {
		return
	}
	best, most := 0, minGain-1
	try := func(by int) {
		if by == 0 {
			return
		}
		if gain := s.gain(by); gain > most {
			best, most = by, gain
		}
	}
	for _, by := range common { // first: among equals, what neighbours use
		try(by)
	}
	try(s.shift)
	if best != 0 {
		d.collect(s, best)
	}
}

// gain counts the changed rows that a shift explains.
func (s *strip) gain(by int) int {
	n := 0
	for i, end := s.span(by); i < end; i++ {
		if s.now[i] == s.was(i, by) && s.now[i] != s.was(i, 0) {
			n++
		}
	}
	return n
}

// collect adds the runs of rows of s that a shift explains.
func (d *finder) collect(s *strip, by int) {
	for i, end := s.span(by); i < end; i++ {
		from, first, last, gain := i, -1, -1, 0
		for ; i < end && s.now[i] == s.was(i, by); i++ {
			if s.now[i] != s.was(i, 0) {
				if first < 0 {
					first = i
				}
				last = i
				gain++
			}
		}
		if gain >= minGain/2 {
			d.runs = append(d.runs, run{core: s.rows(first, last+1), most: s.rows(from, i), by: by})
		}
	}
}

// rows returns a part of s.
func (s *strip) rows(from, to int) image.Rectangle {
	return image.Rect(s.at.Min.X, s.at.Min.Y+from, s.at.Max.X, s.at.Min.Y+to)
}

// narrow cuts s down to the columns that changed, for a strip that stands half over the edge of what scrolled; it
// empties a strip that cannot be narrower.
func (d *finder) narrow(s *strip, shown, now *frame.Frame) {
	x0, x1 := s.at.Max.X, s.at.Min.X
	for i := range s.now {
		if s.now[i] == s.was(i, 0) {
			continue
		}
		y := s.at.Min.Y + i
		a, b := shown.Row(s.at.Min.X, s.at.Max.X, y), now.Row(s.at.Min.X, s.at.Max.X, y)
		for x := s.at.Min.X; x < x0; x++ {
			if o := (x - s.at.Min.X) * frame.BytesPerPixel; pixel(a[o:]) != pixel(b[o:]) {
				x0 = x
			}
		}
		for x := s.at.Max.X; x > x1; x-- {
			if o := (x - 1 - s.at.Min.X) * frame.BytesPerPixel; pixel(a[o:]) != pixel(b[o:]) {
				x1 = x
			}
		}
	}
	if x0 == s.at.Min.X && x1 == s.at.Max.X || x0 >= x1 {
		s.at = image.Rectangle{}
		return
	}
	s.at.Min.X, s.at.Max.X = x0, x1
	for y := s.at.Min.Y - s.above; y < s.at.Min.Y-s.above+len(s.old); y++ {
		s.hash(shown, now, y)
	}
	s.count()
	if shift, votes := d.vote(s); votes >= minVotes {
		s.shift = shift
	}
}

// join makes one run of neighbours where both shifts can be made on the rows that either needs.
func (d *finder) join() {
	out := d.runs[:0]
	for _, r := range d.runs {
		joined := false
		for i := len(out) - 1; i >= 0 && i >= len(out)-32 && !joined; i-- {
			o := &out[i]
			if o.by != r.by || o.core.Max.X != r.core.Min.X {
				continue
			}
			y0, y1 := min(o.core.Min.Y, r.core.Min.Y), max(o.core.Max.Y, r.core.Max.Y)
			m0, m1 := max(o.most.Min.Y, r.most.Min.Y), min(o.most.Max.Y, r.most.Max.Y)
			if y0 >= m0 && y1 <= m1 {
				o.core = image.Rect(o.core.Min.X, y0, r.core.Max.X, y1)
				o.most = image.Rect(o.core.Min.X, m0, r.core.Max.X, m1)
				joined = true
			}
		}
		if !joined {
			out = append(out, r)
		}
	}
	d.runs = out
}

// sameShifted reports whether now shows at r what shown shows by rows further down.
func sameShifted(shown, now *frame.Frame, r image.Rectangle, by int) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !frame.SameColours(now.Row(r.Min.X, r.Max.X, y), shown.Row(r.Min.X, r.Max.X, y+by)) {
			return false
		}
	}
	return true
}

// hashRow hashes the colours of a row of pixels. It only has to be quick: a collision costs a move, never a pixel.
func hashRow(row []byte) uint64 {
	const k, colours = 0x9e3779b97f4a7c15, 0x00ffffff_00ffffff
	mix := func(h, v uint64) uint64 { return bits.RotateLeft64((h^v)*k, 29) }
	a, b, c, d := uint64(len(row)), uint64(1), uint64(2), uint64(3)
	for ; len(row) >= 32; row = row[32:] {
		a = mix(a, binary.LittleEndian.Uint64(row)&colours)
		b = mix(b, binary.LittleEndian.Uint64(row[8:])&colours)
		c = mix(c, binary.LittleEndian.Uint64(row[16:])&colours)
		d = mix(d, binary.LittleEndian.Uint64(row[24:])&colours)
	}
	for ; len(row) >= frame.BytesPerPixel; row = row[frame.BytesPerPixel:] {
		a = mix(a, uint64(pixel(row)))
	}
	a = mix(mix(mix(a, b), c), d)
	return a ^ a>>32
}

// lines finds the rows of a strip by hash. The zero value is empty.
type lines struct {
	slots []line
	turn  uint32
}

type line struct {
	hash uint64
	turn uint32 // slots of other turns are free
	row  int32  // -1 when several rows have this hash
}

// fill replaces what is held.
func (l *lines) fill(hashes []uint64) {
	size := 64
	for size < 2*len(hashes) {
		size *= 2
	}
	if len(l.slots) < size {
		l.slots, l.turn = make([]line, size), 0
	}
	l.turn++
	for row, h := range hashes {
		s := l.slot(h)
		if s.turn == l.turn {
			s.row = -1
		} else {
			*s = line{h, l.turn, int32(row)}
		}
	}
}

// find returns the one row with this hash.
func (l *lines) find(h uint64) (row int, ok bool) {
	s := l.slot(h)
	return int(s.row), s.turn == l.turn && s.row >= 0
}

// slot returns where h stands or would stand.
func (l *lines) slot(h uint64) *line {
	for i := h; ; i++ {
		if s := &l.slots[i&uint64(len(l.slots)-1)]; s.turn != l.turn || s.hash == h {
			return s
		}
	}
}
