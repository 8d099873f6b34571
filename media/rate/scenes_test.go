package rate

import (
	"testing"
	"time"
)

// settled begins to play a full screen over l.
func settled(l line, seed uint64) *sim {
	s := newSim(l, seed)
	s.ctl.Hint(0, l.trip+2*span(100, l.rate), s.clock())
	s.others()
	s.watch()
	s.greet(s.target)
	return s
}

// measure forgets what was measured so far.
func (s *sim) measure() {
	s.served, s.crossed, s.waits, s.ages, s.arrived, s.measured = 0, 0, nil, nil, 0, s.now
}

// used is how much of the link the picture took since measure.
func (s *sim) used() float64 { return s.served / (s.rate * (s.now - s.measured).Seconds()) }

// TestLoss loses packets, which the layers below send again a round trip later.
func TestLoss(t *testing.T) {
	for _, tt := range []struct {
		name string
		line
		least float64
		queue time.Duration
	}{
		{"28.8 kbit/s", line{rate: 28.8 * kbit, trip: 300 * time.Millisecond, loss: .02}, 0.7, 500 * time.Millisecond},
		{"256 kbit/s", line{rate: 256 * kbit, trip: 150 * time.Millisecond, loss: .02}, 0.75, 250 * time.Millisecond},
		{"2 Mbit/s", line{rate: 2000 * kbit, trip: 50 * time.Millisecond, loss: .02}, 0.8, 250 * time.Millisecond},
		{"2 Mbit/s, with a window", line{rate: 2000 * kbit, trip: 50 * time.Millisecond, loss: .02, sctp: true}, 0.7, 250 * time.Millisecond},
		{"10 Mbit/s", line{rate: 10_000 * kbit, trip: 100 * time.Millisecond, loss: .02}, 0.2, 250 * time.Millisecond},
	} {
		for seed := range uint64(5) {
			s := settled(tt.line, seed)
			s.run(5 * time.Second)
			s.measure()
			s.run(35 * time.Second)
			queue := quantile(s.waits, 0.95)
			t.Logf("%s: %.0f %% used, queue p95 %v", tt.name, 100*s.used(), queue)
			if s.used() < tt.least || queue > tt.queue {
				t.Errorf("%s, seed %d: want %.0f %%, %v", tt.name, seed, 100*tt.least, tt.queue)
			}
		}
	}
}

// TestWindowBelow has a window below that begins with four packets, as SCTP's does.
func TestWindowBelow(t *testing.T) {
	for _, l := range []line{
		{rate: 28.8 * kbit, trip: 150 * time.Millisecond, sctp: true},
		{rate: 10_000 * kbit, trip: 100 * time.Millisecond, sctp: true},
		{rate: 100_000 * kbit, trip: time.Millisecond, sctp: true},
	} {
		s := settled(l, 3)
		s.run(3*time.Second + 5*span(firstTarget, l.rate))
		s.measure()
		s.run(s.now + 20*time.Second)
		t.Logf("%.0f kB/s: %.0f %% used, queue p95 %v", l.rate/1000, 100*s.used(), quantile(s.waits, .95))
		if s.used() < 0.9 || quantile(s.waits, .95) > 400*time.Millisecond {
			t.Errorf("%.0f kB/s: %.0f %% used, queue p95 %v", l.rate/1000, 100*s.used(), quantile(s.waits, .95))
		}
	}
}

// TestBeside runs beside a TCP connection that takes what it can get. The picture yields, as everything that looks at
// delay does, but it goes on.
func TestBeside(t *testing.T) {
	for _, tt := range []struct {
		name string
		line
		least  float64
		frames int
	}{
		{"2 Mbit/s, short queue", line{rate: 2000 * kbit, trip: 50 * time.Millisecond, room: 200 * time.Millisecond, greedy: true}, 0.1, 150},
		{"10 Mbit/s", line{rate: 10_000 * kbit, trip: 100 * time.Millisecond, room: 300 * time.Millisecond, greedy: true}, 0.03, 150},
		{"2 Mbit/s, two seconds of queue", line{rate: 2000 * kbit, trip: 50 * time.Millisecond, greedy: true}, 0.005, 45},
	} {
		for seed := range uint64(5) {
			s := settled(tt.line, seed)
			s.run(5 * time.Second)
			s.measure()
			s.run(35 * time.Second)
			t.Logf("%s: %.1f %% used, %d frames", tt.name, 100*s.used(), s.arrived)
			if s.used() < tt.least || s.arrived < tt.frames {
				t.Errorf("%s, seed %d: %.1f %% used, %d frames", tt.name, seed, 100*s.used(), s.arrived)
			}
		}
	}
}

