package netlab

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

var (
	ann4, bob4 = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	ann6, bob6 = netip.MustParseAddr("fd00::1"), netip.MustParseAddr("fd00::2")
)

// segment is a TCP packet or, with proto UDP, a datagram.
func segment(src, dst netip.Addr, proto uint8, from, to uint16, flags byte) packet {
	p, inner := newPacket(src, dst, proto, headTCP)
	binary.BigEndian.PutUint16(inner, from)
	binary.BigEndian.PutUint16(inner[2:], to)
	inner[12], inner[13] = headTCP/4<<4, flags
	const at = 16
	return p.seal(at)
}

func TestWall(t *testing.T) {
	w := &wall{Drop, []Rule{Allow("tcp", bob4, 443, 80), Allow("", bob6, 443), Serve(ann4)}}
	for _, tt := range []struct {
		name string
		p    packet
		out  bool
		want bool
	}{
		{"out", segment(ann4, bob4, protoTCP, 4000, 443, flagSYN), true, true},
		{"its answer", segment(bob4, ann4, protoTCP, 443, 4000, flagSYN|flagACK), false, true},
		{"connection from there", segment(bob4, ann4, protoTCP, 443, 4000, flagSYN), false, false},
		{"other port", segment(ann4, bob4, protoTCP, 4000, 8200, flagSYN), true, false},
		{"other protocol", segment(ann4, bob4, protoUDP, 4000, 443, 0), true, false},
		{"both protocols", segment(ann6, bob6, protoUDP, 4000, 443, 0), true, true},
		{"other address", segment(ann4, resolver4.Next(), protoTCP, 4000, 443, flagSYN), true, false},
		{"answer of another port", segment(bob4, ann4, protoTCP, 8200, 4000, flagACK), false, false},
		{"connection to what is served", segment(ann4, bob4, protoTCP, 4000, 3128, flagSYN), false, true},
		{"its answer to who is served", segment(bob4, ann4, protoTCP, 3128, 4000, flagSYN|flagACK), true, true},
		{"resolver", segment(ann4, resolver4, protoUDP, 4000, 53, 0), true, true},
	} {
		h, ok := tt.p.parse()
		if !ok || w.allows(h, tt.out) != tt.want {
			t.Errorf("%s: %+v, %v", tt.name, h, ok)
		}
	}
}

func TestChecksums(t *testing.T) {
	for _, p := range []packet{
		segment(ann4, bob4, protoTCP, 1, 2, flagSYN), segment(ann6, bob6, protoTCP, 1, 2, flagACK), segment(ann4, bob4, protoUDP, 1, 2, 0),
		segment(ann6, bob6, protoUDP, 1, 2, 0),
	} {
		h, _ := p.parse()
		for _, q := range []packet{p, p.refusal(h)} {
			if q == nil {
				t.Fatalf("no answer to %x", p)
			}
			h, ok := q.parse()
			if !ok {
				t.Fatalf("%x", q)
			}
			pseudo := sum(q[12:20])
			if h.src.Is6() {
				pseudo = sum(q[8:40])
			} else if fold(sum(q[:head4])) != 0xffff {
				t.Errorf("checksum of the header of %x", q)
			}
			pseudo += uint32(h.proto) + uint32(len(q)-h.start)
			if h.proto == protoICMP {
				pseudo = 0
			}
			if h.proto != protoUDP && fold(pseudo+sum(q[h.start:])) != 0xffff {
				t.Errorf("checksum of %x", q)
			}
		}
	}
}

func FuzzPacket(f *testing.F) {
	f.Add([]byte(segment(ann4, bob4, protoTCP, 1, 2, flagSYN)))
	f.Add([]byte(segment(ann6, bob6, protoUDP, 1, 53, 0)))
	f.Add([]byte{0x4f})
	r := newResolver()
	f.Fuzz(func(t *testing.T, b []byte) {
		p := packet(b)
		h, ok := p.parse()
		if !ok {
			return
		}
		if q := p.refusal(h); q != nil {
			if back, ok := q.parse(); !ok || back.dst != h.src {
				t.Errorf("%x is answered %x", p, q)
			}
		}
		r.answer(p, h)
		(&wall{}).allows(h, true)
	})
}
