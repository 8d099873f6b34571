package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// ends returns the customer's sealer and the engineer's opener for it.
func ends(t testing.TB, order Order) (*Sealer, *Opener) {
	t.Helper()
	c, e := agree(t, seeded(1))
	s, _, err := c.Channel("chat", 0, order)
	if err != nil {
		t.Fatal(err)
	}
	_, o, err := e.Channel("chat", 0, order)
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

func seal(t testing.TB, s *Sealer, msg string) []byte {
	t.Helper()
	r, err := s.Seal(nil, []byte(msg))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantOpen expects want, or the error.
func wantOpen(t testing.TB, o *Opener, record []byte, want string, wantErr error) {
	t.Helper()
	got, err := o.Open(nil, record)
	if !errors.Is(err, wantErr) || wantErr == nil && err != nil || string(got) != want || err != nil && got != nil {
		t.Errorf("Open = %q, %v, want %q, %v", got, err, want, wantErr)
	}
}

func TestBothDirections(t *testing.T) {
	c, e := agree(t, seeded(1))
	for _, order := range []Order{Ordered, Unordered} {
		cs, co, _ := c.Channel("control", uint32(order), order)
		es, eo, _ := e.Channel("control", uint32(order), order)
		for i := range 5 {
			msg := fmt.Sprint("message ", i)
			wantOpen(t, eo, seal(t, cs, msg), msg, nil)
			wantOpen(t, co, seal(t, es, msg), msg, nil)
			wantOpen(t, eo, seal(t, cs, ""), "", nil)
		}
	}
}

func TestOrderedRecords(t *testing.T) {
	for _, tt := range []struct {
		name string
		pick func(r [][]byte) [][]byte // what arrives of three records; the last one is refused
	}{
		{"replay", func(r [][]byte) [][]byte { return [][]byte{r[0], r[0]} }},
		{"gap", func(r [][]byte) [][]byte { return [][]byte{r[1]} }},
		{"reorder", func(r [][]byte) [][]byte { return [][]byte{r[0], r[2]} }},
		{"truncation", func(r [][]byte) [][]byte { return [][]byte{r[0], r[1][:len(r[1])-1]} }},
		{"empty", func(r [][]byte) [][]byte { return [][]byte{r[0], nil} }},
		{"tag alone", func(r [][]byte) [][]byte { return [][]byte{r[0][len(r[0])-gcmTagSize:]} }},
		{"two in one", func(r [][]byte) [][]byte { return [][]byte{append(bytes.Clone(r[0]), r[1]...)} }},
		{"too long", func(r [][]byte) [][]byte { return [][]byte{make([]byte, MaxPlaintext+gcmTagSize+1)} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, o := ends(t, Ordered)
			records := [][]byte{seal(t, s, "0"), seal(t, s, "1"), seal(t, s, "2")}
			arriving := tt.pick(records)
			last := len(arriving) - 1
			for i, r := range arriving[:last] {
				wantOpen(t, o, r, fmt.Sprint(i), nil)
			}
			wantOpen(t, o, arriving[last], "", ErrRecord)
			for _, r := range records { // and for good, the right record included
				wantOpen(t, o, r, "", ErrRecord)
			}
		})
	}
}

func TestUnorderedRecords(t *testing.T) {
	s, o := ends(t, Unordered)
	var r [][]byte
	for i := range 6 {
		r = append(r, seal(t, s, fmt.Sprint(i)))
	}
	wantOpen(t, o, r[1], "1", nil) // 0 is late
	wantOpen(t, o, r[0], "", ErrOld)
	wantOpen(t, o, r[1], "", ErrOld)
	wantOpen(t, o, r[2][:len(r[2])-1], "", ErrRecord)
	wantOpen(t, o, r[2][:7], "", ErrRecord)
	wantOpen(t, o, nil, "", ErrRecord)
	wantOpen(t, o, r[2], "2", nil) // what was refused does no harm
	far := bytes.Clone(r[3])
	binary.BigEndian.PutUint64(far, 1<<31)
	wantOpen(t, o, far, "", ErrRecord) // a counter that nobody sealed must not shut the others out
	binary.BigEndian.PutUint64(far, ^uint64(0))
	wantOpen(t, o, far, "", ErrRecord)
	wantOpen(t, o, r[5], "5", nil)
	wantOpen(t, o, r[3], "", ErrOld)
}

// Records opened in another place than they were sealed for.
func TestWrongPlace(t *testing.T) {
	c, e := agree(t, seeded(1))
	s, own, _ := c.Channel("chat", 1, Unordered)
	r := seal(t, s, "hello")
	wantOpen(t, own, r, "", ErrRecord) // back to its sender
	open := func(name string, epoch uint32, order Order) *Opener {
		_, o, err := e.Channel(name, epoch, order)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	wantOpen(t, open("file", 1, Unordered), r, "", ErrRecord)
	wantOpen(t, open("chat", 0, Unordered), r, "", ErrRecord)
	wantOpen(t, open("chat", 2, Unordered), r, "", ErrRecord)
	wantOpen(t, open("chat\x00", 1, Unordered), r, "", ErrRecord)
	wantOpen(t, open("", 1, Unordered), r, "", ErrRecord)
	wantOpen(t, open("chat", 1, Unordered), r, "hello", nil)

	s, _, _ = c.Channel("order", 1, Ordered)
	r = seal(t, s, "hello")
	wantOpen(t, open("order", 1, Unordered), r, "", ErrRecord)
	wantOpen(t, open("order", 3, Unordered), append(make([]byte, counterSize), r...), "", ErrRecord)
}

func TestKeysAreHandedOutOnce(t *testing.T) {
	c, _ := agree(t, seeded(1))
	if _, _, err := c.Channel("chat", 0, Ordered); err != nil {
		t.Fatal(err)
	}
	for _, order := range []Order{Ordered, Unordered} {
		if s, o, err := c.Channel("chat", 0, order); !errors.Is(err, ErrReused) || s != nil || o != nil {
			t.Errorf("again: %v", err)
		}
	}
	if _, _, err := c.Channel("chat", 1, Order(0)); err == nil {
		t.Error("no order, but keys")
	}
	if _, _, err := c.Media(0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Media(0); !errors.Is(err, ErrReused) {
		t.Errorf("media again: %v", err)
	}
	if _, _, err := c.Channel("chat", 1, Ordered); err != nil {
		t.Errorf("next epoch: %v", err)
	}
}

// 100,000 damaged records and frames: none opens, and the good one still does.
func TestDamageNeverOpens(t *testing.T) {
	s, o := ends(t, Unordered)
	good := seal(t, s, "a message of some length that is sealed")
	c, e := agree(t, seeded(1))
	fs, _, _ := c.Media(0)
	_, fo, _ := e.Media(0)
	frame, _ := fs.Seal(nil, []byte("a frame of some length that is sealed"), nil)
	r := rand.New(rand.NewPCG(1, 2))
	damage := func(b []byte) []byte {
		b = bytes.Clone(b)
		for {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			if r.IntN(3) > 0 {
				return b
			}
		}
	}
	for range 50_000 {
		if bad := damage(good); !bytes.Equal(bad, good) {
			if got, err := o.Open(nil, bad); err == nil {
				t.Fatalf("%x opened as %q", bad, got)
			}
		}
		if bad := damage(frame); !bytes.Equal(bad, frame) {
			if got, err := fo.Open(nil, bad, nil); err == nil {
				t.Fatalf("%x opened as %q", bad, got)
			}
		}
	}
	wantOpen(t, o, good, "a message of some length that is sealed", nil)
	if _, err := fo.Open(nil, frame, nil); err != nil {
		t.Error(err)
	}
}

// Every flipped bit of a record counts, the counter's included.
func TestEveryBitOfARecord(t *testing.T) {
	s, o := ends(t, Unordered)
	good := seal(t, s, "hello")
	for i := range 8 * len(good) {
		bad := bytes.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		wantOpen(t, o, bad, "", ErrRecord)
	}
	wantOpen(t, o, good, "hello", nil)
}

// Whatever is opened when, no two records of a session are sealed with one key and one nonce.
func TestCounterNeverRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, e := agreeRapid(t)
		type used struct {
			key   string // what the key makes of nothing
			nonce [gcmNonceSize]byte
		}
		seen := map[used]bool{}
		live := map[string]*Sealer{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			end := rapid.SampledFrom([]*Keys{c, e}).Draw(t, "end")
			name := rapid.SampledFrom([]string{"a", "b", "ab", ""}).Draw(t, "name")
			epoch := rapid.Uint32Range(0, 2).Draw(t, "epoch")
			order := rapid.SampledFrom([]Order{Ordered, Unordered}).Draw(t, "order")
			id := fmt.Sprint(end.Side(), name, "/", epoch)
			s, _, err := end.Channel(name, epoch, order)
			if (err == nil) == (live[id] != nil) {
				t.Fatalf("%s: %v", id, err)
			}
			if err == nil {
				live[id] = s
			}
			s = live[id]
			for range rapid.IntRange(0, 5).Draw(t, "records") {
				var zero [gcmNonceSize]byte
				u := used{string(s.key.aead.Seal(nil, zero[:], nil, nil)), nonce(s.key.iv, s.next)}
				if seen[u] {
					t.Fatalf("%s: key and nonce repeat", id)
				}
				seen[u] = true
				size := rapid.SampledFrom([]int{0, 1, MaxPlaintext + 1}).Draw(t, "size")
				before := s.next
				if _, err := s.Seal(nil, make([]byte, size)); err == nil && s.next != before+1 {
					t.Fatal("the counter stands still")
				} else if err != nil {
					delete(seen, u)
				}
			}
		}
	})
}

func agreeRapid(t *rapid.T) (*Keys, *Keys) {
	s := &schedule{new([64]byte), [32]byte{1}}
	n := rapid.SliceOfN(rapid.Byte(), nonceSize, nonceSize).Draw(t, "nonce")
	return s.keys(CustomerSide, n), s.keys(EngineerSide, n)
}

// A model of an unordered channel: of what arrives, exactly what is newer than all before is opened.
func TestUnorderedModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, e := agreeRapid(t)
		s, _, _ := c.Channel("p", 0, Unordered)
		_, o, _ := e.Channel("p", 0, Unordered)
		var records [][]byte
		for i := range 20 {
			r, _ := s.Seal(nil, []byte{byte(i)})
			records = append(records, r)
		}
		newest := -1
		for _, i := range rapid.SliceOf(rapid.IntRange(0, 19)).Draw(t, "arrivals") {
			got, err := o.Open(nil, records[i])
			switch {
			case i > newest && (err != nil || got[0] != byte(i)):
				t.Fatalf("record %d after %d: %v", i, newest, err)
			case i <= newest && !errors.Is(err, ErrOld):
				t.Fatalf("record %d after %d: %v", i, newest, err)
			}
			newest = max(newest, i)
		}
	})
}

