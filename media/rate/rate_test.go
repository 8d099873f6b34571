package rate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// start is a moment for tests.
var start = time.Unix(1_000_000, 0)

// TestAnything tells a controller what no honest link would. It never panics, keeps to its bounds, and lets the next
// frame through at some time.
func TestAnything(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 3))
		var c Controller
		now, number := start, rng.Uint32()
		for range 400 {
			step(&c, rng, &now, &number)
			check(t, &c, now, seed)
		}
		for tries := 0; c.Wait(now) > 0; tries++ {
			if tries > 100 || now.Sub(later(c.heard, c.sentAt)) > maxPatience {
				t.Fatalf("seed %d: still waiting after %v", seed, now.Sub(later(c.heard, c.sentAt)))
			}
			now = now.Add(c.Wait(now))
		}
	}
}

// step does something to c.
func step(c *Controller, rng *rand.Rand, now *time.Time, number *uint32) {
	*now = now.Add([]time.Duration{0, 1, time.Millisecond, 50 * time.Millisecond, time.Second, time.Hour, -time.Second}[min(rng.IntN(12), 6)])
	switch rng.IntN(10) {
	case 0, 1, 2, 3:
		*number++
		c.Sent(*number, []int{0, 1, 500, 30_000, 1 << 20, math.MaxInt32, -5}[rng.IntN(7)], Plane(rng.IntN(2)), *now)
	case 4, 5, 6, 7:
		a := Ack{Number: *number - uint32(rng.IntN(5)), Received: rng.Uint64() >> rng.IntN(64), Stamp: rng.Uint32()}
		if rng.IntN(2) == 0 {
			a.Received, a.Stamp = c.received+uint64(rng.IntN(40_000)), uint32(now.UnixMilli())
		}
		c.Acked(a, *now)
	case 8:
		c.Lost(*number - uint32(rng.IntN(5)))
	case 9:
		c.Hint([]float64{0, 1, -4, 1e15, math.Inf(1)}[rng.IntN(5)], time.Duration(rng.IntN(int(time.Second))), *now)
	}
}

// check looks whether what c says is within bounds.
func check(t *testing.T, c *Controller, now time.Time, seed uint64) {
	t.Helper()
	target, budget, wait := c.Target(now), c.Budget(now), c.Wait(now)
	if target < MinTarget || target > MaxTarget || budget < MinTarget || budget > MaxTarget {
		t.Fatalf("seed %d: target %d, budget %d", seed, target, budget)
	}
	if wait < 0 || wait > maxPatience+2*time.Second || c.Queue(now) < 0 || c.RoundTrip() < -time.Hour || c.Empty() < 0 {
		t.Fatalf("seed %d: wait %v, queue %v, empty %v", seed, wait, c.Queue(now), c.Empty())
	}
	if r := c.Rate(now); r < 0 || r > maxRate || r > 0 && r < minRate {
		t.Fatalf("seed %d: rate %d", seed, r)
	}
	if len(c.flights) > maxFlights || len(c.link.run) > 4*maxFlights {
		t.Fatalf("seed %d: %d flights, a run of %d", seed, len(c.flights), len(c.link.run))
	}
	c.Slow(now)
}

// TestPlanes checks that an answer of one plane says nothing of the other's frames, and that lost motion is given up.
func TestPlanes(t *testing.T) {
	var c Controller
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	c.Sent(1, 100, Motion, at(0))
	c.Sent(2, 1000, Exact, at(0))
	c.Sent(3, 200, Motion, at(10))
	c.Acked(Ack{Number: 3}, at(60))
	if c.underWay() != 1000 {
		t.Errorf("%d bytes under way, want those of the exact plane", c.underWay())
	}
	c.Sent(4, 50, Motion, at(70))
	c.Acked(Ack{Number: 2}, at(100))
	if c.underWay() != 50 {
		t.Errorf("%d bytes under way, want those of the last frame", c.underWay())
	}
	c.Sent(5, 10, Exact, at(4000))
	c.Acked(Ack{Number: 5}, at(4050))
	if c.underWay() != 0 {
		t.Errorf("%d bytes under way: a frame of motion that was lost is waited for", c.underWay())
	}
}

// TestProgress has a large frame arrive piece by piece: the rate is known before it is whole.
func TestProgress(t *testing.T) {
	var c Controller
	c.Hint(0, 100*time.Millisecond, start)
	c.Sent(1, 30_000, Exact, start)
	for i := range 3 {
		ms := 100 + 1000*(i+1)
		c.Acked(Ack{Number: 0, Received: uint64(3000 * (i + 1)), Stamp: uint32(ms)}, start.Add(time.Duration(ms)*time.Millisecond))
	}
	now := start.Add(3100 * time.Millisecond)
	if r := c.Rate(now); r < 2700 || r > 3300 {
		t.Errorf("rate %d, want 3000", r)
	}
	if q := c.Queue(now); q < 6*time.Second || q > 8*time.Second {
		t.Errorf("queue %v, want 7 s", q)
	}
	if c.Wait(now) == 0 {
		t.Error("another frame goes while a large one is under way")
	}
}

// TestLate checks that an answer that does not come counts before it comes, and only while it does not.
func TestLate(t *testing.T) {
	s := settled(line{rate: 2000 * kbit, trip: 50 * time.Millisecond}, 1)
	s.run(5 * time.Second)
	s.pause()
	s.run(6 * time.Second)
	known := s.ctl.Rate(s.clock())
	s.ctl.Sent(9999, 10_000, Exact, s.clock())
	late := s.clock().Add(2 * time.Second)
	if r := s.ctl.Rate(late); r > known/10 {
		t.Errorf("rate %d after two seconds without an answer, %d before", r, known)
	}
	s.ctl.Lost(9999)
	if r := s.ctl.Rate(late); r != known {
		t.Errorf("rate %d when nothing is waited for, %d before", r, known)
	}
}

// TestClock turns stamps into times, over the wrap and a clock that is set.
func TestClock(t *testing.T) {
	var k clock
	stamp := uint32(math.MaxUint32 - 500)
	for i := range 20 {
		now := start.Add(time.Duration(i) * 100 * time.Millisecond)
		delay := time.Duration(i%3) * 20 * time.Millisecond // of the answer on its way
		if got := k.local(stamp+uint32(i)*100-uint32(delay.Milliseconds()), now); now.Sub(got) != delay {
			t.Errorf("answer %d: %v ago, want %v", i, now.Sub(got), delay)
		}
	}
	now := start.Add(time.Minute)
	if got := k.local(12345, now); !got.Equal(now) {
		t.Errorf("after the clock was set: %v ago", now.Sub(got))
	}
	if got := k.local(12345+100, now.Add(140*time.Millisecond)); now.Add(100*time.Millisecond).Sub(got) != 0 {
		t.Errorf("the next: %v", now.Add(140*time.Millisecond).Sub(got))
	}
}

func BenchmarkFrame(b *testing.B) {
	var c Controller
	now := start
	for i := uint32(1); b.Loop(); i++ {
		c.Wait(now)
		c.Sent(i, c.Target(now), Exact, now)
		now = now.Add(20 * time.Millisecond)
		if i > 8 {
			c.Acked(Ack{Number: i - 8}, now)
		}
	}
}
