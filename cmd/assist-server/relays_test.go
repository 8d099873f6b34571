package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/app/code"
	"assist/app/e2e"
	"assist/app/link"
	"assist/app/wire"
	"assist/media/peer"
	"assist/signaling"
	"assist/signaling/client"
	"assist/signaling/dial"
)

// freeAddrs returns addresses of loopback that were free a moment ago.
func freeAddrs(t *testing.T, n int) (list []string) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		list = append(list, l.Addr().String())
	}
	return list
}

// change rewrites the configuration.
func (s site) change(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(s.config)
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("no %q in the configuration, %v", from, err)
	}
	if err := os.WriteFile(s.config, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func portOf(t *testing.T, addr string) uint16 {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return a.AddrPort().Port()
}

// TestSeveralPorts runs a service on three ports and reaches everything on each.
func TestSeveralPorts(t *testing.T) {
	s := newSite(t)
	more := freeAddrs(t, 2)
	s.change(t, fmt.Sprintf("listen = %q", s.addr), fmt.Sprintf("listen = [%q, %q, %q]", s.addr, more[0], more[1]))
	service := s.run(t)
	conf := tlsFor(t, s.ca(t))
	h := http.Client{Transport: &http.Transport{TLSClientConfig: conf, DisableKeepAlives: true}}
	for _, addr := range append(more, s.addr) {
		if r, err := h.Get("https://" + addr + "/readyz"); err != nil || r.StatusCode != 200 {
			t.Errorf("%s: /readyz: %v, %v", addr, r, err)
		}
		c := connect(t, addr, s.ca(t))
		w, err := c.Hello(t.Context())
		if err != nil || len(w.Relays) != 1 {
			t.Fatalf("%s: Hello: %v, %v", addr, w, err)
		}
		d, err := dial.New(dial.Config{Service: addr, TLS: conf})
		if err != nil {
			t.Fatal(err)
		}
		ways := d.RelayWays(t.Context(), w.Relays[0])
		if len(ways) != 4*3 {
			t.Fatalf("ways: %v", ways)
		}
		for _, way := range ways {
			if way.Port != portOf(t, addr) {
				continue
			}
			if a := d.TryRelay(t.Context(), way, w.Relays[0]); a.Err != nil {
				t.Errorf("%v: %v", way, a.Err)
			}
		}
		d.Close()
	}
	stop(t, service)
}

// end is one end of a session over real relays.
type end struct {
	line    *link.Line
	turn    *link.Turn
	carrier link.Carrier
	dialer  *dial.Dialer
}

// newCarrier makes links by way of the relay that is called first, before all others.
func (s site) newCarrier(t *testing.T, d *dial.Dialer, first string) func([]signaling.Relay) (link.Carrier, error) {
	return func(relays []signaling.Relay) (link.Carrier, error) {
		ways, err := d.Relays(signaling.Arrange(relays, []string{first}))
		if err != nil {
			return nil, err
		}
		var list []peer.Relay
		for _, r := range ways.List() {
			list = append(list, peer.Relay{URL: r.URL, Username: r.Username, Credential: r.Credential})
		}
		l, err := peer.New(peer.Config{Relays: list, Dialer: ways})
		if err != nil {
			return nil, err
		}
		return link.Over(l), nil
	}
}

// keysOf returns the keys of a session, as two apps agree on them.
func keysOf(t *testing.T) (customer, engineer *e2e.Keys) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c := code.Code{Room: "123", Secret: code.NewSecret()}
	starting, m1, err := e2e.Start(c.Secret, e2e.Offer{Room: c.Room})
	must(err)
	responding, m2, err := e2e.Respond(c, m1, e2e.Answer{}, func([]byte) []byte { return make([]byte, 64) })
	must(err)
	customer, _, m3, err := starting.Finish(m2, func(_, _, _ []byte) error { return nil })
	must(err)
	engineer, err = responding.Confirm(m3)
	must(err)
	return customer, engineer
}

// session makes a link between two ends, which find each other again at the service.
func (s site) session(t *testing.T, first string, options ...func(*dial.Config)) (customer, engineer end) {
	t.Helper()
	conf := tlsFor(t, s.ca(t))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ends := []*end{&customer, &engineer}
	make := func(e *end) func([]signaling.Relay) (link.Carrier, error) { return s.newCarrier(t, e.dialer, first) }
	var err error
	for _, e := range ends {
		cfg := dial.Config{Service: s.addr, TLS: conf}
		for _, o := range options {
			o(&cfg)
		}
		if e.dialer, err = dial.New(cfg); err != nil {
			t.Fatal(err)
		}
		w, err := connect(t, s.addr, s.ca(t)).Hello(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if e.carrier, err = make(e)(w.Relays); err != nil {
			t.Fatal(err)
		}
	}
	offer, err := customer.carrier.Offer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := engineer.carrier.Answer(ctx, offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := customer.carrier.Accept(answer); err != nil {
		t.Fatal(err)
	}
	ck, ek := keysOf(t)
	quiet := slog.New(slog.DiscardHandler)
	for i, keys := range []*e2e.Keys{ck, ek} {
		e := ends[i]
		if e.turn, err = link.Open(e.carrier, keys, ends[1-i].carrier.Fingerprint(), quiet); err != nil {
			t.Fatal(err)
		}
		e.line, err = link.Hold(t.Context(), link.Config{
			Keys: keys, NewCarrier: make(e), Log: quiet,
			Redial: func(ctx context.Context) (link.Place, error) {
				return client.Dial(ctx, client.Config{Service: s.addr, TLS: conf})
			},
		}, e.turn)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-e.turn.Control.Up:
		case <-ctx.Done():
			t.Fatal("the link never came up")
		}
	}
	return customer, engineer
}

// next waits for the turn that takes the place of the one before.
func (e end) next(ctx context.Context) (*link.Turn, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.line.Changed():
		}
		for _, c := range e.line.Changes() {
			if c.Turn != nil || c.Over != nil {
				return c.Turn, c.Over
			}
		}
	}
}

