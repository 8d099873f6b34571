package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"assist/app/identity"
	"assist/signaling"
	"assist/signaling/audit"
	"assist/signaling/client"
)

// The test's own program is the server's when it is started with this set.
const asServer = "ASSIST_SERVER_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestDemo(t *testing.T) {
	temp := t.TempDir()
	ready := filepath.Join(t.TempDir(), "ready")
	t.Setenv("TMPDIR", temp)
	demo := start(t, "demo", "--ready-file", ready)
	var a access
	eventually(t, "ready", func() error {
		text, err := os.ReadFile(ready)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &a)
	})
	engineer, customer := connect(t, a.Service, a.CA), connect(t, a.Service, a.CA)
	in, err := engineer.SignIn(t.Context(), a.Account, a.Password)
	if err != nil {
		t.Fatal(err)
	}
	organisation, err := identity.ParseOrganisation(a.OrganisationKey)
	if err != nil {
		t.Fatal(err)
	}
	session, err := identity.NewSession(identity.AccountKey(in.ExportKey), in.Certificate, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if who, _, err := identity.Verify(session.Chain, &organisation, time.Now()); err != nil || !who.Verified || who.Account != a.Account {
		t.Errorf("the engineer is %+v, %v", who, err)
	}
	welcome, err := customer.Hello(t.Context())
	if err != nil || len(welcome.Relays) != 1 || !strings.HasPrefix(welcome.Relays[0].URL, "turn:"+a.Service) {
		t.Errorf("Hello: %v, %v", welcome.Relays, err)
	}
	if _, err := meet(t.Context(), engineer, customer); err != nil {
		t.Error(err)
	}
	h := http.Client{Transport: &http.Transport{TLSClientConfig: tlsFor(t, a.CA), DisableKeepAlives: true}}
	if r, err := h.Get("https://" + a.Service + "/readyz"); err != nil || r.StatusCode != 200 {
		t.Errorf("/readyz: %v, %v", r, err)
	}
	stop(t, demo)
	if left, _ := os.ReadDir(temp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDemoOnStandardOutput(t *testing.T) {
	c := command(t, "", "demo")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var a access
	err = json.NewDecoder(out).Decode(&a)
	_ = c.Process.Signal(syscall.SIGTERM)
	rest, _ := io.ReadAll(out)
	if err := errors.Join(err, c.Wait()); err != nil || a.Service == "" || len(bytes.TrimSpace(rest)) != 0 {
		t.Errorf("%+v, then %q, %v", a, rest, err)
	}
}

func TestEngineers(t *testing.T) {
	s := newSite(t)
	if info, err := os.Stat(s.key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	s.add(t, "ann") // the service does not run
	service := s.run(t)
	s.add(t, "bob") // it does
	for _, name := range []string{"ann", "bob"} {
		if _, err := connect(t, s.addr, s.ca(t)).SignIn(t.Context(), name, name+"'s password"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	ann := connect(t, s.addr, s.ca(t))
	if _, err := ann.SignIn(t.Context(), "ann", "ann's password"); err != nil {
		t.Fatal(err)
	}
	s.engineer(t, "", "disable", "--account", "ann")
	if lost, ok := (<-ann.Events()).(signaling.Lost); !ok || !errors.Is(lost.Err, client.ErrAccountClosed) {
		t.Errorf("after disable ann is told %v", lost.Err)
	}
	if _, err := connect(t, s.addr, s.ca(t)).SignIn(t.Context(), "ann", "ann's password"); !errors.Is(err, client.ErrSignInFailed) {
		t.Errorf("disabled: %v", err)
	}
	if list := s.engineer(t, "", "list"); !strings.Contains(list, "closed") || !strings.Contains(list, "Person bob") {
		t.Errorf("list:\n%s", list)
	}
	s.engineer(t, "", "enable", "--account", "ann")
	s.engineer(t, "ann's next one\n", "reset", "--organisation-key", s.key, "--account", "ann")
	in, err := connect(t, s.addr, s.ca(t)).SignIn(t.Context(), "ann", "ann's next one")
	if err != nil {
		t.Fatal(err)
	}
	organisation, _ := identity.ParseOrganisation(s.organisation)
	if a, err := identity.VerifyAccount(in.Certificate, organisation, time.Now()); err != nil || a.Name != "Person ann" || a.Organisation != "Example Ltd" {
		t.Errorf("certificate: %+v, %v", a, err)
	}
	stop(t, service)
	if list := s.engineer(t, "", "list"); strings.Contains(list, "closed") || strings.Count(list, "\n") != 3 {
		t.Errorf("list:\n%s", list)
	}
	data := filepath.Join(s.folder, "data")
	for name, mode := range map[string]os.FileMode{"": 0o700, "sign-in-keys": 0o600, "tls-key.pem": 0o600, "relay-secret": 0o600} {
		if info, err := os.Stat(filepath.Join(data, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestClearRefusals(t *testing.T) {
	s := newSite(t)
	broken := filepath.Join(s.folder, "broken.toml")
	for _, tt := range []struct {
		name, config, stdin string
		args                []string
		code                int
		says                string
	}{
		{"nothing", "", "", nil, 2, "expected one of"},
		{"no such command", "", "", []string{"dance"}, 2, "unexpected argument"},
		{"no such flag", "", "", []string{"demo", "--speed", "9"}, 2, "unknown flag"},
		{"no config", "", "", []string{"run"}, 2, "missing flags: --config"},
		{"demo for everybody", "", "", []string{"demo", "--listen", "0.0.0.0:0"}, 1, "loopback only"},
		{"no such file", "", "", []string{"run", "--config", s.config + "x"}, 1, "no such file"},
		{"unknown setting", "listen = \"127.0.0.1:1\"\n\nlisten_too = 1\n", "", []string{"run", "--config", broken}, 1, `line 3: there is no setting "listen_too"`},
		{"unknown in a table", "[tls]\n cert = \"x\" # there\n", "", []string{"run", "--config", broken}, 1, `line 2: there is no setting "tls.cert"`},
		{"syntax", "listen = \n", "", []string{"config", "check", "--config", broken}, 1, "line 1"},
		{"wrong type", "\nlisten = 3\n", "", []string{"config", "check", "--config", broken}, 1, "listen"},
		{"no address", "listen = \"here\"\n", "", []string{"config", "check", "--config", broken}, 1, "listen must be address:port"},
		{"no public address", "listen = \"0.0.0.0:443\"\n", "", []string{"config", "check", "--config", broken}, 1, "public_ip must be"},
		{"no data", "listen = \"127.0.0.1:443\"\n", "", []string{"config", "check", "--config", broken}, 1, "data is missing"},
		{"key file there already", "", "", []string{"organisation", "init", "--name", "N", "--out", s.key}, 1, "file exists"},
		{"short password", "", "short\n", []string{"engineer", "add", "--config", s.config, "--organisation-key", s.key, "--account", "ann", "--name", "A"}, 1, "a password has"},
		{"bad account", "", "long enough\n", []string{"engineer", "add", "--config", s.config, "--organisation-key", s.key, "--account", "Ann", "--name", "A"}, 1, "a name has"},
		{"name that deceives", "", "long enough\n", []string{"engineer", "add", "--config", s.config, "--organisation-key", s.key, "--account", "ann", "--name", "A\u202eB"}, 1, "name"},
		{"not a key", "", "long enough\n", []string{"engineer", "add", "--config", s.config, "--organisation-key", s.config, "--account", "ann", "--name", "A"}, 1, "organisation key"},
		{"no such account", "", "", []string{"engineer", "disable", "--config", s.config, "--account", "nobody"}, 1, "none of that name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(broken, []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := call(t, tt.stdin, tt.args...)
			if code != tt.code || !strings.Contains(stderr, tt.says) || stdout != "" {
				t.Errorf("exit %d, want %d; it says %q%q, want %q", code, tt.code, stdout, stderr, tt.says)
			}
		})
	}
	if out := good(t, "", "config", "check", "--config", s.config); !strings.Contains(out, "can be used") {
		t.Errorf("config check: %s", out)
	}
	if out := good(t, "", "engineer", "add", "--help"); !strings.Contains(out, "--organisation-key") {
		t.Errorf("help: %s", out)
	}
	s.run(t)
	if code, _, stderr := call(t, "", "run", "--config", s.config); code != 1 || !strings.Contains(stderr, "running already") {
		t.Errorf("second service: exit %d, %s", code, stderr)
	}
}

// Told to end while it starts, the service ends in order.
func TestEndedWhileStarting(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"run", "--config", s.config}, {"demo", "--ready-file", filepath.Join(t.TempDir(), "ready")}} {
		var errs bytes.Buffer
		if code := run(ctx, args, terminal{os.Stdin, io.Discard, &errs}); code != 0 {
			t.Errorf("%s: exit %d: %s", args[0], code, errs.String())
		}
	}
}

// What was acknowledged before kill -9 is there afterwards, no code can be used twice, and the audit log is whole.
func TestKill(t *testing.T) {
	s := newSite(t)
	s.add(t, "ann")
	open, used := "", ""
	for round := range 4 {
		service := s.run(t)
		engineer, customer := connect(t, s.addr, s.ca(t)), connect(t, s.addr, s.ca(t))
		if _, err := engineer.SignIn(t.Context(), "ann", "ann's password"); err != nil {
			t.Fatal(err)
		}
		if _, err := customer.Hello(t.Context()); err != nil {
			t.Fatal(err)
		}
		if round > 0 {
			if r, err := engineer.ResumeRoom(t.Context(), open); err != nil || r.Remaining <= 0 {
				t.Errorf("round %d: open room: %+v, %v", round, r, err)
			}
			if err := engineer.CancelRoom(t.Context(), open); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			_, err := customer.Join(t.Context(), signaling.Join{Room: used, Form: json.RawMessage(`{}`), M1: []byte("m1")})
			if !errors.Is(err, client.ErrUsed) {
				t.Errorf("round %d: used room: %v", round, err)
			}
		}
		r, err := engineer.OpenRoom(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open = r.Digits
		if used, err = meet(t.Context(), engineer, customer); err != nil {
			t.Fatal(err)
		}
		// Writes without end, but no faster than the service allows one socket.
		kill := time.AfterFunc(time.Duration(rand.IntN(300))*time.Millisecond, func() { _ = service.Process.Kill() })
		for err == nil {
			drain(customer)
			var digits string
			if digits, err = meet(t.Context(), engineer, customer); err == nil {
				used = digits
			}
			time.Sleep(20 * time.Millisecond)
		}
		if !errors.Is(err, client.ErrLost) {
			t.Errorf("round %d ended with %v", round, err)
		}
		if kill.Stop() {
			_ = service.Process.Kill()
		}
		_ = service.Wait()
	}
	stop(t, s.run(t))
	c, err := readConfig(s.config)
	if err != nil {
		t.Fatal(err)
	}
	r, err := openRecords(t.Context(), c, newLog(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	defer r.store.Close()
	log, err := r.store.Log(t.Context(), "audit")
	if err != nil {
		t.Fatal(err)
	}
	if n, _, err := audit.Verify(t.Context(), log); err != nil || n < 20 {
		t.Errorf("audit log: %d records, %v", n, err)
	}
}

// TestDemoAgain kills a demo that keeps its data, and starts it again: it is the same one.
func TestDemoAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	begin := func(listen string) (*exec.Cmd, access) {
		t.Helper()
		ready := filepath.Join(t.TempDir(), "ready")
		demo := start(t, "demo", "--data", folder, "--listen", listen, "--ready-file", ready)
		var a access
		eventually(t, "ready", func() error {
			text, err := os.ReadFile(ready)
			if err != nil {
				return err
			}
			return json.Unmarshal(text, &a)
		})
		return demo, a
	}
	demo, first := begin("127.0.0.1:0")
	if err := demo.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	demo.Wait()
	demo, second := begin(first.Service)
	if second != first {
		t.Errorf("the second time it is %+v, not %+v", second, first)
	}
	if _, err := connect(t, first.Service, first.CA).SignIn(t.Context(), first.Account, first.Password); err != nil {
		t.Error(err)
	}
	stop(t, demo)
	if info, err := os.Stat(filepath.Join(folder, accessFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
