package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wire is one end of a pipe in memory.
type wire struct {
	out  chan<- []byte
	in   <-chan []byte
	fail error // what the next Send returns, once
}

func wires() (*wire, *wire) {
	ab, ba := make(chan []byte), make(chan []byte)
	return &wire{out: ab, in: ba}, &wire{out: ba, in: ab}
}

func (w *wire) Send(ctx context.Context, msg []byte) error {
	if err := w.fail; err != nil {
		w.fail = nil
		return err
	}
	select {
	case w.out <- msg:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *wire) Receive(ctx context.Context) ([]byte, error) {
	select {
	case msg := <-w.in:
		return msg, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pipes returns both ends of a sealed channel and what lies under them.
func pipes(t *testing.T, order Order) (c, e Pipe, cw, ew *wire) {
	t.Helper()
	ck, ek := agree(t, seeded(1))
	cs, co, err := ck.Channel("chat", 0, order)
	if err != nil {
		t.Fatal(err)
	}
	es, eo, err := ek.Channel("chat", 0, order)
	if err != nil {
		t.Fatal(err)
	}
	cw, ew = wires()
	return Secure(cw, cs, co), Secure(ew, es, eo), cw, ew
}

func TestSecure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, _, _ := pipes(t, Ordered)
		const senders, each = 20, 10
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				for j := range each {
					if err := c.Send(t.Context(), fmt.Appendf(nil, "%d %d", i, j)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		next := make([]int, senders)
		for range senders * each { // many senders, and still no record is out of place
			msg, err := e.Receive(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var i, j int
			fmt.Sscanf(string(msg), "%d %d", &i, &j)
			if next[i] != j {
				t.Errorf("sender %d: message %d, want %d", i, j, next[i])
			}
			next[i]++
		}
		wg.Wait()
	})
}

func TestSecureSealsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _, ew := pipes(t, Ordered)
		canary := []byte("a secret message of the customer")
		go c.Send(t.Context(), canary)
		raw, err := ew.Receive(t.Context())
		if err != nil || bytes.Contains(raw, canary[:8]) || len(raw) != len(canary)+gcmTagSize {
			t.Errorf("on the wire: %q, %v", raw, err)
		}
	})
}

func TestSecureGivesUpWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, _, _ := pipes(t, Ordered)
		blocked, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { c.Receive(blocked) })
		wg.Go(func() { e.Receive(blocked) })
		synctest.Wait()
		ctx, stop := context.WithCancel(t.Context())
		wg.Go(func() { // waits for the right to open, which the first one holds
			if _, err := c.Receive(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("second Receive: %v", err)
			}
		})
		synctest.Wait()
		stop()
		synctest.Wait()
		for range 20 { // a select with two ready cases would go either way
			if err := c.Send(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
				t.Errorf("Send after the end: %v", err)
			}
		}
		cancel()
		wg.Wait()

		// None of this broke the channel: the send above never sealed anything.
		wg.Go(func() {
			if err := c.Send(t.Context(), []byte("hello")); err != nil {
				t.Error(err)
			}
		})
		if msg, err := e.Receive(t.Context()); err != nil || string(msg) != "hello" {
			t.Errorf("Receive = %q, %v", msg, err)
		}
		wg.Wait()
	})
}

func TestFailedSend(t *testing.T) {
	broken := errors.New("broken")
	for _, order := range []Order{Ordered, Unordered} {
		synctest.Test(t, func(t *testing.T) {
			c, e, cw, _ := pipes(t, order)
			cw.fail = broken
			if err := c.Send(t.Context(), []byte("lost")); !errors.Is(err, broken) {
				t.Errorf("Send: %v", err)
			}
			if order == Ordered { // for good: nobody knows whether the record left
				if err := c.Send(t.Context(), []byte("more")); !errors.Is(err, broken) {
					t.Errorf("next Send: %v", err)
				}
				return
			}
			var wg sync.WaitGroup
			wg.Go(func() { c.Send(t.Context(), []byte("more")) })
			if msg, err := e.Receive(t.Context()); err != nil || string(msg) != "more" {
				t.Errorf("Receive = %q, %v", msg, err)
			}
			wg.Wait()
		})
	}
}

func TestUnorderedPipeSkipsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ck, ek := agree(t, seeded(1))
		s, _, _ := ck.Channel("pointer", 0, Unordered)
		es, eo, _ := ek.Channel("pointer", 0, Unordered)
		cw, ew := wires()
		e := Secure(ew, es, eo)
		r := [][]byte{seal(t, s, "0"), seal(t, s, "1"), seal(t, s, "2")}
		var wg sync.WaitGroup
		wg.Go(func() {
			for _, i := range []int{1, 0, 1, 2} {
				cw.Send(t.Context(), r[i])
			}
			cw.Send(t.Context(), []byte("no record at all, but long enough"))
		})
		for _, want := range []string{"1", "2"} {
			if msg, err := e.Receive(t.Context()); err != nil || string(msg) != want {
				t.Errorf("Receive = %q, %v, want %q", msg, err, want)
			}
		}
		if _, err := e.Receive(t.Context()); !errors.Is(err, ErrRecord) {
			t.Errorf("forged: %v", err)
		}
		wg.Wait()
	})
}

func TestOrderedPipeEndsWithTheFirstBadRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, cw, _ := pipes(t, Ordered)
		var wg sync.WaitGroup
		wg.Go(func() {
			cw.Send(t.Context(), []byte("not a record, but long enough"))
			c.Send(t.Context(), []byte("hello"))
		})
		for range 2 {
			if msg, err := e.Receive(t.Context()); !errors.Is(err, ErrRecord) || msg != nil {
				t.Errorf("Receive = %q, %v", msg, err)
			}
		}
		wg.Wait()
	})
}
