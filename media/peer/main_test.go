package peer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/turn/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// relayServer is a TURN server on loopback: UDP, TCP and TLS.
type relayServer struct {
	udp, tcp, tls string // host:port
	roots         *x509.CertPool
	server        *turn.Server
	mu            sync.Mutex
	deaf          bool    // drops everything on UDP
	loss          float64 // share of UDP packets that are dropped
	accepted      int     // TCP and TLS connections
	heard         int     // UDP packets
	rate          float64 // of each UDP and TCP client, bytes a second, headers included; 0: no limit
	kill          sync.Once
}

// deafConn is the server's UDP socket: it loses every packet while the server is deaf, and takes each client's
// packets no faster than the server's rate, with a queue of two seconds.
type deafConn struct {
	net.PacketConn
	s     *relayServer
	queue chan datagram
}

type datagram struct {
	data []byte
	from net.Addr
	at   time.Time // when it comes out
	err  error
}

func newDeafConn(pc net.PacketConn, s *relayServer) *deafConn {
	c := &deafConn{PacketConn: pc, s: s, queue: make(chan datagram, 4096)}
	go c.pump()
	return c
}

func (c *deafConn) pump() {
	free := make(map[string]time.Time) // when a client's line is free again
	rng := mrand.New(mrand.NewPCG(5, 6))
	for {
		buf := make([]byte, 2000)
		n, from, err := c.PacketConn.ReadFrom(buf)
		if err != nil {
			c.queue <- datagram{err: err}
			return
		}
		c.s.mu.Lock()
		lost, rate := c.s.deaf || rng.Float64() < c.s.loss, c.s.rate
		c.s.heard++
		c.s.mu.Unlock()
		now := time.Now()
		at := now
		if rate > 0 {
			if busy := free[from.String()]; busy.After(now) {
				at = busy
			}
			lost = lost || at.Sub(now) > 2*time.Second
			if !lost {
				at = at.Add(time.Duration(float64(n+28) / rate * float64(time.Second)))
				free[from.String()] = at
			}
		}
		if !lost {
			c.queue <- datagram{buf[:n], from, at, nil}
		}
	}
}

func (c *deafConn) ReadFrom(p []byte) (int, net.Addr, error) {
	d := <-c.queue
	if d.err != nil {
		return 0, nil, d.err
	}
	time.Sleep(time.Until(d.at))
	return copy(p, d.data), d.from, nil
}

// countingListener counts and closes connections.
type countingListener struct {
	net.Listener
	s *relayServer
}

func (c countingListener) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.s.mu.Lock()
		c.s.accepted++
		c.s.mu.Unlock()
		conn = slowConn{conn, c.s}
	}
	return conn, err
}

// slowConn reads no faster than the server's rate.
type slowConn struct {
	net.Conn
	s *relayServer
}

func (c slowConn) Read(p []byte) (int, error) {
	rate := c.s.limit()
	if rate == 0 {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p[:min(len(p), 1200)])
	until := time.Now().Add(time.Duration(float64(n) / rate * float64(time.Second)))
	for c.s.limit() == rate && time.Now().Before(until) {
		time.Sleep(min(time.Until(until), 10*time.Millisecond))
	}
	return n, err
}

func startRelay(t testing.TB) *relayServer {
	t.Helper()
	return startRelayOn(t, net.ListenConfig{})
}

