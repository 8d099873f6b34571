package relay

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/turn/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = netip.MustParseAddr("127.0.0.1")

// certificates returns a server certificate for 127.0.0.1 and the roots that trust it.
func certificates(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// testbed is a relay on loopback.
type testbed struct {
	*Server
	roots *x509.CertPool
}

func start(t testing.TB, change func(*Config)) testbed {
	t.Helper()
	cert, roots := certificates(t)
	cfg := Config{
		Addr:     "127.0.0.1:0",
		PublicIP: loopback,
		TLS:      &tls.Config{Certificates: []tls.Certificate{cert}},
		Secret:   []byte("sixteen bytes at least"),
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return testbed{s, roots}
}

// dial opens the socket of a TURN client: network is udp, tcp, tls or ws.
func (b testbed) dial(t testing.TB, network string) net.PacketConn {
	t.Helper()
	return b.dialAt(t, network, b.Addr().String())
}

// dialAt is dial for one of the relay's ports.
func (b testbed) dialAt(t testing.TB, network, addr string) net.PacketConn {
	t.Helper()
	var pc net.PacketConn
	switch network {
	case "udp":
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc = c
	case "tcp":
		c, err := net.Dial("tcp4", addr)
		if err != nil {
			t.Fatal(err)
		}
		pc = turn.NewSTUNConn(c)
	case "tls":
		c, err := tls.Dial("tcp4", addr, &tls.Config{RootCAs: b.roots})
		if err != nil {
			t.Fatal(err)
		}
		pc = turn.NewSTUNConn(c)
	case "ws":
		pc = turn.NewSTUNConn(b.webSocket(t, addr))
	}
	t.Cleanup(func() { _ = pc.Close() })
	return pc
}

// webSocket opens one to the relay's page.
func (b testbed) webSocket(t testing.TB, addr string) net.Conn {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: b.roots}}
	t.Cleanup(transport.CloseIdleConnections)
	ws, _, err := websocket.Dial(t.Context(), "wss://"+addr+"/relay", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return fakeAddrs{websocket.NetConn(context.Background(), ws, websocket.MessageBinary)}
}

// fakeAddrs has addresses as the TURN library wants them.
type fakeAddrs struct{ net.Conn }

func (fakeAddrs) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4zero, Port: 9} }
func (fakeAddrs) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4zero, Port: 9} }

// serveHTTP serves the relay's WebSockets, and nothing else, until the test ends.
func (b testbed) serveHTTP(t testing.TB) {
	t.Helper()
	srv := &http.Server{Handler: b.Server, ReadHeaderTimeout: time.Second}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(b.HTTP()) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
}

// client returns a TURN client with these credentials.
func (b testbed) client(t testing.TB, network, user, password string) *turn.Client {
	t.Helper()
	return b.clientAt(t, network, b.Addr().String(), user, password)
}

func (b testbed) clientAt(t testing.TB, network, addr, user, password string) *turn.Client {
	t.Helper()
	return b.clientOn(t, b.dialAt(t, network, addr), addr, user, password)
}

func (b testbed) clientOn(t testing.TB, pc net.PacketConn, addr, user, password string) *turn.Client {
	t.Helper()
	c, err := turn.NewClient(&turn.ClientConfig{
		TURNServerAddr: addr,
		Conn:           pc,
		Username:       user,
		Password:       password,
		LoggerFactory:  loggerFactory{b.cfg.Log},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// allocate returns a relayed address of id, through network.
func (b testbed) allocate(t testing.TB, network, id string) net.PacketConn {
	t.Helper()
	user, password := b.Credentials(id, time.Minute)
	pc, err := b.client(t, network, user, password).Allocate()
	if err != nil {
		t.Fatalf("allocate over %s: %v", network, err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	return pc
}
