package rate

import (
	"testing"
	"time"
)

const kbit = 125.0 // bytes a second

// links are the links that a full screen is sent over, without a pause.
var links = []struct {
	name string
	line
}{
	{"20 kbit/s, 300 ms", line{rate: 20 * kbit, trip: 300 * time.Millisecond}},
	{"28.8 kbit/s, 150 ms", line{rate: 28.8 * kbit, trip: 150 * time.Millisecond}},
	{"28.8 kbit/s, 600 ms", line{rate: 28.8 * kbit, trip: 600 * time.Millisecond}},
	{"56 kbit/s, 100 ms", line{rate: 56 * kbit, trip: 100 * time.Millisecond}},
	{"100 kbit/s, 0 ms", line{rate: 100 * kbit}},
	{"256 kbit/s, 150 ms", line{rate: 256 * kbit, trip: 150 * time.Millisecond}},
	{"256 kbit/s, 600 ms", line{rate: 256 * kbit, trip: 600 * time.Millisecond}},
	{"1 Mbit/s, 30 ms", line{rate: 1000 * kbit, trip: 30 * time.Millisecond}},
	{"2 Mbit/s, 50 ms", line{rate: 2000 * kbit, trip: 50 * time.Millisecond}},
	{"2 Mbit/s, 600 ms", line{rate: 2000 * kbit, trip: 600 * time.Millisecond}},
	{"10 Mbit/s, 20 ms", line{rate: 10_000 * kbit, trip: 20 * time.Millisecond}},
	{"10 Mbit/s, 200 ms", line{rate: 10_000 * kbit, trip: 200 * time.Millisecond}},
	{"100 Mbit/s, 1 ms", line{rate: 100_000 * kbit, trip: time.Millisecond}},
	{"100 Mbit/s, 100 ms", line{rate: 100_000 * kbit, trip: 100 * time.Millisecond}},
	{"1 Gbit/s, 0 ms", line{rate: 1_000_000 * kbit}},
	{"1 Gbit/s, 1 ms", line{rate: 1_000_000 * kbit, trip: time.Millisecond}},
	{"1 Gbit/s, 50 ms", line{rate: 1_000_000 * kbit, trip: 50 * time.Millisecond}},
}

// ways are what else may be the matter with a link.
var ways = []struct {
	name  string
	least float64 // of the link's rate that the picture takes
	with  func(*line)
}{
	{"plain", 0.8, func(*line) {}},
	{"answers 10 ms unsteady", 0.8, func(l *line) { l.jitter = 10 * time.Millisecond }},
	{"one answer in ten lost", 0.7, func(l *line) { l.late = 0.1 }},
	{"answers without bytes", 0.8, func(l *line) { l.mute = true }},
	{"clock 200 ppm fast", 0.8, func(l *line) { l.drift = 200e-6 }},
	{"half taken by others", 0.75, func(l *line) { l.steady = l.rate / 2 }},
}

func TestLinks(t *testing.T) {
	for _, link := range links {
		for _, way := range ways {
			t.Run(link.name+", "+way.name, func(t *testing.T) {
				l := link.line
				way.with(&l)
				s := newSim(l, 7)
				if !l.mute {
					s.ctl.Hint(0, l.trip+2*span(100, l.rate), s.clock())
				}
				s.others()
				s.watch()
				s.greet(s.target)
				s.run(2*time.Second + 10*l.trip + 5*span(firstTarget, l.rate))
				s.measure()
				s.run(s.now + during(l.rate))
				used := s.used() * l.rate / (l.rate - l.steady)
				queue := quantile(s.waits, 0.95)
				limit := max(300*time.Millisecond, 2*span(MinTarget*6/5+header, l.rate)) // a frame, and one that is on its way out
				if l.steady > 0 {                                                        // they have a queue of their own
					limit += 100*time.Millisecond + 3*span(packetSize, l.rate)
				}
				t.Logf("%4.0f %% used, queue p50 %3d p95 %3d ms, age p50 %3d p95 %4d ms, %d frames, rate %.0f of %.0f kB/s",
					100*used, quantile(s.waits, 0.5).Milliseconds(), queue.Milliseconds(), quantile(s.ages, 0.5).Milliseconds(),
					quantile(s.ages, 0.95).Milliseconds(), s.arrived, s.ctl.link.rate/1000, l.rate/1000)
				if used < way.least || queue > limit {
					t.Errorf("%.0f %% used, queue %v; want %.0f %%, %v", 100*used, queue, 100*way.least, limit)
				}
			})
		}
	}
}

// during is how long a link is looked at: the more it carries, the sooner there is enough to see.
func during(rate float64) time.Duration {
	return min(max(span(20_000_000, rate), 2*time.Second), 20*time.Second)
}
