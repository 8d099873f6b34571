package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		service string
		ports   []uint16
		want    string
	}{
		{"a.example", nil, "a.example [443 80 8200]"},
		{"a.example:8200", nil, "a.example [8200]"},
		{"a.example", []uint16{80}, "a.example [80]"},
		{"192.0.2.1:1", nil, "192.0.2.1 [1]"},
		{"[2001:db8::1]:443", nil, "2001:db8::1 [443]"},
		{"2001:db8::1", nil, "2001:db8::1 [443 80 8200]"},
		{"[2001:db8::1]", nil, "2001:db8::1 [443 80 8200]"},
		{"", nil, ""},
		{":443", nil, ""},
		{"a.example:0", nil, ""},
		{"a.example:65536", nil, ""},
		{"a.example:https", nil, ""},
		{"a b", nil, ""},
		{"user@a.example", nil, ""},
		{"a.example/x", nil, ""},
		{"a.example\r\nX: y", nil, ""},
		{strings.Repeat("a", 254), nil, ""},
		{"a.example", make([]uint16, 9), ""},
	} {
		d, err := New(Config{Service: tt.service, Ports: tt.ports})
		got := ""
		if err == nil {
			got = fmt.Sprint(d.host, " ", d.ports)
		} else if !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", tt.service, err)
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.service, got, tt.want)
		}
	}
}

