package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/signaling"
)

// tlsOf returns the TLS connection that c ends in.
func tlsOf(t testing.TB, c net.Conn) tls.ConnectionState {
	t.Helper()
	for {
		switch is := c.(type) {
		case *tls.Conn:
			return is.ConnectionState()
		case interface{ NetConn() net.Conn }:
			c = is.NetConn()
		default:
			t.Fatalf("no TLS in a %T", c)
		}
	}
}

// TestRelayResumesTheService: the relay that is part of the service is told that it is known, and sends no certificate. What signaling goes
// over has keys that a quantum computer does not find, whether it is the first time or not.
func TestRelayResumesTheService(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0")
	d := r.dialer(t, Config{NoUDP: true}, nil)
	at := net.JoinHostPort(serviceName, strconv.Itoa(int(r.ports[0])))
	list, err := d.Relays([]signaling.Relay{r.named(serviceName)})
	if err != nil {
		t.Fatal(err)
	}
	for _, resumed := range []bool{false, true} {
		c, err := d.DialTLS(inTime(t), "tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		// The ticket comes with the first thing that is read.
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+serviceName+"\r\nConnection: close\r\n\r\n")
		_, _ = io.ReadAll(c)
		if s := tlsOf(t, c); s.DidResume != resumed || s.CurveID != tls.X25519MLKEM768 {
			t.Errorf("signaling: resumed %v, keys by %v", s.DidResume, s.CurveID)
		}
		_ = c.Close()
		relayed, err := list.DialContext(inTime(t), "tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		if s := tlsOf(t, relayed); !s.DidResume || s.Version != tls.VersionTLS13 {
			t.Errorf("relay: resumed %v, version %x", s.DidResume, s.Version)
		}
		speaks(t, relayed)
	}
}

// TestResumptionIsNoWayAround: whoever has another certificate now is found out, known or not.
func TestResumptionIsNoWayAround(t *testing.T) {
	ca, other := newAuthority(t, "Authority"), newAuthority(t, "Another")
	service, impostor := serviceTLS(t, ca.good(t)), serviceTLS(t, other.good(t))
	now := service.addr()
	d := newDialer(t, Config{Ports: []uint16{443}, TLS: clientTLS(ca)}, wires{
		serviceName + ":443": func(ctx context.Context) (net.Conn, error) { return to(now)(ctx) },
	})
	for range 2 {
		c, err := d.DialTLS(inTime(t), "tcp", serviceName+":443")
		if err != nil {
			t.Fatal(err)
		}
		echo(t, c, nil)
	}
	now = impostor.addr()
	if c, err := d.DialTLS(inTime(t), "tcp", serviceName+":443"); !errors.Is(err, ErrTLSInspected) {
		t.Errorf("%v, %v", c, err)
	}
}

// TestAddressIsKept: the relay that is part of the service is looked for where the service was a moment ago; by its name where that
// fails, where it was long ago, and where the relay has another name.
func TestAddressIsKept(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t)) // which repeats what it hears: no relay, but that is not asked here
	for _, tt := range []struct {
		name, host string
		direct     bool // the address leads there
		age        time.Duration
		want       string
	}{
		{"known", serviceName, true, 0, "127.0.0.1:443"},
		{"in other letters", strings.ToUpper(serviceName), true, 0, "127.0.0.1:443"},
		{"not there any more", serviceName, false, 0, "127.0.0.1:443 service.test:443"},
		{"long ago", serviceName, true, addressLife, "service.test:443"},
		{"another relay", "relay.test", true, 0, "relay.test:443"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDialer(t, Config{Ports: []uint16{443}, TLS: clientTLS(ca)}, nil)
			var mu sync.Mutex
			var dialled []string
			d.tcp = func(ctx context.Context, _, addr string) (net.Conn, error) {
				mu.Lock()
				defer mu.Unlock()
				dialled = append(dialled, addr)
				if strings.HasPrefix(addr, "127.") && !tt.direct {
					return nil, &net.OpError{Op: "dial", Err: errRefused}
				}
				return to(service.addr())(ctx)
			}
			c, err := d.DialTLS(inTime(t), "tcp", serviceName+":443")
			if err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
			if !slices.Equal(dialled, []string{"service.test:443"}) {
				t.Errorf("the service was dialled as %q", dialled)
			}
			dialled = nil
			d.atWhen = d.atWhen.Add(-tt.age)
			_ = d.TryRelay(inTime(t), Way{Port: 443, Carry: TURNTCP}, signaling.Relay{URL: "turn:" + tt.host + ":443?transport=tcp"})
			if got := strings.Join(dialled, " "); got != tt.want {
				t.Errorf("dialled %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSlowLineIsLeftToOne: where the way to the service took long, the same way to its relay has the line for itself, whatever is found
// about proxies meanwhile.
func TestSlowLineIsLeftToOne(t *testing.T) {
	for _, tt := range []struct {
		usual time.Duration
		want  string
	}{
		{0, "0s 900ms 1.8s 2.7s"}, // once it has connected: eight times what that took, from then on
		{1400 * time.Millisecond, "0s 2.2s"},
		{time.Hour, "0s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDialer(t, Config{Ports: []uint16{443, 80}, NoUDP: true, Proxies: found(t, "http://p:1")}, nil)
			d.best, d.bestTook = &Way{Port: 443}, tt.usual
			var began []string
			start := time.Now()
			d.tcp = func(context.Context, string, string) (net.Conn, error) {
				began = append(began, time.Since(start).String())
				time.Sleep(100 * time.Millisecond)
				here, there := net.Pipe() // which nobody answers
				t.Cleanup(func() { _ = there.Close() })
				return here, nil
			}
			list, err := d.Relays([]signaling.Relay{{URL: "turn:" + serviceName + ":443?ways=tls&ports=80", Username: "u", Credential: "c"}})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			_, _ = list.DialContext(ctx, "tcp", serviceName+":443")
			if got := strings.Join(began, " "); got != tt.want {
				t.Errorf("usual %v: ways began after %s, want %s", tt.usual, got, tt.want)
			}
		})
	}
}
