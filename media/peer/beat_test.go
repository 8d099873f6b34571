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
	for i := range 1000 { // the numbers come round
		data := a.next(now)
		if i == 0 && hex.EncodeToString(data) != "01000000" {
			t.Errorf("the first beat is %x", data)
		}
		now = now.Add(way)
		if err := b.take(data, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(rest)
		data = b.next(now)
		if i == 0 && hex.EncodeToString(data) != "01012bc0" {
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
		"good":              {"09030050", 15 * time.Millisecond, nil},
		"no echo":           {"09000000", 0, nil},
		"an echo not sent":  {"09040000", 0, nil},
		"an old echo":       {"09ef0000", 0, nil},
		"held for longer":   {"0903ffff", 0, nil},
		"held for ever":     {"0903fffe", 0, nil},
		"held without echo": {"09000001", 0, errBeat},
		"number 0":          {"00030050", 0, errBeat},
		"nothing":           {"", 0, errBeat},
		"short":             {"090300", 0, errBeat},
		"long":              {"0903005000000000", 0, errBeat},
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
	f.Add([]byte{9, 3, 0, 0x50})
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

// TestAtRest has a link cost no more than its beats, which also tell the round trip.
func TestAtRest(t *testing.T) {
	s := startRelay(t)
	for _, how := range []string{"udp", "tcp"} {
		t.Run(how, func(t *testing.T) {
			cfg := s.config(how)
			cfg.KeepAlive = 20 * time.Millisecond
			customer, engineer := pair(t, cfg)
			ctx := inTime(t)
			for i := range byte(3) { // the acknowledgments of the set-up have come by then
				if err := customer.Channel(Chat).Send(ctx, []byte{i}); err != nil {
					t.Fatal(err)
				}
				if _, err := engineer.Channel(Chat).Receive(ctx); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(300 * time.Millisecond)
			for _, l := range []*Link{customer, engineer} {
				number := func() uint8 {
					l.beats.mu.Lock()
					defer l.beats.mu.Unlock()
					return l.beats.number
				}
				before, first := l.Stats(), number()
				time.Sleep(20 * cfg.KeepAlive)
				after, beaten := l.Stats(), number()-first
				// 4 of the channel, 12 and 4 of RTCP, 4 and 16 of SRTP
				if sent := after.Sent - before.Sent; beaten < 5 || sent > 40*uint64(beaten+1) {
					t.Errorf("%d bytes in %d beats", sent, beaten)
				}
				if trip := l.beats.roundTrip(); trip <= 0 || trip > time.Second {
					t.Errorf("round trip %v", trip)
				}
			}
		})
	}
}

func TestAsksOfSTUN(t *testing.T) {
	request := append([]byte{0x40, 0, 0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
	for name, tt := range map[string]struct {
		at   int
		to   byte
		want bool
	}{
		"a question":      {0, 0x40, true},
		"in channel 4fff": {0, 0x4f, true},
		"to the relay":    {0, 0x00, false},
		"an answer":       {4, 0x01, false},
		"of SRTP":         {4, 0x80, false},
		"another cookie":  {8, 0x22, false},
	} {
		p := append([]byte(nil), request...)
		p[tt.at] = tt.to
		if got := asks(p); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for n := range request {
		if asks(request[:n]) {
			t.Errorf("%d bytes are a question", n)
		}
	}
}
