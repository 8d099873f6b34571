package relay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/signaling/crowd"
	"github.com/coder/websocket"
	"github.com/pion/turn/v5"
)

// TestEachPortDoesEverything lets a client on each of several ports reach one on the first, whatever it speaks.
func TestEachPortDoesEverything(t *testing.T) {
	b := start(t, func(c *Config) { c.Also = []string{"127.0.0.1:0", "127.0.0.1:0"} })
	b.serveHTTP(t)
	if len(b.Addrs()) != 3 || b.Addrs()[0] != b.Addr() {
		t.Fatalf("listens on %v", b.Addrs())
	}
	user, password := b.Credentials("first", time.Minute)
	first, err := b.client(t, "udp", user, password).Allocate()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	for i, at := range b.Addrs() {
		for _, network := range []string{"udp", "tcp", "tls", "ws"} {
			user, password := b.Credentials(fmt.Sprint(network, i), time.Minute)
			pc, err := b.clientAt(t, network, at.String(), user, password).Allocate()
			if err != nil {
				t.Fatalf("port %d, %s: %v", i, network, err)
			}
			exchange(t, first, pc)
			_ = pc.Close()
		}
	}
	if want := fmt.Sprintf("turn:[::1]:%d?transport=udp&ways=tls,ws,tcp&ports=%d,%d", b.Addrs()[0].Port(), b.Addrs()[1].Port(),
		b.Addrs()[2].Port()); b.URL("::1") != want {
		t.Errorf("URL %s, want %s", b.URL("::1"), want)
	}
}

// TestPortsAreApart speaks from one socket to two ports: what is allowed at one is not allowed at the other.
func TestPortsAreApart(t *testing.T) {
	b := start(t, func(c *Config) { c.Also = []string{"127.0.0.1:0"} })
	pc := b.dial(t, "udp")
	user, password := b.Credentials("somebody", time.Minute)
	relayed, err := b.clientOn(t, pc, b.Addr().String(), user, password).Allocate()
	if err != nil {
		t.Fatal(err)
	}
	defer relayed.Close()
	first, second := net.UDPAddrFromAddrPort(b.Addrs()[0]), net.UDPAddrFromAddrPort(b.Addrs()[1])
	if !b.board.knows(pc.LocalAddr(), first) || b.board.knows(pc.LocalAddr(), second) {
		t.Error("the client of one port is a client of the other, or of none")
	}
}

func TestNoPortOrNone(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = free.Close()
	if _, _, err := listenAll([]string{free.Addr().String(), taken.Addr().String()}); err == nil {
		t.Fatal("a port that is taken was opened")
	}
	again, err := net.Listen("tcp", free.Addr().String())
	if err != nil {
		t.Fatalf("the first port stays open: %v", err)
	}
	_ = again.Close()
}

func TestTooManyFromOneAddress(t *testing.T) {
	f := testFront(t, 100)
	f.places = crowd.New[*tracked](crowd.Limits{Most: 100, PerLine: 3})
	from := func(text string) net.Conn {
		server, client := net.Pipe()
		t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
		return addressed{server, text}
	}
	var held []*tracked
	for _, tt := range []struct {
		from string
		want bool
	}{
		{"192.0.2.1:1", true}, {"192.0.2.1:2", true}, {"[::ffff:192.0.2.1]:3", true}, {"192.0.2.1:4", false}, {"192.0.2.2:4", true},
		{"[2001:db8:0:1::1]:1", true}, {"[2001:db8:0:2::1]:1", true}, {"[2001:db8:0:ff::1]:1", true}, {"[2001:db8:0:3::1]:1", false},
		{"[2001:db8:1:100::1]:1", true},
	} {
		c := f.track(from(tt.from))
		if (c != nil) != tt.want {
			t.Errorf("%s: taken in %v", tt.from, c != nil)
		}
		if c != nil {
			held = append(held, c)
		}
	}
	_ = held[0].Close()
	_ = held[0].Close() // counts once
	if c := f.track(from("192.0.2.1:5")); c == nil {
		t.Error("a connection that was closed still counts")
	} else {
		held = append(held, c)
	}
	if c := f.track(from("192.0.2.1:6")); c != nil {
		t.Error("a connection that was closed twice counts twice")
	}
	for _, c := range held {
		_ = c.Close()
	}
	if n := f.places.Len(); n != 0 {
		t.Errorf("still counted: %d", n)
	}
}

// addressed is a connection from an address.
type addressed struct {
	net.Conn
	from string
}

func (a addressed) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(a.from))
}
func (a addressed) LocalAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: httpPort}
}

// TestBrowsersAreLedToHTTPS speaks HTTP in clear text on port 80.
func TestBrowsersAreLedToHTTPS(t *testing.T) {
	for _, tt := range []struct{ request, status, location string }{
		{"GET /secret?code=1234567 HTTP/1.1\r\nHost: assist.example\r\nCookie: canary\r\n\r\n", "308", "https://assist.example/"},
		{"GET / HTTP/1.1\r\nHost: assist.example:80\r\n\r\n", "308", "https://assist.example/"},
		{"HEAD / HTTP/1.0\r\nHost: [2001:db8::1]:80\r\n\r\n", "308", "https://[2001:db8::1]/"},
		{"GET / HTTP/1.0\r\n\r\n", "403", ""},
		{"GET / HTTP/1.1\r\nHost: a.example/@evil.example\r\n\r\n", "403", ""},
		{"GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n", "403", ""},
		{"GET / HTTP/1.1\r\nHost: " + strings.Repeat("a", 300) + "\r\n\r\n", "403", ""},
		{"GET / HTTP/1.1\r\nX: " + strings.Repeat("a", maxRequest) + "\r\n\r\n", "", ""},
		{"SSH-2.0-OpenSSH\r\n\r\n", "", ""},
	} {
		in, out := strings.NewReader(tt.request), &strings.Builder{}
		_ = redirect(struct {
			io.Reader
			io.Writer
		}{in, out})
		status, location := "", ""
		if r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out.String())), nil); err == nil {
			status, location = fmt.Sprint(r.StatusCode), r.Header.Get("Location")
		}
		if status != tt.status || location != tt.location || strings.Contains(out.String(), "canary") || strings.Contains(out.String(), "1234567") {
			t.Errorf("%.60q is answered %q", tt.request, out)
		}
	}
}