func TestParseProxy(t *testing.T) {
	for in, want := range map[string]string{
		"p:3128":                    "http://p:3128  ",
		" http://p:3128/ ":          "http://p:3128  ",
		"HTTP://p":                  "http://p:80  ",
		"https://p":                 "https://p:443  ",
		"socks5://p":                "socks5://p:1080  ",
		"socks5h://[2001:db8::1]:9": "socks5://[2001:db8::1]:9  ",
		"socks://ann:x%40y@p:1":     "socks5://p:1 ann x@y",
		"ann@p:3128":                "http://p:3128 ann ",
		`http://corp%5Cann:x@p:80`:  `http://p:80 corp\ann x`,
		"":                          "",
		"http://":                   "",
		"http://:80":                "",
		"p:0":                       "",
		"p:99999":                   "",
		"ftp://p:1":                 "",
		"http://p q:1":              "",
		"http://p:1\r\nX: y":        "",
		"http:p:1":                  "",
		strings.Repeat("p", 2000):   "",
	} {
		p, err := ParseProxy(in)
		got := ""
		if err == nil {
			got = p.String() + " " + p.User + " " + string(p.Password)
		} else if !errors.Is(err, ErrProxyAddress) {
			t.Errorf("%q: %v", in, err)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if _, err := ParseProxy("http://ann:swordfish@p:port"); err == nil || strings.Contains(err.Error(), "swordfish") {
		t.Errorf("error shows the password: %v", err)
	}
}

// TestSecretsHide prints everything that holds a login, in every way.
func TestSecretsHide(t *testing.T) {
	p := Proxy{HTTP, "p:1", "annuser", "swordfish"}
	var b strings.Builder
	log := slog.New(slog.NewJSONHandler(&b, nil))
	text := slog.New(slog.NewTextHandler(&b, nil))
	f := Found{Source: PAC, Proxies: []Proxy{p}}
	for _, v := range []any{p, &p, Way{Proxy: p}, f, []Found{f}, Attempt{Way: Way{Proxy: p}}, fixed(p), credentials{"annuser", "swordfish"},
		ProxyLogin{Proxy: p}, &Error{Attempts: []Attempt{{Way: Way{Proxy: p}, Err: ErrDNS}}}, p.Password} {
		log.Info("x", "v", v)
		text.Info("x", "v", v)
		fmt.Fprintf(&b, "%v %+v %#v %s %q %x", v, v, v, v, v, v)
	}
	if s := b.String(); strings.Contains(s, "swordfish") || strings.Contains(s, fmt.Sprintf("%x", "swordfish")) {
		t.Error(s)
	}
}

// TestRace lets ways be good, bad, silent and slow, and looks at the order, the time and the winner.
func TestRace(t *testing.T) {
	ca := newAuthority(t, "Authority")
	for _, tt := range []struct {
		name    string
		net     func(service, other, proxy string) wires
		proxied bool
		best    string
		says    string
	}{
		{"everything open", func(s, _, p string) wires {
			return wires{"service.test:443": to(s), "service.test:80": to(s), "service.test:8200": to(s), "p:3128": to(p)}
		}, true, "direct 443", "direct 443: won; direct 443: won"},
		{"only 80", func(s, _, _ string) wires { return wires{"service.test:80": to(s)} }, false, "direct 80",
			"direct 443: connection refused; direct 80: won; direct 80: won"},
		{"only 8200", func(s, _, _ string) wires { return wires{"service.test:8200": to(s)} }, false, "direct 8200",
			"direct 443: connection refused; direct 80: connection refused; direct 8200: won; direct 8200: won"},
		{"443 is dropped", func(s, _, _ string) wires {
			return wires{"service.test:443": hang, "service.test:80": to(s)}
		}, false, "direct 80", "direct 80: won; direct 443: another way was quicker; direct 80: won"},
		{"only the proxy", func(_, _, p string) wires { return wires{"service.test:443": hang, "p:3128": to(p)} }, true, "http 443",
			"http 443: won; direct 443: another way was quicker; http 443: won"},
		{"only the proxy, no names", func(_, _, p string) wires {
			no := fails(&net.DNSError{Err: "no such host"})
			return wires{"service.test:443": no, "service.test:80": no, "service.test:8200": no, "p:3128": to(p)}
		}, true, "http 443", "direct 443: name unknown; http 443: won; http 443: won"},
		{"something else on 443 and 80", func(s, other, _ string) wires {
			return wires{"service.test:443": to(other), "service.test:80": to(other), "service.test:8200": to(s)}
		}, false, "direct 8200",
			"direct 443: who answers is not the service; direct 80: who answers is not the service; direct 8200: won; direct 8200: won"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := serviceTLS(t, ca.good(t))
			other := serve(t, func(c net.Conn) {
				_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
				_, _ = c.Read(make([]byte, 999))
			})
			proxy := newHTTPProxy(t, service.addr(), allowAll)
			cfg := Config{TLS: &tls.Config{RootCAs: ca.pool()}}
			if tt.proxied {
				cfg.Proxies = found(t, "p:3128")
			}
			d := newDialer(t, cfg, tt.net(service.addr(), other.addr(), proxy.addr()))
			c, err := d.DialContext(inTime(t), "tcp", "service.test:443")
			if err != nil {
				t.Fatal(err)
			}
			echo(t, c, ca.pool())
			if got := wayOf(d); got != tt.best {
				t.Errorf("best is %s, want %s", got, tt.best)
			}
			if got := causes(d); got != tt.says {
				t.Errorf("attempts:\n%s\nwant\n%s", got, tt.says)
			}
			// The winner is kept: one more connection, one more attempt.
			n := len(d.Attempts())
			if c, err = d.DialTLS(inTime(t), "tcp", "service.test:443"); err != nil {
				t.Fatal(err)
			}
			echo(t, c, ca.pool())
			if got := len(d.Attempts()) - n; got != 1 {
				t.Errorf("%d attempts for the next connection", got)
			}
		})
	}
}

// TestHeadStarts times the ways of a network in which nothing answers.
func TestHeadStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex
		var order []string
		d := newDialer(t, Config{Proxies: found(t, "p:1", "socks5://q:2")}, nil)
		d.tcp = func(ctx context.Context, _, addr string) (net.Conn, error) {
			mu.Lock()
			order = append(order, fmt.Sprintf("%.1f %s", time.Since(began).Seconds(), addr))
			mu.Unlock()
			return hang(ctx)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := d.DialContext(ctx, "tcp", "service.test:443")
		want := "0.0 service.test:443, 0.5 p:1, 1.0 q:2, 1.5 service.test:80, 2.0 p:1, 2.5 q:2, 3.0 service.test:8200, 3.5 p:1, 4.0 q:2"
		if got := strings.Join(order, ", "); got != want {
			t.Errorf("order\n%s\nwant\n%s", got, want)
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || len(e.Attempts) != 9 || e.Cause() != ErrTimeout {
			t.Errorf("%v", err)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// TestSlowWayIsWaitedFor: on a line with a round trip of 400 ms, a way that has connected gets the time for TLS.
func TestSlowWayIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var began []time.Duration
		start := time.Now()
		d := newDialer(t, Config{}, nil)
		here, there := net.Pipe()
		defer there.Close()
		d.tcp = func(ctx context.Context, _, addr string) (net.Conn, error) {
			began = append(began, time.Since(start))
			time.Sleep(400 * time.Millisecond)
			return here, nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, _ = d.DialTLS(ctx, "tcp", "service.test:443") // nothing says a word of TLS
		if len(began) != 1 {
			t.Errorf("ways began after %v", began)
		}
	})
}

// TestCallersTime: a call ends with its context, and says that it was for lack of time only if it was.
func TestCallersTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDialer(t, Config{}, wires{"service.test:443": hang, "service.test:80": hang, "service.test:8200": hang})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := d.DialContext(ctx, "tcp", "service.test:443")
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) || !errors.Is(err, ErrOvertaken) {
			t.Error(err)
		}
	})
}

