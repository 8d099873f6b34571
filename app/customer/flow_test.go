package customer

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/wire"
)

// carry answers every frame that f sent after a line of rate bytes a second and 40 ms has carried it.
func carry(f *flow, rate int, frames <-chan int) {
	var received uint64
	var number uint32
	for bytes := range frames {
		time.Sleep(time.Duration(bytes) * time.Second / time.Duration(rate))
		received += uint64(bytes)
		number++
		m := &wire.Seen{Frame: number, Received: received, Stamp: uint32(time.Now().UnixMilli())}
		time.AfterFunc(40*time.Millisecond, func() { f.seen(m) })
	}
}

// TestFlow fills lines with pictures: the rate is found, and little is under way.
func TestFlow(t *testing.T) {
	for _, line := range []int{3_000, 30_000, 1_000_000} {
		synctest.Test(t, func(t *testing.T) {
			f := newFlow(40 * time.Millisecond)
			frames := make(chan int, 1000)
			var wg sync.WaitGroup
			wg.Go(func() { carry(f, line, frames) })
			defer wg.Wait()
			defer close(frames)
			end := time.Now().Add(20 * time.Second)
			for time.Now().Before(end) {
				if err := f.room(t.Context()); err != nil {
					t.Fatal(err)
				}
				bytes := f.target()
				f.sent(bytes)
				frames <- bytes
				time.Sleep(5 * time.Millisecond)
			}
			report, slow, busy := f.status()
			if r := f.rate(); r < line*8/10 || r > line*12/10 {
				t.Errorf("rate %d, want %d", r, line)
			}
			if report.Queue > 250 || slow != (line < 32_000) || !busy || report.Exact < uint64(line)*15 {
				t.Errorf("line of %d: %+v, slow %v, busy %v", line, report, slow, busy)
			}
		})
	}
}

// TestRoomWaits checks that a full link keeps the next picture back until an answer comes, that an end without answers does not
// stop it for ever, and that waiting ends with ctx.
func TestRoomWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlow(0)
		start := time.Now()
		if f.room(t.Context()); time.Since(start) != 0 {
			t.Errorf("nothing is under way, and room took %v", time.Since(start))
		}
		n := f.sent(64 << 10)
		time.AfterFunc(100*time.Millisecond, func() { f.seen(&wire.Seen{Frame: n, Received: 64 << 10, Stamp: 5}) })
		if f.room(t.Context()); time.Since(start) != 100*time.Millisecond {
			t.Errorf("room after %v, want the answer's 100 ms", time.Since(start))
		}
		f.rolled(1 << 20)
		start = time.Now()
		if f.room(t.Context()); time.Since(start) < 200*time.Millisecond || time.Since(start) > 10*time.Second {
			t.Errorf("without an answer, room after %v", time.Since(start))
		}
		f.sent(1 << 20)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := f.room(ctx); err == nil {
			t.Error("room in a full link")
		}
	})
}

func TestWorth(t *testing.T) {
	was := wire.LinkReport{Rate: 100_000, Queue: 100, Exact: 1 << 20, Motion: 0}
	for _, tt := range []struct {
		name   string
		change func(*wire.LinkReport)
		want   bool
	}{
		{"nothing", func(*wire.LinkReport) {}, false},
		{"rate a little", func(r *wire.LinkReport) { r.Rate = 110_000 }, false},
		{"rate much", func(r *wire.LinkReport) { r.Rate = 80_000 }, true},
		{"queue", func(r *wire.LinkReport) { r.Queue = 0 }, true},
		{"a few bytes", func(r *wire.LinkReport) { r.Exact += 100 }, false},
		{"many bytes", func(r *wire.LinkReport) { r.Exact += 200_000 }, true},
		{"motion begins", func(r *wire.LinkReport) { r.Motion = 20_000 }, true},
	} {
		now := was
		if tt.change(&now); worth(was, now) != tt.want {
			t.Errorf("%s: %v", tt.name, !tt.want)
		}
	}
}
