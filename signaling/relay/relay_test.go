package relay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"testing"
	"time"
)

// exchange sends a packet from a to b and back.
func exchange(t testing.TB, a, b net.PacketConn) {
	t.Helper()
	for _, way := range []struct{ from, to net.PacketConn }{{a, b}, {b, a}, {a, b}} {
		// The receiver must have asked for the sender's packets: sending to it does that.
		if _, err := way.to.WriteTo([]byte("permission"), way.from.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		if _, err := way.from.WriteTo([]byte("hello"), way.to.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		expect(t, way.to, "hello", way.from.LocalAddr())
	}
}

// expect reads until want arrives from the address.
func expect(t testing.TB, pc net.PacketConn, want string, from net.Addr) {
	t.Helper()
	buf := make([]byte, 2000)
	_ = pc.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		n, addr, err := pc.ReadFrom(buf)
		if err != nil {
			t.Fatalf("waiting for %q: %v", want, err)
		}
		if string(buf[:n]) == want && addr.String() == from.String() {
			return
		}
	}
}

func TestClientsReachEachOther(t *testing.T) {
	b := start(t, nil)
	b.serveHTTP(t)
	for _, left := range []string{"udp", "tcp", "tls", "ws"} {
		for _, right := range []string{"udp", "tcp", "tls", "ws"} {
			t.Run(left+" to "+right, func(t *testing.T) {
				x, y := b.allocate(t, left, "left"), b.allocate(t, right, "right")
				exchange(t, x, y)
			})
		}
	}
}

func TestHTTPOnTheSamePort(t *testing.T) {
	b := start(t, nil)
	srv := &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "over ", r.Proto)
		}),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(b.HTTP()) }()

	x, y := b.allocate(t, "tls", "left"), b.allocate(t, "udp", "right")
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: b.roots}, ForceAttemptHTTP2: true}
	defer tr.CloseIdleConnections()
	for range 3 {
		res, err := (&http.Client{Transport: tr}).Get("https://" + b.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(body) != "over HTTP/1.1" {
			t.Errorf("body %q", body)
		}
		exchange(t, x, y)
	}
	_ = srv.Close()
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

func TestPlainHTTPIsRefused(t *testing.T) {
	b := start(t, nil)
	c, err := net.Dial("tcp4", b.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := c.Read(make([]byte, 100)); n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read %d bytes, %v; want a closed connection", n, err)
	}
}

func TestURLs(t *testing.T) {
	b := start(t, nil)
	p := b.Addr().Port()
	want := []string{
		fmt.Sprintf("turn:[::1]:%d?transport=udp", p),
		fmt.Sprintf("turn:[::1]:%d?transport=tcp", p),
		fmt.Sprintf("turns:[::1]:%d?transport=tcp", p),
	}
	if got := b.URLs("::1"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{Addr: "127.0.0.1:0", PublicIP: loopback, TLS: &tls.Config{}, Secret: make([]byte, 16)}
	for _, tt := range []struct {
		name   string
		change func(*Config)
	}{
		{"no TLS", func(c *Config) { c.TLS = nil }},
		{"short secret", func(c *Config) { c.Secret = c.Secret[:15] }},
		{"no address", func(c *Config) { c.PublicIP = netip.Addr{} }},
		{"unspecified address", func(c *Config) { c.PublicIP = netip.IPv4Unspecified() }},
		{"loopback peer", func(c *Config) { c.Peers = []Peer{{loopback, 50000, 50010}} }},
		{"metadata peer", func(c *Config) { c.Peers = []Peer{{netip.MustParseAddr("169.254.169.254"), 50000, 50010}} }},
		{"low ports", func(c *Config) { c.Peers = []Peer{{netip.MustParseAddr("9.9.9.9"), 53, 60}} }},
		{"ports the wrong way round", func(c *Config) { c.Peers = []Peer{{netip.MustParseAddr("9.9.9.9"), 6000, 5000}} }},
	} {
		cfg := good
		tt.change(&cfg)
		if s, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", tt.name)
			_ = s.Close()
		}
	}
}

// TestCloseEndsEverything closes the relay under live clients of every kind.
func TestCloseEndsEverything(t *testing.T) {
	b := start(t, nil)
	for _, network := range []string{"udp", "tcp", "tls"} {
		b.allocate(t, network, network)
	}
	idle, err := net.Dial("tcp4", b.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if n := b.Allocations(); n != 3 {
		t.Errorf("%d allocations, want 3", n)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if n := b.Allocations(); n != 0 {
		t.Errorf("%d allocations after Close", n)
	}
	_ = idle.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := idle.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("an unsorted connection is still open: %v", err)
	}
}
