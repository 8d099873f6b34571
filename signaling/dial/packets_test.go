package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/dial/stun"
)

// onLoopback is where the service itself is on this computer.
var onLoopback = Config{Service: "127.0.0.1:443"}

// greeted checks that there is a relay at the end of c.
func greeted(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := (talk{c, true}).greet(); err != nil {
		t.Errorf("the relay does not answer: %v", err)
	}
}

// TestPackets reaches a relay that has one address that works among some that do not.
func TestPackets(t *testing.T) {
	four, six := startRelay(t, "127.0.0.1:0", "127.0.0.1:0"), startRelay(t, "[::1]:0")
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0") // a port that is dropped on the way
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	dead := silent.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	v4, v6 := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")
	nowhere := netip.MustParseAddr("2001:db8::1")
	for _, tt := range []struct {
		name  string
		host  string
		addrs []netip.Addr
		ports []uint16
		relay *relayService
	}{
		{"name, IPv4", "relay.test", []netip.Addr{v4}, four.ports, four},
		{"name, IPv6 only", "relay.test", []netip.Addr{v6}, six.ports, six},
		{"literal IPv6", "::1", nil, six.ports, six},
		{"both, only IPv4 is served", "relay.test", []netip.Addr{v4, v6}, four.ports, four},
		{"both, IPv6 leads nowhere", "relay.test", []netip.Addr{nowhere, v4}, four.ports, four},
		{"first port is blocked", "relay.test", []netip.Addr{v4}, []uint16{dead, four.ports[1]}, four},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDialer(t, onLoopback, nil)
			d.lookup = func(context.Context, string, string) ([]netip.Addr, error) { return tt.addrs, nil }
			c, err := d.openPackets(inTime(t), tt.host, tt.ports)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			greeted(t, c)
			at := c.RemoteAddr().(*net.UDPAddr).AddrPort()
			if !c.settled || len(c.to) != 1 || at.Port() == dead {
				t.Errorf("keeps to %v", c.to)
			}
			// From here on nobody else is heard, and nobody else spoken to.
			if at.Addr().Is4() {
				to := netip.AddrPortFrom(v4, c.LocalAddr().(*net.UDPAddr).AddrPort().Port())
				if _, err := silent.WriteTo([]byte("I am the relay"), net.UDPAddrFromAddrPort(to)); err != nil {
					t.Fatal(err)
				}
				_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
				if n, err := c.Read(make([]byte, 100)); err == nil {
					t.Errorf("heard %d bytes of a stranger", n)
				}
			}
		})
	}
}

// TestFirstAnswerCostsNothingMore counts who gets packets while the first address answers.
func TestFirstAnswerCostsNothingMore(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0")
	second, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	d := newDialer(t, onLoopback, nil)
	c, err := d.openPackets(inTime(t), "127.0.0.1", []uint16{r.ports[0], second.LocalAddr().(*net.UDPAddr).AddrPort().Port()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		greeted(t, c)
	}
	_ = second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, _, err := second.ReadFrom(make([]byte, 100)); err == nil {
		t.Errorf("the second address got %d bytes", n)
	}
}

func TestPacketFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		noUDP bool
		addrs []netip.Addr
		err   error
		want  error
	}{
		{"turned off", true, nil, nil, ErrConnect},
		{"unknown name", false, nil, &net.DNSError{Name: "relay.test", IsNotFound: true}, ErrDNS},
		{"no address", false, nil, nil, ErrDNS},
	} {
		d := newDialer(t, Config{NoUDP: tt.noUDP}, nil)
		d.lookup = func(context.Context, string, string) ([]netip.Addr, error) { return tt.addrs, tt.err }
		if c, err := d.openPackets(inTime(t), "relay.test", []uint16{443}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, c, err, tt.want)
		}
	}
}

// TestRelaysOfALink checks what a link is told of two relays.
func TestRelaysOfALink(t *testing.T) {
	list := []signaling.Relay{
		{URL: "turn:a.test:443?transport=udp&ways=tls,ws,tcp&ports=80", Username: "u", Credential: "c", Name: "own"},
		{URL: "turn:b.test:3478?transport=udp", Username: "v", Credential: "d", Name: "coturn"},
		{URL: "turns:b.test:5349?transport=tcp", Username: "v", Credential: "d", Name: "coturn"},
		{URL: "turn:c.test:1?transport=tcp", Username: "w", Credential: "e", Name: "tcp"},
	}
	for _, tt := range []struct {
		noUDP bool
		want  string
	}{
		{false, "turn:a.test:443?transport=udp turn:a.test:443?transport=tcp turn:b.test:3478?transport=udp " +
			"turn:b.test:3478?transport=tcp turn:c.test:1?transport=tcp"},
		{true, "turn:a.test:443?transport=tcp turn:b.test:3478?transport=tcp turn:c.test:1?transport=tcp"},
	} {
		d := newDialer(t, Config{NoUDP: tt.noUDP}, nil)
		r, err := d.Relays(list)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range r.List() {
			got = append(got, e.URL)
			if e.Username == "" || e.Credential == "" {
				t.Errorf("%s has no credentials", e.URL)
			}
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("UDP off %v: %s", tt.noUDP, text)
		}
		if _, err := r.DialContext(inTime(t), "tcp", "d.test:443"); !errors.Is(err, ErrAddress) {
			t.Errorf("a relay that is not of this link: %v", err)
		}
		if c, err := r.DialPackets(inTime(t), "c.test:1"); err == nil || c != nil {
			t.Errorf("packets to a relay that takes none: %v, %v", c, err)
		}
	}
	if _, err := newDialer(t, Config{}, nil).Relays([]signaling.Relay{{URL: "http://a.test"}}); !errors.Is(err, ErrAddress) {
		t.Errorf("no relay's URL: %v", err)
	}
}

