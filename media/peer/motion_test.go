package peer

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

// noise returns n bytes that differ from frame to frame.
func noise(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(rng.Uint32())
	}
	return out
}

func TestMotionEverywhere(t *testing.T) {
	s := startRelay(t)
	for _, how := range []string{"udp", "tcp", "tls"} {
		t.Run(how, func(t *testing.T) {
			customer, engineer := pair(t, s.config(how))
			ctx := inTime(t)
			customer.Motion().SetRate(8e6) // the relay's socket holds no more than some 100 packets
			for i, size := range []int{1, 100, partSize, partSize + 1, 10 * partSize, 60_000, MaxMotion} {
				want := noise(uint64(i), size)
				if err := customer.Motion().Send(ctx, want); err != nil {
					t.Fatalf("send %d bytes: %v", size, err)
				}
				got, err := engineer.Motion().Receive(ctx)
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("received %d bytes of %d, %v", len(got), size, err)
				}
			}
			if st := engineer.Motion().Stats(); st.Frames != 7 || st.Skipped != 0 {
				t.Errorf("engineer: %+v", st)
			}
			if n := len(engineer.pc.GetTransceivers()); n != 0 {
				t.Errorf("the library made %d tracks of its own", n)
			}
			for _, bad := range [][]byte{nil, make([]byte, MaxMotion+1)} {
				if err := customer.Motion().Send(ctx, bad); !errors.Is(err, ErrTooLarge) {
					t.Errorf("send %d bytes: %v", len(bad), err)
				}
			}
			if err := engineer.Motion().Send(ctx, []byte("x")); !errors.Is(err, errMotionWay) {
				t.Errorf("the answering end sends: %v", err)
			}
			short, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			if _, err := customer.Motion().Receive(short); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the offering end receives: %v", err)
			}
		})
	}
}

// TestMotionLosses loses packets of a real link's line, in both directions.
func TestMotionLosses(t *testing.T) {
	s := startRelay(t)
	customer, engineer := pair(t, s.config("udp"))
	s.lose(0.05)
	ctx := inTime(t)
	const frames, size = 60, 8000
	customer.Motion().SetRate(500e3)
	sent := make(chan error, 1)
	go func() {
		for i := range frames {
			if err := customer.Motion().Send(ctx, noise(uint64(i), size)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	whole := 0
	for next := 0; next < frames-1; {
		got, err := engineer.Motion().Receive(ctx)
		if err != nil {
			t.Fatalf("after %d frames: %v", whole, err)
		}
		for ; next < frames && !bytes.Equal(got, noise(uint64(next), size)); next++ {
		}
		if next == frames {
			t.Fatal("a frame that was never sent, or sent before")
		}
		next++
		whole++
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	c, e := customer.Motion().Stats(), engineer.Motion().Stats()
	t.Logf("%d of %d frames; customer %+v, engineer %+v", whole, frames, c, e)
	if whole < frames-2 || c.Again == 0 || e.Skipped > 2 {
		t.Errorf("%d of %d frames came; customer %+v, engineer %+v", whole, frames, c, e)
	}
}

// TestMotionAbandon gives up a frame that is going out slowly: the next one comes.
func TestMotionAbandon(t *testing.T) {
	s := startRelay(t)
	customer, engineer := pair(t, s.config("udp"))
	ctx := inTime(t)
	m := customer.Motion()
	m.SetRate(20e3)
	if err := m.Send(ctx, make([]byte, 300_000)); err != nil { // 15 s
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := m.Send(short, []byte("too early")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second frame while one is under way: %v", err)
	}
	m.Abandon()
	m.Abandon() // of nothing
	if err := m.Send(ctx, []byte("next")); err != nil {
		t.Fatal(err)
	}
	if got, err := engineer.Motion().Receive(ctx); err != nil || string(got) != "next" {
		t.Errorf("received %d bytes, %v", len(got), err)
	}
	if st := engineer.Motion().Stats(); st.Skipped != 1 {
		t.Errorf("%+v", st)
	}
}

// TestMotionEndsWithTheLink closes a link on which a frame is under way.
func TestMotionEndsWithTheLink(t *testing.T) {
	s := startRelay(t)
	customer, engineer := pair(t, s.config("udp"))
	ctx := inTime(t)
	m := customer.Motion()
	m.SetRate(1000)
	if err := m.Send(ctx, make([]byte, 300_000)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 2)
	go func() { done <- m.Send(ctx, []byte("x")) }()
	go func() {
		_, err := engineer.Motion().Receive(ctx)
		done <- err
	}()
	_ = customer.Close()
	for range 2 {
		if err := <-done; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	if err := m.Send(ctx, []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("Send: %v", err)
	}
}

// TestMotionBeforeConnect sends what waits for the certificate to be checked.
func TestMotionBeforeConnect(t *testing.T) {
	s := startRelay(t)
	customer, engineer := newLink(t, s.config("udp")), newLink(t, s.config("udp"))
	describeBoth(t, customer, engineer)
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := customer.Motion().Send(soon, []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send before Connect: %v", err)
	}
	if _, err := engineer.Motion().Receive(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Receive before Connect: %v", err)
	}
	connectBoth(t, customer, engineer)
	if n := customer.Motion().Stats().Packets; n != 0 {
		t.Errorf("%d packets", n)
	}
}

// TestCloseOfStuckLink closes a link whose relay takes next to nothing any more while everything is full.
func TestCloseOfStuckLink(t *testing.T) {
	s := startRelay(t)
	customer, _ := pair(t, s.config("tcp"))
	ctx, stop := context.WithCancel(inTime(t))
	defer stop()
	s.slow(16e3) // two thousand bytes a second
	go func() {
		for customer.Channel(Exact).Send(ctx, make([]byte, MaxMessage)) == nil {
		}
	}()
	go func() {
		for customer.Motion().Send(ctx, make([]byte, MaxMotion)) == nil {
		}
	}()
	time.Sleep(500 * time.Millisecond)
	began := time.Now()
	_ = customer.Close()
	t.Logf("closed after %v", time.Since(began))
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("closed after %v", took)
	}
}
