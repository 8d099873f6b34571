package diag

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"assist/signaling"
	"assist/signaling/client"
	"assist/signaling/dial"
	"assist/signaling/dial/system"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const host = "support.example"

// scene is a network of a test.
type scene struct {
	ways    []dial.Way
	found   []dial.Found
	fails   func(dial.Way) error // nil: nothing does
	relays  []signaling.Relay
	hello   error
	date    time.Duration // the service's clock, from now
	page    string        // head of what port 80 answers; "": nothing
	names   error
	nowhere bool // no address
	v6dead  bool
}

var _ Network = (*scene)(nil)

func (s *scene) Ways(context.Context) []dial.Way { return s.ways }
func (s *scene) Found() []dial.Found             { return s.found }

func (s *scene) RelayWays(_ context.Context, r signaling.Relay) []dial.Way {
	carry := dial.TURNTLS
	if strings.Contains(r.URL, "udp") {
		carry = dial.TURNUDP
	}
	return []dial.Way{{Port: 443, Carry: carry}}
}

func (s *scene) Try(ctx context.Context, w dial.Way) dial.Attempt {
	a := dial.Attempt{Way: w, When: time.Now(), Took: time.Millisecond}
	if s.fails != nil {
		a.Err = s.fails(w)
	}
	if errors.Is(a.Err, errHangs) {
		<-ctx.Done()
		a.Err = fmt.Errorf("%w: %w", dial.ErrTimeout, ctx.Err())
	}
	return a
}

func (s *scene) TryRelay(ctx context.Context, w dial.Way, r signaling.Relay) dial.Attempt {
	if strings.Contains(r.URL, "dead") {
		return dial.Attempt{Way: w, Err: dial.ErrTimeout}
	}
	return s.Try(ctx, w)
}

var errHangs = errors.New("hangs")

// DialTLS leads to a service that says what time it is.
func (s *scene) DialTLS(context.Context, string, string) (net.Conn, error) {
	return answering("HTTP/1.1 404 Not Found\r\nDate: " + time.Now().Add(s.date).UTC().Format(http.TimeFormat) + "\r\nContent-Length: 0\r\n\r\n"), nil
}

// answering is a connection to somebody who answers any question with text.
func answering(text string) net.Conn {
	here, there := net.Pipe()
	go func() {
		defer there.Close()
		if _, err := http.ReadRequest(bufio.NewReader(there)); err == nil {
			_, _ = there.Write([]byte(text))
		}
	}()
	return here
}

func (s *scene) config() Config {
	return Config{
		Service: host, Network: s, OwnRoots: true, Program: "test",
		lookup: func(context.Context, string) ([]netip.Addr, error) {
			list := []netip.Addr{netip.MustParseAddr("192.0.2.1")}
			if s.v6dead {
				list = append(list, netip.MustParseAddr("2001:db8::1"))
			}
			return list, s.names
		},
		addresses: func() ([]net.Addr, error) {
			list := []net.Addr{&net.IPNet{IP: net.IPv4(127, 0, 0, 1), Mask: net.CIDRMask(8, 32)}}
			if !s.nowhere {
				list = append(list, &net.IPNet{IP: net.IPv4(192, 0, 2, 7), Mask: net.CIDRMask(24, 32)})
			}
			return list, nil
		},
		connect: func(_ context.Context, network, addr string) (net.Conn, error) {
			switch {
			case network == "tcp6":
				return nil, os.ErrDeadlineExceeded
			case strings.HasSuffix(addr, ":80") && s.page == "":
				return nil, os.ErrDeadlineExceeded
			}
			return answering(s.page), nil
		},
		greet: func(context.Context) ([]signaling.Relay, func(), error) { return s.relays, func() {}, s.hello },
	}
}

var squid = dial.Proxy{Kind: dial.HTTP, Addr: "proxy.example:3128", User: "ann", Password: "swordfish"}

// usual are the direct ways, and those through a proxy.
func usual(proxied bool) (list []dial.Way) {
	for _, port := range dial.Ports {
		list = append(list, dial.Way{Port: port})
		if proxied {
			list = append(list, dial.Way{Port: port, Proxy: squid, Source: dial.Environment})
		}
	}
	for _, port := range dial.Ports {
		list = append(list, dial.Way{Port: port, Carry: dial.TURNUDP}, dial.Way{Port: port, Carry: dial.TURNTLS})
		if proxied {
			list = append(list, dial.Way{Port: port, Carry: dial.TURNTLS, Proxy: squid})
		}
	}
	return list
}

