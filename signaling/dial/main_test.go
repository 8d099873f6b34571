package dial

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const serviceName = "service.test"

// authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().AddDate(-20, 0, 0), NotAfter: time.Now().AddDate(20, 0, 0), KeyUsage: x509.KeyUsageCertSign,
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

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// issue returns the TLS side of a server with a certificate for name.
func (a *authority) issue(t testing.TB, name string, from, until time.Time) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until,
		DNSNames: []string{name, "localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}}}
}

// good is a certificate of today.
func (a *authority) good(t testing.TB) *tls.Config {
	return a.issue(t, serviceName, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
}

// server serves connections on loopback until the test ends.
type server struct {
	ln    net.Listener
	mu    sync.Mutex
	conns map[net.Conn]bool
	count int
	wg    sync.WaitGroup
}

func serve(t testing.TB, handle func(net.Conn)) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{ln: ln, conns: make(map[net.Conn]bool)}
	s.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.count++
			s.mu.Unlock()
			s.wg.Go(func() {
				handle(c)
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
				_ = c.Close()
			})
		}
	})
	t.Cleanup(s.close)
	return s
}

func (s *server) close() {
	_ = s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *server) addr() string { return s.ln.Addr().String() }

func (s *server) port() uint16 { return s.ln.Addr().(*net.TCPAddr).AddrPort().Port() }

func (s *server) accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// serviceTLS is a service: TLS, then it repeats what it hears, or tells the time to who speaks HTTP.
func serviceTLS(t testing.TB, conf *tls.Config) *server {
	return serve(t, func(c net.Conn) {
		secure := tls.Server(c, conf)
		buf := make([]byte, 4096)
		for {
			n, err := secure.Read(buf)
			if err != nil {
				return
			}
			if strings.HasPrefix(string(buf[:n]), "GET ") {
				fmt.Fprintf(secure, "HTTP/1.1 404 Not Found\r\nDate: %s\r\nContent-Length: 0\r\n\r\n",
					time.Now().UTC().Format(http.TimeFormat))
				return
			}
			if _, err := secure.Write(buf[:n]); err != nil {
				return
			}
		}
	})
}

// wires is the network of a test: what is behind an address.
type wires map[string]func(ctx context.Context) (net.Conn, error)

func (w wires) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	if to, ok := w[addr]; ok {
		return to(ctx)
	}
	return nil, &net.OpError{Op: "dial", Err: errRefused}
}

func to(addr string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	}
}

// hang is a firewall that drops everything.
func hang(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// fails fails after a while.
func fails(err error) func(context.Context) (net.Conn, error) {
	return func(context.Context) (net.Conn, error) {
		time.Sleep(100 * time.Millisecond)
		return nil, err
	}
}

// proxies is a Finder of a test.
type proxies []Found

func (p proxies) Find(context.Context, string, uint16) []Found { return p }

func found(t testing.TB, urls ...string) proxies {
	t.Helper()
	f := Found{Source: Environment, Where: "HTTPS_PROXY"}
	for _, u := range urls {
		p, err := ParseProxy(u)
		if err != nil {
			t.Fatal(err)
		}
		f.Proxies = append(f.Proxies, p)
	}
	return proxies{f}
}

// newDialer returns a dialer on a network of the test.
func newDialer(t testing.TB, cfg Config, w wires) *Dialer {
	t.Helper()
	if cfg.Service == "" {
		cfg.Service = serviceName
	}
	cfg.Log = slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if w != nil {
		d.tcp = w.dial
	}
	d.logins.delay = 0
	d.logins.tickets = noTicket // whoever runs the tests may have one
	t.Cleanup(func() { _ = d.Close() })
	return d
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Helper()
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// inTime is the time that any step of a test may take.
func inTime(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// echo checks that c leads to a service.
func echo(t testing.TB, c net.Conn, roots *x509.CertPool) {
	t.Helper()
	if _, ok := c.LocalAddr().(*net.TCPAddr); !ok {
		t.Errorf("local address is a %T", c.LocalAddr())
	}
	defer c.Close()
	if _, ok := c.(*tls.Conn); !ok {
		c = tls.Client(c, &tls.Config{RootCAs: roots, ServerName: serviceName})
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	const line = "is anybody there?"
	if _, err := io.WriteString(c, line); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(line))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != line {
		t.Errorf("%q, %v", got, err)
	}
}

// wayOf returns the winner in few words.
func wayOf(d *Dialer) string {
	w, ok := d.Best()
	if !ok {
		return "none"
	}
	return w.Proxy.Kind.String() + " " + strconv.Itoa(int(w.Port))
}

// causes returns what became of each way.
func causes(d *Dialer) string {
	var list []string
	for _, a := range d.Attempts() {
		word := "won"
		if a.Err != nil {
			word = (&Error{Attempts: []Attempt{a}}).Cause().Error()
		}
		list = append(list, fmt.Sprintf("%v %d: %s", a.Way.Proxy.Kind, a.Way.Port, strings.TrimPrefix(word, "dial: ")))
	}
	return strings.Join(list, "; ")
}

var errNoMore = errors.New("no more")
