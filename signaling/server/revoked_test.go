package server

import (
	"sync/atomic"
	"testing"

	"assist/signaling"
)

// TestClosedInASession closes an account whose engineer is in a session: customer and engineer are told, and their relay credentials
// are worth nothing.
func TestClosedInASession(t *testing.T) {
	var ended atomic.Int32
	x := serve(t, t.TempDir(), func(c *Config, _ *times) {
		c.EndCredential = func(string) { ended.Add(1) }
	})
	engineer, customer, free := x.engineer(t), x.customer(t), x.customer(t)
	j, _ := meet(t, customer, engineer, openRoom(t, engineer))
	if err := customer.Confirm(t.Context(), []byte("m3")); err != nil {
		t.Fatal(err)
	}
	next[signaling.Confirmed](t, engineer)
	if err := engineer.Accept(t.Context(), j.Attempt); err != nil {
		t.Fatal(err)
	}
	next[signaling.Accepted](t, customer)
	if n := ended.Load(); n != 0 {
		t.Fatalf("%d credentials ended before", n)
	}
	if err := CloseAccount(x.store, "ann"); err != nil {
		t.Fatal(err)
	}
	if ev := next[signaling.Revoked](t, customer); ev.Attempt != j.Attempt {
		t.Errorf("%+v, want attempt %s", ev, j.Attempt)
	}
	next[signaling.Lost](t, engineer)
	if n := ended.Load(); n != 2 {
		t.Errorf("%d credentials ended, want both", n)
	}
	// Somebody else's connection goes on.
	if _, err := free.Relays(t.Context()); err != nil {
		t.Error(err)
	}
}
