package dial

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/relay"
)

// relayService is a real relay on ports of loopback, with a page for WebSockets.
type relayService struct {
	*relay.Server
	ports []uint16
	ca    *authority
}

// startRelay starts a relay that listens on these addresses.
func startRelay(t testing.TB, addrs ...string) *relayService {
	t.Helper()
	ca := newAuthority(t, "Service")
	s, err := relay.New(relay.Config{
		Addr: addrs[0], Also: addrs[1:], PublicIP: netip.MustParseAddr("192.0.0.8"), TLS: ca.good(t), Secret: []byte("sixteen bytes at least"),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &relayService{Server: s, ca: ca}
	for _, a := range s.Addrs() {
		r.ports = append(r.ports, a.Port())
	}
	h := &http.Server{ReadHeaderTimeout: time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path == signaling.RelayPath {
				s.ServeHTTP(w, q)
				return
			}
			http.NotFound(w, q)
		})}
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Serve(s.HTTP()) }()
	t.Cleanup(func() {
		_ = h.Close()
		<-done
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *relayService) named(host string) signaling.Relay {
	user, password := r.Credentials("somebody", time.Minute)
	return signaling.Relay{URL: r.URL(host), Username: user, Credential: password}
}

// dialer returns a dialer whose network has the relay under the service's name.
func (r *relayService) dialer(t testing.TB, cfg Config, more wires) *Dialer {
	t.Helper()
	w := wires{}
	for _, a := range r.Addrs() {
		w[net.JoinHostPort(serviceName, strconv.Itoa(int(a.Port())))] = to(a.String())
	}
	for at, dial := range more {
		w[at] = dial
	}
	if cfg.TLS == nil {
		cfg.TLS = clientTLS(r.ca)
	}
	if cfg.Ports == nil {
		cfg.Ports = r.ports
	}
	d := newDialer(t, cfg, w)
	d.lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{r.Addr().Addr()}, nil
	}
	return d
}

// carriesOf says which carries are among ways, and at how many ports each.
func carriesOf(ways []Way) string {
	count := map[Carry]int{}
	for _, w := range ways {
		count[w.Carry]++
	}
	return fmt.Sprint(count[Signaling], count[TURNUDP], count[TURNTCP], count[TURNTLS], count[TURNWS])
}

// TestEachWayAlone tries every way to a service with a relay on two ports, one after the other.
func TestEachWayAlone(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0", "127.0.0.1:0")
	d := r.dialer(t, Config{}, nil)
	ways := d.Ways(inTime(t))
	if got := carriesOf(ways); got != "2 2 2 2 2" {
		t.Fatalf("ways: %s: %v", got, ways)
	}
	named := r.named(serviceName)
	if got := carriesOf(d.RelayWays(inTime(t), named)); got != "0 2 2 2 2" {
		t.Errorf("ways to the relay that was named: %s", got)
	}
	wrong := named
	wrong.Credential = "wrong"
	for _, w := range ways {
		if w.Carry == Signaling {
			if a := d.Try(inTime(t), w); a.Err != nil || a.Way != w || a.Took <= 0 {
				t.Errorf("%v: %+v", w, a)
			}
			continue
		}
		for _, tt := range []struct {
			name  string
			relay signaling.Relay
			want  error
		}{
			{"asked only", signaling.Relay{}, nil}, {"named", named, nil}, {"wrong credentials", wrong, ErrRelayLogin},
		} {
			if a := d.TryRelay(inTime(t), w, tt.relay); !errors.Is(a.Err, tt.want) || a.Way != w {
				t.Errorf("%v, %s: %v, want %v", w, tt.name, a.Err, tt.want)
			}
		}
	}
	for deadline := time.Now().Add(5 * time.Second); r.Allocations() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d allocations were not given back", r.Allocations())
		}
	}
}

