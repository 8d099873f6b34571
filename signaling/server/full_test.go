package server

import (
	"context"
	"errors"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/client"
)

// TestIdleCustomersEnd lets customers' apps say hello and nothing more, one of them after a wrong guess; one that is in a session
// stays.
func TestIdleCustomersEnd(t *testing.T) {
	x := serve(t, t.TempDir(), func(_ *Config, w *times) { w.idle = time.Second })
	engineer, busy, guessing := x.engineer(t), x.customer(t), x.customer(t)
	end, _ := agreed(t, busy, engineer)
	meet(t, guessing, engineer, openRoom(t, engineer))
	if err := guessing.Reject(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client.Conn{x.customer(t), guessing} {
		if lost := next[signaling.Lost](t, c); !errors.Is(lost.Err, client.ErrTooSlow) {
			t.Errorf("ended with %v", lost.Err)
		}
	}
	if _, err := busy.Relays(t.Context()); err != nil {
		t.Errorf("in a session: %v", err)
	}
	if err := busy.Ended(t.Context(), end); err != nil {
		t.Error(err)
	}
	if lost := next[signaling.Lost](t, busy); !errors.Is(lost.Err, client.ErrTooSlow) {
		t.Errorf("after the session it ended with %v", lost.Err)
	}
}

// TestFullOfCustomers has far more customers say hello than there are places. Engineers, sessions and who resumes one still have
// theirs.
func TestFullOfCustomers(t *testing.T) {
	x := serve(t, t.TempDir(), func(c *Config, _ *times) { c.MaxConns = 16 })
	crowd := func() {
		for range 2 * x.MaxConns {
			x.customer(t)
		}
	}
	crowd()
	engineer := x.engineer(t)
	customer := x.customer(t)
	agreed(t, customer, engineer)
	resumed, other := x.party(t, theTicket), x.party(t, theTicket)
	crowd()
	if _, err := engineer.OpenRoom(t.Context()); err != nil {
		t.Errorf("the engineer: %v", err)
	}
	if _, err := customer.Relays(t.Context()); err != nil {
		t.Errorf("the customer in a session: %v", err)
	}
	pass(t, "still here", resumed, other)
	wait(t, "no more than there are places", func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		return len(x.conns) <= x.MaxConns
	})
}

// TestFullOfResumers has as many pretend to resume sessions: no more than half of the places that are kept is theirs.
func TestFullOfResumers(t *testing.T) {
	x := serve(t, t.TempDir(), func(c *Config, _ *times) { c.MaxConns = 16 })
	for range 3 * x.MaxConns {
		x.party(t, theTicket)
	}
	engineers := []*client.Conn{x.engineer(t), x.engineer(t)}
	for range 2 * x.MaxConns {
		x.customer(t)
	}
	for _, e := range engineers {
		if _, err := e.Relays(t.Context()); err != nil {
			t.Errorf("an engineer: %v", err)
		}
	}
	if n := x.resuming.Load(); n != int64(x.MaxConns/8) {
		t.Errorf("%d have a place of their own", n)
	}
	x.end()
	if n, left := x.resuming.Load(), x.places.Len(); n != 0 || left != 0 {
		t.Errorf("%d and %d are left", n, left)
	}
}

// below is a connection that counts how often it was vouched for.
type below struct {
	net.Conn
	vouched int
}

func (b *below) Vouch() { b.vouched++ }

// TestVouchesForWhoIsKnown looks at what the connection below is told.
func TestVouchesForWhoIsKnown(t *testing.T) {
	x := serve(t, t.TempDir())
	b := &below{}
	r := httptest.NewRequestWithContext(context.WithValue(t.Context(), belowKey{}, b), "GET", signaling.Path, nil)
	x.ServeHTTP(httptest.NewRecorder(), r) // no WebSocket: it ends at once
	if b.vouched != 0 {
		t.Error("vouched for somebody who has said nothing")
	}
	c := newConn(x.Server, address{}, "", func(error) {})
	c.below = b
	c.place, _ = x.places.Enter(c, c.addr.from())
	c.keep()
	if b.vouched != 1 {
		t.Errorf("vouched %d times for somebody who is known", b.vouched)
	}
}
