package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

var open = []Name{Control, Input, Pointer, Exact, Chat}

func TestEveryChannelBothWays(t *testing.T) {
	s := startRelay(t)
	for _, how := range []string{"udp", "tcp", "tls"} {
		t.Run(how, func(t *testing.T) {
			before := s.connections()
			customer, engineer := newLink(t, s.config(how)), newLink(t, s.config(how))
			offer, answer := describeBoth(t, customer, engineer)
			t.Logf("offer %d bytes, answer %d bytes", len(offer), len(answer))
			connectBoth(t, customer, engineer)
			ctx := inTime(t)
			for _, name := range open {
				for _, way := range []struct{ from, to *Link }{{customer, engineer}, {engineer, customer}} {
					for _, size := range []int{0, 1, 1000, MaxMessage} {
						if name == Pointer && size == MaxMessage {
							if err := way.from.Channel(name).Send(ctx, make([]byte, size)); !errors.Is(err, ErrTooLarge) {
								t.Errorf("a large message on Pointer: %v", err)
							}
							continue
						}
						msg := bytes.Repeat([]byte{byte(name)}, size)
						if err := way.from.Channel(name).Send(ctx, msg); err != nil {
							t.Fatalf("%v: send %d: %v", name, size, err)
						}
						got, err := way.to.Channel(name).Receive(ctx)
						if err != nil || !bytes.Equal(got, msg) {
							t.Fatalf("%v: received %d bytes of %d, %v", name, len(got), size, err)
						}
					}
				}
			}
			if got := s.connections() - before; how != "udp" && got != 2 {
				t.Errorf("%d connections to the relay, want 2", got)
			}
			if how != "udp" && s.connections() == before {
				t.Error("the relay was not reached by TCP")
			}
			stats := customer.Stats()
			if stats.Sent < MaxMessage || stats.Received < MaxMessage || stats.RoundTrip <= 0 {
				t.Errorf("stats %+v", stats)
			}
			if customer.Channel(File) != nil {
				t.Error("File is open")
			}
		})
	}
}

// TestFirstRelayWins gives three ways in and sees that only the first is used.
func TestFirstRelayWins(t *testing.T) {
	s := startRelay(t)
	customer, engineer := pair(t, s.config("udp", "tcp", "tls"))
	_, _ = customer, engineer
	time.Sleep(2*headStart + 100*time.Millisecond)
	if n := s.connections(); n != 0 {
		t.Errorf("%d connections by TCP although UDP works", n)
	}
}

// TestFirstUDPRelayWins gives two relays and sees that both ends use the first: one end at each would never meet.
func TestFirstUDPRelayWins(t *testing.T) {
	first, second := startRelay(t), startRelay(t)
	cfg := first.config("udp")
	cfg.Relays = append(cfg.Relays, second.relay("udp"))
	pair(t, cfg)
	time.Sleep(2 * headStart)
	if n := second.packets(); n != 0 {
		t.Errorf("%d packets to the second relay", n)
	}
}

// TestSecondUDPRelay has the first of two relays not answer.
func TestSecondUDPRelay(t *testing.T) {
	first, second := startRelay(t), startRelay(t)
	first.silence(true)
	cfg := first.config("udp")
	cfg.Relays = append(cfg.Relays, second.relay("udp"))
	pair(t, cfg)
	if second.packets() == 0 {
		t.Error("connected without a relay")
	}
}