// TestWaysThatFail names what is at the end of a way that leads to no relay.
func TestWaysThatFail(t *testing.T) {
	ca := newAuthority(t, "Service")
	https := serviceTLS(t, ca.good(t)) // repeats what it hears, and has no page for WebSockets
	talker := serve(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 mail.example ESMTP ready\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	d := newDialer(t, Config{Ports: []uint16{443, 80}, TLS: clientTLS(ca)}, wires{
		serviceName + ":443": to(https.addr()), serviceName + ":80": to(talker.addr()),
	})
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	d.lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	for _, tt := range []struct {
		way  Way
		want error
	}{
		{Way{Port: 443, Carry: TURNTLS}, ErrRelayReply}, // its own question is no answer
		{Way{Port: 443, Carry: TURNWS}, ErrRelayReply},
		{Way{Port: 80, Carry: TURNTCP}, ErrRelayReply},
		{Way{Port: 80, Carry: TURNTLS}, ErrNotTLS},
		{Way{Port: 8200, Carry: TURNTCP}, ErrRefused},
		{Way{Port: silent.LocalAddr().(*net.UDPAddr).AddrPort().Port(), Carry: TURNUDP}, ErrTimeout},
		{Way{Port: 443}, ErrConnect}, // is no way to a relay
	} {
		if a := d.TryRelay(inTime(t), tt.way, signaling.Relay{}); !errors.Is(a.Err, tt.want) {
			t.Errorf("%v: %v, want %v", tt.way, a.Err, tt.want)
		}
	}
	if a := d.Try(inTime(t), Way{Port: 443, Carry: TURNTLS}); !errors.Is(a.Err, ErrConnect) {
		t.Errorf("a relay's way to the service: %v", a.Err)
	}
}

// speaks checks that c leads to the relay: it answers once more. The first greeting it need not hear, see answered.
func speaks(t testing.TB, c net.Conn) {
	t.Helper()
	defer c.Close()
	if _, ok := c.LocalAddr().(*net.TCPAddr); !ok {
		t.Errorf("local address is a %T", c.LocalAddr())
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	for range 2 {
		if _, err := (talk{conn: c}).greet(); err != nil {
			t.Errorf("the relay does not answer: %v", err)
		}
	}
}

// carried is what relay was reached by.
func carriedBy(d *Dialer) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.carried {
		return w.Proxy.Kind.String() + " " + w.Carry.String() + " " + strconv.Itoa(int(w.Port))
	}
	return "none"
}

func only(r *relayService, port int, carry Carry) string {
	return fmt.Sprintf("%v %d", carry, r.ports[port])
}

// onlyHTTP is a device that opens TLS and lets nothing but HTTP through.
func onlyHTTP(t testing.TB, r *relayService, ca *authority) *server {
	return serve(t, func(c net.Conn) {
		outer := tls.Server(c, ca.good(t))
		head := make([]byte, 4)
		if _, err := io.ReadFull(outer, head); err != nil || string(head) != "GET " {
			_, _ = io.WriteString(outer, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			return
		}
		raw, err := net.Dial("tcp", r.Addr().String())
		if err != nil {
			return
		}
		inner := tls.Client(raw, &tls.Config{RootCAs: r.ca.pool(), ServerName: serviceName})
		_, _ = inner.Write(head)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = io.Copy(inner, outer); _ = inner.Close() })
		_, _ = io.Copy(outer, inner)
		_ = outer.Close()
		wg.Wait()
	})
}

// TestOneWayIsEnough closes every way but one, and sees the race end there.
func TestOneWayIsEnough(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0")
	at := func(i int) string { return net.JoinHostPort(serviceName, strconv.Itoa(int(r.ports[i]))) }
	company := newAuthority(t, "Company")
	opened := onlyHTTP(t, r, company)
	both := clientTLS(r.ca)
	both.RootCAs.AddCert(company.cert) // as a company's administrators do
	silentTLS := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	notTLS := serve(t, func(c net.Conn) { // lets TURN in clear text through, and TLS not
		head := make([]byte, 1)
		if _, err := io.ReadFull(c, head); err == nil && head[0] < 4 {
			pipe(c, io.MultiReader(bytes.NewReader(head), c), r.Addr().String())
		}
	})
	httpProxy := newHTTPProxy(t, r.Addr().String(), allowAll)
	socks := socksProxy(t, r.Addr().String(), "", "", 0)
	for _, tt := range []struct {
		name    string
		cfg     Config
		network wires
		want    string
	}{
		{"all open", Config{}, nil, "direct " + only(r, 0, TURNTLS)},
		{"second port only", Config{}, wires{at(0): fails(errRefused), at(2): hang}, "direct " + only(r, 1, TURNTLS)},
		{"third port only", Config{}, wires{at(0): hang, at(1): hang}, "direct " + only(r, 2, TURNTLS)},
		{"TLS is opened on the way", Config{TLS: both}, wires{at(0): to(opened.addr()), at(1): hang, at(2): hang}, "direct " + only(r, 0, TURNWS)},
		{"no TLS", Config{}, wires{at(0): to(notTLS.addr()), at(1): to(silentTLS.addr()), at(2): hang}, "direct " + only(r, 0, TURNTCP)},
		{"HTTP proxy", Config{Proxies: found(t, "http://"+httpProxy.addr())},
			wires{at(0): hang, at(1): hang, at(2): fails(errRefused), httpProxy.addr(): to(httpProxy.addr())}, "http " + only(r, 0, TURNTLS)},
		{"SOCKS proxy", Config{Proxies: found(t, "socks5://"+socks.addr())},
			wires{at(0): hang, at(1): hang, at(2): hang, socks.addr(): to(socks.addr())}, "socks5 " + only(r, 0, TURNTLS)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := r.dialer(t, tt.cfg, tt.network)
			list, err := d.Relays([]signaling.Relay{r.named(serviceName)})
			if err != nil {
				t.Fatal(err)
			}
			c, err := list.DialContext(inTime(t), "tcp", at(0))
			if err != nil {
				t.Fatal(err)
			}
			speaks(t, c)
			if got := carriedBy(d); got != tt.want {
				t.Errorf("reached by %s, want %s", got, tt.want)
			}
			before := len(d.Attempts())
			again, err := list.DialContext(inTime(t), "tcp", at(0))
			if err != nil {
				t.Fatal(err)
			}
			speaks(t, again)
			if more := d.Attempts()[before:]; len(more) != 1 || more[0].Err != nil {
				t.Errorf("the second time %v were tried", more)
			}
		})
	}
}