// relay is one of the service's.
func relay(name, query string) signaling.Relay {
	return signaling.Relay{URL: "turn:" + name + ":443?transport=" + query, Username: "1790000000:abcdef", Credential: "relaysecret", Name: name}
}

// everywhere fails on every way; directly on the ways without a proxy, and proxied on the others.
func everywhere(err error) func(dial.Way) error { return func(dial.Way) error { return err } }

func split2(direct, proxied error) func(dial.Way) error {
	return func(w dial.Way) error {
		if w.Proxy.Kind == dial.Direct {
			return direct
		}
		return proxied
	}
}

func carrying(c dial.Carry, err error) func(dial.Way) error {
	return func(w dial.Way) error {
		if w.Carry == c {
			return err
		}
		return nil
	}
}

func wrap(err error, more string) error { return fmt.Errorf("%w: %s", err, more) }

const (
	away  = "HTTP/1.1 302 Found\r\nLocation: http://hotel.example/login\r\nContent-Length: 0\r\n\r\n"
	plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
)

// TestVerdicts plants each fault and looks what the report makes of it.
func TestVerdicts(t *testing.T) {
	two := []signaling.Relay{relay("one.example", "udp"), relay("one.example", "tcp")}
	notFound := &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	silent := &net.DNSError{Err: "i/o timeout", Name: host, IsTimeout: true}
	found := func(source dial.Source, err error) []dial.Found {
		return []dial.Found{{Source: source, Where: "http://ann:swordfish@pac.example/secret/path.pac", Err: err}}
	}
	for _, tt := range []struct {
		name  string
		scene scene
		fault Fault
		notes []Fault
	}{
		{"fine", scene{}, None, nil},
		{"no network", scene{nowhere: true, fails: everywhere(dial.ErrUnreachable)}, NoNetwork, nil},
		{"silent resolver", scene{names: silent, fails: everywhere(dial.ErrDNS)}, NoResolver, nil},
		{"silent resolver, slowly", scene{names: silent, fails: everywhere(dial.ErrTimeout)}, NoResolver, nil},
		{"name unknown", scene{names: notFound, fails: everywhere(dial.ErrDNS)}, NameUnknown, nil},
		{"name unknown, but the proxy knows it", scene{ways: usual(true), names: notFound, fails: split2(dial.ErrDNS, nil), found: nil}, None, nil},
		{"clock wrong", scene{fails: everywhere(dial.ErrClock)}, ClockWrong, nil},
		{"clock a bit off", scene{date: time.Hour}, None, []Fault{ClockOff}},
		{"blocked", scene{fails: everywhere(dial.ErrTimeout)}, PortsBlocked, nil},
		{"blocked, and hanging", scene{fails: everywhere(errHangs)}, PortsBlocked, nil},
		{"refused", scene{fails: everywhere(dial.ErrRefused)}, PortsRefused, nil},
		{"one port only", scene{fails: func(w dial.Way) error {
			if w.Port != 8200 {
				return dial.ErrTimeout
			}
			return nil
		}, relays: nil}, None, []Fault{PortsPartly}},
		{"no route", scene{fails: everywhere(dial.ErrUnreachable)}, NoRoute, nil},
		{"cut", scene{fails: everywhere(dial.ErrCut)}, Cut, nil},
		{"captive", scene{fails: everywhere(dial.ErrCaptive), page: away}, Captive, nil},
		{"captive, 443 dead", scene{fails: everywhere(dial.ErrTimeout), page: away}, Captive, nil},
		{"captive, shown for every name", scene{fails: everywhere(dial.ErrTLSName), page: plain}, Captive, nil},
		{"other host", scene{fails: everywhere(dial.ErrTLSName)}, WrongHost, nil},
		{"other program", scene{fails: everywhere(dial.ErrNotTLS)}, OtherAnswers, nil},
		{"IPv6 dead", scene{v6dead: true, page: plain}, None, []Fault{IPv6Broken}},
		{"inspected", scene{fails: everywhere(wrap(dial.ErrTLSInspected, `issued by "Corp CA"`))}, Inspected, nil},
		{"inspected, and a page", scene{fails: everywhere(dial.ErrTLSInspected), page: plain}, Inspected, nil},
		{"inspected on the proxy only", scene{ways: usual(true), fails: split2(nil, dial.ErrTLSInspected)}, None, []Fault{Inspected}},
		{"expired", scene{fails: everywhere(dial.ErrTLSExpired)}, Expired, nil},
		{"untrusted", scene{fails: everywhere(dial.ErrTLSUntrusted)}, Untrusted, nil},
		{"TLS broken", scene{fails: everywhere(dial.ErrTLS)}, TLSBroken, nil},
		{"other", scene{fails: everywhere(dial.ErrConnect)}, Unreachable, nil},
		{"proxy's name", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrDNS)}, PortsBlocked, []Fault{ProxyName}},
		{"proxy closed", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrRefused)}, ProxyClosed, nil},
		{"proxy unreachable", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrUnreachable)}, ProxyNoRoute, nil},
		{"proxy cuts", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrCut)}, ProxyCut, nil},
		{"proxy forbids", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrProxyRefused)}, ProxyForbids, nil},
		{"proxy cannot", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrProxyTarget)}, ProxyCannot, nil},
		{"proxy wants a login", scene{ways: usual(true), fails: split2(dial.ErrTimeout, wrap(dial.ErrProxyLogin, "nobody to ask"))}, ProxyLogin, nil},
		{"proxy refuses a login", scene{ways: usual(true), fails: split2(dial.ErrTimeout, wrap(dial.ErrProxyLogin, "refused (basic)"))}, ProxyLoginWrong, nil},
		{"proxy wants a ticket", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrProxyTicket)}, ProxyTicket, nil},
		{"proxy is none", scene{ways: usual(true), fails: split2(dial.ErrTimeout, dial.ErrProxyReply)}, ProxyNonsense, nil},
		{"only a silent proxy", scene{ways: []dial.Way{{Port: 443, Proxy: squid}}, fails: everywhere(dial.ErrTimeout)}, ProxySilent, nil},
		{"bad proxy, good way", scene{ways: usual(true), fails: split2(nil, dial.ErrProxyRefused)}, None, []Fault{ProxyForbids}},
		{"malformed setting", scene{found: found(dial.Environment, dial.ErrProxyAddress)}, None, []Fault{ProxySetting}},
		{"no script", scene{found: found(dial.PAC, wrap(system.ErrFetch, "status 404"))}, None, []Fault{ScriptMissing}},
		{"no script where none was promised", scene{found: found(dial.WPAD, system.ErrFetch)}, None, nil},
		{"script fails", scene{found: found(dial.PAC, errors.New("pac: too slow"))}, None, []Fault{ScriptBroken}},
		{"script not needed", scene{found: found(dial.PAC, system.ErrUnneeded)}, None, nil},
		{"full", scene{hello: client.ErrFull}, Full, nil},
		{"version", scene{hello: client.ErrVersion}, Version, nil},
		{"service broken", scene{hello: client.ErrService}, Broken, nil},
		{"no WebSocket", scene{hello: client.ErrProtocol}, WebSocketBlocked, nil},
		{"hello lost on the way", scene{hello: &dial.Error{Attempts: []dial.Attempt{{Err: dial.ErrCut}}}}, Cut, nil},
		{"dead relay", scene{relays: []signaling.Relay{relay("dead.example", "udp"), relay("dead.example", "tcp")}}, RelayUnreachable, nil},
		{"one dead relay", scene{relays: append(two, relay("dead.example", "tcp"))}, None, []Fault{RelayPartly}},
		{"relay refuses the pass", scene{relays: two, fails: func(w dial.Way) error {
			if w.Carry != dial.Signaling {
				return dial.ErrRelayLogin
			}
			return nil
		}}, RelayLogin, nil},
		{"relay full", scene{relays: two[1:], fails: carrying(dial.TURNTLS, dial.ErrRelayFull)}, RelayFull, nil},
		{"no relay there", scene{relays: two[1:], fails: carrying(dial.TURNTLS, dial.ErrRelayReply)}, RelayNonsense, nil},
		{"no UDP", scene{relays: two, fails: carrying(dial.TURNUDP, dial.ErrTimeout)}, None, []Fault{UDPBlocked}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &tt.scene
				if s.ways == nil {
					s.ways = usual(false)
				}
				r := Run(t.Context(), s.config())
				if r.Fault != tt.fault || r.Works != (tt.fault == None) || !slices.Equal(r.Notes, tt.notes) {
					t.Errorf("%q and %q, want %q and %q", r.Fault, r.Notes, tt.fault, tt.notes)
					for _, step := range r.Steps {
						t.Logf("%+v", step)
					}
				}
				if r.Took > time.Minute {
					t.Errorf("it took %v", r.Took)
				}
				if b, err := json.Marshal(r); err != nil {
					t.Error(err)
				} else if hasSecret(string(b)) != "" {
					t.Errorf("%q is in the report: %s", hasSecret(string(b)), b)
				}
			})
		})
	}
}