// TestMeasure measures a relay that answers packets, one that is only reached by TCP, and a dead one.
func TestMeasure(t *testing.T) {
	udp, tcp := startRelay(t, "127.0.0.1:0"), startRelay(t, "127.0.0.1:0")
	gone, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	list := []signaling.Relay{udp.named("127.0.0.1"), tcp.named("127.0.0.1"), tcp.named("127.0.0.1")}
	list[0].Name, list[1].Name, list[2].Name = "udp", "tcp", "dead"
	list[1].URL = "turn:" + tcp.Addr().String() + "?transport=tcp"
	list[2].URL = "turn:" + gone.Addr().String() + "?transport=udp&ways=tcp"
	d := newDialer(t, onLoopback, nil)
	got := d.Measure(inTime(t), list)
	if len(got) != 3 || got[0].Name != "udp" || got[0].Took <= 0 || got[1].Took <= 0 || got[2].Took != 0 {
		t.Errorf("measured %v", got)
	}
	if took := got[0].Took + got[1].Took; took > time.Second {
		t.Errorf("on loopback it took %v", took)
	}
	_ = udp.Close() // measured not long ago: nobody is asked again
	if again := d.Measure(inTime(t), list); again[0] != got[0] {
		t.Errorf("measured again: %v", again[0])
	}
	if one := d.Measure(inTime(t), list[:1]); one != nil {
		t.Errorf("one relay was measured: %v", one)
	}
	d.bestTook = 2 * slowLine
	if slow := d.Measure(inTime(t), list); slow != nil {
		t.Errorf("measured over a slow line: %v", slow)
	}
}

// TestStrangersAnswers has somebody else answer, and garbage come in, while a relay is asked.
func TestStrangersAnswers(t *testing.T) {
	relay, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2000)
		n, from, err := relay.ReadFrom(buf)
		if err != nil {
			return
		}
		for _, p := range [][]byte{{}, []byte("HTTP/1.1 200 OK"), stun.Allocate(stun.NewID(), nil), buf[:n]} {
			_, _ = relay.WriteTo(p, from)
		}
		answer := append([]byte{1, 0x13}, buf[2:20]...) // an error
		answer[2], answer[3] = 0, 8
		_, _ = relay.WriteTo(append(answer, 0, 9, 0, 4, 0, 0, 4, 1), from)
	}()
	d := newDialer(t, onLoopback, nil)
	c, err := d.openPackets(inTime(t), "127.0.0.1", []uint16{relay.LocalAddr().(*net.UDPAddr).AddrPort().Port()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	greeted(t, c)
	<-done
}

// TestNoRelayOnThisComputer names addresses as relays that would make the app speak with this computer's own services.
func TestNoRelayOnThisComputer(t *testing.T) {
	spoken := make(chan string, 100)
	own := serve(t, func(c net.Conn) {
		buf := make([]byte, 100)
		if n, _ := c.Read(buf); n > 0 {
			spoken <- string(buf[:n])
		}
	})
	packets, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(own.port())})
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	port := own.port()
	for _, tt := range []struct {
		host string
		addr string // of the name; "" for a literal
	}{
		{"127.0.0.1", ""}, {"127.1.2.3", ""}, {"::1", ""}, {"::ffff:127.0.0.1", ""}, {"0.0.0.0", ""}, {"::", ""},
		{"169.254.169.254", ""}, {"fe80::1", ""}, {"224.0.0.1", ""}, {"localhost", "127.0.0.1"}, {"relay.evil.example", "127.0.0.1"},
		{"relay.evil.example", "::ffff:127.0.0.1"}, {"relay.evil.example", "169.254.169.254"},
	} {
		d := newDialer(t, Config{Service: "support.example.com"}, wires{
			net.JoinHostPort(tt.host, strconv.Itoa(int(port))): to(own.addr()), // whatever it is called, it leads here
		})
		d.lookup = func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(tt.addr)}, nil
		}
		r := signaling.Relay{URL: "turn:" + net.JoinHostPort(tt.host, strconv.Itoa(int(port))) + "?ways=tls,ws,tcp"}
		for _, w := range d.RelayWays(inTime(t), r) {
			if a := d.TryRelay(inTime(t), w, r); !errors.Is(a.Err, ErrConnect) {
				t.Errorf("%s, %v: %v", tt.host, w, a.Err)
			}
		}
	}
	_ = packets.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, _, err := packets.ReadFrom(make([]byte, 100)); err == nil {
		t.Errorf("%d bytes were sent by UDP", n)
	}
	own.close()
	close(spoken)
	for text := range spoken {
		t.Errorf("%q was said", text)
	}
}
