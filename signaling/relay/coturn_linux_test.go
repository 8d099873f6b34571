package relay

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/dial"

	"github.com/pion/turn/v5"
)

// inNamespace says to the test's own program that it runs in a network of its own.
const inNamespace = "ASSIST_RELAY_NAMESPACE"

// Addresses in that network.
const (
	ourAddr    = "10.99.0.1"
	coturnAddr = "10.99.0.2"
	coturnPort = "3478"
)

// alone runs the calling test again in a network of its own, with two addresses, and reports whether this is that run. A relay
// takes no loopback address for another relay, so loopback is no place for this.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may make a network namespace")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("iproute2 is not installed")
	}
	name := fmt.Sprintf("assist-relay-%d", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		t.Skipf("network namespaces are not allowed here: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", name).Run() })
	for _, args := range [][]string{
		{"link", "set", "lo", "up"}, {"addr", "add", ourAddr + "/32", "dev", "lo"}, {"addr", "add", coturnAddr + "/32", "dev", "lo"},
	} {
		if out, err := exec.Command("ip", append([]string{"-n", name}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %v: %s", args, out)
		}
	}
	c := exec.Command("ip", "netns", "exec", name, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	c.Env = append(os.Environ(), inNamespace+"=1")
	out, err := c.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	return false
}

// startCoturn starts the real one, which lets packets go to our relay and nowhere else.
func startCoturn(t *testing.T, secret string) {
	t.Helper()
	folder := t.TempDir()
	config := filepath.Join(folder, "turnserver.conf")
	text := fmt.Sprintf(`listening-ip=%[1]s
relay-ip=%[1]s
listening-port=%[2]s
min-port=49152
max-port=49252
use-auth-secret
static-auth-secret=%[3]s
realm=coturn.test
denied-peer-ip=0.0.0.0-255.255.255.255
allowed-peer-ip=%[4]s
no-tls
no-dtls
no-cli
simple-log
log-file=stdout
pidfile=%[5]s/pid
userdb=%[5]s/db
`, coturnAddr, coturnPort, secret, ourAddr, folder)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("turnserver", "-c", config)
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("coturn said:\n%s", said)
		}
		_ = log.Close()
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", net.JoinHostPort(coturnAddr, coturnPort))
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatalf("coturn does not come up: %v", err)
		}
	}
}