// withRelay adds a relay of its own process to a service. It returns the process.
func (s site) withRelay(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	addrs := freeAddrs(t, 2)
	secret := filepath.Join(s.folder, name+".secret")
	if err := os.WriteFile(secret, []byte("a secret of "+name+", long enough\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(s.folder, name+".toml")
	text := fmt.Sprintf("listen = [%q, %q]\ndata = %q\nrelay_secret_file = %q\n", addrs[0], addrs[1], name+"-data", secret)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	good(t, "", "check", "--relay", "--config", config)
	c := start(t, "relay", "--config", config)
	eventually(t, "relaying", func() error {
		conn, err := net.Dial("tcp", addrs[1])
		if err == nil {
			conn.Close()
		}
		return err
	})
	before, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	entry := fmt.Sprintf("\n[[relay]]\nname = %q\nurls = [\"turn:%s?transport=udp&ways=tcp&ports=%d\"]\nsecret_file = %q\naddresses = [\"10.99.0.2\"]\n",
		name, addrs[0], portOf(t, addrs[1]), secret)
	if err := os.WriteFile(s.config, append(before, entry...), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRelayKilled kills the relay of a session, which goes on over the other one.
func TestRelayKilled(t *testing.T) {
	const within = 5 * time.Second
	s := newSite(t)
	far := s.withRelay(t, "far")
	service := s.run(t)
	w, err := connect(t, s.addr, s.ca(t)).Hello(t.Context())
	if err != nil || len(w.Relays) != 2 || w.Relays[0].Name != "own" || w.Relays[1].Name != "far" {
		t.Fatalf("relays: %+v, %v", w.Relays, err)
	}
	customer, engineer := s.session(t, "far")
	if got := len(customer.line.Changes()) + len(engineer.line.Changes()); got != 0 {
		t.Errorf("%d changes at rest", got)
	}
	began := time.Now()
	if err := far.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = far.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 4*within)
	defer cancel()
	ct, errC := customer.next(ctx)
	et, errE := engineer.next(ctx)
	if errC != nil || errE != nil {
		t.Fatal(errC, errE)
	}
	carries(t, ct, et)
	took := time.Since(began)
	t.Logf("went on after %v", took.Round(time.Millisecond))
	if took > within {
		t.Errorf("more than %v", within)
	}
	customer.close()
	engineer.close()
	stop(t, service)
}

// carries sends a message from one turn to the other.
func carries(t *testing.T, from, to *link.Turn) {
	t.Helper()
	from.Post(&wire.Ping{Stamp: 42})
	select {
	case <-to.Control.Messages:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is heard over the link")
	}
}

func (e end) close() {
	e.line.Close(wire.ByPerson)
	e.dialer.Close()
}

// TestOnlyIPv6 runs a service that has no IPv4 address, and a session over it, with packets and without.
func TestOnlyIPv6(t *testing.T) {
	s := newSite(t)
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	l.Close()
	s.change(t, s.addr, l.Addr().String())
	s.addr = l.Addr().String()
	service := s.run(t)
	for _, noUDP := range []bool{false, true} {
		customer, engineer := s.session(t, "", func(c *dial.Config) { c.NoUDP = noUDP })
		carries(t, customer.turn, engineer.turn)
		customer.close()
		engineer.close()
	}
	stop(t, service)
}

// TestDeadRelayIsNotOffered starts a service one of whose relays is not there.
func TestDeadRelayIsNotOffered(t *testing.T) {
	s := newSite(t)
	far := s.withRelay(t, "far")
	near := s.withRelay(t, "near")
	_ = far.Process.Kill()
	_ = far.Wait()
	service := s.run(t)
	c := connect(t, s.addr, s.ca(t))
	if _, err := c.Hello(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "without the dead relay", func() error {
		list, err := c.Relays(t.Context())
		if err == nil && (len(list) != 2 || list[1].Name != "near") {
			err = fmt.Errorf("relays: %v", list)
			time.Sleep(100 * time.Millisecond) // not too many questions
		}
		return err
	})
	stop(t, near)
	stop(t, service)
}

// TestOrderByDistance lets two apps measure the relays of a service, and be told which one to use.
func TestOrderByDistance(t *testing.T) {
	s := newSite(t)
	far := s.withRelay(t, "far")
	service := s.run(t)
	d, err := dial.New(dial.Config{Service: s.addr, TLS: tlsFor(t, s.ca(t))})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	c := connect(t, s.addr, s.ca(t))
	w, err := c.Hello(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	times := d.Measure(t.Context(), w.Relays)
	if len(times) != 2 || times[0].Name != "own" || times[0].Took <= 0 || times[1].Name != "far" || times[1].Took <= 0 {
		t.Fatalf("measured %v", times)
	}
	times[0].Took += time.Second // as if it were on the other side of the world
	names, err := c.Measured(t.Context(), times)
	if err != nil || strings.Join(names, " ") != "far own" {
		t.Errorf("order %v, %v", names, err)
	}
	stop(t, far)
	stop(t, service)
}
