package relay

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// TestLoopbackIsOutOfReach has a signed-in client send to an echo server on the relay's own machine, through every
// spelling. The relayed address itself is on loopback here, so even permission by address is of no help.
func TestLoopbackIsOutOfReach(t *testing.T) {
	b := start(t, nil)
	echo, err := net.ListenUDP("udp", nil) // all addresses of the machine
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	port := echo.LocalAddr().(*net.UDPAddr).Port

	pc := b.allocate(t, "udp", "somebody")
	for _, ip := range []string{
		"127.0.0.1", "127.0.0.2", "0.0.0.0", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "::1", "::", "255.255.255.255",
		"64:ff9b::7f00:1", "2002:7f00:1::",
	} {
		// An error is a refusal, which is as good as a drop.
		_, _ = pc.WriteTo([]byte("knock"), &net.UDPAddr{IP: net.ParseIP(ip), Port: port})
	}
	// The relay's own port is no relayed address either.
	_, _ = pc.WriteTo([]byte("knock"), net.UDPAddrFromAddrPort(b.Addr()))

	_ = echo.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	buf := make([]byte, 100)
	if n, from, err := echo.ReadFrom(buf); err == nil {
		t.Errorf("the echo server got %q from %v", buf[:n], from)
	}
}

// TestNothingListensOnRelayedAddresses sends to a relayed address from outside the relay.
func TestNothingListensOnRelayedAddresses(t *testing.T) {
	b := start(t, nil)
	x, y := b.allocate(t, "udp", "left"), b.allocate(t, "udp", "right")
	exchange(t, x, y) // and with that a permission for 127.0.0.1
	outside, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	_, _ = outside.WriteTo([]byte("from outside"), x.LocalAddr())
	_ = x.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	buf := make([]byte, 100)
	for {
		n, from, err := x.ReadFrom(buf)
		if err != nil {
			break
		}
		if strings.Contains(string(buf[:n]), "outside") {
			t.Fatalf("%q from %v", buf[:n], from)
		}
	}
}

