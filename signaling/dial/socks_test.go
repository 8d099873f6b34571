package dial

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
)

// socksProxy is a SOCKS5 proxy of a test: with a user it wants a login, and code is its answer to everybody.
func socksProxy(t testing.TB, target, user, password string, code byte) *server {
	return serve(t, func(c net.Conn) {
		read := func(n int) []byte {
			b := make([]byte, n)
			if _, err := io.ReadFull(c, b); err != nil {
				return make([]byte, n)
			}
			return b
		}
		methods := read(int(read(2)[1]))
		switch {
		case user == "":
			_, _ = c.Write([]byte{5, 0})
		case !bytes.Contains(methods, []byte{2}):
			_, _ = c.Write([]byte{5, 0xff})
			return
		default:
			_, _ = c.Write([]byte{5, 2})
			name := string(read(int(read(2)[1])))
			if word := string(read(int(read(1)[0]))); name != user || word != password {
				_, _ = c.Write([]byte{1, 1})
				return
			}
			_, _ = c.Write([]byte{1, 0})
		}
		if head := read(4); !bytes.Equal(head, []byte{5, 1, 0, 3}) {
			t.Errorf("asked with %v", head)
		}
		if host := string(read(int(read(1)[0]))); host != serviceName {
			t.Errorf("asked for %q", host)
		}
		read(2)
		_, _ = c.Write([]byte{5, code, 0, 3, 2, 'h', 'i', 1, 2})
		if code == 0 {
			pipe(c, c, target)
		}
	})
}

func TestSOCKS(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	for _, tt := range []struct {
		name           string
		user, password string
		code           byte
		url            string
		answer         string // of the person, as the password
		asked          int
		want           error
	}{
		{"open", "", "", 0, "", "", 0, nil},
		{"login not needed", "", "", 0, "ann:x@", "", 0, nil},
		{"login in the URL", "ann", "x y", 0, "ann:x%20y@", "", 0, nil},
		{"login asked for", "ann", "x", 0, "", "x", 1, nil},
		{"wrong login", "ann", "x", 0, "", "y", 1, ErrProxyLogin},
		{"wrong login in the URL", "ann", "x", 0, "ann:y@", "", 0, ErrProxyLogin},
		{"password too long for it", "ann", "x", 0, "", string(make([]byte, 300)), 1, ErrProxyLogin},
		{"general failure", "", "", 1, "", "", 0, ErrProxyTarget},
		{"not allowed", "", "", 2, "", "", 0, ErrProxyRefused},
		{"refused", "", "", 5, "", "", 0, ErrProxyTarget},
		{"no such command", "", "", 7, "", "", 0, ErrProxyReply},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := socksProxy(t, service.addr(), tt.user, tt.password, tt.code)
			f, err := Typed("socks5://" + tt.url + p.addr())
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			d := newDialer(t, Config{Service: serviceName + ":443", Proxies: f,
				Ask: func(context.Context, ProxyLogin) (string, string, error) { asked++; return "ann", tt.answer, nil }}, nil)
			c, err := d.DialContext(inTime(t), "tcp", serviceName+":443")
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if asked != tt.asked {
				t.Errorf("asked %d times, want %d", asked, tt.asked)
			}
			if err == nil {
				echo(t, c, ca.pool())
			}
		})
	}
}

// TestSOCKSAddresses checks how a goal is named (RFC 1928 section 4).
func TestSOCKSAddresses(t *testing.T) {
	for target, want := range map[string][]byte{
		"192.0.2.1:80":       {5, 1, 0, 1, 192, 0, 2, 1, 0, 80},
		"[2001:db8::1]:443":  append([]byte{5, 1, 0, 4, 0x20, 1, 0x0d, 0xb8}, append(make([]byte, 11), 1, 1, 187)...),
		"[::ffff:9.8.7.6]:1": {5, 1, 0, 1, 9, 8, 7, 6, 0, 1},
		"a.b:8200":           {5, 1, 0, 3, 3, 'a', '.', 'b', 0x20, 0x08},
	} {
		c := &script{in: bytes.NewReader([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 'x'})}
		if err := socksAsk(c, target); err != nil || !bytes.Equal(c.out.Bytes(), want) {
			t.Errorf("%s: %v, %v; want %v", target, c.out.Bytes(), err, want)
		}
		if rest, _ := io.ReadAll(c.in); string(rest) != "x" {
			t.Errorf("%s: left %q, want the byte behind the answer", target, rest)
		}
	}
}

// script answers what was written before.
type script struct {
	in  io.Reader
	out bytes.Buffer
}

func (s *script) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *script) Write(p []byte) (int, error) { return s.out.Write(p) }

func FuzzSOCKS(f *testing.F) {
	f.Add([]byte{5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 5, 6}, false)
	f.Add([]byte{5, 2, 1, 0, 5, 0, 0, 3, 1, 'h', 5, 6}, true)
	f.Add([]byte{5, 2, 1, 1}, true)
	f.Add([]byte{5, 0xff}, false)
	f.Add([]byte{4, 0}, false)
	f.Add([]byte{5, 0, 5, 8, 0, 9}, false)
	f.Fuzz(func(t *testing.T, in []byte, login bool) {
		var with *credentials
		if login {
			with = &credentials{"u", "p"}
		}
		c := &script{in: bytes.NewReader(in)}
		err := socksGreet(c, with)
		if err == nil {
			err = socksAsk(c, "h:1")
		}
		if err == nil && (len(in) < 9 || in[0] != 5) {
			t.Errorf("%v taken for an answer", in)
		}
		if c.out.Len() > 64 {
			t.Errorf("%d bytes said", c.out.Len())
		}
	})
}
