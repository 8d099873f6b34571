package exact

import (
	"encoding/binary"
	"image"

	"assist/media/frame"
)

const (
	// tileColours is the most colours that a tile sent by palette may have. Plain text has fewer; smooth text in many colours has
	// more, and with a larger number would change the palette so often that its bytes no longer repeat.
	tileColours = 32
	// maxFlush is the most bytes that flush appends.
	maxFlush = 2 + 256*(1+rawBytes)
)

// palette is the encoder's copy of the 256 colours both ends know. A colour keeps its index while it is in use, so
// that the same glyph is the same bytes each time; the colour unused for longest makes room for a new one.
type palette struct {
	colours [256]uint32
	used    [256]uint32 // the message that used the colour last
	index   map[uint32]byte
	message uint32 // counts from 1
	left    int    // indices that this message has not used
	changed []byte // indices that got a new colour in this message

	guess [1 << 12]byte // colour, hashed, to its index, perhaps; right only if colours agrees

	seen  [256]uint32 // colours of a tile, hashed; highest byte set where one stands
	found []uint32    // colours of a tile
}

// reset forgets everything: all indices are black, as in a new decoder.
func (p *palette) reset() {
	*p = palette{index: map[uint32]byte{0: 0}, found: p.found, changed: p.changed[:0]}
}

// begin starts a message.
func (p *palette) begin() {
	p.message++
	p.left = len(p.colours)
	p.changed = p.changed[:0]
}

// hash spreads colours over n bits.
func hash(c uint32, n int) uint32 { return c * 0x9e3779b1 >> (32 - n) }

// take gives every colour in r an index for the whole message. When the tile has too many, or no index is free, it
// reports false.
func (p *palette) take(f *frame.Frame, r image.Rectangle) bool {
	if !p.collect(f, r) {
		return false
	}
	added := 0
	for _, c := range p.found {
		if i, ok := p.index[c]; ok {
			p.use(i)
		} else {
			p.found[added] = c
			added++
		}
	}
	if added > p.left {
		return false
	}
	for _, c := range p.found[:added] {
		i := p.oldest()
		if p.index[p.colours[i]] == i {
			delete(p.index, p.colours[i])
		}
		p.colours[i], p.index[c] = c, i
		p.changed = append(p.changed, i)
		p.use(i)
	}
	return true
}

// use notes that the message uses index i.
func (p *palette) use(i byte) {
	if p.used[i] != p.message {
		p.used[i] = p.message
		p.left--
	}
}

// oldest returns the index unused for longest.
func (p *palette) oldest() byte {
	best := 0
	for i, u := range p.used {
		if u < p.used[best] {
			best = i
		}
	}
	return byte(best)
}

// collect fills found with the colours in r, and reports whether they are few enough.
func (p *palette) collect(f *frame.Frame, r image.Rectangle) bool {
	const set = 1 << 24
	clear(p.seen[:])
	p.found = p.found[:0]
	last := uint32(0) // no colour: set is missing
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		for i := 0; i+4 <= len(row); i += 4 {
			c := pixel(row[i:]) | set
			if c == last {
				continue
			}
			last = c
			slot := &p.seen[hash(c&^set, 8)]
			if *slot == c {
				continue
			}
			if *slot != 0 && p.known(c&^set) {
				*slot = c
				continue
			}
			if len(p.found) == tileColours {
				return false
			}
			*slot = c
			p.found = append(p.found, c&^set)
		}
	}
	return true
}

func (p *palette) known(c uint32) bool {
	for _, k := range p.found {
		if k == c {
			return true
		}
	}
	return false
}

// flush appends the colours that changed in this message.
func (p *palette) flush(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(p.changed)))
	for _, i := range p.changed {
		c := p.colours[i]
		dst = append(dst, i, byte(c), byte(c>>8), byte(c>>16))
	}
	return dst
}

// append appends the indices of a row of pixels, whose colours were all taken in this message.
func (p *palette) append(dst, row []byte) []byte {
	last, index := ^uint32(0), byte(0)
	for i := 0; i+4 <= len(row); i += 4 {
		if c := pixel(row[i:]); c != last {
			last = c
			g := &p.guess[hash(c, 12)]
			if p.colours[*g] != c {
				*g = p.index[c]
			}
			index = *g
		}
		dst = append(dst, index)
	}
	return dst
}