// TestAllocationsStay takes all places of TCP connections, and more, from the address that others relay from, in every way.
func TestAllocationsStay(t *testing.T) {
	b := start(t, func(c *Config) { c.MaxConns = 8 })
	b.serveHTTP(t)
	left, right := map[string]net.PacketConn{}, b.allocate(t, "udp", "right")
	for _, network := range []string{"tcp", "tls", "ws"} {
		left[network] = b.allocate(t, network, "left-"+network)
	}
	for range 20 {
		c, err := net.Dial("tcp4", b.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	for network, x := range left {
		t.Run(network, func(t *testing.T) { exchange(t, x, right) })
	}
}

func TestWrongCredentials(t *testing.T) {
	b := start(t, nil)
	user, password := b.Credentials("somebody", time.Minute)
	old, oldPassword := b.Credentials("somebody", -time.Second)
	_, otherPassword := b.Credentials("other", time.Minute)
	for _, tt := range []struct{ name, user, password string }{
		{"wrong password", user, "x" + password},
		{"another's password", user, otherPassword},
		{"expired", old, oldPassword},
		{"later expiry", "9999999999:somebody", oldPassword},
		{"no id", strings.Split(user, ":")[0], b.password(strings.Split(user, ":")[0])},
		{"empty id", "9999999999:", b.password("9999999999:")},
		{"no number", "x:y", b.password("x:y")},
		{"negative", "-1:y", b.password("-1:y")},
		{"too long", "9999999999:" + strings.Repeat("y", maxUsername), b.password("9999999999:" + strings.Repeat("y", maxUsername))},
	} {
		for _, network := range []string{"udp", "tls"} {
			if pc, err := b.client(t, network, tt.user, tt.password).Allocate(); err == nil {
				t.Errorf("%s over %s: allocated %v", tt.name, network, pc.LocalAddr())
			}
		}
	}
	if n := b.Allocations(); n != 0 {
		t.Errorf("%d allocations", n)
	}
}

// TestStrangersGetNothing sends requests without credentials by the thousand, and measures the answers.
func TestStrangersGetNothing(t *testing.T) {
	b := start(t, nil)
	c, err := net.Dial("udp4", b.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := func(setters ...stun.Setter) (sent, got int) {
		m := stun.MustBuild(append([]stun.Setter{stun.TransactionID}, setters...)...)
		if _, err := c.Write(m.Raw); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		buf := make([]byte, 2000)
		n, err := c.Read(buf)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
		return len(m.Raw), n
	}
	transport := stun.RawAttribute{Type: stun.AttrRequestedTransport, Value: []byte{17, 0, 0, 0}}
	allocate := stun.NewType(stun.MethodAllocate, stun.ClassRequest)
	for _, tt := range []struct {
		name     string
		answered bool
		setters  []stun.Setter
	}{
		{"allocate", true, []stun.Setter{allocate, transport, stun.Fingerprint}},
		{"bare allocate", false, []stun.Setter{allocate}},
		{"allocate without fingerprint", false, []stun.Setter{allocate, transport}},
		{"binding", false, []stun.Setter{stun.BindingRequest}},
		{"long binding", false, []stun.Setter{stun.BindingRequest, stun.NewSoftware("somebody's program"), stun.Fingerprint}},
		{"permission", false, []stun.Setter{stun.NewType(stun.MethodCreatePermission, stun.ClassRequest), transport, stun.Fingerprint}},
		{"unknown attribute", true, []stun.Setter{allocate, stun.RawAttribute{Type: 0x7fff, Value: make([]byte, 12)}}},
	} {
		sent, got := ask(tt.setters...)
		if (got > 0) != tt.answered {
			t.Errorf("%s: answer of %d bytes", tt.name, got)
		}
		factor := float64(got+ipOverhead) / float64(sent+ipOverhead)
		if got > 0 {
			t.Logf("%s: %d bytes answered with %d, %.2f on the wire", tt.name, sent, got, factor)
		}
		if got > 0 && factor > 1.5 {
			t.Errorf("%s: factor %.2f", tt.name, factor)
		}
	}
	for range 10_000 {
		m := stun.MustBuild(stun.TransactionID, allocate, transport, stun.Fingerprint)
		_, _ = c.Write(m.Raw)
	}
	if n := b.Allocations(); n != 0 {
		t.Errorf("%d allocations for strangers", n)
	}
	b.allocate(t, "udp", "somebody") // and the relay still works
}

func TestQuota(t *testing.T) {
	b := start(t, func(c *Config) { c.MaxAllocations = MaxPerCredential + 2 })
	user, password := b.Credentials("greedy", time.Minute)
	var held []net.PacketConn
	for i := range MaxPerCredential + 1 {
		pc, err := b.client(t, []string{"udp", "tcp"}[i%2], user, password).Allocate()
		if (err == nil) != (i < MaxPerCredential) {
			t.Errorf("allocation %d: %v", i+1, err)
		}
		if err == nil {
			held = append(held, pc)
		}
	}
	b.allocate(t, "udp", "one")
	b.allocate(t, "udp", "two")
	u, p := b.Credentials("three", time.Minute)
	if _, err := b.client(t, "udp", u, p).Allocate(); err == nil {
		t.Error("more allocations than the relay may have")
	}
	_ = held[0].Close() // gives its allocation back
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if pc, err := b.client(t, "udp", user, password).Allocate(); err == nil {
			_ = pc.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a closed allocation still counts")
		}
	}
	for _, pc := range held[1:] {
		_ = pc.Close()
	}
}

func TestNoTCPAllocationsNoReservations(t *testing.T) {
	b := start(t, nil)
	user, password := b.Credentials("somebody", time.Minute)
	if _, err := b.client(t, "tcp", user, password).AllocateTCP(); err == nil {
		t.Error("a TCP allocation was made")
	}
	for _, conf := range []turn.AllocateListenerConfig{
		{Network: "udp4"}, {Network: "udp4", UserID: "a", RequestedPort: 50000}, {Network: "udp6", UserID: "a"},
	} {
		if _, _, err := b.board.AllocatePacketConn(conf); err == nil {
			t.Errorf("%+v was allocated", conf)
		}
	}
}

// TestOutliving checks when an allocation may be kept with credentials that have run out.
func TestOutliving(t *testing.T) {
	b := start(t, nil)
	client := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
	l, err := b.board.add("somebody", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	key := keyAt(client, b.Addr().Port())
	b.board.connected(key, "somebody", l.udp)
	defer b.board.disconnected(key)
	now := time.Now()
	for _, tt := range []struct {
		name    string
		user    string
		method  stun.Method
		created time.Duration // before now
		heard   time.Duration
		from    net.Addr
		want    bool
	}{
		{"in use", "somebody", stun.MethodRefresh, time.Hour, time.Second, client, true},
		{"silent", "somebody", stun.MethodRefresh, time.Hour, 3 * time.Minute, client, false},
		{"new allocation", "somebody", stun.MethodAllocate, time.Hour, time.Second, client, false},
		{"another user", "else", stun.MethodRefresh, time.Hour, time.Second, client, false},
		{"another client", "somebody", stun.MethodRefresh, time.Hour, time.Second, &net.UDPAddr{IP: client.IP, Port: 1}, false},
		{"same port over TCP", "somebody", stun.MethodRefresh, time.Hour, time.Second, &net.TCPAddr{IP: client.IP, Port: 4711}, false},
		{"too long", "somebody", stun.MethodRefresh, 13 * time.Hour, time.Second, client, false},
	} {
		l.created = now.Add(-tt.created)
		l.heard.Store(now.Add(-tt.heard).UnixNano())
		username := fmt.Sprintf("%d:%s", now.Add(-time.Minute).Unix(), tt.user)
		_, _, ok := b.authenticate(&turn.RequestAttributes{Username: username, Realm: "a", SrcAddr: tt.from, Method: tt.method})
		if ok != tt.want {
			t.Errorf("%s: %v", tt.name, ok)
		}
	}
}

// TestOtherRelays lets two switchboards with sockets speak as two relays would.
func TestOtherRelays(t *testing.T) {
	open := func(user string) *leg {
		socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		b := newSwitchboard(Config{PublicIP: netip.MustParseAddr("198.97.190.53"), MaxAllocations: 1,
			Peers: []Peer{{loopback, 1024, 65535}}}) // New would not take loopback
		l, err := b.add(user, socket)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	x, y := open("x"), open("y")
	to := net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(y.at.Port())}
	if _, err := x.WriteTo([]byte("over"), &to); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, from, err := y.ReadFrom(buf)
	if err != nil || string(buf[:n]) != "over" || from.(*net.UDPAddr).Port != int(x.at.Port()) {
		t.Errorf("%q from %v, %v", buf[:n], from, err)
	}
	// What is no peer is dropped.
	y.board.rules.peers = []Peer{{netip.MustParseAddr("199.7.91.13"), 1024, 65535}}
	before := y.heard.Load()
	_, _ = x.WriteTo([]byte("over"), &to)
	time.Sleep(50 * time.Millisecond)
	if y.heard.Load() != before {
		t.Error("a packet from a stranger came in")
	}
}