// film sends a frame of so many bytes thirty times a second, unless it has to wait: a picture that does not fill the link.
func (s *sim) film(bytes int) {
	s.offered = false
	var next func()
	next = func() {
		if s.ctl.Wait(s.clock()) == 0 {
			s.send(min(bytes, s.ctl.Target(s.clock())), s.now)
		}
		s.after(33*time.Millisecond, next)
	}
	next()
}

// show begins a film of frames of so many bytes, or a full screen for 0.
func (s *sim) show(film int) {
	if film > 0 {
		s.film(film)
	} else {
		s.greet(s.target)
	}
}

// TestSteps makes a link slow from one moment to the next, and quick again. The queue before it loses nothing: all
// that is under way at the step must go through at the new rate.
func TestSteps(t *testing.T) {
	for _, tt := range []struct {
		name         string
		trip         time.Duration
		before, then float64
		film         int           // bytes of a frame; 0 for a full screen
		soon         time.Duration // by when the queue must be short
	}{
		{"10 Mbit/s to 100 kbit/s, a film", 50 * time.Millisecond, 10_000 * kbit, 100 * kbit, 14_000, 5 * time.Second},
		{"10 Mbit/s to 100 kbit/s, full", 20 * time.Millisecond, 10_000 * kbit, 100 * kbit, 0, 6 * time.Second},
		{"10 Mbit/s to 100 kbit/s, full, 50 ms", 50 * time.Millisecond, 10_000 * kbit, 100 * kbit, 0, 10 * time.Second},
		{"2 Mbit/s to 256 kbit/s", 50 * time.Millisecond, 2_000 * kbit, 256 * kbit, 0, 2 * time.Second},
		{"100 to 2 Mbit/s", 10 * time.Millisecond, 100_000 * kbit, 2_000 * kbit, 0, 3 * time.Second},
	} {
		for seed := range uint64(5) {
			s := newSim(line{rate: tt.before, trip: tt.trip, room: 20 * time.Second}, seed)
			s.watch()
			s.show(tt.film)
			s.run(10*time.Second + time.Duration(seed)*7*time.Millisecond)
			s.rate = tt.then
			s.run(s.now + tt.soon)
			s.measure()
			s.run(s.now + 10*time.Second)
			most := quantile(s.waits, 1)
			t.Logf("%s: queue %v at most from %v on, %.0f %% used", tt.name, most, tt.soon, 100*s.used())
			if most > time.Second || s.used() < 0.8 {
				t.Errorf("%s, seed %d: queue %v after %v, %.0f %% used", tt.name, seed, most, tt.soon, 100*s.used())
			}
			s.rate = tt.before
			s.run(s.now + time.Second + 10*tt.trip)
			s.measure()
			s.run(s.now + 2*time.Second)
			want := 0.8
			if tt.film > 0 {
				want *= float64(30*tt.film) / tt.before
			}
			if s.used() < want {
				t.Errorf("%s, seed %d: back, %.0f %% used", tt.name, seed, 100*s.used())
			}
		}
	}
}

