package peer

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// path is a line between the two ends of Motion in simulated time, with no goroutine and no clock.
type path struct {
	rate   float64       // what the sender is told, bytes a second
	trip   time.Duration // there and back
	jitter time.Duration // at most
	loss   float64       // share of packets, both ways
	drop   func(part) bool
	seed   uint64
}

// played is what came of a number of frames.
type played struct {
	whole    int
	order    bool          // what came, came in order and byte by byte as it was sent
	skipped  uint64        // by the receiver
	packets  int           // sent
	again    uint64        // of those, sent again
	asks     int           // questions
	lateness time.Duration // of the latest frame, from its birth
	held     int           // most bytes held
}

// flying is a packet on its way: a part, or questions.
type flying struct {
	at   time.Time
	part part
	asks []ask
}

// game is frames being played over a path.
type game struct {
	path
	played
	size    int
	rng     *rand.Rand
	now     time.Time
	out     outgo
	in      *gather
	line    []flying
	born    []time.Time // of each frame, the first at 1
	pending int         // frames that were born and not sent
	last    uint32      // the last frame that came
}

// play sends frames of size bytes every gap, and then nothing for two seconds.
func (l path) play(frames, size int, gap time.Duration) played {
	g := game{path: l, size: size, rng: rand.New(rand.NewPCG(l.seed, 9)), now: time.Unix(1000, 0), in: newGather(), born: make([]time.Time, 1)}
	g.order, g.in.trip = true, l.trip
	g.out.setRate(l.rate, g.now)
	next, end := g.now, g.now.Add(time.Duration(frames)*gap+2*time.Second)
	for ; g.now.Before(end); g.now = g.now.Add(time.Millisecond / 2) {
		if frames > 0 && !g.now.Before(next) {
			frames, next = frames-1, next.Add(gap)
			g.born = append(g.born, g.now)
			g.pending++
		}
		g.send()
		g.arrive()
		if asks := g.in.asks(g.now, 160); len(asks) > 0 {
			g.asks++
			g.travel(flying{asks: asks})
		}
		g.take()
	}
	g.skipped, g.again = g.in.skipped, g.out.sent
	return g.played
}

// send puts on the line what goes now.
func (g *game) send() {
	if f := g.out.last(); g.pending > 0 && (f == nil || !f.under()) {
		g.out.put(noise(uint64(len(g.born)-g.pending), g.size), g.now)
		g.pending--
	}
	for p, ok, _ := g.out.next(g.now); ok; p, ok, _ = g.out.next(g.now) {
		g.packets++
		if p.data = slices.Clone(p.data); g.drop == nil || !g.drop(p) {
			g.travel(flying{part: p})
		}
	}
}

func (g *game) travel(f flying) {
	if g.rng.Float64() >= g.loss {
		f.at = g.now.Add(g.trip/2 + time.Duration(g.rng.Float64()*float64(g.jitter)))
		g.line = append(g.line, f)
	}
}

// arrive takes off the line what has come. Neither end may refuse anything of the other.
func (g *game) arrive() {
	slices.SortStableFunc(g.line, func(a, b flying) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for len(g.line) > 0 && !g.line[0].at.After(g.now) {
		f := g.line[0]
		g.line = g.line[1:]
		for _, a := range f.asks {
			g.order = g.order && g.out.lacks(a) == nil
		}
		g.order = g.order && (f.asks != nil || g.in.add(f.part, g.now) == nil)
	}
	g.held = max(g.held, g.in.held)
}

// take takes frames as they get whole.
func (g *game) take() {
	for frame, ok := g.in.take(g.now); ok; frame, ok = g.in.take(g.now) {
		number := g.in.next - 1
		g.order = g.order && number > g.last && bytes.Equal(frame, noise(uint64(number), g.size))
		g.last = number
		g.whole++
		g.lateness = max(g.lateness, g.now.Sub(g.born[number]))
	}
}

// TestRecovery plays 30 s of 30 frames a second over lines that lose and reorder.
func TestRecovery(t *testing.T) {
	const frames, size, gap = 900, 8000, time.Second / 30
	for _, tt := range []struct {
		name  string
		line  path
		least float64 // share of frames that come whole
		late  time.Duration
		more  float64 // share of packets sent again, at most
	}{
		{"nothing lost", path{rate: 500e3, trip: 50 * time.Millisecond}, 1, 50 * time.Millisecond, 0},
		{"reordered", path{rate: 500e3, trip: 50 * time.Millisecond, jitter: 2500 * time.Microsecond}, 1, 50 * time.Millisecond, 0},
		{"2 %", path{rate: 500e3, trip: 50 * time.Millisecond, loss: 0.02}, 0.999, 250 * time.Millisecond, 0.03},
		{"2 % and reordered", path{rate: 500e3, trip: 50 * time.Millisecond, jitter: 10 * time.Millisecond, loss: 0.02}, 0.999, 250 * time.Millisecond, 0.12},
		{"2 % far away", path{rate: 500e3, trip: 300 * time.Millisecond, loss: 0.02}, 0.995, time.Second, 0.03},
		{"10 %", path{rate: 500e3, trip: 50 * time.Millisecond, loss: 0.1}, 0.99, 350 * time.Millisecond, 0.12},
		{"30 %", path{rate: 800e3, trip: 30 * time.Millisecond, loss: 0.3}, 0.85, 400 * time.Millisecond, 0.4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.line.seed = 7
			r := tt.line.play(frames, size, gap)
			t.Logf("%.2f %% whole, latest %v, %.2f %% of packets again, %d questions", 100*float64(r.whole)/frames,
				r.lateness, 100*float64(r.again)/float64(r.packets), r.asks)
			if !r.order {
				t.Error("frames out of order or changed, or an honest packet refused")
			}
			if share := float64(r.whole) / frames; share < tt.least {
				t.Errorf("%.4f of the frames came whole, want %.4f", share, tt.least)
			}
			if r.lateness > tt.late {
				t.Errorf("a frame came %v after its birth, want at most %v", r.lateness, tt.late)
			}
			if more := float64(r.again) / float64(r.packets); more > tt.more {
				t.Errorf("%.3f of the packets were sent again, want at most %.3f", more, tt.more)
			}
			if tt.line.loss == 0 && r.asks > 0 {
				t.Errorf("%d questions although nothing was lost", r.asks)
			}
			if r.held > 200_000 {
				t.Errorf("%d bytes held", r.held)
			}
		})
	}
}

