package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/account"
	"assist/signaling/audit"
	"assist/signaling/report"
	"assist/signaling/room"
	"assist/signaling/server"
	"assist/signaling/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a service with one engineer, and returns its log of audited events as well.
func serve(t *testing.T, relays bool) (Service, []Account, *store.Log) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	s, err := store.Open(store.Options{Dir: dir})
	must(err)
	t.Cleanup(func() { s.Close() })
	bucket := func(name string) *store.Bucket {
		b, err := s.Bucket(t.Context(), name)
		must(err)
		return b
	}
	keys, err := account.OpenKeys(filepath.Join(dir, "keys"))
	must(err)
	a := Account{"ann", "correct horse battery"}
	made, err := keys.Register(a.Name, a.Password, func([]byte) ([]byte, error) { return []byte("certificate"), nil })
	must(err)
	accounts := account.NewBook(bucket("accounts"))
	must(accounts.Add(t.Context(), made))
	log, err := s.Log(t.Context(), "audit")
	must(err)
	trail, err := audit.Open(t.Context(), log, nil)
	must(err)
	cfg := server.Config{
		Bus: s, Rooms: room.NewBook(bucket("rooms"), bucket("shares"), nil), Reports: report.NewBook(bucket("reports"), nil),
		Accounts: accounts, Keys: keys, Trail: trail, Log: slog.New(slog.DiscardHandler),
	}
	if relays {
		cfg.Relays = func(host, id string, _ time.Duration) []signaling.Relay {
			return []signaling.Relay{{URL: "turn:" + host, Username: id, Credential: "secret"}}
		}
	}
	signals, err := server.New(cfg)
	must(err)
	web := httptest.NewUnstartedServer(signals)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	web.StartTLS()
	t.Cleanup(func() { signals.Close(); web.Close() })
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return Service{Addr: web.Listener.Addr().String(), TLS: &tls.Config{RootCAs: roots}}, []Account{a}, log
}

// count counts the audited events of a kind, and their addresses.
func count(t *testing.T, log audit.Log, what audit.Type) (n int, from map[string]bool) {
	t.Helper()
	from = map[string]bool{}
	for e, err := range audit.Events(t.Context(), log, 1) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == what {
			n++
			host, _, _ := strings.Cut(e.Address, ":")
			from[host] = true
		}
	}
	return n, from
}

// TestFillAndWork fills a service with a few people, and holds what the service has noted against what they did.
func TestFillAndWork(t *testing.T) {
	s, accounts, log := serve(t, true)
	size := Size{Codes: 3, Forms: 40, Sessions: 4, Resuming: 2}
	c, err := Fill(t.Context(), s, accounts, size, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const connections = 1 + 40 + 4 + 2*2
	if n := c.Connections(); n != connections {
		t.Errorf("%d connections, want %d", n, connections)
	}
	calls, err := c.Work(t.Context(), 50, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	const turns = 10
	for _, name := range []string{Connect, Hello, Code, Join, Answer, Confirm, Accept, Pass, Ended} {
		if got := calls[name]; len(got) != turns || slices.Min(got) <= 0 {
			t.Errorf("%s: %v, want %d times", name, got, turns)
		}
	}
	if n := len(calls.Answered()); n != 8*turns {
		t.Errorf("%d answered calls, want %d", n, 8*turns)
	}
	if n := c.Connections(); n != connections {
		t.Errorf("%d connections after work, want %d: one goes for each that comes", n, connections)
	}
	for what, want := range map[audit.Type]int{audit.RoomOpened: 3 + 4 + turns, audit.SessionStarted: 4 + turns, audit.SessionEnded: turns, audit.SignedIn: 1} {
		if n, _ := count(t, log, what); n != want {
			t.Errorf("%s %d times in the audit log, want %d", what, n, want)
		}
	}
	if _, from := count(t, log, audit.Joined); len(from) < 2 {
		t.Errorf("all customers came from %v", from)
	}
}

// TestLost finds that a service that goes away in the middle is not measured.
func TestLost(t *testing.T) {
	s, accounts, _ := serve(t, true)
	c, err := Fill(t.Context(), s, accounts, Size{Forms: 2}, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for conn := range c.conns {
		if conn != c.engineers[0].conn {
			conn.Close()
			break
		}
	}
	if _, err := c.Work(t.Context(), 10, 100*time.Millisecond); err == nil || !strings.Contains(err.Error(), "1 connections were lost") {
		t.Errorf("Work: %v", err)
	}
}

func TestFillFails(t *testing.T) {
	s, accounts, _ := serve(t, false)
	for _, tt := range []struct {
		name     string
		accounts []Account
		want     error
	}{
		{"nobody", nil, nil},
		{"no relay is given", accounts, errNoRelay},
	} {
		c, err := Fill(t.Context(), s, tt.accounts, Size{Forms: 1}, t.Logf)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if c != nil {
			t.Errorf("%s: a crowd all the same", tt.name)
			c.Close()
		}
	}
}

func TestShare(t *testing.T) {
	for _, tt := range []struct{ all, n int }{{500, 40}, {3, 5}, {0, 2}, {7, 7}} {
		sum, least, most := 0, tt.all, 0
		for i := range tt.n {
			s := share(tt.all, tt.n, i)
			sum, least, most = sum+s, min(least, s), max(most, s)
		}
		if sum != tt.all || most-least > 1 {
			t.Errorf("%d among %d: %d in all, %d to %d", tt.all, tt.n, sum, least, most)
		}
	}
}

func TestEach(t *testing.T) {
	sentinel := errors.New("no")
	ran := make(chan int, 100)
	err := each(t.Context(), 100, 4, func(ctx context.Context, i int) error {
		ran <- i
		if i == 10 {
			return sentinel
		}
		return nil
	})
	if !errors.Is(err, sentinel) {
		t.Errorf("each: %v", err)
	}
	if n := len(ran); n < 11 || n == 100 {
		t.Errorf("%d ran, though the eleventh failed", n)
	}
	if err := each(t.Context(), 0, 4, nil); err != nil {
		t.Errorf("of nothing: %v", err)
	}
}
