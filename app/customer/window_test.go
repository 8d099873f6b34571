package customer

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWindowCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow()
		if w.full() {
			t.Fatal("full before anything was sent")
		}
		for range maxFrames {
			w.sent(10)
		}
		if !w.full() {
			t.Error("as many frames as may be on the way are there")
		}
		w.seen(2)
		if w.full() {
			t.Error("full after answers")
		}
		w.seen(1) // an old answer, late
		w.seen(w.number)
		if w.bytes != 0 || len(w.queue) != 0 {
			t.Errorf("%d bytes, %d frames left", w.bytes, len(w.queue))
		}
	})
}

// TestWindowLearns sends large frames over a line of 1 MB/s: what may be on the way grows to a quarter of a second of it.
func TestWindowLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow()
		w.sent(2 * minFlight)
		if !w.full() {
			t.Error("a frame beyond the first limit does not fill the window")
		}
		for range 30 {
			time.Sleep(2 * minFlight * time.Second / 1_000_000)
			w.seen(w.number)
			w.sent(2 * minFlight)
		}
		if w.speed < 800_000 || w.speed > 1_200_000 {
			t.Errorf("rate %.0f bytes a second", w.speed)
		}
		w.sent(150_000)
		if w.full() {
			t.Error("full below a quarter of a second")
		}
		w.sent(150_000)
		if !w.full() {
			t.Error("not full above a quarter of a second")
		}
	})
}

func TestRoomWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow()
		for range maxFrames {
			w.sent(1)
		}
		go func() {
			time.Sleep(time.Second)
			w.seen(1)
		}()
		start := time.Now()
		if err := w.room(t.Context()); err != nil || time.Since(start) != time.Second {
			t.Errorf("room after %v: %v", time.Since(start), err)
		}
		w.sent(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.room(ctx); err == nil {
			t.Error("room in a full window")
		}
	})
}
