package xconn

import (
	"encoding/binary"
	"maps"
	"slices"
	"testing"
)

// ownersReply is an answer about clients: each with a kind of identification and its bytes.
func ownersReply(n uint32, clients ...[]uint32) []byte {
	b := make([]byte, ownersOffset)
	binary.LittleEndian.PutUint32(b[8:], n)
	for _, c := range clients {
		b = binary.LittleEndian.AppendUint32(b, c[0])
		b = binary.LittleEndian.AppendUint32(b, c[1])
		b = binary.LittleEndian.AppendUint32(b, uint32(4*len(c[2:])))
		for _, v := range c[2:] {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	return b
}

const testBase = 0xffe00000

func TestReadOwners(t *testing.T) {
	ids := []uint32{0x200001, 0x200777, 0x400001, 0x600001}
	two := ownersReply(2, []uint32{0x200000, pidOfLocal, 17}, []uint32{0x400000, pidOfLocal, 23})
	for _, tt := range []struct {
		name  string
		reply []byte
		want  map[uint32]int
		bad   bool
	}{
		{"none", ownersReply(0), map[uint32]int{}, false},
		{"two, and one that nobody knows", two, map[uint32]int{0x200001: 17, 0x200777: 17, 0x400001: 23}, false},
		{"another identification", ownersReply(1, []uint32{0x200000, 1}), map[uint32]int{}, false},
		{"without a process", ownersReply(1, []uint32{0x200000, pidOfLocal}), map[uint32]int{}, false},
		{"no head", two[:ownersOffset-1], nil, true},
		{"cut in an entry", two[:len(two)-8], nil, true},
		{"cut in a value", two[:len(two)-4], nil, true},
		{"more than there are", ownersReply(1<<31, []uint32{0x200000, pidOfLocal, 17}), nil, true},
	} {
		got := map[uint32]int{}
		err := readOwners(tt.reply, testBase, ids, got)
		if (err != nil) != tt.bad || !tt.bad && !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v; want %v, bad %v", tt.name, got, err, tt.want, tt.bad)
		}
	}
}

func FuzzReadOwners(f *testing.F) {
	f.Add(ownersReply(2, []uint32{0x200000, pidOfLocal, 17}, []uint32{0x400000, 1, 5, 6}))
	f.Add(ownersReply(7))
	f.Fuzz(func(t *testing.T, b []byte) {
		ids := []uint32{1, 0x200001, 0x400001}
		got := map[uint32]int{}
		readOwners(b, testBase, ids, got)
		for id := range got {
			if !slices.Contains(ids, id) {
				t.Errorf("%#x was not asked about", id)
			}
		}
	})
}
