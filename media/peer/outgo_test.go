package peer

import (
	"errors"
	"testing"
	"time"
)

// TestPacing sends large frames at several rates and looks at how much leaves in any span of time.
func TestPacing(t *testing.T) {
	for _, rate := range []float64{3600, 250e3, 12.5e6} {
		var o outgo
		now := time.Unix(1, 0)
		began := now
		o.setRate(rate, now)
		var at []time.Time // of every packet
		for now.Sub(began) < 10*time.Second && len(at) < 5000 {
			if f := o.last(); f == nil || !f.under() {
				o.put(make([]byte, 100_000), now)
			}
			p, ok, next := o.next(now)
			if ok {
				if len(p.data) == 0 {
					t.Fatalf("a packet of kind %d while there is more to send", p.kind)
				}
				at = append(at, now)
				continue
			}
			if !next.After(now) {
				t.Fatalf("at %v: look again at %v", now, next)
			}
			now = next
		}
		packet := float64(partSize + rtpHeader + partHeader + packetCost)
		spent := at[len(at)-1].Sub(began).Seconds()
		if got := float64(len(at)-1) * packet / spent; got < 0.97*rate || got > 1.03*rate {
			t.Errorf("%.0f B/s: %.0f left", rate, got)
		}
		burst := 2 + int(paceSlack.Seconds()*rate/packet)
		for i := burst + 1; i < len(at); i++ {
			if at[i] == at[i-burst-1] {
				t.Fatalf("%.0f B/s: more than %d packets at once", rate, burst+1)
			}
		}
	}
}

// TestRateChange raises the rate while a packet is on a slow line.
func TestRateChange(t *testing.T) {
	var o outgo
	now := time.Unix(1, 0)
	o.setRate(1000, now)
	o.put(make([]byte, 10*partSize), now)
	o.next(now)
	if _, ok, at := o.next(now); ok || at.Sub(now) < time.Second {
		t.Fatalf("%v, %v", ok, at.Sub(now))
	}
	o.setRate(100e3, now)
	if _, ok, at := o.next(now); ok || at.Sub(now) > 20*time.Millisecond {
		t.Errorf("at a higher rate: %v, %v", ok, at.Sub(now))
	}
	o.setRate(0, now)
	if _, ok, _ := o.next(now); !ok {
		t.Error("nothing goes although there is no limit")
	}
}

// drain takes every packet that can go now.
func (o *outgo) drain(now time.Time) (out []part) {
	for p, ok, _ := o.next(now); ok; p, ok, _ = o.next(now) {
		out = append(out, p)
	}
	return out
}

// TestEndIsToldOnce looks at what follows a frame with nothing behind it.
func TestEndIsToldOnce(t *testing.T) {
	for _, tt := range []struct {
		rate  float64
		after time.Duration
	}{{0, quietTime}, {1e6, quietTime}, {3600, 958 * time.Millisecond}} {
		var o outgo
		now := time.Unix(1, 0)
		o.setRate(tt.rate, now)
		o.put(make([]byte, 10), now)
		if got := o.drain(now); len(got) != 1 {
			t.Fatalf("%v", got)
		}
		_, _, at := o.next(now)
		if wait := at.Sub(now).Round(time.Millisecond); wait != tt.after {
			t.Errorf("at %.0f B/s the end is told after %v, want %v", tt.rate, wait, tt.after)
		}
		if got := o.drain(at); len(got) != 1 || got[0].kind != kindEnd || got[0].frame != 1 || got[0].parts != 1 {
			t.Errorf("%v", got)
		}
		if p, ok, at := o.next(at.Add(time.Hour)); ok || !at.IsZero() {
			t.Errorf("and then %v, %v", p, at)
		}
	}
}

func TestSentAgain(t *testing.T) {
	var o outgo
	now := time.Unix(1, 0)
	o.put(make([]byte, 3*partSize), now)
	o.drain(now)
	for range 2 * maxTries {
		for range 2 { // a second question for the same is one
			if err := o.lacks(ask{1, []span{{1, 1}, {2, 400}}}); err != nil {
				t.Fatal(err)
			}
		}
		o.drain(now)
	}
	if o.sent != 2*maxTries {
		t.Errorf("%d packets were sent again, want %d", o.sent, 2*maxTries)
	}
	if err := o.lacks(ask{2, []span{{0, 1}}}); !errors.Is(err, errAsk) {
		t.Errorf("a frame that was never sent: %v", err)
	}
	// What is under way is not sent again before it was sent.
	o.setRate(1e3, now)
	o.put(make([]byte, 3*partSize), now)
	o.next(now)
	if err := o.lacks(ask{2, []span{{0, wholeAsk}}}); err != nil || len(o.again) != 1 {
		t.Errorf("%d parts to be sent again, %v", len(o.again), err)
	}
	o.giveUp()
	if got, ok, _ := o.next(now.Add(time.Hour)); !ok || got.kind != kindForget || got.frame != 2 || len(o.again) != 0 {
		t.Errorf("after giving up: %v, %v", got, ok)
	}
}

// TestKeptFrames sends without end: little is kept, and a question for what is not is answered.
func TestKeptFrames(t *testing.T) {
	for _, tt := range []struct {
		size int
		gap  time.Duration
		most int // frames
	}{
		{10, time.Millisecond, keptFrames},
		{MaxMotion, time.Millisecond, 2},
		{10, time.Second, 4},
	} {
		var o outgo
		now := time.Unix(1, 0)
		for range 200 {
			now = now.Add(tt.gap)
			o.put(make([]byte, tt.size), now)
			o.drain(now)
			size := 0
			for _, f := range o.kept {
				size += len(f.data)
			}
			if len(o.kept) > tt.most || size > keptBytes {
				t.Fatalf("%d frames of %d bytes each are kept", len(o.kept), tt.size)
			}
		}
		for range 1000 {
			if err := o.lacks(ask{1, []span{{0, wholeAsk}}}); err != nil {
				t.Fatal(err)
			}
		}
		if got := o.drain(now); len(got) == 0 || len(got) > maxAhead || got[0].kind != kindForget || got[0].frame != 1 {
			t.Errorf("%d packets", len(got))
		}
	}
}