// startRelayOn starts a server whose TCP port is made by listen.
func startRelayOn(t testing.TB, listen net.ListenConfig) *relayServer {
	t.Helper()
	s := &relayServer{roots: x509.NewCertPool()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := x509.ParseCertificate(der)
	s.roots.AddCert(leaf)
	conf := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}

	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = pc.(*net.UDPConn).SetReadBuffer(4 << 20)
	tcp, err := listen.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secure, err := tls.Listen("tcp4", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	port := func(a net.Addr) string { _, p, _ := net.SplitHostPort(a.String()); return "localhost:" + p }
	s.udp, s.tcp, s.tls = port(pc.LocalAddr()), port(tcp.Addr()), port(secure.Addr())
	addresses := &turn.RelayAddressGeneratorNone{Address: "127.0.0.1"}
	s.server, err = turn.NewServer(turn.ServerConfig{
		Realm: "a",
		AuthHandler: func(ra *turn.RequestAttributes) (string, []byte, bool) {
			return ra.Username, turn.GenerateAuthKey(ra.Username, ra.Realm, "password"), ra.Username == "user"
		},
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: newDeafConn(pc, s), RelayAddressGenerator: addresses}},
		ListenerConfigs: []turn.ListenerConfig{
			{Listener: countingListener{tcp, s}, RelayAddressGenerator: addresses},
			{Listener: countingListener{secure, s}, RelayAddressGenerator: addresses},
		},
		StrictAddressFamily: true,
		LoggerFactory:       loggerFactory{slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// close ends the server; allocations of TCP clients end with their clients.
func (s *relayServer) close() {
	s.slow(0)
	s.kill.Do(func() { _ = s.server.Close() })
}

func (s *relayServer) limit() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rate
}

// silence makes the server lose every packet.
func (s *relayServer) silence(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = on
}

func (s *relayServer) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// lose makes the server lose a share of the UDP packets.
func (s *relayServer) lose(share float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loss = share
}

// slow limits what each client can send, but for TLS.
func (s *relayServer) slow(bitsPerSecond float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rate = bitsPerSecond / 8
}

// packets returns how many UDP packets the server has received.
func (s *relayServer) packets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard
}

// relay returns the server as reached by udp, tcp or tls.
func (s *relayServer) relay(how string) Relay {
	url := map[string]string{
		"udp": fmt.Sprintf("turn:%s?transport=udp", s.udp),
		"tcp": fmt.Sprintf("turn:%s?transport=tcp", s.tcp),
		"tls": fmt.Sprintf("turns:%s?transport=tcp", s.tls),
	}[how]
	return Relay{URL: url, Username: "user", Credential: "password"}
}

func (s *relayServer) config(how ...string) Config {
	cfg := Config{TLS: &tls.Config{RootCAs: s.roots}}
	for _, h := range how {
		cfg.Relays = append(cfg.Relays, s.relay(h))
	}
	return cfg
}

// inTime is the time that any step of a test may take.
func inTime(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func newLink(t testing.TB, cfg Config) *Link {
	t.Helper()
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// describeBoth exchanges the descriptions of two links.
func describeBoth(t testing.TB, customer, engineer *Link) (offer, answer []byte) {
	t.Helper()
	ctx := inTime(t)
	offer, err := customer.Offer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err = engineer.Answer(ctx, offer); err != nil {
		t.Fatal(err)
	}
	if err := customer.Accept(answer); err != nil {
		t.Fatal(err)
	}
	return offer, answer
}

// connectBoth connects two links that have each other's description.
func connectBoth(t testing.TB, customer, engineer *Link) {
	t.Helper()
	ctx := inTime(t)
	done := make(chan error, 1)
	go func() { done <- engineer.Connect(ctx, customer.Fingerprint()) }()
	if err := customer.Connect(ctx, engineer.Fingerprint()); err != nil {
		t.Errorf("customer: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("engineer: %v", err)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// pair returns two connected links.
func pair(t testing.TB, cfg Config) (customer, engineer *Link) {
	t.Helper()
	customer, engineer = newLink(t, cfg), newLink(t, cfg)
	describeBoth(t, customer, engineer)
	connectBoth(t, customer, engineer)
	return customer, engineer
}

// waitFor waits until l is in a state, and returns how long that took.
func waitFor(t testing.TB, l *Link, want State, within time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	for l.State() != want {
		if time.Since(began) > within {
			t.Fatalf("still %v after %v, want %v", l.State(), within, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}
