package exact

import (
	"bytes"
	"image"

	"assist/media/frame"
)

const (
	// shelfTiles is how many tiles a shelf holds: 8 MiB.
	shelfTiles = 2048
	// shelfRows is how many rows of a tile must differ from the row above to make it worth keeping.
	shelfRows = 4
	// shelfCover is how many pixels of a tile must be painted over at once to keep it: less is no other window.
	shelfCover = frame.Tile * frame.Tile / 2
	tileBytes  = frame.Tile * frame.Tile * frame.BytesPerPixel
)

// shelf keeps what stood in tiles before they were painted over, for windows and menus that come and go. Both ends put
// the same tiles in the same places: the oldest makes room for the newest.
type shelf struct {
	tiles   []byte               // one after the other, row by row
	hashes  []uint64             // of each
	at      map[uint64]int       // place by hash
	next    int                  // place of the next one, once all are taken
	painted map[image.Point]bool // tiles painted over in this message
	one     [tileBytes]byte
}

// reset empties the shelf.
func (s *shelf) reset() {
	s.tiles, s.hashes, s.next = s.tiles[:0], s.hashes[:0], 0
	s.at, s.painted = map[uint64]int{}, map[image.Point]bool{}
}

// begin starts a message.
func (s *shelf) begin() { clear(s.painted) }

// keep puts the tiles of f that r covers by half or more on the shelf, before r is painted over: those that are worth it, are not
// there already, and were not painted over in this message before. Photos are not kept when photos follow them: that is a video.
func (s *shelf) keep(f *frame.Frame, r image.Rectangle, photos bool) {
	const side = frame.Tile
	for y := r.Min.Y / side * side; y < r.Max.Y; y += side {
		for x := r.Min.X / side * side; x < r.Max.X; x += side {
			t := image.Rect(x, y, x+side, y+side)
			if s.painted[t.Min] || !t.In(f.Rect) || area(t.Intersect(r)) < shelfCover {
				continue
			}
			s.painted[t.Min] = true
			if worthKeeping(f, t) && !(photos && busy(f, t)) {
				s.put(f, t)
			}
		}
	}
}

// worthKeeping reports whether a tile is more than a few areas of one colour.
func worthKeeping(f *frame.Frame, t image.Rectangle) bool {
	n := 0
	up := f.Row(t.Min.X, t.Max.X, t.Min.Y)
	for y := t.Min.Y + 1; y < t.Max.Y && n < shelfRows; y++ {
		row := f.Row(t.Min.X, t.Max.X, y)
		if !bytes.Equal(row, up) {
			n++
		}
		up = row
	}
	return n == shelfRows
}

func (s *shelf) put(f *frame.Frame, t image.Rectangle) {
	h := hashTile(f, t)
	if _, ok := s.at[h]; ok {
		return
	}
	i := s.next
	if len(s.hashes) < shelfTiles {
		i = len(s.hashes)
		s.hashes = append(s.hashes, 0)
		s.tiles = append(s.tiles, s.one[:]...)
	} else {
		delete(s.at, s.hashes[i])
		s.next = (i + 1) % shelfTiles
	}
	s.hashes[i], s.at[h] = h, i
	to := s.tiles[i*tileBytes:]
	for y := t.Min.Y; y < t.Max.Y; y++ {
		to = to[copy(to, f.Row(t.Min.X, t.Max.X, y)):]
	}
}

// find returns where on the shelf what f shows at t is.
func (s *shelf) find(f *frame.Frame, t image.Rectangle) (i int, ok bool) {
	if i, ok = s.at[hashTile(f, t)]; !ok {
		return 0, false
	}
	const width = frame.Tile * frame.BytesPerPixel
	from := s.tiles[i*tileBytes:]
	for y := t.Min.Y; y < t.Max.Y; y, from = y+1, from[width:] {
		if !frame.SameColours(f.Row(t.Min.X, t.Max.X, y), from[:width]) {
			return 0, false
		}
	}
	return i, true
}

// restore paints t from the shelf, and keeps what stood there. It reports false if there is nothing at i.
func (s *shelf) restore(f *frame.Frame, t image.Rectangle, i int) bool {
	if i >= len(s.hashes) {
		return false
	}
	copy(s.one[:], s.tiles[i*tileBytes:])
	s.keep(f, t, false)
	from := s.one[:]
	for y := t.Min.Y; y < t.Max.Y; y++ {
		from = from[copy(f.Row(t.Min.X, t.Max.X, y), from):]
	}
	return true
}

// hashTile hashes the colours of a tile.
func hashTile(f *frame.Frame, t image.Rectangle) uint64 {
	h := uint64(0)
	for y := t.Min.Y; y < t.Max.Y; y++ {
		h = h*0x9e3779b97f4a7c15 + hashRow(f.Row(t.Min.X, t.Max.X, y))
	}
	return h
}