func TestSealLimits(t *testing.T) {
	s, o := ends(t, Ordered)
	if _, err := s.Seal(nil, make([]byte, MaxPlaintext+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	big := bytes.Repeat([]byte{7}, MaxPlaintext)
	r, err := s.Seal([]byte("head"), big)
	if err != nil || string(r[:4]) != "head" || len(r) != 4+MaxPlaintext+gcmTagSize {
		t.Fatalf("largest: %d bytes, %v", len(r), err)
	}
	if got, err := o.Open([]byte("head"), r[4:]); err != nil || !bytes.Equal(got, append([]byte("head"), big...)) {
		t.Errorf("largest does not open: %v", err)
	}
	s.next = maxRecords - 1
	if _, err := s.Seal(nil, nil); err != nil {
		t.Error(err)
	}
	if _, err := s.Seal(nil, nil); !errors.Is(err, ErrExhausted) {
		t.Errorf("one more: %v", err)
	}
	fs := newSFrameSealer(make([]byte, 32), 0)
	fs.next = maxRecords
	if _, err := fs.Seal(nil, nil, nil); !errors.Is(err, ErrExhausted) {
		t.Errorf("one more frame: %v", err)
	}
	if _, err := fs.Seal(nil, make([]byte, MaxFrame+1), nil); !errors.Is(err, ErrTooLong) {
		t.Errorf("frame too long: %v", err)
	}
}

func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{64, 1100, 16 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, o := ends(b, Ordered)
			msg, record, out := make([]byte, size), make([]byte, 0, size+Overhead), make([]byte, 0, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				record, _ = s.Seal(record[:0], msg)
				if _, err := o.Open(out, record); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
