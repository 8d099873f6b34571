package relay

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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

func TestTooManyConnections(t *testing.T) {
	f := testFront(t, maxUnsorted+2)
	var held []*tracked
	for i := range maxUnsorted + 2 {
		server, client := net.Pipe()
		defer client.Close()
		c := f.track(server)
		if c == nil {
			t.Fatalf("connection %d refused", i)
		}
		held = append(held, c)
	}
	server, client := net.Pipe()
	defer client.Close()
	if f.track(server) != nil {
		t.Error("more connections than allowed")
	}
	// The two oldest unsorted ones made room and are closed, the next is not.
	for i, want := range []bool{true, true, false} {
		_ = held[i].SetReadDeadline(time.Now())
		_, err := held[i].Read(make([]byte, 1))
		if errors.Is(err, io.ErrClosedPipe) != want {
			t.Errorf("connection %d: %v", i, err)
		}
	}
	for _, c := range held {
		_ = c.Close()
	}
	if len(f.live) != 0 {
		t.Errorf("%d connections are left", len(f.live))
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

func TestFrameSize(t *testing.T) {
	for _, tt := range frames {
		n, err := frameSize(tt.head)
		if n != tt.want || (err == nil) != (tt.want > 0) {
			t.Errorf("%x: %d, %v, want %d", tt.head, n, err, tt.want)
		}
	}
}

// FuzzStream reads any bytes as a TURN stream: whole messages come out, in order, and nothing else.
func FuzzStream(f *testing.F) {
	for _, tt := range frames {
		f.Add(append(tt.head[:], make([]byte, 100)...))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s := newStream(&fakeConn{Reader: bytes.NewReader(in)})
		var out []byte
		buf := make([]byte, maxPacket)
		for {
			n, err := s.Read(buf)
			if err != nil {
				break
			}
			if n < 4 || n >= maxPacket {
				t.Fatalf("message of %d bytes", n)
			}
			if want, err := frameSize([4]byte(buf)); err != nil || want != n {
				t.Fatalf("message of %d bytes, its head says %d, %v", n, want, err)
			}
			out = append(out, buf[:n]...)
		}
		if !bytes.HasPrefix(in, out) {
			t.Error("what came out is not what went in")
		}
	})
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
