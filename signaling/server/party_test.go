package server

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/client"
	"assist/signaling/crowd"
	"assist/signaling/store"
)

const theTicket = "00112233445566778899aabbccddeeff"

// party brings one end of a session to the service.
func (x *service) party(t *testing.T, ticket string) *client.Conn {
	t.Helper()
	c := x.dial(t)
	relays, err := c.Meet(t.Context(), ticket)
	if err != nil || len(relays) != 1 {
		t.Fatalf("Meet: %v, %v", relays, err)
	}
	return c
}

// pass has from say text, which everybody in to hears.
func pass(t *testing.T, text string, from *client.Conn, to ...*client.Conn) {
	t.Helper()
	if err := from.Pass(t.Context(), []byte(text)); err != nil {
		t.Fatal(err)
	}
	for _, c := range to {
		if p := next[signaling.Passed](t, c); string(p.Bytes) != text {
			t.Errorf("%q arrived as %q", text, p.Bytes)
		}
	}
}

func TestTwoEndsMeet(t *testing.T) {
	dir := t.TempDir()
	x := serve(t, dir)
	a := x.party(t, theTicket)
	pass(t, "to nobody", a)
	b, other := x.party(t, theTicket), x.party(t, strings.Repeat("0", 32))
	pass(t, "offer", a, b)
	pass(t, "answer", b, a) // nobody hears himself
	a.Close()
	a = x.party(t, theTicket) // came back over another line
	pass(t, "here", a, b)
	pass(t, "well", b, a)
	pass(t, "alone", other)
	for _, e := range x.trail(t) {
		t.Errorf("the service keeps %+v", e)
	}
	x.end()

	x = serve(t, dir) // another service, which knows nothing of them
	a, b = x.party(t, theTicket), x.party(t, theTicket)
	pass(t, "again", a, b)
}

// TestTwoNodes has the two ends at different nodes of one cluster.
func TestTwoNodes(t *testing.T) {
	x := serve(t, t.TempDir())
	second, err := New(x.Config)
	if err != nil {
		t.Fatal(err)
	}
	y := &service{Server: second, store: &store.Store{}} // the store is closed by the first
	y.listen(t)
	a, b := x.party(t, theTicket), y.party(t, theTicket)
	pass(t, "over there", a, b)
	pass(t, "and back", b, a)
}

func TestPartyOutOfOrder(t *testing.T) {
	x := serve(t, t.TempDir())
	meet := signaling.Meet{Ticket: theTicket}
	for name, messages := range map[string][]signaling.Message{
		"pass before meet": {signaling.Pass{Bytes: []byte("x")}},
		"meet twice":       {meet, meet},
		"a room":           {meet, signaling.OpenRoom{}},
		"a join":           {meet, signaling.Join{Room: "042", Form: theForm, M1: []byte("m1")}},
		"a sign-in":        {signaling.SignInStart{Account: "ann", KE1: []byte("ke1")}},
	} {
		t.Run(name, func(t *testing.T) {
			k := x.talker(t)
			if _, m := k.ask(signaling.Hello{Version: signaling.Version, Role: signaling.Session}); len(m.(signaling.Welcome).Relays) != 1 {
				t.Errorf("hello: %#v", m)
			}
			for _, m := range messages[:len(messages)-1] {
				k.ask(m)
			}
			frame, err := signaling.Encode(9, messages[len(messages)-1])
			if err != nil {
				t.Fatal(err)
			}
			k.write(string(frame))
			if err := k.ended(); err == nil {
				t.Error("the socket goes on")
			}
		})
	}
}

func TestPartyStaysOutOfTheOthersWay(t *testing.T) {
	x := serve(t, t.TempDir())
	for _, role := range []signaling.Role{signaling.Customer, signaling.Engineer} {
		k := x.talker(t)
		k.ask(signaling.Hello{Version: signaling.Version, Role: role})
		frame, err := signaling.Encode(9, signaling.Meet{Ticket: theTicket})
		if err != nil {
			t.Fatal(err)
		}
		if role == signaling.Engineer {
			if _, m := k.ask(signaling.Meet{Ticket: theTicket}); m != (signaling.Refused{Reason: signaling.SignInRequired}) {
				t.Errorf("an engineer meets: %#v", m)
			}
			continue
		}
		k.write(string(frame))
		if err := k.ended(); err == nil {
			t.Error("a customer meets")
		}
	}
}

func TestPartyWaitsForSoLong(t *testing.T) {
	x := serve(t, t.TempDir(), func(_ *Config, t *times) { t.meet = 50 * time.Millisecond })
	lost := next[signaling.Lost](t, x.party(t, theTicket))
	if !errors.Is(lost.Err, client.ErrTooSlow) {
		t.Errorf("ended with %v", lost.Err)
	}
}

func TestTooManyMeet(t *testing.T) {
	x := serve(t, t.TempDir())
	for range meetBurst {
		x.meets.Allow(crowd.Of(netip.MustParseAddr("127.0.0.1")), time.Now())
	}
	if _, err := x.dial(t).Meet(t.Context(), theTicket); !errors.Is(err, client.ErrTooManyTries) {
		t.Errorf("Meet: %v", err)
	}
}
