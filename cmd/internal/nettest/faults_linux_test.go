package nettest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"assist/cmd/internal/netlab"
	"assist/signaling/diag"
)

// doctor runs the program's own test of the connection on the customer's host and returns its report.
func (w *world) doctor(args ...string) (r diag.Report, took time.Duration) {
	w.Helper()
	began := time.Now()
	if !slices.Contains(args, "--service-ca") {
		args = append(args, "--service-ca", w.ca)
	}
	out, err := w.run("customer", "", "assist", append([]string{"doctor", "--json", "--service", serviceName}, args...)...)
	if json.Unmarshal([]byte(out), &r) != nil {
		w.Fatalf("no report: %v\n%s", err, out)
	}
	if r.Works != (err == nil) {
		w.Errorf("works: %v, but the program ended with %v", r.Works, err)
	}
	if strings.Contains(out, proxyPassword) || strings.Contains(out, proxyUser+":") {
		w.Errorf("the login is in the report:\n%s", out)
	}
	return r, time.Since(began)
}

// TestFaults injects faults one after the other and looks whether the report names each.
func TestFaults(t *testing.T) {
	t.Parallel()
	all := os.Getenv(allEnv) != ""
	w := newWorld(t, "proxy", "portal", "relay")
	w.startRelay()
	w.startProxies()
	w.Resolver.Set(portalName, w.Host("portal").Addr)
	ca := newAuthority(t)
	real := w.Host("service").Addr
	portal := w.Host("portal").Addr
	for _, tt := range []struct {
		name  string
		begin func(w *world) (end func())
		args  []string
		fault diag.Fault
		note  diag.Fault // that must be among them
		more  bool       // not among the eight that every run has
	}{
		{"nothing", nil, nil, diag.None, "", false},
		{"dead relay", func(w *world) func() {
			// To the service it lives, so that it is offered: what the service sees dead, it does not offer for long.
			w.Link("relay").Firewall(netlab.Drop, netlab.Serve(real))
			return w.Link("relay").Open
		}, nil, diag.None, diag.RelayPartly, false},
		{"no DNS", func(w *world) func() {
			w.Resolver.Be(netlab.Silent)
			return func() { w.Resolver.Be(netlab.Right) }
		}, nil, diag.NoResolver, "", false},
		{"name unknown", func(w *world) func() {
			w.Resolver.Be(netlab.NoNames)
			return func() { w.Resolver.Be(netlab.Right) }
		}, nil, diag.NameUnknown, "", true},
		{"blocked ports", func(w *world) func() {
			w.Link("customer").Firewall(netlab.Drop)
			return w.Link("customer").Open
		}, nil, diag.PortsBlocked, "", false},
		{"refused ports", func(w *world) func() {
			w.Link("customer").Firewall(netlab.Refuse)
			return w.Link("customer").Open
		}, nil, diag.PortsRefused, "", true},
		{"one port open", func(w *world) func() {
			w.Link("customer").Firewall(netlab.Drop, netlab.Allow("tcp", real, 8200))
			return w.Link("customer").Open
		}, nil, diag.None, diag.PortsPartly, true},
		{"no UDP", func(w *world) func() {
			w.Link("customer").Firewall(netlab.Drop, netlab.Allow("tcp", real))
			return w.Link("customer").Open
		}, nil, diag.None, diag.UDPBlocked, true},
		{"wrong proxy password", nil, []string{"--proxy", "http://ann:wr0ngwr0ng@" + proxyName + ":" + basicPort}, diag.ProxyLoginWrong, "", false},
		{"proxy wants a login", nil, []string{"--proxy", proxyName + ":" + digestPort}, diag.ProxyLogin, "", true},
		{"proxy not there", nil, []string{"--proxy", proxyName + ":9"}, diag.ProxyClosed, "", true},
		{"good proxy", nil, []string{"--proxy", "http://ann:s3cret%3A%20x@" + proxyName + ":" + basicPort}, diag.None, "", true},
		{"expired certificate", w.impostor(ca, serviceName, -48*time.Hour, -24*time.Hour, 0), ca.args(w), diag.Expired, "", false},
		{"wrong clock", w.impostor(ca, serviceName, -900*24*time.Hour, -800*24*time.Hour, -850*24*time.Hour), ca.args(w), diag.ClockWrong, "", false},
		{"other host", w.impostor(ca, "other.example", -time.Hour, time.Hour, 0), ca.args(w), diag.WrongHost, "", true},
		{"inspecting proxy", w.impostor(ca, serviceName, -time.Hour, time.Hour, 0), nil, diag.Inspected, "", false},
		{"captive portal", w.captive(portal), nil, diag.Captive, "", false},
	} {
		if tt.more && !all {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			was := w.T
			w.T = t
			defer func() { w.T = was }()
			if tt.begin != nil {
				defer tt.begin(w)()
			}
			r, took := w.doctor(tt.args...)
			t.Logf("%.1f s: %q, notes %q", took.Seconds(), r.Fault, r.Notes)
			for _, s := range r.Steps {
				if s.Took > time.Second {
					t.Logf("slow: %s %s: %.1f s %s", s.Kind, s.What, s.Took.Seconds(), s.Detail)
				}
			}
			if r.Fault != tt.fault || tt.note != "" && !slices.Contains(r.Notes, tt.note) {
				t.Errorf("%q, want %q; notes %q, want %q", r.Fault, tt.fault, r.Notes, tt.note)
				for _, s := range r.Steps {
					t.Logf("%+v", s)
				}
			}
		})
	}
}