// TestLostWayIsReplaced gives up a way that stops working, and finds another.
func TestLostWayIsReplaced(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	var shut atomic.Bool
	w := wires{"service.test:80": to(service.addr())}
	w["service.test:443"] = func(ctx context.Context) (net.Conn, error) {
		if shut.Load() {
			return nil, &net.OpError{Op: "dial", Err: errRefused}
		}
		return to(service.addr())(ctx)
	}
	d := newDialer(t, Config{TLS: &tls.Config{RootCAs: ca.pool()}}, w)
	for _, want := range []string{"direct 443", "direct 80"} {
		c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
		if err != nil {
			t.Fatal(err)
		}
		echo(t, c, ca.pool())
		if got := wayOf(d); got != want {
			t.Errorf("best is %s, want %s", got, want)
		}
		shut.Store(true)
	}
}

// TestImpostor: when the way of the last time is gone, who else takes connections is not believed to be the service.
func TestImpostor(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	impostor := serve(t, func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) })
	w := wires{"service.test:443": to(service.addr()), "service.test:80": to(impostor.addr()), "service.test:8200": to(service.addr())}
	d := newDialer(t, Config{TLS: &tls.Config{RootCAs: ca.pool()}}, w)
	for _, want := range []string{"direct 443", "direct 8200", "direct 8200"} {
		c, err := d.DialContext(inTime(t), "tcp", "service.test:443")
		if err != nil {
			t.Fatal(err)
		}
		echo(t, c, ca.pool())
		if got := wayOf(d); got != want {
			t.Errorf("best is %s, want %s", got, want)
		}
		delete(w, "service.test:443")
	}
}

