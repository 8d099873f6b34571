package peer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeRaw is a data channel whose other end acknowledges when the test says so.
type fakeRaw struct {
	mu      sync.Mutex
	waiting uint64
	flying  uint64 // of those, on the line
	low     uint64
	onLow   func()
	most    uint64
	pieces  [][]byte
	gone    chan struct{}
}

func (f *fakeRaw) Read([]byte) (int, error) { <-f.gone; return 0, io.EOF }
func (f *fakeRaw) Close() error             { close(f.gone); return nil }

func (f *fakeRaw) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting += uint64(len(p))
	f.most = max(f.most, f.waiting)
	f.pieces = append(f.pieces, bytes.Clone(p))
	return len(p), nil
}

// line takes what is written at a rate, and acknowledges each millisecond's worth a round trip later.
func (f *fakeRaw) line(ctx context.Context, rate float64, trip time.Duration, carried *atomic.Uint64) {
	const step = time.Millisecond
	var credit float64
	for ctx.Err() == nil {
		time.Sleep(step)
		credit = min(credit+rate*step.Seconds(), max(rate*step.Seconds(), 1200))
		f.mu.Lock()
		n := min(f.waiting-f.flying, uint64(credit))
		f.flying += n
		f.mu.Unlock()
		if n > 0 {
			credit -= float64(n)
			carried.Add(n)
			time.AfterFunc(trip, func() { f.acknowledge(n) })
		}
	}
}

func (f *fakeRaw) BufferedAmount() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting
}

func (f *fakeRaw) SetBufferedAmountLowThreshold(n uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.low = n
}

func (f *fakeRaw) OnBufferedAmountLow(fn func()) { f.onLow = fn }

// acknowledge takes n bytes off the queue, and tells as the library does: when the threshold is crossed.
func (f *fakeRaw) acknowledge(n uint64) {
	f.mu.Lock()
	before := f.waiting
	f.waiting -= min(n, f.waiting)
	f.flying -= min(n, f.flying)
	tell := before > f.low && f.waiting <= f.low
	f.mu.Unlock()
	if tell {
		f.onLow()
	}
}

// fakeLink is a link with one channel and nothing below.
func fakeLink() (*Link, *Channel, *fakeRaw) {
	l := &Link{log: slog.New(slog.DiscardHandler), states: newWatch(), channels: make(map[Name]*Channel)}
	c := newChannel(l, Exact)
	l.channels[Exact] = c
	raw := &fakeRaw{gone: make(chan struct{})}
	c.start(raw)
	l.ready.set()
	return l, c, raw
}

// TestSendRespectsWindow sends more than the window and counts what gets out as the other end acknowledges.
func TestSendRespectsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c, raw := fakeLink()
		c.SetWindow(64 << 10)
		piece := make([]byte, 16<<10-1) // and the byte in front
		sent := 0
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			for {
				if err := c.Send(ctx, piece); err != nil {
					done <- err
					return
				}
				sent++
			}
		}()
		synctest.Wait()
		if sent != 4 || c.Waiting() != 64<<10 {
			t.Errorf("%d pieces out, %d bytes wait; want 4", sent, c.Waiting())
		}
		raw.acknowledge(16<<10 - 1) // one byte short of room for the next
		synctest.Wait()
		if sent != 4 {
			t.Errorf("%d pieces out, want 4", sent)
		}
		raw.acknowledge(1)
		synctest.Wait()
		if sent != 5 {
			t.Errorf("%d pieces out, want 5", sent)
		}
		c.SetWindow(32 << 10) // smaller: nothing until half has gone
		raw.acknowledge(32 << 10)
		synctest.Wait()
		if sent != 5 {
			t.Errorf("%d pieces out in a smaller window, want 5", sent)
		}
		raw.acknowledge(16 << 10)
		synctest.Wait()
		if sent != 6 {
			t.Errorf("%d pieces out, want 6", sent)
		}
		c.SetWindow(48 << 10) // larger: at once
		synctest.Wait()
		if sent != 7 {
			t.Errorf("%d pieces out in a larger window, want 7", sent)
		}
		if raw.most > 64<<10 {
			t.Errorf("%d bytes waited", raw.most)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Send: %v", err)
		}
		_ = raw.Close()
		l.wg.Wait()
	})
}

// TestSendLargerThanWindow sends a message that never fits: it goes when nothing waits.
func TestSendLargerThanWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c, raw := fakeLink()
		c.SetWindow(1000)
		if err := c.Send(t.Context(), make([]byte, 1100)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Send(ctx, []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Send beyond the window: %v", err)
		}
		if err := c.Send(t.Context(), make([]byte, MaxMessage+1)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("Send of too much: %v", err)
		}
		blocked := make(chan error)
		go func() { blocked <- c.Send(t.Context(), []byte("x")) }()
		synctest.Wait()
		l.down(ErrClosed)
		if err := <-blocked; !errors.Is(err, ErrClosed) {
			t.Errorf("Send while the link ends: %v", err)
		}
		_ = raw.Close()
		l.wg.Wait()
	})
}

