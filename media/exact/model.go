package exact

import (
	"encoding/binary"
	"image"
	"math/bits"

	"assist/media/frame"
)

const (
	mostBits  = 19 // guesses by twelve pixels around in a large picture, as a power of two
	leastBits = 12 // in a small one
	nearLess  = 2  // by so much fewer guesses by six pixels around
	nextBits  = 14 // guesses by two
	storeBits = 10 // colours that came before, as a power of two
	unit      = 32 // pixels of a row that are copied from the row above with one bit
	margin    = 8  // pixels kept to each side of a row: at least what a context looks at
	maxRun    = 31 // hits in a row that a guess counts
	maxMiss   = 3  // misses that a guess counts
)

// guess is the colours that followed a context.
type guess struct {
	first, second uint32 // first is the more likely one
	check         uint16 // tells contexts apart that share a place; 0: free
	run           uint8  // how often first was right since it was wrong
	miss          uint8  // how often it was wrong
}

// hits are the chances that a guess is right, by what it was worth so far and by whether a neighbour has the colour.
type hits [(maxRun + 1) * (maxMiss + 1) * 4]chance

// model codes pixels by what stood beside the same neighbours before. It learns from every pixel, in the same way when
// it writes and when it reads. Whatever it reads, it needs no more memory and ends after each pixel.
type model struct {
	coder
	far, near, next []guess
	farShift        uint // of a hash, to its place in far
	nearShift       uint
	farHit          hits
	nearHit         [2]hits // without and with a wrong guess by the far context
	nearSecond      [2]hits
	nextHit         hits
	nextSecond      hits
	copied          [1 << 5]chance
	stored          [2]chance
	slots           [2][1 << storeBits]chance
	delta           [4][1 << 8]chance
	store           [1 << storeBits]uint32
	more            [4]chance
	inTurn          chance
	hops            [2]number
	numbers         [16]number
	from            [2]number

	above, up, now, want []uint32 // rows of pixels: two above, the one above, the one at hand, and what it shall become
	history              []uint8  // of each unit: whether it was copied in the rows above, the last one lowest
	wrong                [4]uint32
	wrongs               int // colours of wrong that the pixel at hand does not have
}

// newModel returns a model for pictures of this size: a guess for every second to fourth pixel, within limits.
func newModel(size image.Point) *model {
	n := min(max(bits.Len(uint(size.X*size.Y))-2, leastBits), mostBits)
	m := &model{far: make([]guess, 1<<n), near: make([]guess, 1<<(n-nearLess)), next: make([]guess, 1<<nextBits)}
	m.farShift, m.nearShift = uint(64-n), uint(64-n+nearLess)
	m.reset()
	return m
}

// reset forgets all that was learnt.
func (m *model) reset() {
	for _, g := range [][]guess{m.far, m.near, m.next} {
		clear(g)
	}
	for _, ps := range [][]chance{m.farHit[:], m.nearHit[0][:], m.nearHit[1][:], m.nearSecond[0][:], m.nearSecond[1][:],
		m.nextHit[:], m.nextSecond[:], m.copied[:], m.stored[:], m.slots[0][:], m.slots[1][:], m.more[:],
		m.delta[0][:], m.delta[1][:], m.delta[2][:], m.delta[3][:]} {
		reset(ps)
	}
	clear(m.store[:])
	m.inTurn = even
	m.hops[0].reset()
	m.hops[1].reset()
	m.from[0].reset()
	m.from[1].reset()
	for i := range m.numbers {
		m.numbers[i].reset()
	}
}

// load fills line with row y of f from x0 on. Outside the picture it is black.
func load(line []uint32, f *frame.Frame, x0, y int) {
	if y < 0 || y >= f.Rect.Max.Y {
		clear(line)
		return
	}
	a, b := max(x0, 0), min(x0+len(line), f.Rect.Max.X)
	clear(line[:a-x0])
	row, out := f.Row(a, b, y), line[a-x0:b-x0]
	for i := range out {
		out[i] = pixel(row[i*frame.BytesPerPixel:])
	}
	clear(line[b-x0:])
}

