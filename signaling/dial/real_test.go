package dial

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// realProxy starts a proxy that others have written, if it is installed, and waits until it answers. Args and files, which
// are written first, may name {port} and {dir}.
func realProxy(t *testing.T, program string, files map[string]string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/" + program); err != nil {
			t.Skipf("%s is not installed: on Debian, apt-get install squid dante-server", program)
		}
	}
	for range 3 { // somebody else may take the port meanwhile
		if addr := startProxy(t, path, files, args); addr != "" {
			return addr
		}
	}
	t.Fatalf("%s does not answer", program)
	return ""
}

// startProxy returns the proxy's address, empty if it does not begin to listen.
func startProxy(t *testing.T, path string, files map[string]string, args []string) string {
	t.Helper()
	// These programs give up being root, and must still read their files.
	dir, err := os.MkdirTemp("", "assist-dial-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	_, port, _ := net.SplitHostPort(addr)
	fill := strings.NewReplacer("{port}", port, "{dir}", dir)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fill.Replace(text)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var filled []string
	for _, a := range args {
		filled = append(filled, fill.Replace(a))
	}
	var out bytes.Buffer
	cmd := exec.Command(path, filled...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-gone
		if t.Failed() {
			t.Log(out.String())
		}
	})
	for range 400 {
		select {
		case <-gone:
			return ""
		case <-time.After(25 * time.Millisecond):
		}
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return addr
		}
	}
	return ""
}

const squidConf = `http_port 127.0.0.1:{port}
hosts_file {dir}/hosts
pid_filename none
access_log none
cache_log /dev/null
cache deny all
coredump_dir {dir}
netdb_filename none
shutdown_lifetime 0 seconds
`

// TestSquid goes through the proxy that most networks have.
func TestSquid(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	hash := fmt.Sprintf("%x", md5.Sum([]byte("ann:Squid:s3cret: x")))
	const login = "acl in proxy_auth REQUIRED\nhttp_access allow in\nhttp_access deny all\n"
	for _, tt := range []struct {
		name, conf, url, password string
		want                      error
	}{
		{"no login", "http_access allow all\n", "", "", nil},
		{"forbidden", "http_access deny all\n", "", "", ErrProxyRefused},
		{"basic", "auth_param basic program /usr/lib/squid/basic_ncsa_auth {dir}/basic\nauth_param basic realm Squid\n" + login, "", "s3cret: x", nil},
		{"basic, login in the URL", "auth_param basic program /usr/lib/squid/basic_ncsa_auth {dir}/basic\n" + login, "ann:s3cret%3A%20x@", "", nil},
		{"basic, wrong", "auth_param basic program /usr/lib/squid/basic_ncsa_auth {dir}/basic\n" + login, "", "no", ErrProxyLogin},
		{"digest", "auth_param digest program /usr/lib/squid/digest_file_auth -c {dir}/digest\nauth_param digest realm Squid\n" + login, "", "s3cret: x", nil},
		{"digest, wrong", "auth_param digest program /usr/lib/squid/digest_file_auth -c {dir}/digest\nauth_param digest realm Squid\n" + login, "", "no", ErrProxyLogin},
		{"digest and basic", "auth_param digest program /usr/lib/squid/digest_file_auth -c {dir}/digest\nauth_param digest realm Squid\n" +
			"auth_param basic program /bin/false\n" + login, "", "s3cret: x", nil},
		{"NTLM", "auth_param ntlm program /usr/lib/squid/ntlm_fake_auth\nauth_param ntlm keep_alive on\n" + login, "", "any will do", nil},
		{"NTLM, login in the URL", "auth_param ntlm program /usr/lib/squid/ntlm_fake_auth\n" + login, "CORP%5Cann:x@", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy := realProxy(t, "squid", map[string]string{
				"squid.conf": squidConf + tt.conf,
				"hosts":      "127.0.0.1 localhost " + serviceName + "\n",
				"basic":      "ann:$apr1$assist12$wD/7j/4p0mL1SHYNLqoib1\n", // "s3cret: x" as htpasswd keeps it

				"digest": "ann:Squid:" + hash + "\n",
			}, "-N", "-f", "{dir}/squid.conf")
			f, err := Typed(tt.url + proxy)
			if err != nil {
				t.Fatal(err)
			}
			asked := 0
			d := newDialer(t, Config{Service: fmt.Sprintf("%s:%d", serviceName, service.port()), Proxies: f,
				Ask: func(_ context.Context, l ProxyLogin) (string, string, error) {
					t.Logf("asked: %+v", l)
					asked++
					return "ann", tt.password, nil
				}}, nil)
			for range 3 { // the second and third with what was learnt from the first
				c, err := d.DialContext(inTime(t), "tcp", d.cfg.Service)
				if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
					t.Fatalf("%v, want %v", err, tt.want)
				}
				if err != nil {
					return
				}
				echo(t, c, ca.pool())
			}
			if want := min(len(tt.password), 1); asked != want {
				t.Errorf("asked %d times, want %d", asked, want)
			}
		})
	}
}

// TestSquidFaults: what squid says when it cannot reach the service.
func TestSquidFaults(t *testing.T) {
	proxy := realProxy(t, "squid", map[string]string{
		"squid.conf": squidConf + "http_access allow all\n",
		"hosts":      "127.0.0.1 localhost " + serviceName + "\n",
	}, "-N", "-f", "{dir}/squid.conf")
	f, err := Typed(proxy)
	if err != nil {
		t.Fatal(err)
	}
	d := newDialer(t, Config{Service: serviceName + ":1", Proxies: f}, nil) // nobody is there
	if _, err := d.DialContext(inTime(t), "tcp", serviceName+":1"); !errors.Is(err, ErrProxyTarget) {
		t.Error(err)
	}
}

// TestDante goes through a SOCKS5 proxy. Logins are of the system's users there, so only the open door is tried.
func TestDante(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	for _, tt := range []struct {
		name, rule string
		want       error
	}{
		{"open", "pass", nil},
		{"forbidden", "block", ErrProxyRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy := realProxy(t, "danted", map[string]string{"danted.conf": `errorlog: {dir}/errors
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
socksmethod: none
clientmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 0/0 to: 0/0 }
socks ` + tt.rule + ` { from: 0/0 to: 0/0 }
`}, "-f", "{dir}/danted.conf", "-p", "{dir}/pid")
			f, err := Typed("socks5://" + proxy)
			if err != nil {
				t.Fatal(err)
			}
			d := newDialer(t, Config{Service: fmt.Sprintf("localhost:%d", service.port()), Proxies: f}, nil)
			c, err := d.DialContext(inTime(t), "tcp", d.cfg.Service)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if err == nil {
				echo(t, c, ca.pool())
			}
		})
	}
}
