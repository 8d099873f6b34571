package nettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"assist/cmd/internal/netlab"
	"assist/signaling/dial/pac"
)

// roleEnv says that this process is not the test, but somebody in it.
const roleEnv = "ASSIST_NETTEST_ROLE"

// allEnv asks for the whole table, and tableEnv for a file with it.
const (
	allEnv   = "ASSIST_NETTEST_ALL"
	tableEnv = "ASSIST_NETTEST_TABLE"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(roleEnv) {
	case "":
		status := m.Run()
		_ = os.RemoveAll(built.dir)
		os.Exit(status)
	case "customer":
		err = playCustomer(os.Stdin, os.Stdout)
	case "engineer":
		err = playEngineer(os.Stdin, os.Stdout)
	case "pac":
		err = pac.Main(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

const (
	serviceName = "support.example"
	proxyName   = "proxy.example"
	portalName  = "portal.example"
	relayName   = "relay.example"
)

// world is a lab with a service in it.
type world struct {
	*testing.T
	*netlab.Lab
	dir          string
	organisation string // public key
	ca           string // file
}

// built are the programs, each built once for all tests.
var built struct {
	mu   sync.Mutex
	dir  string
	errs map[string]error
}

// program returns the path of one of ours.
func program(t *testing.T, name string) string {
	t.Helper()
	built.mu.Lock()
	defer built.mu.Unlock()
	if built.dir == "" {
		dir, err := os.MkdirTemp("", "assist-nettest-")
		if err != nil {
			t.Fatal(err)
		}
		built.dir, built.errs = dir, map[string]error{}
	}
	path := filepath.Join(built.dir, name)
	err, done := built.errs[name]
	if !done {
		if out, failed := exec.Command("go", "build", "-tags", "x11", "-o", path, "assist/cmd/"+name).CombinedOutput(); failed != nil {
			err = fmt.Errorf("build: %w\n%s", failed, out)
		}
		built.errs[name] = err
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// newWorld makes a lab with these hosts besides customer, engineer and service.
func newWorld(t *testing.T, hosts ...string) *world {
	t.Helper()
	lab, err := netlab.New(t.Context(), netlab.Options{Hosts: append([]string{"customer", "engineer", "service"}, hosts...)})
	if errors.Is(err, netlab.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Close(); err != nil {
			t.Error(err)
		}
	})
	dir, err := os.MkdirTemp("", "assist-nettest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // squid and dante give up being root
		t.Fatal(err)
	}
	w := &world{T: t, Lab: lab, dir: dir}
	lab.Resolver.Set(serviceName, lab.Host("service").Addr)
	return w
}

// file writes a file.
func (w *world) file(name, text string) string {
	w.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.Fatal(err)
	}
	return path
}

// part is a program that runs on a host.
type part struct {
	name string
	cmd  *exec.Cmd
	out  bytes.Buffer
	mu   sync.Mutex
	gone chan struct{}
}

// Write implements io.Writer.
func (p *part) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *part) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// start runs a program on a host until the test ends or kill is called.
func (w *world) start(host, name string, args ...string) *part {
	w.Helper()
	if _, err := exec.LookPath(name); err != nil {
		w.Skipf("%v: on Debian, apt-get install squid dante-server", err)
	}
	p := &part{name: filepath.Base(name), cmd: w.Host(host).Command(context.Background(), name, args...), gone: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.gone) }()
	w.Cleanup(func() {
		p.kill()
		if w.Failed() {
			w.Logf("%s:\n%s", p.name, tail(p.said()))
		}
	})
	return p
}

func (p *part) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

func tail(s string) string {
	const most = 4000
	if len(s) > most {
		s = s[len(s)-most:]
	}
	return s
}

// awaitPort waits until somebody listens on a host's port.
func (w *world) awaitPort(p *part, host, port string) {
	w.Helper()
	h := w.Host(host)
	for range 400 {
		select {
		case <-p.gone:
			w.Fatalf("%s ended with %v:\n%s", p.name, p.cmd.ProcessState, tail(p.said()))
		default:
		}
		c, err := h.Dial(w.Context(), "tcp", net.JoinHostPort(h.Addr.String(), port))
		if err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	w.Fatalf("%s does not listen on port %s:\n%s", p.name, port, tail(p.said()))
}

// run runs one of ours on a host and returns what it prints.
func (w *world) run(host string, in string, name string, args ...string) (string, error) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 2*time.Minute)
	defer cancel()
	cmd := w.Host(host).Command(ctx, program(w.T, name), args...)
	cmd.Stdin = strings.NewReader(in)
	cmd.Env = append(os.Environ(), "HOME="+w.dir, "ASSIST_LANGUAGE=en")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", name, err, tail(errs.String()))
	}
	return out.String(), err
}

const (
	account  = "ada"
	password = "correct horse battery"
)

// startService starts the service, with one engineer, on its three ports. More is added to its configuration.
func (w *world) startService(more ...string) *part {
	w.Helper()
	addr := w.Host("service").Addr.String()
	conf := w.file("service.toml", fmt.Sprintf(`listen = ["%s:443", "%s:80", "%s:8200"]
public_ip = "%s"
data = "data"
organisation = "Example Support"
hosts = ["%s"]
%s`, addr, addr, addr, addr, serviceName, strings.Join(more, "")))
	key := filepath.Join(w.dir, "org.key")
	out, err := w.run("service", "", "assist-server", "organisation", "init", "--name", "Example Support", "--out", key)
	if err != nil {
		w.Fatal(err)
	}
	w.organisation = strings.TrimSpace(out)
	if _, err := w.run("service", password+"\n", "assist-server", "engineer", "add", "--config", conf,
		"--organisation-key", key, "--account", account, "--name", "Ada Engineer"); err != nil {
		w.Fatal(err)
	}
	p := w.start("service", program(w.T, "assist-server"), "run", "--config", conf)
	w.awaitPort(p, "service", "443")
	w.ca = filepath.Join(w.dir, "data", "tls-certificate.pem")
	return p
}