// planted is what must not be in a report.
var planted = []string{"swordfish", "relaysecret", "1790000000:abcdef", "secret/path", "ann:"}

func hasSecret(s string) string {
	for _, p := range planted {
		if strings.Contains(s, p) {
			return p
		}
	}
	return ""
}

// TestNoSecrets plants secrets wherever a report takes its texts from.
func TestNoSecrets(t *testing.T) {
	leak := errors.New("proxy http://ann:swordfish@proxy.example said swordfish at https://ann:x@[2001:db8::1]:1/a")
	relayLeak := fmt.Errorf("relaysecret of 1790000000:abcdef, %w", leak)
	synctest.Test(t, func(t *testing.T) {
		s := &scene{
			ways: usual(true), fails: everywhere(fmt.Errorf("%w: %w", dial.ErrProxyReply, leak)),
			found: []dial.Found{
				{Source: dial.PAC, Where: "http://ann:swordfish@pac.example/secret/path.pac?key=swordfish", Err: leak},
				{Source: dial.Environment, Where: "HTTPS_PROXY", Proxies: []dial.Proxy{squid}},
				{Source: dial.FromFile, Where: "/home/ann/secret/path/assist-proxy.txt", Proxies: []dial.Proxy{squid}},
			},
			relays: []signaling.Relay{relay("one.example", "udp")}, hello: leak, names: leak,
		}
		r := Run(t.Context(), s.config())
		s.fails = carrying(dial.TURNUDP, fmt.Errorf("%w: %w", dial.ErrRelayReply, relayLeak))
		s.hello = nil
		again := Run(t.Context(), s.config())
		for _, r := range []*Report{r, again} {
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if p := hasSecret(string(b)); p != "" {
				t.Errorf("%q is in the report:\n%s", p, b)
			}
			if !strings.Contains(string(b), "assist-proxy.txt") || !strings.Contains(string(b), "http://pac.example") {
				t.Errorf("not said where settings are: %s", b)
			}
		}
	})
}

