package dial

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/dial/stun"
)

var refused = stun.Answer{Code: stun.Unauthorized, Realm: "a", Nonce: "once"}

// TestAnswered: the first greeting is answered without the relay, everything else goes to it.
func TestAnswered(t *testing.T) {
	id := stun.NewID()
	login := stun.Login{Username: "u", Password: "p", Realm: "a", Nonce: "once"}
	for _, tt := range []struct {
		name  string
		first []byte
		known bool
	}{
		{"greeting", stun.Allocate(id, nil), true},
		{"with a login", stun.Allocate(id, &login), false},
		{"another question", stun.Release(id, login), false},
		{"half a greeting", stun.Allocate(id, nil)[:20], false},
		{"no message", []byte("GET / HTTP/1.1\r\n"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			below := &writes{}
			a := newAnswered(below, refused)
			if n, err := a.Write(tt.first); n != len(tt.first) || err != nil {
				t.Fatal(n, err)
			}
			if passed := len(below.list) == 1; passed == tt.known {
				t.Errorf("the relay was told: %v", passed)
			}
			if tt.known {
				got := make([]byte, len(stun.Refusal(id, refused)))
				if _, err := io.ReadFull(small{a}, got); err != nil {
					t.Fatal(err)
				}
				if said, err := stun.Parse(got, id); err != nil || said != refused {
					t.Errorf("%+v, %v", said, err)
				}
			}
			second := stun.Allocate(stun.NewID(), nil)
			if _, err := a.Write(second); err != nil || below.list[len(below.list)-1] != string(second) {
				t.Errorf("what comes second does not go to the relay: %q, %v", below.list, err)
			}
		})
	}
}

// small reads few bytes at a time.
type small struct{ io.Reader }

func (s small) Read(p []byte) (int, error) { return s.Reader.Read(p[:min(len(p), 7)]) }

// TestAnsweredEnds: who waits for the relay's words before saying any is woken by the deadline and by the end.
func TestAnsweredEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(net.Conn)
		want error
	}{
		{"closed", func(c net.Conn) { _ = c.Close() }, net.ErrClosed},
		{"deadline", func(c net.Conn) { _ = c.SetDeadline(time.Now().Add(time.Millisecond)) }, os.ErrDeadlineExceeded},
		{"deadline of reading", func(c net.Conn) { _ = c.SetReadDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			silent := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
			raw, err := net.Dial("tcp", silent.addr())
			if err != nil {
				t.Fatal(err)
			}
			a := newAnswered(raw, refused)
			defer a.Close()
			ended := make(chan error)
			go func() { _, err := a.Read(make([]byte, 1)); ended <- err }()
			tt.end(a)
			if err := <-ended; !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

// TestGreetedOnce counts what a real relay is asked until it has given an address: the dialer's greeting, and the request with the
// login that came out of it.
func TestGreetedOnce(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0")
	named := r.named(serviceName)
	for _, carry := range []string{"tcp", "tls", "ws"} {
		named.URL = "turn:" + net.JoinHostPort(serviceName, strconv.Itoa(int(r.ports[0]))) + "?transport=udp&ways=" + carry
		d := r.dialer(t, Config{NoUDP: true}, nil)
		list, err := d.Relays([]signaling.Relay{named})
		if err != nil {
			t.Fatal(err)
		}
		c, err := list.DialContext(inTime(t), "tcp", list.targets[0].key)
		if err != nil {
			t.Fatal(err)
		}
		a, ok := c.(*felt).Conn.(*answered)
		if !ok {
			t.Fatalf("%s: a %T", carry, c.(*felt).Conn)
		}
		asked := &said{Conn: a.Conn}
		a.Conn = asked
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		if err := (talk{conn: c}).allocate(named.Username, named.Credential); err != nil {
			t.Errorf("%s: %v", carry, err)
		}
		if asked.anonymous != 0 || asked.n != 2 { // and the address is given back
			t.Errorf("%s: the relay was asked %d times, %d of them for nobody", carry, asked.n, asked.anonymous)
		}
		_ = c.Close()
	}
}

// said counts questions.
type said struct {
	net.Conn
	n, anonymous int
}

func (s *said) Write(p []byte) (int, error) {
	s.n++
	if _, ok := stun.Anonymous(bytes.Clone(p)); ok {
		s.anonymous++
	}
	return s.Conn.Write(p)
}
