package rate

import (
	"testing"
	"time"
)

// TestLongerWay makes the way longer from one moment to the next, without a word about it: small frames that take long
// must not pass for a slow link for good.
func TestLongerWay(t *testing.T) {
	for _, l := range []line{
		{rate: 256 * kbit, trip: 10 * time.Millisecond},
		{rate: 2000 * kbit, trip: 2 * time.Millisecond},
		{rate: 10_000 * kbit, trip: 20 * time.Millisecond},
	} {
		for seed := range uint64(5) {
			s := settled(l, seed)
			s.run(10 * time.Second)
			s.trip += 140 * time.Millisecond
			s.run(22 * time.Second)
			s.measure()
			s.run(32 * time.Second)
			t.Logf("%.0f kB/s: %.0f %% used, queue p95 %v", l.rate/1000, 100*s.used(), quantile(s.waits, 0.95))
			if s.used() < 0.8 || quantile(s.waits, 0.95) > 300*time.Millisecond {
				t.Errorf("%.0f kB/s, seed %d: %.0f %% used, queue p95 %v", l.rate/1000, seed, 100*s.used(), quantile(s.waits, 0.95))
			}
		}
	}
}

// TestHiccups stops the other end for a quarter of a second now and then, as a busy computer does.
func TestHiccups(t *testing.T) {
	for _, l := range []line{
		{rate: 28.8 * kbit, trip: 150 * time.Millisecond},
		{rate: 2000 * kbit, trip: 80 * time.Millisecond},
		{rate: 100_000 * kbit, trip: 2 * time.Millisecond},
	} {
		for seed := range uint64(5) {
			s := settled(l, seed)
			var stop func()
			stop = func() {
				s.decoded = s.now + 250*time.Millisecond
				s.after(time.Second+time.Duration(s.rng.IntN(2_000))*time.Millisecond, stop)
			}
			s.after(5*time.Second, stop)
			s.run(10 * time.Second)
			s.measure()
			s.run(30 * time.Second)
			t.Logf("%.0f kB/s: %.0f %% used, queue p95 %v", l.rate/1000, 100*s.used(), quantile(s.waits, 0.95))
			if s.used() < 0.7 {
				t.Errorf("%.0f kB/s, seed %d: %.0f %% used", l.rate/1000, seed, 100*s.used())
			}
		}
	}
}
