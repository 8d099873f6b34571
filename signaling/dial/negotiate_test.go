package dial

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// ticketsOf is a person with a ticket that is shown as "<host> <number>".
func ticketsOf(lasts time.Duration, fetched *atomic.Int32) tickets {
	return func(_ context.Context, host string) (*pass, error) {
		fetched.Add(1)
		shown := new(atomic.Int32)
		return &pass{until: time.Now().Add(lasts), token: func() ([]byte, error) {
			return fmt.Appendf(nil, "%s %d", host, shown.Add(1)), nil
		}}, nil
	}
}

func noTicket(context.Context, string) (*pass, error) { return nil, errors.New("none here") }

// TestNegotiate has a proxy that offers Negotiate and other schemes.
func TestNegotiate(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	const offer, basicOffer = "Negotiate", `Basic realm="x"`
	token := func(req *http.Request) string {
		b, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(req.Header.Get("Proxy-Authorization"), "Negotiate "))
		return string(b)
	}
	seen := map[string]bool{}
	takes := func(offers ...string) func(*http.Request, *string) string {
		return func(req *http.Request, _ *string) string {
			if s := token(req); strings.HasPrefix(s, "p.test ") && !seen[s] {
				seen[s] = true
				return ""
			}
			return want407(offers...)
		}
	}
	refuses := func(offers ...string) func(*http.Request, *string) string {
		return func(req *http.Request, s *string) string {
			switch h := req.Header.Get("Proxy-Authorization"); {
			case strings.HasPrefix(h, "Negotiate"):
				*s = "spoilt" // for other schemes
			case *s == "spoilt":
			case h == basicOf("ann", "s3cret: x"):
				return ""
			case len(offers) == 1 && strings.HasPrefix(offers[0], "NTLM") && strings.HasPrefix(h, "NTLM"):
				return ntlmStep(req, s, "ann")
			}
			return want407(append([]string{offer}, offers...)...)
		}
	}
	good := func(n *atomic.Int32) tickets { return ticketsOf(time.Hour, n) }
	for _, tt := range []struct {
		name      string
		allow     func(*http.Request, *string) string
		tickets   func(*atomic.Int32) tickets
		login     string // in the proxy's URL
		asked     int
		want      error
		seen      string // schemes the proxy saw
		seenAgain string // and with the second connection
	}{
		{"before anybody is asked", takes(basicOffer, offer), good, "", 0, nil, "- Negotiate", "Negotiate"},
		{"before a stronger scheme with a password", takes(`Digest realm="x", nonce="n", algorithm=SHA-256`, offer), good, "ann:x@", 0, nil, "- Negotiate", "Negotiate"},
		{"with a message nobody asked for", takes("Negotiate =,,\"", "Negotiate YIIB", basicOffer), good, "", 0, nil, "- Negotiate", "Negotiate"},
		{"about to end", refuses(basicOffer), func(n *atomic.Int32) tickets { return ticketsOf(ticketRest, n) }, "", 1, nil, "- Basic", "Basic"},
		{"refused, then Basic", refuses(basicOffer), good, "", 1, nil, "- Negotiate Basic", "Basic"},
		{"refused, then NTLM", refuses("NTLM"), good, "", 1, nil, "- Negotiate NTLM NTLM", "NTLM NTLM"},
		{"refused, and nothing else", refuses(), good, "", 0, ErrProxyLogin, "- Negotiate", ""},
		{"no ticket", refuses(basicOffer), func(*atomic.Int32) tickets { return noTicket }, "", 1, nil, "- Basic", "Basic"},
		{"no ticket, and nothing else", refuses(), func(*atomic.Int32) tickets { return noTicket }, "", 0, ErrProxyTicket, "-", ""},
		{"broken ticket", refuses(basicOffer), func(*atomic.Int32) tickets {
			return func(context.Context, string) (*pass, error) {
				return &pass{time.Now().Add(time.Hour), func() ([]byte, error) { return nil, errNoMore }}, nil
			}
		}, "", 1, nil, "- Basic", "Basic"},
		{"endless ticket", refuses(basicOffer), func(*atomic.Int32) tickets {
			return func(context.Context, string) (*pass, error) {
				return &pass{time.Now().Add(time.Hour), func() ([]byte, error) { return make([]byte, maxToken+1), nil }}, nil
			}
		}, "", 1, nil, "- Basic", "Basic"},
		{"not offered", func(req *http.Request, _ *string) string {
			if req.Header.Get("Proxy-Authorization") == basicOf("ann", "s3cret: x") {
				return ""
			}
			return want407(basicOffer)
		}, good, "", 1, nil, "- Basic", "Basic"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clear(seen)
			p := newHTTPProxy(t, service.addr(), tt.allow)
			asked := 0
			cfg := Config{Service: serviceName + ":443", Proxies: typed(t, tt.login+"P.test.:3128"), Ask: func(context.Context, ProxyLogin) (string, string, error) {
				asked++
				return "ann", "s3cret: x", nil
			}}
			d := newDialer(t, cfg, wires{"P.test.:3128": to(p.addr()), "p.test.:3128": to(p.addr())})
			var fetched atomic.Int32
			d.logins.tickets = tt.tickets(&fetched)
			c, err := d.DialContext(inTime(t), "tcp", serviceName+":443")
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if got := schemes(p.asked()); got != tt.seen {
				t.Errorf("proxy saw %q, want %q", got, tt.seen)
			}
			if asked != tt.asked {
				t.Errorf("asked %d times, want %d", asked, tt.asked)
			}
			if err != nil {
				return
			}
			echo(t, c, ca.pool())
			before := len(p.asked())
			if c, err = d.DialContext(inTime(t), "tcp", serviceName+":443"); err != nil {
				t.Fatal(err)
			}
			echo(t, c, ca.pool())
			if got := schemes(p.asked()[before:]); got != tt.seenAgain {
				t.Errorf("then it saw %q, want %q", got, tt.seenAgain)
			}
			if n := fetched.Load(); n > 1 {
				t.Errorf("%d tickets fetched", n)
			}
		})
	}
}