// TestOtherHosts: the way to a relay elsewhere begins with the proxy that led to the service, and keeps its own port.
func TestOtherHosts(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	proxy := socksProxy(t, service.addr(), "", "", 0)
	var addrs []string
	d := newDialer(t, Config{TLS: &tls.Config{RootCAs: ca.pool()}, Proxies: found(t, "socks5://p:1080")}, wires{"p:1080": to(proxy.addr())})
	c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	d.tcp = func(_ context.Context, _, addr string) (net.Conn, error) {
		addrs = append(addrs, addr)
		return nil, errNoMore
	}
	_, err = d.DialContext(inTime(t), "tcp", "relay.test:3478")
	if got := strings.Join(addrs, " "); got != "p:1080 relay.test:3478" || !errors.Is(err, ErrConnect) {
		t.Errorf("dialled %q, %v", got, err)
	}
	// This computer is not looked for behind a proxy.
	addrs = nil
	_, _ = d.DialContext(inTime(t), "tcp", "127.0.0.1:3478")
	if got := strings.Join(addrs, " "); got != "127.0.0.1:3478" {
		t.Errorf("dialled %q", got)
	}
	for _, bad := range []string{"relay.test", "relay.test:0", "a b:1", ""} {
		if _, err := d.DialContext(inTime(t), "tcp", bad); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := d.DialContext(inTime(t), "udp", "relay.test:1"); !errors.Is(err, ErrAddress) {
		t.Errorf("udp: %v", err)
	}
}

// TestTypedProxyIsTheOnlyWay, also to this computer.
func TestTypedProxyIsTheOnlyWay(t *testing.T) {
	f, err := Typed("p:1")
	if err != nil {
		t.Fatal(err)
	}
	var addrs []string
	d := newDialer(t, Config{Service: "localhost:9", Proxies: f}, nil)
	d.tcp = func(_ context.Context, _, addr string) (net.Conn, error) {
		addrs = append(addrs, addr)
		return nil, errNoMore
	}
	_, _ = d.DialContext(inTime(t), "tcp", "localhost:9")
	if got := strings.Join(addrs, " "); got != "p:1" {
		t.Errorf("dialled %q", got)
	}
}

// TestFindings: a Finder is not asked about this computer, nor twice a minute.
func TestFindings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &countingFinder{}
		d := newDialer(t, Config{Proxies: f}, wires{})
		for _, addr := range []string{"localhost:1", "[::1]:1", "127.9.9.9:2"} {
			_, _ = d.DialContext(t.Context(), "tcp", addr)
		}
		if f.asked != 0 {
			t.Errorf("asked %d times about this computer", f.asked)
		}
		for range 3 {
			_, _ = d.DialContext(t.Context(), "tcp", "service.test:443")
		}
		time.Sleep(findLife)
		_, _ = d.DialContext(t.Context(), "tcp", "service.test:443")
		if f.asked != 2 {
			t.Errorf("asked %d times, want 2", f.asked)
		}
	})
}

type countingFinder struct{ asked int }

func (f *countingFinder) Find(context.Context, string, uint16) []Found { f.asked++; return nil }

// TestFound tells what was found, to whom it may interest.
func TestFound(t *testing.T) {
	f := found(t, "p:1")
	d := newDialer(t, Config{Service: "Service.test:1", Proxies: f}, wires{})
	if list := d.Found(); len(list) != 0 {
		t.Errorf("before: %v", list)
	}
	_, _ = d.DialContext(t.Context(), "tcp", "service.TEST:1")
	list := d.Found()
	if len(list) != 1 || list[0].Source != Environment || list[0].Where != "HTTPS_PROXY" || list[0].Proxies[0].Addr != "p:1" {
		t.Errorf("after: %v", list)
	}
	typed, _ := Typed("q:2")
	d = newDialer(t, Config{Service: "service.test:1", Proxies: typed}, wires{})
	if list := d.Found(); len(list) != 1 || list[0].Source != FromUser {
		t.Errorf("typed: %v", list)
	}
}

// TestAttemptsAreBounded keeps the last ones.
func TestAttemptsAreBounded(t *testing.T) {
	d := newDialer(t, Config{Service: "service.test:1"}, wires{})
	for range maxAttempts + 10 {
		_, _ = d.DialContext(t.Context(), "tcp", "service.test:1")
	}
	if n := len(d.Attempts()); n != maxAttempts {
		t.Errorf("%d attempts kept", n)
	}
}