// TestEveryCause: no cause of package dial is without a fault of its own.
func TestEveryCause(t *testing.T) {
	all := []error{
		dial.ErrDNS, dial.ErrRefused, dial.ErrTimeout, dial.ErrUnreachable, dial.ErrCut, dial.ErrConnect, dial.ErrProxyRefused,
		dial.ErrProxyTarget, dial.ErrProxyLogin, dial.ErrProxyTicket, dial.ErrProxyReply, dial.ErrTLSInspected, dial.ErrTLSUntrusted,
		dial.ErrTLSName, dial.ErrTLSExpired, dial.ErrClock, dial.ErrTLS, dial.ErrNotTLS, dial.ErrCaptive,
		dial.ErrRelayLogin, dial.ErrRelayFull, dial.ErrRelayReply,
	}
	seen := map[Fault]error{}
	for _, cause := range all {
		f := Of(dial.Attempt{Err: fmt.Errorf("%w: more", cause)})
		if f == None || seen[f] != nil || !slices.Contains(Faults(), f) {
			t.Errorf("%v is %q, as is %v", cause, f, seen[f])
		}
		seen[f] = cause
		proxied := Of(dial.Attempt{Err: cause, Way: dial.Way{Proxy: squid}})
		if proxied == None || !slices.Contains(Faults(), proxied) {
			t.Errorf("%v behind a proxy is %q", cause, proxied)
		}
	}
	if OfError(errors.New("another")) != None || OfError(fmt.Errorf("x: %w", &dial.Error{})) != PortsBlocked {
		t.Error("faults of errors")
	}
	if len(Faults()) < 25 {
		t.Errorf("%d faults", len(Faults()))
	}
}

// TestGivenUp: a report that is given up says what was done by then.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s := &scene{ways: usual(true), fails: everywhere(errHangs)}
		r := Run(ctx, s.config())
		if r.Took > 2*time.Second || r.Works || len(r.Steps) < 6 {
			t.Errorf("%v, %d steps", r.Took, len(r.Steps))
		}
	})
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "http://a:b@c/d", "x://", "://@://@", "\xff\x00\u202e" + strings.Repeat("é", 400)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := clean(s)
		if len(c) > maxText+len("…") || strings.ContainsAny(c, "\r\n\x00\u202e") {
			t.Errorf("%q", c)
		}
		if clean(c) != c && len(c) <= maxText {
			t.Errorf("%q becomes %q", c, clean(c))
		}
	})
}