// TestIdle types for a minute, and then changes the whole screen: what the link carries has not been forgotten, and
// nothing was made up.
func TestIdle(t *testing.T) {
	for _, tt := range []struct {
		name string
		line
		queue time.Duration
		least float64 // of the second that follows
	}{
		{"28.8 kbit/s", line{rate: 28.8 * kbit, trip: 150 * time.Millisecond}, 700 * time.Millisecond, 0.6},
		{"2 Mbit/s", line{rate: 2000 * kbit, trip: 50 * time.Millisecond}, 250 * time.Millisecond, 0.7},
		{"100 Mbit/s", line{rate: 100_000 * kbit, trip: time.Millisecond, jitter: 4 * time.Millisecond}, 250 * time.Millisecond, 0.7},
	} {
		s := settled(tt.line, 9)
		s.run(15 * time.Second)
		s.pause()
		s.run(20 * time.Second)
		waited := 0
		for range 480 {
			if s.ctl.Wait(s.clock()) > 0 {
				waited++
			} else {
				s.send(80+s.rng.IntN(100), s.now)
			}
			s.run(s.now + 125*time.Millisecond)
		}
		s.measure()
		s.offered = true
		s.greet(s.target)
		s.run(s.now + time.Second + tt.trip)
		t.Logf("%s: waited %d times, then queue %v at most, %.0f %% used", tt.name, waited, quantile(s.waits, 1), 100*s.used())
		if waited > 24 || quantile(s.waits, 1) > tt.queue || s.used() < tt.least {
			t.Errorf("%s: waited %d times, then queue %v at most, %.0f %% used", tt.name, waited, quantile(s.waits, 1), 100*s.used())
		}
	}
}

// TestQuickStart knows nothing of a fast link: after ten round trips it is used, and frames of an ordinary screen are
// never kept back.
func TestQuickStart(t *testing.T) {
	for _, l := range []line{
		{rate: 100_000 * kbit, trip: time.Millisecond},
		{rate: 1_000_000 * kbit, trip: time.Millisecond},
		{rate: 10_000 * kbit, trip: 50 * time.Millisecond},
		{rate: 100_000 * kbit, trip: 100 * time.Millisecond},
	} {
		s := newSim(l, 4)
		s.watch()
		s.greet(s.target)
		s.run(10*l.trip + 10*encodeTime)
		s.measure()
		s.run(s.now + time.Second)
		t.Logf("%.0f kB/s, %v: %.0f %% used", l.rate/1000, l.trip, 100*s.used())
		if s.used() < 0.8 {
			t.Errorf("%.0f kB/s, %v: %.0f %% used", l.rate/1000, l.trip, 100*s.used())
		}
	}
	s := newSim(line{rate: 100_000 * kbit, trip: time.Millisecond, jitter: 3 * time.Millisecond}, 4)
	s.offered = false
	for i := range 300 {
		if wait := s.ctl.Wait(s.clock()); wait > 0 {
			t.Errorf("frame %d waits %v", i, wait)
		}
		s.send(30_000, s.now)
		s.run(s.now + 33*time.Millisecond)
	}
}

// TestSilence never answers: frames still go, ever more rarely, and the rate sinks.
func TestSilence(t *testing.T) {
	s := settled(line{rate: 2000 * kbit, trip: 50 * time.Millisecond}, 2)
	s.run(5 * time.Second)
	s.late = 1
	before, rate := s.number, s.ctl.Rate(s.clock())
	s.run(65 * time.Second)
	sent := s.number - before
	if sent < 8 || sent > 20 || s.ctl.Rate(s.clock()) > rate/4 {
		t.Errorf("%d frames in a minute, rate %d then %d", sent, rate, s.ctl.Rate(s.clock()))
	}
	s.late = 0
	s.run(75 * time.Second)
	s.measure()
	s.run(80 * time.Second)
	if s.used() < 0.8 {
		t.Errorf("%.0f %% used when answers come again", 100*s.used())
	}
}

// TestSlow looks when a link counts as slow.
func TestSlow(t *testing.T) {
	s := settled(line{rate: 10_000 * kbit, trip: 50 * time.Millisecond}, 2)
	for _, step := range []struct {
		name string
		rate float64
		time time.Duration
		want bool
	}{
		{"fast", 10_000 * kbit, 10 * time.Second, false},
		{"a hiccup", 100 * kbit, time.Second, false},
		{"fast again", 10_000 * kbit, 10 * time.Second, false},
		{"slow", 100 * kbit, 10 * time.Second, true},
		{"neither", 350 * kbit, 10 * time.Second, true},
		{"fast for a moment", 2_000 * kbit, 3 * time.Second, true},
		{"fast for good", 2_000 * kbit, 5 * time.Second, false},
	} {
		s.rate = step.rate
		slow := false
		for end := s.now + step.time; s.now < end; s.run(s.now + 100*time.Millisecond) {
			slow = s.ctl.Slow(s.clock())
		}
		if slow != step.want {
			t.Errorf("%s: %v, rate %d", step.name, slow, s.ctl.Rate(s.clock()))
		}
	}
}
