package relay

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/signaling/crowd"
)

// idleListener is a listener to which nobody connects.
type idleListener struct{ net.Listener }

func (idleListener) Addr() net.Addr { return &net.TCPAddr{} }
func (idleListener) Close() error   { return nil }

func testFront(t *testing.T, maxConns int) *front {
	cert, _ := certificates(t)
	conf := &tls.Config{Certificates: []tls.Certificate{cert}}
	return newFront([]net.Listener{idleListener{}}, Config{
		TLS: conf, MaxConns: maxConns, MaxPerAddress: maxConns, Log: slog.New(slog.DiscardHandler),
	})
}

// TestSlowConnectionsAreClosed says nothing, or something too slowly, and waits.
func TestSlowConnectionsAreClosed(t *testing.T) {
	trickle := func(c net.Conn) { // a byte every second, for ever
		for b := byte(0); ; b++ {
			if _, err := c.Write([]byte{b & 3}); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
	for _, tt := range []struct {
		name   string
		client func(net.Conn)
		want   time.Duration
	}{
		{"silent", func(net.Conn) {}, sniffTime},
		{"silent in the handshake", func(c net.Conn) { _, _ = c.Write([]byte{tlsRecord, 3, 1}) }, sniffTime},
		{"slow in the handshake", func(c net.Conn) { _, _ = c.Write([]byte{tlsRecord}); trickle(c) }, sniffTime},
		{"silent after the handshake", func(c net.Conn) {
			_ = tls.Client(c, &tls.Config{InsecureSkipVerify: true}).Handshake()
			_, _ = io.Copy(io.Discard, c)
		}, sniffTime},
		{"plain HTTP", func(c net.Conn) { _, _ = c.Write([]byte("GET /")) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := testFront(t, 10)
				server, client := net.Pipe()
				defer client.Close()
				began := time.Now()
				var wg sync.WaitGroup
				defer wg.Wait()
				wg.Go(func() { tt.client(client) })
				f.sort(f.track(server))
				if took := time.Since(began).Round(time.Second); took != tt.want {
					t.Errorf("closed after %v, want %v", took, tt.want)
				}
				if len(f.live) != 0 || f.unsorted.Len() != 0 {
					t.Errorf("%d connections, %d unsorted are left", len(f.live), f.unsorted.Len())
				}
			})
		})
	}
}

// TestStrangersDoNotStay opens TURN streams and drips bytes of a message into them.
func TestStrangersDoNotStay(t *testing.T) {
	for _, tt := range []struct {
		name      string
		allocated bool
		want      time.Duration
	}{
		{"stranger", false, strangerLife},
		{"client", true, streamSilence},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := net.Pipe()
				defer client.Close()
				s := newStream(server)
				s.allocated.Store(tt.allocated)
				began := time.Now()
				var wg sync.WaitGroup
				defer wg.Wait()
				wg.Go(func() { _, _ = client.Write([]byte{0, 3, 0, 8}) }) // and nothing of the rest
				_, err := s.Read(make([]byte, maxPacket))
				if took := time.Since(began); took != tt.want || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("ended after %v with %v, want %v", took, err, tt.want)
				}
				_ = s.Close()
			})
		})
	}
}

// TestStrangerLifeIsNotExtended sends whole messages all the time without ever getting an allocation.
func TestStrangerLifeIsNotExtended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		s := newStream(server)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			for {
				if _, err := client.Write(make([]byte, stunHeader)); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		began := time.Now()
		for {
			if _, err := s.Read(make([]byte, maxPacket)); err != nil {
				break
			}
		}
		if took := time.Since(began); took != strangerLife {
			t.Errorf("ended after %v", took)
		}
		_ = s.Close()
	})
}

func TestStuckClientIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		s := newStream(server)
		began := time.Now()
		if _, err := s.Write([]byte("nobody reads this")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %v", err)
		}
		if took := time.Since(began); took != streamStuck {
			t.Errorf("took %v", took)
		}
		if _, err := server.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the connection is still open: %v", err)
		}
	})
}

// pipeFrom is a connection from an address whose other end says nothing.
func pipeFrom(t *testing.T, from string) net.Conn {
	server, client := net.Pipe()
	t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	return addressed{server, from}
}

// open reports whether c has not been closed.
func open(c *tracked) bool {
	_ = c.SetReadDeadline(time.Now())
	_, err := c.Read(make([]byte, 1))
	return !errors.Is(err, io.ErrClosedPipe)
}

// TestStrangersPushOutTheirOwn has more and more addresses open connections as fast as they can and say nothing, while others need their
// time for a handshake.
func TestStrangersPushOutTheirOwn(t *testing.T) {
	for _, strangers := range []int{1, 10, 2 * maxUnsorted / minShare} {
		synctest.Test(t, func(t *testing.T) {
			f := testFront(t, 100)
			f.places = crowd.New[*tracked](crowd.Limits{Most: 10_000, PerLine: 600})
			var honest, rest []*tracked
			for i := range 5 {
				honest = append(honest, f.track(pipeFrom(t, fmt.Sprintf("198.51.100.%d:1", i+1))))
			}
			port := 0
			for range 8 { // rounds of a quarter of a second
				for i := range strangers {
					for range 2 * minShare {
						port++
						if c := f.track(pipeFrom(t, fmt.Sprintf("[2001:db8:%x::1]:%d", i, port%65536))); c != nil {
							rest = append(rest, c)
						}
					}
				}
				time.Sleep(time.Second / 4)
			}
			left := 0
			for _, c := range rest {
				if open(c) {
					left++
				}
			}
			if most := min(strangers*minShare, maxUnsorted-len(honest)); left != most {
				t.Errorf("%d strangers have %d connections, want %d", strangers, left, most)
			}
			if most := strangers * (2*minShare + 8*minShare/4); len(rest) > most {
				t.Errorf("%d strangers were let in %d times, want %d at most", strangers, len(rest), most)
			}
			for i, c := range honest {
				if !open(c) {
					t.Errorf("%d strangers pushed out number %d of others", strangers, i)
				}
			}
			for _, c := range slices.Concat(honest, rest) {
				_ = c.Close()
			}
			if len(f.live)+len(f.tcp)+f.places.Len()+f.unsorted.Len() != 0 {
				t.Errorf("left: %d, %d, %d, %d unsorted", len(f.live), len(f.tcp), f.places.Len(), f.unsorted.Len())
			}
		})
	}
}