// TestLosses loses certain packets the first time they are sent.
func TestLosses(t *testing.T) {
	const size = 5 * partSize
	type loss struct {
		kind  uint8
		frame uint32
		part  int
	}
	for name, lost := range map[string][]loss{
		"first part":            {{kindPart, 2, 0}},
		"middle":                {{kindPart, 2, 2}, {kindPart, 2, 3}},
		"end of a frame":        {{kindPart, 2, 4}},
		"a frame":               {{kindPart, 2, 0}, {kindPart, 2, 1}, {kindPart, 2, 2}, {kindPart, 2, 3}, {kindPart, 2, 4}},
		"end of the last frame": {{kindPart, 3, 4}},
		"the last frame":        {{kindPart, 3, 0}, {kindPart, 3, 1}, {kindPart, 3, 2}, {kindPart, 3, 3}, {kindPart, 3, 4}},
		"the very first part":   {{kindPart, 1, 0}},
	} {
		lost := slices.Clone(lost)
		r := path{rate: 500e3, trip: 50 * time.Millisecond, drop: func(p part) bool {
			i := slices.Index(lost, loss{p.kind, p.frame, p.part})
			if i < 0 {
				return false
			}
			lost = slices.Delete(lost, i, i+1)
			return true
		}}.play(3, size, time.Second/30)
		if r.whole != 3 || !r.order || r.skipped > 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestLostForGood loses all packets of one frame, however often they are sent: the frames behind it come in time.
func TestLostForGood(t *testing.T) {
	r := path{rate: 500e3, trip: 50 * time.Millisecond, drop: func(p part) bool { return p.frame == 3 }}.play(10, 4000, time.Second/30)
	if r.whole != 9 || !r.order || r.skipped != 1 {
		t.Errorf("%+v", r)
	}
	if r.lateness > missedTime+150*time.Millisecond {
		t.Errorf("the frames behind it wait for %v", r.lateness)
	}
	if r.again > 4*maxTries {
		t.Errorf("%d packets were sent again", r.again)
	}
}

func TestGatherRefuses(t *testing.T) {
	now := time.Unix(1, 0)
	g := newGather()
	full := make([]byte, partSize)
	if err := g.add(part{kindPart, 2, 0, 3, full}, now); err != nil {
		t.Fatal(err)
	}
	for _, p := range []part{{kindPart, 2, 1, 4, full}, {kind: kindEnd, frame: 2, parts: 2}} {
		if err := g.add(p, now); err == nil {
			t.Errorf("taken: part %d of %d after one of 3", p.part, p.parts)
		}
	}
}

// TestGivenUpFrame tells that a frame will not come: the next one need not wait for it.
func TestGivenUpFrame(t *testing.T) {
	now := time.Unix(1, 0)
	g := newGather()
	for _, p := range []part{
		{kindPart, 1, 0, 3, make([]byte, partSize)},
		{kind: kindForget, frame: 1},
		{kindPart, 1, 1, 3, make([]byte, partSize)}, // late
		{kindPart, 2, 0, 1, []byte("next")},
	} {
		if err := g.add(p, now); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := g.take(now); !ok || string(got) != "next" || g.skipped != 1 || g.held != 0 {
		t.Errorf("%q, %v, %d skipped, %d bytes held", got, ok, g.skipped, g.held)
	}
	if asks := g.asks(now.Add(time.Second), 99); asks != nil || g.waits(now) {
		t.Errorf("asks for %v", asks)
	}
}

// TestNobodyTakes leaves an incomplete frame where it is: it is not asked for without end.
func TestNobodyTakes(t *testing.T) {
	now := time.Unix(1, 0)
	g := newGather()
	for _, i := range []int{0, 2} {
		if err := g.add(part{kindPart, 1, i, 3, make([]byte, partSize)}, now); err != nil {
			t.Fatal(err)
		}
	}
	asked, waits := 0, 0
	for range 1000 {
		now = now.Add(5 * time.Millisecond)
		asked += len(g.asks(now, 99))
		if g.waits(now) {
			waits++
		}
	}
	if most := int(missedTime / g.again()); asked == 0 || asked > most+1 || waits > int(missedTime/(5*time.Millisecond)) {
		t.Errorf("asked %d times, waited for %d ticks", asked, waits)
	}
}

// TestGatherHolds sends frames that never get whole, or that nobody takes: what is held stays small, and the newest can be had.
func TestGatherHolds(t *testing.T) {
	for name, send := range map[string]func(g *gather, f uint32, now time.Time) error{
		"unfinished": func(g *gather, f uint32, now time.Time) error {
			for i := range 400 {
				if err := g.add(part{kindPart, f, i, maxParts, make([]byte, partSize)}, now); err != nil {
					return err
				}
			}
			return nil
		},
		"one part of each": func(g *gather, f uint32, now time.Time) error {
			return g.add(part{kindPart, f, 7, maxParts, make([]byte, partSize)}, now)
		},
		"not taken": func(g *gather, f uint32, now time.Time) error {
			return g.add(part{kindPart, f, 0, 1, make([]byte, partSize)}, now)
		},
		"far apart": func(g *gather, f uint32, now time.Time) error {
			return g.add(part{kindPart, f * 1e6, 0, 2, make([]byte, partSize)}, now)
		},
		"only ends": func(g *gather, f uint32, now time.Time) error {
			return g.add(part{kind: kindEnd, frame: f * 3, parts: maxParts}, now)
		},
	} {
		g := newGather()
		now := time.Unix(1, 0)
		for f := uint32(1); f <= 500; f++ {
			if err := send(g, f, now); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			held := 0
			for _, z := range g.frames {
				for _, p := range z.pieces {
					held += len(p)
				}
			}
			if held != g.held || held > maxHeld || len(g.frames) > maxAhead+1 {
				t.Fatalf("%s: %d bytes held, %d counted, %d frames", name, held, g.held, len(g.frames))
			}
			now = now.Add(time.Millisecond)
			if asks := g.asks(now, 160); len(asks) > 160 {
				t.Fatalf("%s: %d questions at once", name, len(asks))
			}
		}
	}
}

// FuzzGather takes any packets at any time: what is held is bounded, frames come in order and have their size.
func FuzzGather(f *testing.F) {
	f.Add([]byte{0, 1, 0, 3, 0, 1, 2, 3, 0, 1, 1, 3})
	f.Add([]byte{1, 1, 0, 3, 2, 2, 0, 0, 0, 3, 0, 1, 0, 200, 4, 9})
	f.Fuzz(func(t *testing.T, script []byte) {
		g := newGather()
		now := time.Unix(1, 0)
		last := uint32(0)
		for ; len(script) >= 4; script = script[4:] {
			p := part{kind: script[0] % 3, frame: uint32(script[1])*uint32(1+script[0]/3) + 1, part: int(script[2]), parts: int(script[3])}
			if p.kind == kindPart {
				p.data = make([]byte, partSize)
			}
			if p, err := parsePart(p.append(nil, 0, 0)); err == nil {
				_ = g.add(p, now)
			}
			now = now.Add(time.Duration(script[2]) * time.Millisecond)
			g.asks(now, 20)
			if script[3]%2 == 0 {
				continue
			}
			for frame, ok := g.take(now); ok; frame, ok = g.take(now) {
				if len(frame)%partSize != 0 || g.next-1 <= last {
					t.Fatalf("%d bytes, frame %d after %d", len(frame), g.next-1, last)
				}
				last = g.next - 1
			}
			if g.held < 0 || g.held > maxHeld || len(g.frames) > maxAhead+1 {
				t.Fatalf("%d bytes, %d frames held", g.held, len(g.frames))
			}
		}
	})
}

// BenchmarkRecovery measures what comes of 30 frames a second of 8 kB over lines that lose packets.
func BenchmarkRecovery(b *testing.B) {
	for _, loss := range []float64{0, 0.02, 0.1} {
		b.Run(fmt.Sprint(loss), func(b *testing.B) {
			var r played
			for b.Loop() {
				r = path{rate: 500e3, trip: 50 * time.Millisecond, loss: loss, seed: 3}.play(900, 8000, time.Second/30)
			}
			b.ReportMetric(float64(r.whole)/9, "%whole")
			b.ReportMetric(float64(r.again)/float64(r.packets)*100, "%again")
			b.ReportMetric(float64(r.lateness.Milliseconds()), "ms/latest")
		})
	}
}
