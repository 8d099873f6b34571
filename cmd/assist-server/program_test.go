package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/client"
)

func command(t *testing.T, stdin string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asServer+"=1")
	c.Stdin = strings.NewReader(stdin)
	return c
}

// call runs a command to its end.
func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	c := command(t, stdin, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

// good is call for a command that must succeed.
func good(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	code, stdout, stderr := call(t, stdin, args...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, stderr)
	}
	return stdout
}

// start starts a command that goes on.
func start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := command(t, "", args...)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c.ProcessState == nil {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("%v said:\n%s", args, text)
		}
		log.Close()
	})
	return c
}

// stop ends a command as a system does.
func stop(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

func eventually(t *testing.T, what string, done func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if err = done(); err == nil {
			return
		}
	}
	t.Fatalf("never %s: %v", what, err)
}

func tlsFor(t *testing.T, ca string) *tls.Config {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(ca)) {
		t.Fatalf("not a certificate: %s", ca)
	}
	return &tls.Config{RootCAs: pool}
}

func connect(t *testing.T, service, ca string) *client.Conn {
	t.Helper()
	c, err := client.Dial(t.Context(), client.Config{Service: service, TLS: tlsFor(t, ca)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// meet leads a customer into a new room and lets the engineer accept. It returns the room.
func meet(ctx context.Context, engineer, customer *client.Conn) (string, error) {
	r, err := engineer.OpenRoom(ctx)
	if err != nil {
		return "", err
	}
	joined := make(chan error, 1)
	go func() {
		_, err := customer.Join(ctx, signaling.Join{Room: r.Digits, Form: json.RawMessage(`{"name":"C"}`), M1: []byte("m1")})
		if err == nil {
			err = customer.Confirm(ctx, []byte("m3"))
		}
		joined <- err
	}()
	for e := range engineer.Events() {
		switch e := e.(type) {
		case signaling.Joined:
			err = engineer.Answer(ctx, e.Attempt, []byte("m2"))
		case signaling.Confirmed:
			return r.Digits, errors.Join(engineer.Accept(ctx, e.Attempt), <-joined)
		case signaling.Lost:
			err = e.Err
		}
		if err != nil {
			return "", errors.Join(err, <-joined)
		}
	}
	return "", client.ErrLost
}

// site is a configured service.
type site struct {
	folder, config, key, organisation, addr string
}

func newSite(t *testing.T) site {
	t.Helper()
	folder := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := site{folder: folder, config: filepath.Join(folder, "assist.toml"), key: filepath.Join(folder, "organisation.key"), addr: l.Addr().String()}
	l.Close()
	text := fmt.Sprintf("# A service.\nlisten = %q\ndata = \"data\"\norganisation = \"Example Ltd\"\nhosts = [\"assist.example\"]\n", s.addr)
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.organisation = strings.TrimSpace(good(t, "", "organisation", "init", "--name", "Example Ltd", "--out", s.key))
	return s
}

func (s site) engineer(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	return good(t, stdin, append([]string{"engineer", args[0], "--config", s.config}, args[1:]...)...)
}

func (s site) add(t *testing.T, account string) {
	t.Helper()
	s.engineer(t, account+"'s password\n", "add", "--organisation-key", s.key, "--account", account, "--name", "Person "+account)
}

func (s site) ca(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.folder, "data", "tls-certificate.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run starts the service and waits for it.
func (s site) run(t *testing.T) *exec.Cmd {
	t.Helper()
	c := start(t, "run", "--config", s.config)
	eventually(t, "serving", func() error {
		conn, err := net.Dial("tcp", s.addr)
		if err == nil {
			conn.Close()
		}
		return err
	})
	return c
}

// drain takes the events that c has been told.
func drain(c *client.Conn) {
	for {
		select {
		case _, more := <-c.Events():
			if !more {
				return
			}
		default:
			return
		}
	}
}
