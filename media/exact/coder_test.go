package exact

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever is written is read back, and nothing is left over.
func TestCoderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type step struct {
			kind int
			v    int
		}
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{rapid.IntRange(0, 3).Draw(t, "kind"), rapid.IntRange(0, 65534).Draw(t, "v")}
		}), 0, 200).Draw(t, "steps")
		run := func(c *coder, check func(got, want int)) {
			var n number
			n.reset()
			bits, tree := make([]chance, 4), make([]chance, 256)
			reset(bits)
			reset(tree)
			for _, s := range steps {
				v := s.v
				if c.reading {
					v = 0
				}
				switch s.kind {
				case 0, 1: // mostly the same bit
					bit := c.bit(&bits[s.kind], v%16 == 1)
					if check != nil && bit != (s.v%16 == 1) {
						t.Fatalf("bit %v, want %v", bit, !bit)
					}
				case 2:
					if got := c.tree(tree, 8, uint32(v&255)); check != nil {
						check(int(got), s.v&255)
					}
				case 3:
					if got := c.number(&n, v); check != nil {
						check(got, s.v)
					}
				}
			}
		}
		var w, r coder
		w.write([]byte("before"))
		run(&w, nil)
		out := w.finish()
		r.read(out[len("before"):])
		run(&r, func(got, want int) {
			if got != want {
				t.Fatalf("read %d, want %d", got, want)
			}
		})
		if len(r.buf) > 0 || r.over() {
			t.Fatalf("%d bytes left, %d missing", len(r.buf), r.missing)
		}
	})
}

// Bits that are nearly always the same cost nearly nothing.
func TestCoderIsThrifty(t *testing.T) {
	var c coder
	c.write(nil)
	p := even
	for i := range 100_000 {
		c.bit(&p, i%1000 == 999)
	}
	if n := len(c.finish()); n > 400 { // the entropy is 143 bytes
		t.Errorf("%d bytes for 100 ones in 100000 bits, want at most 400", n)
	}
}