// TestBlockedUDP has a relay whose UDP port never answers.
func TestBlockedUDP(t *testing.T) {
	s := startRelay(t)
	s.silence(true)
	began := time.Now()
	customer, engineer := pair(t, s.config("udp", "tls"))
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("connected after %v", took)
	}
	ctx := inTime(t)
	if err := engineer.Channel(Chat).Send(ctx, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got, err := customer.Channel(Chat).Receive(ctx); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestNoRelay(t *testing.T) {
	s := startRelay(t)
	wrong := s.config("udp", "tcp")
	for i := range wrong.Relays {
		wrong.Relays[i].Credential = "wrong"
	}
	untrusted := s.config("tls")
	untrusted.TLS = nil
	unknown := s.config("tls")
	unknown.Relays[0].URL = "turns:assist.invalid:443?transport=tcp"
	for name, cfg := range map[string]Config{"wrong credentials": wrong, "certificate not trusted": untrusted, "no such host": unknown} {
		if _, err := newLink(t, cfg).Offer(inTime(t)); !errors.Is(err, ErrNoRelay) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.silence(true)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := newLink(t, s.config("udp")).Offer(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent relay: %v", err)
	}
}

func TestWrongFingerprint(t *testing.T) {
	s := startRelay(t)
	t.Run("not the description's", func(t *testing.T) {
		customer, engineer := newLink(t, s.config("udp")), newLink(t, s.config("udp"))
		describeBoth(t, customer, engineer)
		wrong := engineer.Fingerprint()
		wrong[31] ^= 1
		if err := customer.Connect(inTime(t), wrong); !errors.Is(err, ErrFingerprint) {
			t.Errorf("Connect: %v", err)
		}
		if customer.State() != Down {
			t.Errorf("state %v", customer.State())
		}
	})
	t.Run("not the certificate's", func(t *testing.T) {
		customer, engineer := newLink(t, s.config("udp")), newLink(t, s.config("udp"))
		ctx := inTime(t)
		offer, err := customer.Offer(ctx)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := engineer.Answer(ctx, offer)
		if err != nil {
			t.Fatal(err)
		}
		answer[2] ^= 1 // somebody in between puts its own certificate there
		if err := customer.Accept(answer); err != nil {
			t.Fatal(err)
		}
		d, _ := parseDescription(answer)
		if err := customer.Connect(ctx, d.fingerprint); err == nil {
			t.Error("connected to a certificate that is not the one named")
		}
		if err := customer.Channel(Control).Send(ctx, []byte("secret")); !errors.Is(err, ErrClosed) {
			t.Errorf("Send: %v", err)
		}
	})
}

// TestNothingBeforeConnect sees that a message waits for the certificate to be checked.
func TestNothingBeforeConnect(t *testing.T) {
	s := startRelay(t)
	customer, engineer := newLink(t, s.config("udp")), newLink(t, s.config("udp"))
	describeBoth(t, customer, engineer)
	if err := engineer.Connect(inTime(t), customer.Fingerprint()); err != nil {
		t.Fatal(err)
	}
	if err := engineer.Channel(Control).Send(inTime(t), []byte("early")); err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if got, err := customer.Channel(Control).Receive(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Receive before Connect: %q, %v", got, err)
	}
	if err := customer.Channel(Control).Send(soon, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send before Connect: %v", err)
	}
	if err := customer.Connect(inTime(t), engineer.Fingerprint()); err != nil {
		t.Fatal(err)
	}
	if got, err := customer.Channel(Control).Receive(inTime(t)); err != nil || string(got) != "early" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCloseIsSeenAtTheOtherEnd(t *testing.T) {
	s := startRelay(t)
	for _, how := range []string{"udp", "tls"} {
		customer, engineer := pair(t, s.config(how))
		ctx := inTime(t)
		if err := customer.Channel(Control).Send(ctx, []byte("goodbye")); err != nil {
			t.Fatal(err)
		}
		if err := customer.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: Down after %v", how, waitFor(t, engineer, Down, 3*time.Second))
		if got, err := engineer.Channel(Control).Receive(ctx); err != nil || string(got) != "goodbye" {
			t.Errorf("%s: the last message: %q, %v", how, got, err)
		}
		for _, l := range []*Link{customer, engineer} {
			for _, name := range open {
				if _, err := l.Channel(name).Receive(ctx); !errors.Is(err, ErrClosed) {
					t.Errorf("%s: %v: Receive: %v", how, name, err)
				}
				if err := l.Channel(name).Send(ctx, nil); !errors.Is(err, ErrClosed) {
					t.Errorf("%s: %v: Send: %v", how, name, err)
				}
			}
		}
		if err := customer.Close(); err != nil {
			t.Errorf("%s: second Close: %v", how, err)
		}
	}
}

// TestInterruption makes the relay deaf for a while, and then for good.
func TestInterruption(t *testing.T) {
	s := startRelay(t)
	cfg := s.config("udp")
	cfg.Silence, cfg.Patience, cfg.KeepAlive = 400*time.Millisecond, 1200*time.Millisecond, 100*time.Millisecond
	customer, engineer := pair(t, cfg)
	time.Sleep(2 * cfg.Silence) // at rest nothing happens
	if customer.State() != Up || engineer.State() != Up {
		t.Fatalf("%v, %v at rest", customer.State(), engineer.State())
	}
	s.silence(true)
	t.Logf("interrupted after %v", waitFor(t, customer, Interrupted, 2*cfg.Silence))
	waitFor(t, engineer, Interrupted, 2*cfg.Silence)
	s.silence(false)
	t.Logf("up again after %v", waitFor(t, customer, Up, time.Second))
	waitFor(t, engineer, Up, time.Second)
	if err := engineer.Channel(Input).Send(inTime(t), []byte("again")); err != nil {
		t.Fatal(err)
	}
	if got, err := customer.Channel(Input).Receive(inTime(t)); err != nil || string(got) != "again" {
		t.Errorf("%q, %v", got, err)
	}

	s.close() // killed
	waitFor(t, customer, Interrupted, 2*cfg.Silence)
	t.Logf("down after %v more", waitFor(t, customer, Down, 2*cfg.Patience))
	waitFor(t, engineer, Down, cfg.Patience)
	var seen []State
	for state := range customer.Watch() {
		seen = append(seen, state)
	}
	want := []State{Connecting, Up, Interrupted, Up, Interrupted, Down}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("states %v, want %v", seen, want)
	}
}

// TestLastWordsThatDoNotArrive ends a link whose relay is deaf.
func TestLastWordsThatDoNotArrive(t *testing.T) {
	s := startRelay(t)
	customer, engineer := pair(t, s.config("udp"))
	s.silence(true)
	if err := customer.Channel(Control).Send(inTime(t), []byte("goodbye")); err != nil {
		t.Fatal(err)
	}
	if err := customer.Close(); !errors.Is(err, ErrUnsent) {
		t.Errorf("Close: %v", err)
	}
	if err := engineer.Close(); err != nil {
		t.Errorf("Close with nothing to say: %v", err)
	}
}

func TestDescriptionsInTheWrongPlace(t *testing.T) {
	s := startRelay(t)
	ctx := inTime(t)
	customer, engineer := newLink(t, s.config("udp")), newLink(t, s.config("udp"))
	offer, err := customer.Offer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := customer.Connect(ctx, [32]byte{}); !errors.Is(err, ErrDescription) {
		t.Errorf("Connect without a description: %v", err)
	}
	if err := customer.Accept(offer); !errors.Is(err, ErrDescription) {
		t.Errorf("Accept of an offer: %v", err)
	}
	for _, junk := range [][]byte{nil, {}, {1}, []byte("v=0\r\n"), make([]byte, 5000)} {
		if _, err := engineer.Answer(ctx, junk); !errors.Is(err, ErrDescription) {
			t.Errorf("Answer to %d bytes of junk: %v", len(junk), err)
		}
	}
	answer, err := engineer.Answer(ctx, offer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engineer.Answer(ctx, offer); !errors.Is(err, ErrDescription) {
		t.Errorf("second Answer: %v", err)
	}
	if err := customer.Accept(answer); err != nil {
		t.Fatal(err)
	}
	connectBoth(t, customer, engineer)
}

// countingDialer is a proxy that leads straight on.
type countingDialer struct{ calls atomic.Int32 }

func (d *countingDialer) Dial(network, address string) (net.Conn, error) {
	d.calls.Add(1)
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	return hiddenAddr{c}, nil
}

// hiddenAddr has no TCP address, as a connection through a WebSocket has none.
type hiddenAddr struct{ net.Conn }

func (hiddenAddr) LocalAddr() net.Addr { return &net.UnixAddr{Name: "proxy", Net: "unix"} }

func TestOwnDialerOnce(t *testing.T) {
	s := startRelay(t)
	for _, how := range []string{"tcp", "tls"} {
		d := new(countingDialer)
		cfg := s.config(how)
		cfg.Dialer = d
		pair(t, cfg)
		if n := d.calls.Load(); n != 2 { // one an end
			t.Errorf("%s: %d connections, want 2", how, n)
		}
	}
}