// coturnAllocate returns a relayed address of coturn.
func coturnAllocate(t *testing.T, network, secret string) net.PacketConn {
	t.Helper()
	at := net.JoinHostPort(coturnAddr, coturnPort)
	var pc net.PacketConn
	if network == "udp" {
		c, err := net.ListenPacket("udp4", "0.0.0.0:0")
		if err != nil {
			t.Fatal(err)
		}
		pc = c
	} else {
		c, err := net.Dial("tcp4", at)
		if err != nil {
			t.Fatal(err)
		}
		pc = turn.NewSTUNConn(c)
	}
	t.Cleanup(func() { _ = pc.Close() })
	user, password := Mint([]byte(secret), "0123456789abcdef0123456789abcdef", time.Minute)
	c, err := turn.NewClient(&turn.ClientConfig{TURNServerAddr: at, Conn: pc, Username: user, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	relayed, err := c.Allocate()
	if err != nil {
		t.Fatalf("coturn over %s: %v", network, err)
	}
	t.Cleanup(func() { _ = relayed.Close() })
	return relayed
}

// TestCoturn has one end of a session on coturn and the other on our relay, with credentials as the service mints them.
func TestCoturn(t *testing.T) {
	if _, err := exec.LookPath("turnserver"); err != nil {
		t.Skip("coturn is not installed")
	}
	if !alone(t) {
		return
	}
	const secret = "shared by the service and coturn"
	startCoturn(t, secret)
	b := start(t, func(c *Config) {
		c.Addr, c.PublicIP = ourAddr+":0", netip.MustParseAddr(ourAddr)
		c.Peers = []Peer{{netip.MustParseAddr(coturnAddr), 49152, 49252}}
	})
	for _, theirs := range []string{"udp", "tcp"} {
		for _, ours := range []string{"udp", "tcp"} {
			x, y := coturnAllocate(t, theirs, secret), b.allocate(t, ours, "engineer")
			exchange(t, x, y)
			if host := x.LocalAddr().(*net.UDPAddr).IP.String(); host != coturnAddr {
				t.Errorf("coturn relays from %s", host)
			}
		}
	}
	coturnAnswers(t, secret)
}

// coturnAnswers asks coturn as the service and the apps do.
func coturnAnswers(t *testing.T, secret string) {
	t.Helper()
	d, err := dial.New(dial.Config{Service: "service.invalid"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	user, password := Mint([]byte(secret), "app", time.Minute)
	_, wrong := Mint([]byte("another secret than that"), "app", time.Minute)
	at := "turn:" + net.JoinHostPort(coturnAddr, coturnPort)
	list := []signaling.Relay{
		{URL: at + "?transport=udp", Username: user, Credential: password, Name: "coturn"},
		{URL: at + "?transport=tcp", Username: user, Credential: password, Name: "coturn"},
	}
	for _, r := range list {
		for _, w := range d.RelayWays(t.Context(), r) {
			if a := d.TryRelay(t.Context(), w, r); a.Err != nil {
				t.Errorf("%v: %v", w, a.Err)
			}
			r.Credential = wrong
			if a := d.TryRelay(t.Context(), w, r); !errors.Is(a.Err, dial.ErrRelayLogin) {
				t.Errorf("%v with the wrong secret: %v", w, a.Err)
			}
		}
	}
	gone := signaling.Relay{URL: "turn:" + coturnAddr + ":9?transport=udp", Name: "gone"}
	if times := d.Measure(t.Context(), append(list, gone)); len(times) != 2 || times[0].Took <= 0 || times[1].Took != 0 {
		t.Errorf("measured %v", times)
	}
}

// TestTwoRelaysOfOurs has the two ends of a session on two relays that know each other, and sees that neither can be made to speak
// with anything else on the other's machine.
func TestTwoRelaysOfOurs(t *testing.T) {
	if !alone(t) {
		return
	}
	at := func(own, other string) testbed {
		return start(t, func(c *Config) {
			c.Addr, c.PublicIP = own+":0", netip.MustParseAddr(own)
			c.Peers = []Peer{{netip.MustParseAddr(other), 50000, 50100}}
			c.FirstPort, c.LastPort = 50000, 50100
		})
	}
	left, right := at(ourAddr, coturnAddr), at(coturnAddr, ourAddr)
	service, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(coturnAddr), Port: 40000})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	for _, network := range []string{"udp", "tcp"} {
		x, y := left.allocate(t, network, "customer"), right.allocate(t, network, "engineer")
		exchange(t, x, y)
		for _, to := range []net.Addr{service.LocalAddr(), net.UDPAddrFromAddrPort(right.Addr())} {
			if _, err := x.WriteTo([]byte("knock"), to); err != nil {
				t.Errorf("to %v: %v", to, err) // permission is by address; the packet is dropped
			}
		}
	}
	_ = service.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, from, err := service.ReadFrom(make([]byte, 100)); err == nil {
		t.Errorf("a service beside the other relay got %d bytes from %v", n, from)
	}
	// Nor does a relayed address hear what is no relay.
	x := left.allocate(t, "udp", "alone")
	if _, err := x.WriteTo([]byte("permission"), &net.UDPAddr{IP: net.ParseIP(coturnAddr), Port: 50000}); err != nil {
		t.Fatal(err)
	}
	if _, err := service.WriteTo([]byte("from outside"), x.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	_ = x.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, from, err := x.ReadFrom(make([]byte, 100)); err == nil {
		t.Errorf("a relayed address heard %d bytes from %v", n, from)
	}
}
