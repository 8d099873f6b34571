package e2e

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

// framePipes returns both ends of a pipe of frames and what lies under them.
func framePipes(t *testing.T) (c, e Pipe, cw, ew *wire) {
	t.Helper()
	ck, ek := agree(t, seeded(1))
	cs, co, err := ck.Media(3)
	if err != nil {
		t.Fatal(err)
	}
	es, eo, err := ek.Media(3)
	if err != nil {
		t.Fatal(err)
	}
	cw, ew = wires()
	return SecureFrames(cw, cs, co), SecureFrames(ew, es, eo), cw, ew
}

func TestSecureFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, _, ew := framePipes(t)
		secret := bytes.Repeat([]byte("a secret frame"), 30_000) // larger than a record may be
		go c.Send(t.Context(), secret)
		raw, err := ew.Receive(t.Context())
		if err != nil || bytes.Contains(raw, secret[:14]) || len(raw) > len(secret)+FrameOverhead {
			t.Errorf("%d bytes on the wire, %v", len(raw), err)
		}
		go c.Send(t.Context(), secret)
		if got, err := e.Receive(t.Context()); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("received %d bytes, %v", len(got), err)
		}
	})
}

// TestFramesOnlyForward repeats, holds back and loses frames: those that come out have been sealed one after the other.
func TestFramesOnlyForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ck, ek := agree(t, seeded(1))
		s, _, _ := ck.Media(0)
		es, eo, _ := ek.Media(0)
		cw, ew := wires()
		e := SecureFrames(ew, es, eo)
		var f [][]byte
		for i := range 6 {
			f = append(f, sealFrame(t, s, string(rune('0'+i))))
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for _, i := range []int{1, 0, 1, 3, 2, 3, 5, 4} {
				cw.Send(t.Context(), f[i])
			}
			cw.Send(t.Context(), []byte("no frame at all, but long enough for one"))
			cw.Send(t.Context(), nil)
			cw.Send(t.Context(), sealFrame(t, s, "6"))
		})
		for _, want := range []string{"1", "3", "5"} {
			if got, err := e.Receive(t.Context()); err != nil || string(got) != want {
				t.Errorf("Receive = %q, %v, want %q", got, err, want)
			}
		}
		for _, forged := range []string{"junk", "nothing"} {
			if got, err := e.Receive(t.Context()); !errors.Is(err, ErrRecord) {
				t.Errorf("%s: %q, %v", forged, got, err)
			}
		}
		if got, err := e.Receive(t.Context()); err != nil || string(got) != "6" {
			t.Errorf("Receive = %q, %v", got, err)
		}
		wg.Wait()
	})
}

// TestForgedCounter changes a frame's number: neither that frame is taken, nor the ones it claims to be behind are lost.
func TestForgedCounter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, cw, ew := framePipes(t)
		go c.Send(t.Context(), []byte("one"))
		raw, err := ew.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		forged := bytes.Clone(raw)
		forged[0] |= 7 // the counter stands in the first byte while it is small
		var wg sync.WaitGroup
		wg.Go(func() {
			cw.Send(t.Context(), forged)
			cw.Send(t.Context(), raw)
		})
		if got, err := e.Receive(t.Context()); !errors.Is(err, ErrRecord) {
			t.Errorf("forged: %q, %v", got, err)
		}
		if got, err := e.Receive(t.Context()); err != nil || string(got) != "one" {
			t.Errorf("Receive = %q, %v", got, err)
		}
		wg.Wait()
	})
}

// TestFailedFrame has a frame not sent: the next one is.
func TestFailedFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, cw, _ := framePipes(t)
		broken := errors.New("broken")
		cw.fail = broken
		if err := c.Send(t.Context(), []byte("lost")); !errors.Is(err, broken) {
			t.Errorf("Send: %v", err)
		}
		go c.Send(t.Context(), []byte("next"))
		if got, err := e.Receive(t.Context()); err != nil || string(got) != "next" {
			t.Errorf("Receive = %q, %v", got, err)
		}
		if err := c.Send(t.Context(), make([]byte, MaxFrame+1)); !errors.Is(err, ErrTooLong) {
			t.Errorf("Send of too much: %v", err)
		}
	})
}