// TestPlainHTTPOnPort80 goes the whole way through the front.
func TestPlainHTTPOnPort80(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := testFront(t, 10)
		server, client := net.Pipe()
		defer client.Close()
		var wg sync.WaitGroup
		wg.Go(func() { f.sort(f.track(addressed{server, "192.0.2.1:1"})) })
		_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: assist.example\r\n\r\n")
		answer, err := io.ReadAll(client)
		wg.Wait()
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 308 ") {
			t.Errorf("%q, %v", answer, err)
		}
	})
}

// pipeListener hands out one end of a pipe.
type pipeListener struct {
	conns chan net.Conn
	gone  chan struct{}
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.gone:
		return nil, net.ErrClosed
	}
}
func (l pipeListener) Close() error   { return nil }
func (l pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// dialPipe connects to the other end of a pipe.
func dialPipe(c net.Conn) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return c, nil }
}

// TestSilentWebSocket opens one and says nothing, or never gets an allocation: it does not stay.
func TestSilentWebSocket(t *testing.T) {
	for _, speaks := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := testFront(t, 10)
			s := &Server{front: f, cfg: Config{Log: f.log}}
			l := pipeListener{make(chan net.Conn, 1), make(chan struct{})}
			srv := &http.Server{Handler: s}
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() { _ = srv.Serve(l) })
			server, client := net.Pipe()
			l.conns <- addressed{server, "192.0.2.1:1"}
			wg.Go(func() { // as the TURN library does
				c, err := f.turn.Accept()
				for buf := make([]byte, maxPacket); err == nil; {
					_, err = c.Read(buf)
				}
				if !errors.Is(err, net.ErrClosed) {
					_ = c.Close()
				}
			})
			transport := &http.Transport{DialContext: dialPipe(client)}
			ws, head, err := websocket.Dial(t.Context(), "ws://relay.test/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
			if err != nil {
				t.Fatal(err)
			}
			if len(head.Header) != 3 { // those of RFC 6455
				t.Errorf("said: %v", head.Header)
			}
			began := time.Now()
			if speaks {
				wg.Go(func() {
					for ws.Write(t.Context(), websocket.MessageBinary, make([]byte, stunHeader)) == nil {
						time.Sleep(time.Second)
					}
				})
			}
			_, _, err = ws.Read(t.Context())
			if took := time.Since(began); took != strangerLife || err == nil {
				t.Errorf("speaks %v: ended after %v with %v", speaks, took, err)
			}
			_ = ws.CloseNow()
			synctest.Wait()
			f.mu.Lock()
			if len(f.sockets) != 0 || len(f.streams) != 0 {
				t.Errorf("%d sockets, %d streams are left", len(f.sockets), len(f.streams))
			}
			f.mu.Unlock()
			close(l.gone)
			_ = srv.Close()
			f.stop()
			f.wait()
		})
	}
}

// TestCloseEndsWebSockets closes the relay under a WebSocket with an allocation, and one without.
func TestCloseEndsWebSockets(t *testing.T) {
	b := start(t, nil)
	b.serveHTTP(t)
	b.allocate(t, "ws", "somebody")
	idle := b.webSocket(t, b.Addr().String())
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	_ = idle.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := idle.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("an idle WebSocket is still open: %v", err)
	}
	if n := b.Allocations(); n != 0 {
		t.Errorf("%d allocations", n)
	}
}

// TestPortsOfRelayedAddresses gives sockets only where other relays expect them.
func TestPortsOfRelayedAddresses(t *testing.T) {
	b := newSwitchboard(Config{PublicIP: loopback, MaxAllocations: 100, FirstPort: 51000, LastPort: 51031,
		Peers: []Peer{{netip.MustParseAddr("199.7.91.13"), 49152, 65535}}})
	var legs []net.PacketConn
	for i := range 8 {
		pc, at, err := b.AllocatePacketConn(turn.AllocateListenerConfig{Network: "udp4", UserID: string(rune('a' + i))})
		if err != nil {
			t.Fatal(err)
		}
		legs = append(legs, pc)
		if port := at.(*net.UDPAddr).Port; port < 51000 || port > 51031 {
			t.Errorf("port %d", port)
		}
	}
	for _, pc := range legs {
		_ = pc.Close()
	}
	full := newSwitchboard(Config{PublicIP: loopback, MaxAllocations: 100, FirstPort: 51000, LastPort: 51001})
	for i := range 3 {
		l, err := full.add("somebody", nil)
		if (err == nil) != (i < 2) {
			t.Errorf("leg %d: %v", i, err)
		}
		if err == nil {
			defer l.Close()
		}
	}
}