// TestGivenUpMessage ends the context in the middle of a message: the other end is told to forget it.
func TestGivenUpMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c, raw := fakeLink()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Send(ctx, make([]byte, 60_000)) }()
		synctest.Wait()
		if raw.most == 0 || raw.most > Window {
			t.Errorf("%d bytes are out", raw.most)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Send: %v", err)
		}
		raw.acknowledge(Window)
		if err := c.Send(t.Context(), nil); err != nil {
			t.Error(err)
		}
		_ = raw.Close()
		l.wg.Wait()
		var whole []byte
		var messages int
		for _, p := range raw.pieces {
			var done bool
			var err error
			if whole, done, err = assemble(whole, p); err != nil {
				t.Fatal(err)
			}
			if done {
				messages++
				if len(whole) != 0 {
					t.Errorf("a message of %d bytes came out", len(whole))
				}
				whole = nil
			}
		}
		if messages != 1 {
			t.Errorf("%d messages", messages)
		}
	})
}

// TestPaceFindsTheLine runs a channel over lines of several rates and round trips, in no time.
func TestPaceFindsTheLine(t *testing.T) {
	for _, tt := range []struct {
		name        string
		rate        float64 // bytes a second
		trip        time.Duration
		least, most int // window
		busy        float64
	}{
		{"28.8 kbit/s", 3600, 200 * time.Millisecond, minWindow, minWindow, 0.95},
		{"256 kbit/s", 32e3, 100 * time.Millisecond, 6e3, 12e3, 0.95},
		{"2 Mbit/s", 250e3, 100 * time.Millisecond, 40e3, 60e3, 0.95},
		{"100 Mbit/s far away", 12.5e6, 100 * time.Millisecond, 1.2e6, maxWindow, 0.9},
		{"100 Mbit/s near", 12.5e6, time.Millisecond, 30e3, 100e3, 0.95},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, c, raw := fakeLink()
				l.trip.Store(int64(tt.trip))
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				var carried atomic.Uint64
				var wg sync.WaitGroup
				wg.Go(func() { raw.line(ctx, tt.rate, tt.trip, &carried) })
				wg.Go(func() {
					for c.Send(ctx, make([]byte, 20e3)) == nil {
					}
				})
				time.Sleep(10 * time.Second)
				half := carried.Load()
				time.Sleep(9 * time.Second)
				if w := c.Window(); w < tt.least || w > tt.most {
					t.Errorf("window %d, want %d to %d", w, tt.least, tt.most)
				}
				if busy := float64(carried.Load()-half) / 9 / tt.rate; busy < tt.busy {
					t.Errorf("the line is used to %.0f %%", 100*busy)
				}
				cancel()
				wg.Wait()
				_ = raw.Close()
				l.wg.Wait()
				time.Sleep(tt.trip) // the last acknowledgements
			})
		})
	}
}

func TestStates(t *testing.T) {
	all := []State{Connecting, Up, Interrupted, Down}
	legal := map[[2]State]bool{
		{Connecting, Up}: true, {Connecting, Down}: true, {Up, Interrupted}: true, {Up, Down}: true,
		{Interrupted, Up}: true, {Interrupted, Down}: true,
	}
	for _, from := range all {
		for _, to := range all {
			w := newWatch()
			w.state = from
			if from == Down {
				close(w.out)
			}
			w.set(to)
			want := from
			if legal[[2]State{from, to}] {
				want = to
			}
			if got := w.now(); got != want {
				t.Errorf("%v to %v: %v", from, to, got)
			}
		}
	}
}

// TestSlowWatcher reads nothing while the state changes often: the last states are there.
func TestSlowWatcher(t *testing.T) {
	w := newWatch()
	for range 100 {
		w.set(Up)
		w.set(Interrupted)
	}
	w.set(Down)
	var last State
	n := 0
	for last = range w.out {
		n++
	}
	if last != Down || n != cap(w.out) {
		t.Errorf("%d states, the last is %v", n, last)
	}
}

func TestSilenceIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, raw := fakeLink()
		cfg := Config{}
		cfg.complete()
		l.net = newNetwork(cfg, nil)
		l.measure = func() time.Duration { return 0 }
		l.states.set(Up)
		l.net.heardNow()
		l.wg.Go(l.watchSilence)
		began := time.Now()
		for l.State() == Up {
			time.Sleep(time.Millisecond)
		}
		if took := time.Since(began); took < Silence || took > Silence+Silence/4 {
			t.Errorf("interrupted after %v", took)
		}
		l.net.heardNow()
		time.Sleep(Silence / 4)
		if l.State() != Up {
			t.Errorf("%v although something came", l.State())
		}
		l.down(ErrClosed)
		_ = raw.Close()
		l.wg.Wait()
		l.net.close()
	})
}

func TestPanicCostsTheLink(t *testing.T) {
	l := &Link{log: slog.New(slog.DiscardHandler), states: newWatch()}
	func() {
		defer l.guard()
		panic("in a callback")
	}()
	if l.State() != Down || !l.gone.isSet() {
		t.Errorf("state %v", l.State())
	}
}
