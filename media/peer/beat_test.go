package peer

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"
)

func TestBeats(t *testing.T) {
	const way, rest = 30 * time.Millisecond, 700 * time.Millisecond
	var a, b beats
	now := time.Now()
	for i := range 70_000 { // the numbers come round
		data := a.next(now)
		if i == 0 && hex.EncodeToString(data) != "0001000000000000" {
			t.Errorf("the first beat is %x", data)
		}
		now = now.Add(way)
		if err := b.take(data, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(rest)
		data = b.next(now)
		if i == 0 && hex.EncodeToString(data) != "00010001000aae60" {
			t.Errorf("the first answer is %x", data)
		}
		now = now.Add(way)
		if err := a.take(data, now); err != nil {
			t.Fatal(err)
		}
		if a.roundTrip() != 2*way {
			t.Fatalf("after %d the round trip is %v, want %v", i, a.roundTrip(), 2*way)
		}
	}
}

func TestBeatsOfAHostileEnd(t *testing.T) {
	began := time.Now()
	fresh := func() *beats {
		b := new(beats)
		for i := range time.Duration(3) {
			b.next(began.Add(i * KeepAlive))
		}
		return b
	}
	now := began.Add(2*KeepAlive + 20*time.Millisecond)
	for name, tt := range map[string]struct {
		hex  string
		want time.Duration
		err  error
	}{
		"good":              {"0009000300001388", 15 * time.Millisecond, nil},
		"no echo":           {"0009000000000000", 0, nil},
		"an echo not sent":  {"0009000400000000", 0, nil},
		"an old echo":       {"0009ffd000000000", 0, nil},
		"held for ever":     {"00090003ffffffff", 0, nil},
		"held without echo": {"0009000000000001", 0, errBeat},
		"number 0":          {"0000000300001388", 0, errBeat},
		"nothing":           {"", 0, errBeat},
		"short":             {"00090003000013", 0, errBeat},
		"long":              {"000900030000138800000000", 0, errBeat},
	} {
		data, err := hex.DecodeString(tt.hex)
		if err != nil {
			t.Fatal(err)
		}
		b := fresh()
		if err := b.take(data, now); !errors.Is(err, tt.err) || b.roundTrip() != tt.want {
			t.Errorf("%s: round trip %v, %v, want %v, %v", name, b.roundTrip(), err, tt.want, tt.err)
		}
	}
}

func FuzzBeat(f *testing.F) {
	f.Add([]byte{0, 9, 0, 3, 0, 0, 0x13, 0x88})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var b beats
		now := time.Now()
		b.next(now)
		b.take(data, now.Add(time.Second))
		if trip := b.roundTrip(); trip < 0 || trip > time.Second {
			t.Errorf("round trip %v", trip)
		}
		if out := b.next(now); len(out) != beatSize {
			t.Errorf("%d bytes", len(out))
		}
	})
}
