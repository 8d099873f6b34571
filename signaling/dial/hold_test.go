package dial

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// writes is a connection that notes what is written, one entry a packet.
type writes struct {
	net.Conn
	list []string
	err  error
}

func (w *writes) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.list = append(w.list, string(p))
	return len(p), nil
}

func (w *writes) Read([]byte) (int, error)         { return 1, nil }
func (w *writes) Close() error                     { return nil }
func (w *writes) SetWriteDeadline(time.Time) error { return nil }

// TestHold plays handshakes, step by step: w writes the next letter, r reads, d ends the handshake, t lets time pass, c closes.
func TestHold(t *testing.T) {
	for _, tt := range []struct {
		name, steps string
		want        []string
	}{
		{"usual", "wrwdw", []string{"a", "bc"}},
		{"more after it", "wrwdwww", []string{"a", "bc", "d", "e"}},
		{"asked again for a hello", "wrwrwdw", []string{"a", "b", "cd"}},
		{"in two writes", "wrwwdw", []string{"a", "bcd"}},
		{"nothing to say", "wrwdt", []string{"a", "b"}},
		{"said late", "wrwdtw", []string{"a", "b", "c"}},
		{"a read does not hurry it", "wrwdrw", []string{"a", "bc"}},
		{"nothing kept", "wrdw", []string{"a", "b"}},
		{"given up with a word", "wrwc", []string{"a", "b"}},
		{"closed before anything was said", "wrwdc", []string{"a", "b"}},
		{"closed", "wrwdwc", []string{"a", "bc"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				below := &writes{}
				h := &hold{Conn: below}
				next := byte('a')
				for _, step := range tt.steps {
					switch step {
					case 'w':
						if n, err := h.Write([]byte{next}); n != 1 || err != nil {
							t.Fatalf("write: %d, %v", n, err)
						}
						next++
					case 'r':
						_, _ = h.Read(make([]byte, 1))
					case 'd':
						h.done()
					case 't':
						time.Sleep(2 * holdTime)
						synctest.Wait()
					case 'c':
						_ = h.Close()
					}
				}
				if !slices.Equal(below.list, tt.want) {
					t.Errorf("%q, want %q", below.list, tt.want)
				}
			})
		})
	}
}

// TestHoldFails: that what was kept did not get out is said to who writes next.
func TestHoldFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		below := &writes{}
		h := &hold{Conn: below}
		_, _ = h.Read(make([]byte, 1))
		_, _ = h.Write([]byte("kept"))
		below.err = errNoMore
		h.done()
		time.Sleep(2 * holdTime)
		synctest.Wait()
		below.err = nil
		if _, err := h.Write([]byte("next")); !errors.Is(err, errNoMore) || len(below.list) > 0 {
			t.Errorf("%v, written %q", err, below.list)
		}
	})
}

// TestHoldOfStuckConnection closes while a write takes for ever.
func TestHoldOfStuckConnection(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	h := &hold{Conn: here}
	ended := make(chan error)
	go func() { _, err := h.Write([]byte("nobody reads this")); ended <- err }()
	time.Sleep(time.Millisecond)
	_ = h.Close()
	if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// counted counts the packets that a connection would take.
type counted struct {
	net.Conn
	n int
}

func (c *counted) Write(p []byte) (int, error) { c.n++; return c.Conn.Write(p) }

// TestHoldJoins makes a real handshake: hello, then its end with the first words.
func TestHoldJoins(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	for _, joined := range []bool{false, true} {
		raw, err := net.Dial("tcp", service.addr())
		if err != nil {
			t.Fatal(err)
		}
		packets := &counted{Conn: raw}
		h := &hold{Conn: packets}
		c := tls.Client(h, &tls.Config{RootCAs: ca.pool(), ServerName: serviceName})
		if !joined {
			c = tls.Client(packets, &tls.Config{RootCAs: ca.pool(), ServerName: serviceName})
		}
		if err := c.HandshakeContext(inTime(t)); err != nil {
			t.Fatal(err)
		}
		if joined {
			h.done()
		}
		said, heard := []byte("hello"), make([]byte, 5)
		if _, err := c.Write(said); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, heard); err != nil || !bytes.Equal(said, heard) {
			t.Errorf("%q, %v", heard, err)
		}
		if want := map[bool]int{false: 3, true: 2}[joined]; packets.n != want {
			t.Errorf("joined %v: %d packets, want %d", joined, packets.n, want)
		}
		_ = c.Close()
	}
}