// TestFullFrontKeepsWhoIsKnown fills all places from a few addresses; those that the service vouches for, and allocations, stay.
func TestFullFrontKeepsWhoIsKnown(t *testing.T) {
	f := testFront(t, 16)
	known, relayed := f.track(pipeFrom(t, "192.0.2.1:1")), f.track(pipeFrom(t, "192.0.2.1:2"))
	stranger := f.track(pipeFrom(t, "192.0.2.1:3"))
	(&secured{tcp: known}).Vouch()
	f.allocated(relayed.key(), true)
	all := []*tracked{known, relayed, stranger}
	for i := range 30 {
		c := f.track(pipeFrom(t, fmt.Sprintf("198.51.100.%d:%d", i%4, i+1)))
		if c == nil {
			t.Fatalf("number %d is refused", i)
		}
		all = append(all, c)
	}
	left := 0
	for _, c := range all {
		if open(c) {
			left++
		}
	}
	if !open(known) || !open(relayed) || !open(stranger) || left != 2+16*3/4 {
		t.Errorf("known %v, with an allocation %v, alone %v; %d in all", open(known), open(relayed), open(stranger), left)
	}
	for _, c := range all {
		_ = c.Close()
	}
}

// TestServiceVouches has the service vouch for one HTTPS connection of two from an address that then takes all places and more.
func TestServiceVouches(t *testing.T) {
	s := start(t, func(c *Config) { c.MaxConns = 8 })
	type key struct{}
	web := &http.Server{
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, key{}, c) },
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/known" {
				r.Context().Value(key{}).(interface{ Vouch() }).Vouch()
			}
		}),
	}
	done := make(chan error, 1)
	go func() { done <- web.Serve(s.HTTP()) }()
	defer func() { _ = web.Close(); <-done }()
	get := func(c net.Conn, path string) error {
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path); err != nil {
			return err
		}
		_, err := http.ReadResponse(bufio.NewReader(c), nil)
		return err
	}
	var conns []net.Conn
	for _, path := range []string{"/known", "/"} {
		c, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{RootCAs: s.roots})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := get(c, path); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	for range 20 {
		c, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{RootCAs: s.roots})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if err := get(conns[0], "/"); err != nil {
		t.Errorf("the one that was vouched for: %v", err)
	}
	if get(conns[1], "/") == nil {
		t.Error("the other one is still there")
	}
}

// TestHandshakeWhileStrangersCome has one address churn through silent connections in the middle of another's TLS handshake.
func TestHandshakeWhileStrangersCome(t *testing.T) {
	s := start(t, nil)
	from := func(ip byte) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, ip)}}
		c, err := d.DialContext(t.Context(), "tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	honest := from(1)
	defer honest.Close()
	for range 3 * maxUnsorted {
		defer from(66).Close()
	}
	if err := tls.Client(honest, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(t.Context()); err != nil {
		t.Error(err)
	}
}

var frames = []struct {
	head [4]byte
	want int // 0: not a message
}{
	{[4]byte{0, 1, 0, 0}, 20},
	{[4]byte{0, 3, 0, 8}, 28},
	{[4]byte{0, 3, 0, 7}, 0},
	{[4]byte{0x40, 0, 0, 0}, 4},
	{[4]byte{0x40, 0, 0, 1}, 8},
	{[4]byte{0x7f, 0xff, 0, 4}, 8},
	{[4]byte{0x40, 0, 0x06, 0x38}, 1596},
	{[4]byte{0x40, 0, 0x06, 0x3c}, 0}, // as long as the library's buffer: it would take it for cut off
	{[4]byte{0x40, 0, 0xff, 0xff}, 0},
	{[4]byte{0, 1, 0xff, 0xfc}, 0},
	{[4]byte{0x80, 0, 0, 0}, 0},
	{[4]byte{'G', 'E', 'T', ' '}, 0},
	{[4]byte{0xff, 0xff, 0, 0}, 0},
}

// FuzzStranger looks at any datagram and any username.
func FuzzStranger(f *testing.F) {
	f.Add([]byte{0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42}, "1700000000:somebody")
	f.Add(make([]byte, minStranger), ":")
	f.Add([]byte{}, "-1:x")
	f.Fuzz(func(t *testing.T, p []byte, username string) {
		if asksForAllocation(p) && len(p) < minStranger {
			t.Error("too short")
		}
		if _, id, ok := parseUsername(username); ok && (id == "" || len(username) > maxUsername) {
			t.Errorf("%q accepted", username)
		}
	})
}

// fakeConn reads from a reader and has no deadlines.
type fakeConn struct {
	net.Conn
	io.Reader
}

func (c *fakeConn) Read(p []byte) (int, error)       { return c.Reader.Read(p) }
func (*fakeConn) SetReadDeadline(time.Time) error    { return nil }
func (*fakeConn) SetWriteDeadline(t time.Time) error { return nil }
