package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestProof puts something wrong at the end of the way, and wants it named.
func TestProof(t *testing.T) {
	ca, other := newAuthority(t, "Authority"), newAuthority(t, "Corporate Firewall")
	now := time.Now()
	day := 24 * time.Hour
	says := func(answer string) func(testing.TB) *server {
		return func(t testing.TB) *server {
			return serve(t, func(c net.Conn) {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, answer)
			})
		}
	}
	tlsOf := func(a *authority, name string, from, until time.Time) func(testing.TB) *server {
		return func(t testing.TB) *server { return serviceTLS(t, a.issue(t, name, from, until)) }
	}
	refused := func(testing.TB) *server { return nil }
	for _, tt := range []struct {
		name   string
		on443  func(testing.TB) *server
		on80   func(testing.TB) *server
		clock  time.Duration // how far ahead this computer's is
		system bool          // the system's roots, not the service's own
		want   error
		says   string
	}{
		{"good", tlsOf(ca, serviceName, now.Add(-day), now.Add(day)), refused, 0, false, nil, ""},
		{"expired", tlsOf(ca, serviceName, now.Add(-9*day), now.Add(-day)), refused, 0, false, ErrTLSExpired, ""},
		{"clock ahead", tlsOf(ca, serviceName, now.Add(-day), now.Add(day)), refused, 400 * day, false, ErrClock, "9600h0m0s from"},
		{"clock behind", tlsOf(ca, serviceName, now.Add(-day), now.Add(day)), refused, -400 * day, false, ErrClock, "-9600h0m0s from"},
		{"expired, of somebody else", tlsOf(other, serviceName, now.Add(-9*day), now.Add(-day)), refused, 0, false, ErrTLSUntrusted, ""},
		{"another name", tlsOf(ca, "other.test", now.Add(-day), now.Add(day)), refused, 0, false, ErrTLSName, ""},
		{"another name, guest network", tlsOf(other, "portal.test", now.Add(-day), now.Add(day)),
			says("HTTP/1.1 302 Found\r\nLocation: http://portal.test/login\r\n\r\n"), 0, false, ErrCaptive, "portal.test"},
		{"inspected", tlsOf(other, serviceName, now.Add(-day), now.Add(day)), refused, 0, false, ErrTLSInspected, "Corporate Firewall"},
		{"inspected, public service", tlsOf(other, serviceName, now.Add(-day), now.Add(day)), refused, 0, true, ErrTLSInspected, "Corporate Firewall"},
		{"made by itself, public service", func(t testing.TB) *server {
			return serviceTLS(t, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{other.cert.Raw}, PrivateKey: other.key}}})
		}, refused, 0, true, ErrTLSName, ""}, // it has no name of a host
		{"HTTP", says("HTTP/1.1 400 Bad Request\r\n\r\n"), refused, 0, false, ErrNotTLS, ""},
		{"HTTP, to itself", says("HTTP/1.1 301 Moved\r\nLocation: https://service.test/\r\n\r\n"), refused, 0, false, ErrNotTLS, ""},
		{"HTTP, guest network", says("HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\n\r\n"), refused, 0, false, ErrCaptive, "portal.test"},
		{"HTTP, guest network that says so", says("HTTP/1.1 511 Network Authentication Required\r\n\r\n"), refused, 0, false, ErrCaptive, ""},
		{"SSH", says("SSH-2.0-x\r\n"), refused, 0, false, ErrNotTLS, "SSH-2"},
		{"cut", says(""), refused, 0, false, ErrCut, ""},
		{"alert", says("\x15\x03\x03\x00\x02\x02\x28"), refused, 0, false, ErrTLS, ""},
		{"old TLS only", func(t testing.TB) *server {
			c := ca.good(t)
			c.MaxVersion = tls.VersionTLS12
			return serviceTLS(t, c)
		}, refused, 0, false, ErrTLS, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := Config{Ports: []uint16{443}, TLS: &tls.Config{MinVersion: tls.VersionTLS13}}
			cfg.TLS.Time = func() time.Time { return time.Now().Add(tt.clock) }
			if !tt.system {
				cfg.TLS.RootCAs = ca.pool()
			}
			w := wires{}
			w["service.test:443"] = to(tt.on443(t).addr())
			if s := tt.on80(t); s != nil {
				w["service.test:80"] = to(s.addr())
			}
			d := newDialer(t, cfg, w)
			c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
			if tt.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				if got := c.(*tls.Conn).ConnectionState().NegotiatedProtocol; got == "h2" {
					t.Errorf("protocol %q", got)
				}
				echo(t, c, nil)
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, tt.want) || e.Cause() != tt.want || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if _, ok := errors.AsType[x509.UnknownAuthorityError](err); tt.want == ErrTLSInspected && !ok {
				t.Error("what is wrong with the certificate is lost")
			}
		})
	}
}

// TestInspectingProxy sits at the end of a CONNECT tunnel.
func TestInspectingProxy(t *testing.T) {
	ca, other := newAuthority(t, "Authority"), newAuthority(t, "Inspector")
	box := serviceTLS(t, other.good(t))
	p := newHTTPProxy(t, box.addr(), allowAll)
	d := newDialer(t, Config{Ports: []uint16{443}, TLS: &tls.Config{RootCAs: ca.pool()}, Proxies: found(t, "p:1")}, wires{"p:1": to(p.addr())})
	_, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
	if e, ok := errors.AsType[*Error](err); !ok || e.Cause() != ErrTLSInspected || !strings.Contains(err.Error(), "Inspector") {
		t.Error(err)
	}
}

// TestSilentEnd: somebody takes the connection and says nothing.
func TestSilentEnd(t *testing.T) {
	s := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	d := newDialer(t, Config{Ports: []uint16{443}}, wires{"service.test:443": to(s.addr())})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := d.DialTLS(ctx, "tcp", "service.test:443"); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}
