package link_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"assist/app/e2e"
	"assist/app/link"
	"assist/app/link/linktest"
	"assist/app/wire"
	"assist/media/peer"
	"assist/signaling"
	"assist/signaling/relay"
)

// startRelay starts a real relay on loopback.
func startRelay(t *testing.T) *relay.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	s, err := relay.New(relay.Config{
		Addr: "127.0.0.1:0", PublicIP: netip.MustParseAddr("127.0.0.1"), Secret: make([]byte, 32),
		TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// router passes UDP packets on to a relay, from an address of its own that can change, as that of a computer does that moves
// from one network to another.
type router struct {
	inside *net.UDPConn
	to     netip.AddrPort
	wg     sync.WaitGroup

	mu      sync.Mutex
	outside map[netip.AddrPort]*net.UDPConn // by who speaks
}

func startRouter(t *testing.T, to netip.AddrPort) *router {
	t.Helper()
	inside, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	r := &router{inside: inside, to: to, outside: map[netip.AddrPort]*net.UDPConn{}}
	r.wg.Go(r.run)
	t.Cleanup(func() {
		inside.Close()
		r.move()
		r.wg.Wait()
	})
	return r
}

func (r *router) run() {
	buf := make([]byte, 2048)
	for {
		n, from, err := r.inside.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if out := r.way(from); out != nil {
			out.WriteToUDPAddrPort(buf[:n], r.to)
		}
	}
}

// way returns the socket that speaks for from.
func (r *router) way(from netip.AddrPort) *net.UDPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if out := r.outside[from]; out != nil {
		return out
	}
	out, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return nil
	}
	r.outside[from] = out
	r.wg.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, err := out.Read(buf)
			if err != nil {
				return
			}
			r.inside.WriteToUDPAddrPort(buf[:n], from)
		}
	})
	return out
}

// move gives everybody another address.
func (r *router) move() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, out := range r.outside {
		out.Close()
	}
	r.outside = map[netip.AddrPort]*net.UDPConn{}
}

// through returns the relays as an end reaches them that knows them by these addresses.
func through(addrs []netip.AddrPort, relays []*relay.Server) func([]signaling.Relay) (link.Carrier, error) {
	return func([]signaling.Relay) (link.Carrier, error) {
		var list []peer.Relay
		for i, at := range addrs {
			name, password := relays[i].Credentials("test", time.Minute)
			list = append(list, peer.Relay{URL: fmt.Sprintf("turn:%v?transport=udp", at), Username: name, Credential: password})
		}
		l, err := peer.New(peer.Config{Relays: list})
		if err != nil {
			return nil, err
		}
		return link.Over(l), nil
	}
}

// real is one end with a real carrier.
type real struct {
	*link.Line
	first   *link.Turn
	carrier link.Carrier
}

// connect makes the first turn of a session over real carriers, each end through its own ways.
func connect(t *testing.T, customer, engineer func([]signaling.Relay) (link.Carrier, error)) (c, e real) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	service := linktest.NewService(linktest.NewNetwork())
	ck, ek := agree(t)
	var err error
	c.carrier, err = customer(nil)
	must(err)
	e.carrier, err = engineer(nil)
	must(err)
	offer, err := c.carrier.Offer(ctx)
	must(err)
	answer, err := e.carrier.Answer(ctx, offer)
	must(err)
	must(c.carrier.Accept(answer))
	for _, side := range []struct {
		end   *real
		keys  *e2e.Keys
		other link.Carrier
		make  func([]signaling.Relay) (link.Carrier, error)
	}{{&c, ck, e.carrier, customer}, {&e, ek, c.carrier, engineer}} {
		side.end.first, err = link.Open(side.end.carrier, side.keys, side.other.Fingerprint(), quiet)
		must(err)
		side.end.Line, err = link.Hold(t.Context(), link.Config{
			Keys: side.keys, NewCarrier: side.make, Redial: service.Dial, Log: quiet,
		}, side.end.first)
		must(err)
	}
	for _, end := range []real{c, e} {
		select {
		case <-end.first.Control.Up:
		case <-ctx.Done():
			t.Fatal("never up")
		}
	}
	return c, e
}

// resumed waits for the turn that takes the place of the one before.
func (r real) resumed(ctx context.Context) (*link.Turn, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-r.Changed():
		}
		for _, c := range r.Changes() {
			if c.Turn != nil || c.Over != nil {
				return c.Turn, c.Over
			}
		}
	}
}

// TestRealLink has real links resume after what happens to them: the relay dies and another is there, and one end's address
// changes.
func TestRealLink(t *testing.T) {
	const within = 5 * time.Second
	for _, tt := range []struct {
		name   string
		breaks func(first *relay.Server, at *router)
	}{
		{"relay killed", func(first *relay.Server, _ *router) { first.Close() }},
		{"address changed", func(_ *relay.Server, at *router) { at.move() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			relays := []*relay.Server{startRelay(t), startRelay(t)}
			direct := []netip.AddrPort{relays[0].Addr(), relays[1].Addr()}
			at := startRouter(t, direct[0])
			routed := []netip.AddrPort{at.inside.LocalAddr().(*net.UDPAddr).AddrPort(), direct[1]}
			c, e := connect(t, through(routed, relays), through(direct, relays))
			time.Sleep(2 * time.Second) // at rest nothing happens
			if n := len(c.Changes()) + len(e.Changes()); n != 0 {
				t.Errorf("%d changes at rest", n)
			}
			began := time.Now()
			tt.breaks(relays[0], at)
			ctx, cancel := context.WithTimeout(t.Context(), 4*within)
			defer cancel()
			ct, errC := c.resumed(ctx)
			et, errE := e.resumed(ctx)
			if errC != nil || errE != nil {
				t.Fatal(errC, errE)
			}
			ct.Post(&wire.Ping{Stamp: 42})
			select {
			case m := <-et.Control.Messages:
				if p, ok := m.(*wire.Ping); !ok || p.Stamp != 42 {
					t.Errorf("heard %#v", m)
				}
			case <-ctx.Done():
				t.Fatal("nothing heard over the new link")
			}
			took := time.Since(began)
			t.Logf("went on after %v", took.Round(time.Millisecond))
			if took > within {
				t.Errorf("more than %v", within)
			}
			c.Close(wire.ByPerson)
			e.Close(wire.ByPerson)
		})
	}
}
