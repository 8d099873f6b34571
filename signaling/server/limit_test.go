package server

import (
	"testing"
	"time"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func TestJoinLimit(t *testing.T) {
	l := newLimiter()
	for i := range joinBurst {
		if l.blocked("a", start) {
			t.Fatalf("blocked after %d failures", i)
		}
		l.failed("a", start)
	}
	if !l.blocked("a", start) {
		t.Fatal("not blocked")
	}
	if l.blocked("b", start) {
		t.Error("another address is blocked")
	}
	now := start
	for range 600 { // asking once a second does not get through
		now = now.Add(time.Second)
		if !l.blocked("a", now) {
			t.Fatalf("through after %v of asking without a stop", now.Sub(start))
		}
	}
	if calm := now.Add((1 - joinDebt + 1) * joinEvery); l.blocked("a", calm) {
		t.Error("still blocked after it calmed down")
	}
}

func TestSlowdown(t *testing.T) {
	s := newSlowdown()
	wait := func(address, account string, want time.Duration) {
		t.Helper()
		if got := s.wait(address, account, start); got != want {
			t.Errorf("%s as %s waits %v, want %v", address, account, got, want)
		}
	}
	for range freeFailures {
		wait("a", "ann", 0)
		s.failed("a", "ann", start)
	}
	wait("a", "ann", time.Second)
	wait("a", "ann", 2*time.Second) // the next socket waits its turn
	wait("a", "bob", 3*time.Second) // also for another account
	wait("b", "ann", time.Second)   // from elsewhere, by the account only
	wait("b", "ann", time.Second)
	wait("b", "bob", 0)
	for range 100 {
		s.failed("c", "ann", start)
	}
	wait("c", "cid", slowest)
	wait("b", "ann", slowestNamed) // never longer: nobody is locked out by name
	s.succeeded("ann", start)
	wait("b", "ann", 0)
	wait("c", "cid", 2*slowest) // the address has not earned anything
	if got := s.wait("c", "cid", start.Add(forgetAfter+time.Second)); got != 0 {
		t.Errorf("waits %v after a quarter of an hour", got)
	}
}

func TestAddressKey(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:80":            "192.0.2.1/32",
		"[::ffff:192.0.2.1]:80":   "192.0.2.1/32",
		"[2001:db8:1:2ff::1]:80":  "2001:db8:1:200::/56",
		"[2001:db8:1:200:5::9]:1": "2001:db8:1:200::/56",
		"[2001:db8:1:300::1]:80":  "2001:db8:1:300::/56",
		"[fe80::1%eth0]:80":       "fe80::/56",
		"@":                       "::/56",
		"":                        "::/56",
	} {
		if got := addressOf(remote).key(); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

func TestHostOf(t *testing.T) {
	for header, want := range map[string]string{
		"assist.example": "assist.example", "assist.example:8443": "assist.example", "127.0.0.1:1": "127.0.0.1",
		"[::1]:443": "::1", "[::1]": "::1", "": "", "a b": "", "a/b:1": "", "a\nb": "", "turn:evil?x": "", "<b>": "",
	} {
		if got := hostOf(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}