// rect codes the pixels of r into f. They are those of src when writing; src is not looked at when reading. It reports false, and
// stops, when there is nothing left to read.
func (m *model) rect(f, src *frame.Frame, r image.Rectangle) bool {
	w := r.Dx()
	n := w + 2*margin + unit
	if len(m.now) < n {
		m.above, m.up, m.now, m.want = make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n)
		m.history = make([]uint8, w/unit+1)
	}
	clear(m.history)
	x0 := r.Min.X - margin
	load(m.above[:n], f, x0, r.Min.Y-2)
	load(m.up[:n], f, x0, r.Min.Y-1)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		load(m.now[:n], f, x0, y)
		if !m.reading {
			load(m.want[:n], src, x0, y)
		}
		m.row(w)
		if m.over() {
			return false
		}
		out := f.Row(r.Min.X, r.Max.X, y)
		for i, c := range m.now[margin : margin+w] {
			binary.LittleEndian.PutUint32(out[i*frame.BytesPerPixel:], c)
		}
		m.above, m.up, m.now = m.up, m.now, m.above
	}
	return true
}

// row codes a row of w pixels.
func (m *model) row(w int) {
	left := 0
	for x, u := margin, 0; x < margin+w; x, u = x+unit, u+1 {
		end := min(x+unit, margin+w)
		same := !m.reading && equal(m.want[x:end], m.up[x:end])
		ctx := left | int(m.history[u]&3)<<1 | m.calm(x, end)<<3
		m.history[u] <<= 1
		if m.bit(&m.copied[ctx], same) {
			copy(m.now[x:end], m.up[x:end])
			m.history[u] |= 1
			left = 1
			continue
		}
		left = 0
		for i := x; i < end; i++ {
			m.now[i] = m.pixel(i)
		}
	}
}

func equal(a, b []uint32) bool {
	b = b[:len(a)]
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}

// calm returns 0 if a change of colour comes down to the unit from above on its left, 2 if not, and 3 if all around it is of
// one colour.
func (m *model) calm(x, end int) int {
	c := m.up[x-1]
	if m.now[x-1] != c {
		return 0
	}
	for _, v := range m.up[x : end+1] {
		if v != c {
			return 2
		}
	}
	return 3
}

// pixel codes the pixel at i of the row.
func (m *model) pixel(i int) uint32 {
	const k1, k2, k3 = 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9
	const k4, k5, k6 = 0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	pair := func(a, b uint32) uint64 { return uint64(a)<<24 ^ uint64(b) }
	up, left, above := m.up[i-4:i+4], m.now[i-4:i], m.above[i-4:i+4]
	w, n := left[3], up[4]
	h2 := pair(w, n) * k1
	h6 := h2 + pair(up[3], up[5])*k2 + pair(left[2], above[4])*k3
	h12 := h6 + pair(up[2], up[6])*k4 + pair(left[1], above[3])*k5 + pair(above[5], left[0]^up[7]<<3)*k6
	h12 = (h12 ^ h12>>29) * k1
	far, check := &m.far[h12>>m.farShift], uint16(h12>>8)|1
	m.wrongs = 0
	if far.check != check {
		c := m.byNear(i, h2, h6, 0)
		*far = guess{first: c, second: c, check: check}
		return c
	}
	if m.bit(&m.farHit[far.worth(far.first, n, w)], m.want[i] == far.first) {
		far.hit()
		return far.first
	}
	m.exclude(far.first)
	c := m.byNear(i, h2, h6, 1)
	far.missed(c)
	return c
}

// byNear codes a pixel by the six around it.
func (m *model) byNear(i int, h2, h6 uint64, far int) uint32 {
	const k = 0xc2b2ae3d27d4eb4f
	h6 = (h6 ^ h6>>31) * k
	near, check := &m.near[h6>>m.nearShift], uint16(h6>>8)|1
	if near.check != check {
		c := m.byNext(i, h2)
		*near = guess{first: c, second: c, check: check}
		return c
	}
	if c, ok := m.either(i, near, &m.nearHit[far], &m.nearSecond[far]); ok {
		return c
	}
	c := m.byNext(i, h2)
	near.missed(c)
	return c
}

