package link_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/link"
	"assist/app/link/linktest"
	"assist/app/wire"
	"assist/media/peer"
	"assist/signaling/relay"
)

// movie returns a frame of motion with n bytes of picture.
func movie(number uint32, n int) *wire.Motion {
	return &wire.Motion{
		Frame: number, Stream: 1, Index: number, Rect: image.Rect(0, 0, 64, 64), Tiles: []image.Rectangle{image.Rect(0, 0, 2, 2)},
		Bytes: bytes.Repeat([]byte{byte(number)}, n),
	}
}

// films returns two ends of a link in memory, sealed, the customer's first.
func films(t *testing.T) (c, e *link.Conn, net *linktest.Network, track *linktest.Track) {
	t.Helper()
	net = linktest.NewNetwork()
	a, b := net.NewLink(), net.NewLink()
	offer, _ := a.Offer(t.Context())
	answer, err := b.Answer(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Accept(answer); err != nil {
		t.Fatal(err)
	}
	ck, ek := agree(t)
	c, errC := link.Seal(a, ck, 0)
	e, errE := link.Seal(b, ek, 0)
	if err := errors.Join(errC, errE); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return c, e, net, a.Track().(*linktest.Track)
}

func sendMovie(t *testing.T, c *link.Conn, number uint32, n int) {
	t.Helper()
	if err := c.Send(t.Context(), movie(number, n)); err != nil {
		t.Fatal(err)
	}
}

// next returns the number of the next frame of motion.
func next(t *testing.T, e *link.Conn) uint32 {
	t.Helper()
	m, err := e.Receive(t.Context(), wire.MotionChannel)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*wire.Motion).Frame
}

func TestMotionInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, net, track := films(t)
		for i, n := range []int{1, 100_000, wire.MaxMotion - 100} { // larger than any other message
			sendMovie(t, c, uint32(i+1), n)
			m, err := e.Receive(t.Context(), wire.MotionChannel)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.(*wire.Motion); got.Frame != uint32(i+1) || len(got.Bytes) != n {
				t.Errorf("frame %d of %d bytes", got.Frame, len(got.Bytes))
			}
		}
		var held []byte
		net.TamperWith(func(msg []byte, _ wire.Channel) []byte { held = msg; return nil })
		sendMovie(t, c, 4, 10) // lost
		net.TamperWith(nil)
		sendMovie(t, c, 5, 10)
		if got := next(t, e); got != 5 {
			t.Errorf("frame %d after a lost one", got)
		}
		net.TamperWith(func(msg []byte, _ wire.Channel) []byte { return held })
		sendMovie(t, c, 6, 10) // an old one comes in its place
		net.TamperWith(nil)
		sendMovie(t, c, 7, 10)
		if got := next(t, e); got != 7 {
			t.Errorf("frame %d after an old one", got)
		}
		if err := e.Send(t.Context(), movie(1, 10)); err == nil {
			t.Error("the engineer's end sends motion")
		}
		track.SetRate(5000)
		if st := track.Stats(); st.Frames != 7 || track.Rate() != 5000 {
			t.Errorf("%+v, rate %v", st, track.Rate())
		}
	})
}

// TestHostileMotion changes frames on their way as only the other end itself could.
func TestHostileMotion(t *testing.T) {
	for name, tamper := range map[string]func([]byte) []byte{
		"changed": func(m []byte) []byte { m[len(m)/2] ^= 1; return m },
		"cut":     func(m []byte) []byte { return m[:10] },
		"nothing": func([]byte) []byte { return []byte{} },
		"junk":    func([]byte) []byte { return make([]byte, peer.MaxMotion) },
	} {
		synctest.Test(t, func(t *testing.T) {
			c, e, net, _ := films(t)
			net.TamperWith(func(msg []byte, _ wire.Channel) []byte { return tamper(msg) })
			sendMovie(t, c, 1, 1000)
			if m, err := e.Receive(t.Context(), wire.MotionChannel); !errors.Is(err, link.ErrHostile) {
				t.Errorf("%s: %v, %v", name, m, err)
			}
		})
	}
}

// TestNobodyWatches sends more than anybody reads: the sender does not wait, and the newest frames can still be had.
func TestNobodyWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, e, _, _ := films(t)
		for i := range 100 {
			sendMovie(t, c, uint32(i+1), 10)
		}
		last := uint32(0)
		for last < 100 {
			got := next(t, e)
			if got <= last {
				t.Fatalf("frame %d after %d", got, last)
			}
			last = got
		}
	})
}

// TestRealMotion has frames of motion cross a real link.
func TestRealMotion(t *testing.T) {
	relays := []*relay.Server{startRelay(t)}
	direct := []netip.AddrPort{relays[0].Addr()}
	c, e := connect(t, through(direct, relays), through(direct, relays))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c.first.Track().SetRate(5e6)
	for i, n := range []int{1, 30_000, wire.MaxMotion - 100} {
		want := movie(uint32(i+1), n)
		if err := c.first.Send(ctx, want); err != nil {
			t.Fatal(err)
		}
		m, err := e.first.Receive(ctx, wire.MotionChannel)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.(*wire.Motion); got.Frame != want.Frame || !bytes.Equal(got.Bytes, want.Bytes) {
			t.Errorf("frame %d of %d bytes", got.Frame, len(got.Bytes))
		}
	}
	if st := e.first.Track().Stats(); st.Frames != 3 || st.Skipped != 0 {
		t.Errorf("%+v", st)
	}
	c.Close(wire.ByPerson)
	e.Close(wire.ByPerson)
}
