package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/account"
	"assist/signaling/audit"
	"assist/signaling/client"
	"assist/signaling/report"
	"assist/signaling/room"
	"assist/signaling/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse battery"

// registered is made once: a registration costs a quarter of a second.
var registered = sync.OnceValues(func() (keys []byte, accounts []account.Account) {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "keys")
	k, err := account.OpenKeys(file)
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"ann", "bob", "dora"} {
		a, err := k.Register(name, password, func([]byte) ([]byte, error) { return []byte("certificate of " + name), nil })
		if err != nil {
			panic(err)
		}
		a.Disabled = name == "dora"
		accounts = append(accounts, a)
	}
	keys, err = os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return keys, accounts
})

// service is a real one: embedded store, TLS on loopback.
type service struct {
	*Server
	store *store.Store
	log   *store.Log
	addr  string
	roots *x509.CertPool
	end   func()

	mu    sync.Mutex
	ahead time.Duration // of the rooms' clock
}

type option func(*Config, *times)

func serve(t *testing.T, dir string, options ...option) *service {
	t.Helper()
	x := &service{}
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	x.store, err = store.Open(store.Options{Dir: dir})
	must(err)
	bucket := func(name string) *store.Bucket {
		b, err := x.store.Bucket(t.Context(), name)
		must(err)
		return b
	}
	keys, accounts := registered()
	must(os.WriteFile(filepath.Join(dir, "keys"), keys, 0o600))
	k, err := account.OpenKeys(filepath.Join(dir, "keys"))
	must(err)
	book := account.NewBook(bucket("accounts"))
	for _, a := range accounts {
		if err := book.Add(t.Context(), a); !errors.Is(err, account.ErrExists) {
			must(err)
		}
	}
	x.log, err = x.store.Log(t.Context(), "audit")
	must(err)
	trail, err := audit.Open(t.Context(), x.log, nil)
	must(err)
	cfg := Config{
		Bus: x.store, Rooms: room.NewBook(bucket("rooms"), bucket("shares"), x.now), Reports: report.NewBook(bucket("reports"), x.now), Accounts: book, Keys: k, Trail: trail,
		Relays: func(host, id string, _ time.Duration) []signaling.Relay {
			return []signaling.Relay{{URL: "turn:" + host, Username: "until:" + id, Credential: "secret"}}
		},
		Log: slog.New(slog.DiscardHandler),
	}
	wait := normal
	for _, o := range options {
		o(&cfg, &wait)
	}
	x.Server, err = New(cfg)
	must(err)
	x.times = wait
	x.listen(t)
	return x
}

func (x *service) listen(t *testing.T) {
	t.Helper()
	cert, roots := certificate(t)
	x.roots = roots
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	x.addr = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- x.Serve(ctx, l) }()
	x.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := x.store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(x.end)
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (x *service) now() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return time.Now().Add(x.ahead)
}

// jump moves the rooms' clock.
func (x *service) jump(d time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ahead += d
}

func (x *service) config() client.Config {
	return client.Config{Service: x.addr, TLS: &tls.Config{RootCAs: x.roots}}
}

func (x *service) dial(t *testing.T) *client.Conn {
	t.Helper()
	c, err := client.Dial(t.Context(), x.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (x *service) customer(t *testing.T) *client.Conn {
	t.Helper()
	c := x.dial(t)
	w, err := c.Hello(t.Context())
	if err != nil || len(w.Relays) != 1 || w.Relays[0].URL != "turn:127.0.0.1" {
		t.Fatalf("Hello: %+v, %v", w, err)
	}
	return c
}

func (x *service) engineer(t *testing.T) *client.Conn {
	t.Helper()
	return x.engineerAs(t, "ann")
}

func (x *service) engineerAs(t *testing.T, name string) *client.Conn {
	t.Helper()
	c := x.dial(t)
	a, err := c.SignIn(t.Context(), name, password)
	if err != nil || string(a.Certificate) != "certificate of "+name || len(a.ExportKey) != 64 || len(a.Relays) != 1 {
		t.Fatalf("SignIn: %q, %d bytes of key, %v, %v", a.Certificate, len(a.ExportKey), a.Relays, err)
	}
	return c
}

func openRoom(t *testing.T, c *client.Conn) string {
	t.Helper()
	r, err := c.OpenRoom(t.Context())
	if err != nil || !r.CanExtend || r.Remaining > room.Validity || r.Remaining < room.Validity-time.Minute {
		t.Fatalf("OpenRoom: %+v, %v", r, err)
	}
	return r.Digits
}

// next returns the next event, which must be an E.
func next[E signaling.Event](t *testing.T, c *client.Conn) E {
	t.Helper()
	select {
	case e := <-c.Events():
		want, ok := e.(E)
		if !ok {
			t.Fatalf("%#v instead of %T", e, want)
		}
		return want
	case <-time.After(10 * time.Second):
		var want E
		t.Fatalf("no %T", want)
		return want
	}
}

var theForm = json.RawMessage(`{"name":"Customer One","number":"4711"}`)

type joined struct {
	reply signaling.Reply
	err   error
}

// join lets c join in the background.
func join(t *testing.T, c *client.Conn, digits string) <-chan joined {
	t.Helper()
	result := make(chan joined, 1)
	go func() {
		r, err := c.Join(t.Context(), signaling.Join{Room: digits, Form: theForm, M1: []byte("m1")})
		result <- joined{r, err}
	}()
	return result
}

// meet brings a customer and an engineer to the point where the customer has m2.
func meet(t *testing.T, customer, engineer *client.Conn, digits string) (signaling.Joined, signaling.Reply) {
	t.Helper()
	result := join(t, customer, digits)
	j := next[signaling.Joined](t, engineer)
	if j.Room != digits || string(j.M1) != "m1" || string(j.Form) != string(theForm) || j.From != "127.0.0.1" || len(j.Relays) != 1 {
		t.Fatalf("joined: %+v", j)
	}
	if err := engineer.Answer(t.Context(), j.Attempt, []byte("m2")); err != nil {
		t.Fatalf("Answer: %v", err)
	}
	r := <-result
	if r.err != nil || string(r.reply.M2) != "m2" || r.reply.Attempt != j.Attempt || r.reply.Remaining <= 0 {
		t.Fatalf("Join: %+v, %v", r.reply, r.err)
	}
	return j, r.reply
}

// wait tries until done.
func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// trail returns the types of the events so far, and checks the chain.
func (x *service) trail(t *testing.T) (all []audit.Event) {
	t.Helper()
	if _, _, err := audit.Verify(t.Context(), x.log); err != nil {
		t.Error(err)
	}
	for e, err := range audit.Events(t.Context(), x.log, 1) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func (x *service) recorded(t *testing.T, what audit.Type) (found []audit.Event) {
	t.Helper()
	for _, e := range x.trail(t) {
		if e.Type == what {
			found = append(found, e)
		}
	}
	return found
}