func typed(t *testing.T, proxy string) Finder {
	t.Helper()
	f, err := Typed(proxy)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestOldTicket: a proxy that no longer takes the ticket of before gets a new one, once.
func TestOldTicket(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	var fetched atomic.Int32
	var least atomic.Int32 // the number of tickets after which the proxy takes one
	p := newHTTPProxy(t, service.addr(), func(req *http.Request, _ *string) string {
		if req.Header.Get("Proxy-Authorization") != "" && fetched.Load() >= least.Load() {
			return ""
		}
		return want407("Negotiate")
	})
	d := newDialer(t, Config{Service: serviceName + ":443", Proxies: typed(t, "p.test:3128")}, wires{"p.test:3128": to(p.addr())})
	d.logins.tickets = ticketsOf(time.Hour, &fetched)
	for i, tt := range []struct {
		least int32
		want  error
		seen  string
	}{
		{0, nil, "- Negotiate"},
		{2, nil, "Negotiate Negotiate"},
		{9, ErrProxyLogin, "Negotiate Negotiate"},
		{0, nil, "- Negotiate"}, // the next race tries again
	} {
		least.Store(tt.least)
		before := len(p.asked())
		c, err := d.DialContext(inTime(t), "tcp", serviceName+":443")
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Fatalf("%d: %v, want %v", i, err, tt.want)
		}
		if err == nil {
			_ = c.Close()
		}
		if got := schemes(p.asked()[before:]); got != tt.seen {
			t.Errorf("%d: proxy saw %q, want %q", i, got, tt.seen)
		}
	}
}

// TestSlowTicket: a KDC that does not answer costs three seconds for all ways of a race.
func TestSlowTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLogins(nil)
		defer l.close()
		var fetched atomic.Int32
		l.tickets = func(ctx context.Context, _ string) (*pass, error) {
			fetched.Add(1)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		p := Proxy{Kind: HTTP, Addr: "p.test:3128"}
		began := time.Now()
		done := make(chan error)
		for range 3 {
			go func() {
				_, err := l.pass(t.Context(), 1, p)
				done <- err
			}()
		}
		for range 3 {
			if err := <-done; !errors.Is(err, errNoTicket) {
				t.Error(err)
			}
		}
		if took := time.Since(began); took != ticketTime || fetched.Load() != 1 {
			t.Errorf("%v, %d times", took, fetched.Load())
		}
		if _, err := l.pass(t.Context(), 1, p); !errors.Is(err, errNoTicket) || fetched.Load() != 1 {
			t.Errorf("%v, %d times", err, fetched.Load())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.pass(ctx, 2, p); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestTicketHost(t *testing.T) {
	for addr, want := range map[string]string{
		"proxy.example.com:3128": "proxy.example.com", "Proxy.Example.COM.:80": "proxy.example.com", "localhost:1": "localhost",
		"192.0.2.1:3128": "", "[2001:db8::1]:3128": "", "a/b:1": "", "nothing": "",
	} {
		got, err := ticketHost(Proxy{Kind: HTTP, Addr: addr})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", addr, got, err)
		}
	}
}
