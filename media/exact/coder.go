package exact

import "math/bits"

// chance is how likely a bit is to be 1: the upper 22 bits are the probability, the lower 10 count the bits seen.
type chance uint32

const (
	even      = chance(1 << 31)
	seenMask  = 1<<10 - 1
	seenLimit = 127 // bits after which a chance changes no slower
)

// step[n] is how much a chance that has seen n bits moves towards the next one, in 2^-13.
var step = func() (t [seenLimit + 1]int32) {
	for n := range t {
		t[n] = int32(1 << 14 / (2*n + 3))
	}
	return t
}()

// coder is an adaptive binary arithmetic coder in both directions: the same calls with the same chances, one after the
// other, write bits and read them back. What is read from foreign bytes is some bits, whatever they are: the caller
// checks what the bits say, and [coder.over].
type coder struct {
	low, high uint32 // what is left of the interval, both ends included
	code      uint32 // the place in it, when reading
	buf       []byte // written so far, or left to read
	reading   bool
	missing   int // bytes read behind the end, as zeros
}

// write starts writing behind what buf holds.
func (c *coder) write(buf []byte) { *c = coder{high: 1<<32 - 1, buf: buf} }

// read starts reading buf, to its end.
func (c *coder) read(buf []byte) {
	*c = coder{high: 1<<32 - 1, buf: buf, reading: true}
	for range 4 {
		c.code = c.code<<8 | c.next()
	}
}

// over reports whether more was read than the writer wrote.
func (c *coder) over() bool { return c.missing > 4 }

func (c *coder) next() uint32 {
	if len(c.buf) == 0 {
		c.missing++
		return 0
	}
	b := c.buf[0]
	c.buf = c.buf[1:]
	return uint32(b)
}

// bit codes a bit: it writes the one given, or returns the one read. p learns from it.
func (c *coder) bit(p *chance, bit bool) bool {
	v := *p
	mid := c.low + uint32(uint64(c.high-c.low)*uint64(v>>16)>>16)
	if c.reading {
		bit = c.code <= mid
	}
	n := v & seenMask
	by := -int32(v >> 10)
	if bit {
		c.high = mid
		by += 1<<22 - 1
	} else {
		c.low = mid + 1
	}
	v += chance(by>>3*step[n]) &^ seenMask
	if n < seenLimit {
		v++
	}
	*p = v
	for (c.low^c.high)>>24 == 0 {
		c.shift()
	}
	return bit
}

// shift moves on by a byte.
func (c *coder) shift() {
	if c.reading {
		c.code = c.code<<8 | c.next()
	} else {
		c.buf = append(c.buf, byte(c.high>>24))
	}
	c.low <<= 8
	c.high = c.high<<8 | 0xff
}

// finish writes the last bytes, as few as lead into the interval when zeros follow, and returns all that was written.
func (c *coder) finish() []byte {
	for n := uint(0); n <= 4; n++ {
		unit := uint64(1) << (32 - 8*n)
		v := (uint64(c.low) + unit - 1) / unit * unit
		if v > uint64(c.high) {
			continue
		}
		for i := range n {
			c.buf = append(c.buf, byte(v>>(24-8*i)))
		}
		break
	}
	return c.buf
}

// tree codes the lowest n bits of v, the highest first, each with a chance of its own for what came before it. ps holds 1<<n
// chances.
func (c *coder) tree(ps []chance, n int, v uint32) uint32 {
	at := uint32(1)
	for i := n - 1; i >= 0; i-- {
		if c.bit(&ps[at], v>>i&1 == 1) {
			at = at<<1 | 1
		} else {
			at <<= 1
		}
	}
	return at - 1<<n
}

// number is the chances of a number from 0 to 65534. Numbers of a size that came often before are short.
type number struct {
	digits [1 << 4]chance // how many binary digits follow the first, of the number plus 1
	second [1 << 4]chance // the one after the first, by how many there are
}

func (m *number) reset() {
	reset(m.digits[:])
	reset(m.second[:])
}

func reset(ps []chance) {
	for i := range ps {
		ps[i] = even
	}
}

// number codes v.
func (c *coder) number(m *number, v int) int {
	u := uint32(v) + 1
	n := c.tree(m.digits[:], 4, uint32(bits.Len32(u)-1))
	out := uint32(1)
	for i := int(n) - 1; i >= 0; i-- {
		half := even
		p := &half
		if i == int(n)-1 {
			p = &m.second[n]
		}
		out <<= 1
		if c.bit(p, u>>i&1 == 1) {
			out |= 1
		}
	}
	return int(out) - 1
}