// TestServicesWayFirst finds the service on its second port, through a proxy, and then the relay where the service was.
func TestServicesWayFirst(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0", "127.0.0.1:0")
	at := func(i int) string { return net.JoinHostPort(serviceName, strconv.Itoa(int(r.ports[i]))) }
	d := r.dialer(t, Config{}, wires{at(0): fails(errRefused)})
	c, err := d.DialTLS(inTime(t), "tcp", at(0))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	before := len(d.Attempts())
	list, err := d.Relays([]signaling.Relay{r.named(serviceName)})
	if err != nil {
		t.Fatal(err)
	}
	relayed, err := list.DialContext(inTime(t), "tcp", at(0))
	if err != nil {
		t.Fatal(err)
	}
	speaks(t, relayed)
	if more := d.Attempts()[before:]; len(more) != 1 || more[0].Way != (Way{Port: r.ports[1], Carry: TURNTLS}) {
		t.Errorf("tried %v", more)
	}
	if w, ok := d.Best(); !ok || w.Carry != Signaling {
		t.Errorf("the way to the service is now %v", w)
	}
}

// TestNothingInClearText listens on the line: TLS and WebSocket say neither what they are nor for whom.
func TestNothingInClearText(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0")
	var mu sync.Mutex
	var heard bytes.Buffer
	line := serve(t, func(c net.Conn) {
		pipe(c, io.TeeReader(c, writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return heard.Write(p)
		})), r.Addr().String())
	})
	d := r.dialer(t, Config{}, wires{net.JoinHostPort(serviceName, strconv.Itoa(int(r.ports[0]))): to(line.addr())})
	cookie := []byte{0x21, 0x12, 0xa4, 0x42}
	for carry, clear := range map[Carry]bool{TURNTLS: false, TURNWS: false, TURNTCP: true} {
		heard.Reset()
		if a := d.TryRelay(inTime(t), Way{Port: r.ports[0], Carry: carry}, r.named(serviceName)); a.Err != nil {
			t.Fatal(a.Err)
		}
		mu.Lock()
		if heard.Len() == 0 {
			t.Errorf("%v: nothing heard", carry)
		}
		for _, word := range [][]byte{cookie, []byte("somebody"), []byte(signaling.RelayPath)} {
			if bytes.Contains(heard.Bytes(), word) && !clear {
				t.Errorf("%v: %q is on the line", carry, word)
			}
		}
		if clear && !bytes.Contains(heard.Bytes(), cookie) {
			t.Errorf("%v: the test hears nothing of TURN even where it is in clear text", carry)
		}
		mu.Unlock()
	}
}

func clientTLS(ca *authority) *tls.Config { return &tls.Config{RootCAs: ca.pool()} }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestParseRelay(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"turn:a.example:443?transport=udp", "turn/udp 443"},
		{"turn:a.example:3478", "turn/udp 3478"},
		{"turn:[2001:db8::1]:80?transport=tcp", "turn/tcp 80"},
		{"turns:a.example:5349?transport=tcp", "turn/tls 5349"},
		{"turns:a.example:443?transport=ws", "turn/ws 443"},
		{"turn:a.example:443?transport=udp&ways=tls,ws,tcp&ports=80,8200",
			"turn/udp 443, turn/tls 443, turn/ws 443, turn/tcp 443, turn/udp 80, turn/tls 80, turn/ws 80, turn/tcp 80, turn/udp 8200, turn/tls 8200, turn/ws 8200, turn/tcp 8200"},
		{"turn:a.example:443?ways=quic", ""}, {"turn:a.example:0", ""}, {"turn:a.example", ""}, {"stun:a.example:443", ""},
		{"turn:a b:443", ""}, {"turn:a:443?ports=1,2,3,4,5,6,7,8", ""}, {"turns:a:443?transport=udp", ""}, {"", ""},
	} {
		got, err := parseRelay(signaling.Relay{URL: tt.url})
		var list []string
		for _, s := range got.steps {
			list = append(list, fmt.Sprintf("%v %d", s.carry, s.port))
		}
		if text := strings.Join(list, ", "); text != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q: %s, %v", tt.url, text, err)
		}
		if (CheckRelay(tt.url) == nil) != (tt.want != "") {
			t.Errorf("CheckRelay(%q) says otherwise", tt.url)
		}
	}
}

func FuzzParseRelay(f *testing.F) {
	f.Add("turn:a.example:443?transport=udp&ways=tls,ws,tcp&ports=80,8200")
	f.Add("turns:[::1]:1?transport=tcp&ports=,")
	f.Fuzz(func(t *testing.T, url string) {
		got, err := parseRelay(signaling.Relay{URL: url})
		if err == nil && (got.host == "" || len(got.steps) == 0 || len(got.steps) > maxSteps || slices.Contains(got.ports(), 0)) {
			t.Errorf("%q was taken as %+v", url, got)
		}
	})
}