// byNext codes a pixel by those left of and above it.
func (m *model) byNext(i int, h2 uint64) uint32 {
	const k = 0x165667b19e3779f9
	h2 = (h2 ^ h2>>30) * k
	next := &m.next[h2>>(64-nextBits)]
	if next.check == 0 {
		*next = guess{first: m.now[i-1], second: m.up[i], check: 1}
	}
	if c, ok := m.either(i, next, &m.nextHit, &m.nextSecond); ok {
		return c
	}
	c := m.fresh(i)
	next.missed(c)
	return c
}

// either codes whether the pixel is one of the guess's colours, and learns if so.
func (m *model) either(i int, g *guess, first, second *hits) (c uint32, ok bool) {
	w, n, want := m.now[i-1], m.up[i], m.want[i]
	if c := g.first; !m.excluded(c) {
		if m.bit(&first[g.worth(c, n, w)], want == c) {
			g.hit()
			return c, true
		}
		m.exclude(c)
	}
	if c := g.second; !m.excluded(c) {
		if m.bit(&second[g.worth(c, n, w)], want == c) {
			g.missed(c)
			return c, true
		}
		m.exclude(c)
	}
	return 0, false
}

// exclude notes that the pixel does not have a colour. Each pixel excludes five at most; the last need not be noted.
func (m *model) exclude(c uint32) {
	if m.wrongs < len(m.wrong) {
		m.wrong[m.wrongs] = c
		m.wrongs++
	}
}

func (m *model) excluded(c uint32) bool {
	for _, w := range m.wrong[:m.wrongs] {
		if w == c {
			return true
		}
	}
	return false
}

// fresh codes a pixel without a guess: by its place in the store, or by how it differs from what its neighbours lead to.
func (m *model) fresh(i int) uint32 {
	want, w, n := m.want[i], m.now[i-1], m.up[i]
	kind := 0
	if w == n {
		kind = 1
	}
	at := slot(want)
	if m.bit(&m.stored[kind], m.store[at] == want) {
		return m.store[m.tree(m.slots[kind][:], storeBits, at)]
	}
	p := between(w, n, m.up[i-1])
	green := m.tree(m.delta[0][:], 8, (want>>8-p>>8)&0xff)
	red := m.tree(m.delta[1][:], 8, (want>>16-p>>16-green)&0xff)
	kind = 2
	if red == 0 {
		kind = 3
	}
	blue := m.tree(m.delta[kind][:], 8, (want-p-green)&0xff)
	c := (p>>16+green+red)&0xff<<16 | (p>>8+green)&0xff<<8 | (p+green+blue)&0xff
	m.store[slot(c)] = c
	return c
}

// slot is where a colour stands in the store.
func slot(c uint32) uint32 { return c * 0x9e3779b1 >> (32 - storeBits) }

// between predicts a pixel from the ones left, above and above left of it, byte by byte (the median predictor of LOCO-I).
func between(left, up, upLeft uint32) uint32 {
	c := uint32(0)
	for s := 0; s < 24; s += 8 {
		a, b, o := int(left>>s&0xff), int(up>>s&0xff), int(upLeft>>s&0xff)
		c |= uint32(min(max(a+b-o, min(a, b)), max(a, b))) << s
	}
	return c
}

// worth says what a guess of colour c was worth so far.
func (g *guess) worth(c, up, left uint32) int {
	i := int(g.run)<<2 | int(g.miss)<<7
	if c == up {
		i |= 1
	}
	if c == left {
		i |= 2
	}
	return i
}

func (g *guess) hit() {
	if g.run < maxRun {
		g.run++
	}
}

// missed notes that not first but c was right.
func (g *guess) missed(c uint32) {
	if g.miss < maxMiss {
		g.miss++
	}
	if g.run <= 1 || g.second == c {
		g.first, g.second, g.run = c, g.first, 0
		return
	}
	g.second = c
	g.run /= 4
}