// authority vouches for whoever it is told to.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Corp Inspection CA", Organization: []string{"Corp"}},
		NotBefore: time.Now().Add(-10 * 365 * 24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

// args make the program trust the authority, in place of the service's own.
func (a *authority) args(w *world) []string {
	file := w.file("corp.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})))
	return []string{"--service-ca", file}
}

func (a *authority) issue(t *testing.T, name string, from, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: from, NotAfter: until,
	}, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}
}

// impostor answers in the service's place on the host portal: with a certificate for name that is good from and until, and a clock that is
// off. It speaks HTTP.
func (w *world) impostor(ca *authority, name string, from, until, off time.Duration) func(*world) func() {
	return func(w *world) func() {
		now := time.Now()
		conf := &tls.Config{Certificates: []tls.Certificate{ca.issue(w.T, name, now.Add(from), now.Add(until))}}
		var ends []func()
		for _, port := range []string{"443", "8200"} {
			ends = append(ends, w.serve("portal", port, func(c net.Conn) {
				s := tls.Server(c, conf)
				buf := make([]byte, 1024)
				if _, err := s.Read(buf); err == nil {
					fmt.Fprintf(s, "HTTP/1.1 404 Not Found\r\nDate: %s\r\nContent-Length: 0\r\n\r\n", now.Add(off).UTC().Format(http.TimeFormat))
				}
				_ = s.Close()
			}))
		}
		w.Resolver.Set(serviceName, w.Host("portal").Addr)
		return func() {
			w.Resolver.Set(serviceName, w.Host("service").Addr)
			for _, end := range ends {
				end()
			}
		}
	}
}

// serve answers connections to a host's port.
func (w *world) serve(host, port string, handle func(net.Conn)) (end func()) {
	ln, err := w.Host(host).Listen("tcp", ":"+port)
	if err != nil {
		w.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(10 * time.Second))
				handle(c)
			})
		}
	})
	return func() { _ = ln.Close(); wg.Wait() }
}

// captive is a guest network: every name leads to its page, until somebody has been there.
func (w *world) captive(portal netip.Addr) func(*world) func() {
	return func(w *world) func() {
		end := w.serve("portal", "80", func(c net.Conn) {
			buf := make([]byte, 1024)
			if n, err := c.Read(buf); err != nil || n == 0 || buf[0] == 0x16 {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 302 Found\r\nLocation: http://"+portalName+"/welcome\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		})
		w.Resolver.Hijack(portal)
		w.Link("customer").Firewall(netlab.Drop, netlab.Allow("tcp", portal, 80))
		return func() {
			w.Link("customer").Open()
			w.Resolver.Be(netlab.Right)
			end()
		}
	}
}

// startRelay starts the service, and a relay alone on a host of its own, both as they are.
func (w *world) startRelay() {
	w.Helper()
	here, there := w.Host("service").Addr, w.Host("relay").Addr
	w.Resolver.Set(relayName, there)
	w.file("shared-secret", "this is the secret of both relays\n")
	w.startService(fmt.Sprintf(`relay_secret_file = "shared-secret"
[[relay]]
name = "far"
urls = ["turn:%s:443?transport=udp&ways=tcp"]
secret_file = "shared-secret"
addresses = ["%s"]
`, relayName, there))
	conf := w.file("relay.toml", fmt.Sprintf(`listen = "%s:443"
public_ip = "%s"
data = "relay-data"
hosts = ["%s"]
relay_secret_file = "shared-secret"
[[relay]]
name = "near"
addresses = ["%s"]
`, there, there, relayName, here))
	p := w.start("relay", program(w.T, "assist-server"), "relay", "--config", conf)
	w.awaitPort(p, "relay", "443")
}
