package dial

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
	"testing"
	"time"
)

// realm is a Kerberos realm of a test, ASSIST.TEST, with one person, ann, and the proxy localhost.
type realm struct {
	dir, addr string
	env       []string // of those who are in it
}

// run runs one of the realm's programs.
func (r *realm) run(t *testing.T, in, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stdin = r.env, strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}

func (r *realm) path(name string) string { return filepath.Join(r.dir, name) }

// newRealm starts a KDC on loopback, if one is installed.
func newRealm(t *testing.T) *realm {
	t.Helper()
	for _, program := range []string{"/usr/sbin/krb5kdc", "/usr/sbin/kdb5_util", "/usr/sbin/kadmin.local", "/usr/bin/kinit", "/usr/lib/squid/negotiate_kerberos_auth"} {
		if _, err := os.Stat(program); err != nil {
			t.Skipf("%s is not installed: on Debian, apt-get install krb5-kdc krb5-admin-server krb5-user squid", program)
		}
	}
	dir, err := os.MkdirTemp("", "assist-realm-") // squid gives up being root, and must read the proxy's key
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
	r := &realm{dir: dir, addr: ln.Addr().String()}
	_ = ln.Close()
	r.env = append(os.Environ(), "KRB5_CONFIG="+r.path("krb5.conf"), "KRB5_KDC_PROFILE="+r.path("kdc.conf"), "KRB5CCNAME=FILE:"+r.path("ccache"))
	for name, text := range map[string]string{
		"krb5.conf": "[libdefaults]\ndefault_realm = ASSIST.TEST\ndns_lookup_kdc = false\ndns_lookup_realm = false\nrdns = false\n" +
			"dns_canonicalize_hostname = false\n[realms]\nASSIST.TEST = {\n kdc = {addr}\n}\n[domain_realm]\nlocalhost = ASSIST.TEST\n",
		"kdc.conf": "[realms]\nASSIST.TEST = {\n database_name = {dir}/principal\n key_stash_file = {dir}/stash\n acl_file = {dir}/acl\n" +
			" kdc_listen = {addr}\n kdc_tcp_listen = {addr}\n}\n[logging]\nkdc = FILE:{dir}/log\nkdc = STDERR\n",
	} {
		text = strings.NewReplacer("{dir}", dir, "{addr}", r.addr).Replace(text)
		if err := os.WriteFile(r.path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r.run(t, "", "/usr/sbin/kdb5_util", "create", "-s", "-r", "ASSIST.TEST", "-P", "master")
	for _, q := range []string{"addprinc -pw s3cret ann", "addprinc -randkey HTTP/localhost", "ktadd -k " + r.path("keytab") + " HTTP/localhost"} {
		r.run(t, "", "/usr/sbin/kadmin.local", "-r", "ASSIST.TEST", "-q", q)
	}
	if err := os.Chmod(r.path("keytab"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	return r
}

// start starts the KDC and waits until it answers.
func (r *realm) start(t *testing.T) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("/usr/sbin/krb5kdc", "-n", "-r", "ASSIST.TEST")
	cmd.Env, cmd.Stdout, cmd.Stderr = r.env, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(out.String())
		}
	})
	for range 400 {
		if c, err := net.Dial("tcp", r.addr); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("KDC does not answer")
}

// TestSquidKerberos goes through squid with a ticket of a KDC, both as Debian has them. Nobody types a password.
func TestSquidKerberos(t *testing.T) {
	r := newRealm(t)
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	const negotiate = "auth_param negotiate program /usr/bin/env KRB5_CONFIG={realm}/krb5.conf KRB5_KTNAME={realm}/keytab KRB5RCACHENAME=none: " +
		"/usr/lib/squid/negotiate_kerberos_auth -s HTTP/localhost\nauth_param negotiate children 2\n"
	const basic = "auth_param basic program /usr/lib/squid/basic_ncsa_auth {dir}/basic\nauth_param basic realm Squid\n"
	start := func(t *testing.T, auth string) string {
		addr := realProxy(t, "squid", map[string]string{
			"squid.conf": squidConf + strings.ReplaceAll(auth, "{realm}", r.dir) + "acl in proxy_auth REQUIRED\nhttp_access allow in\nhttp_access deny all\n",
			"hosts":      "127.0.0.1 localhost " + serviceName + "\n",
			"basic":      "ann:$apr1$assist12$wD/7j/4p0mL1SHYNLqoib1\n", // "s3cret: x" as htpasswd keeps it
		}, "-N", "-f", "{dir}/squid.conf")
		return strings.Replace(addr, "127.0.0.1", "localhost", 1)
	}
	both, alone := start(t, negotiate+basic), start(t, negotiate)
	t.Setenv("KRB5_CONFIG", r.path("krb5.conf"))
	for _, tt := range []struct {
		name, proxy, cache string
		asked              int
		want               error
	}{
		{"ticket", both, "ccache", 0, nil},
		{"ticket, and nothing else is taken", alone, "ccache", 0, nil},
		{"no ticket", both, "none", 1, nil},
		{"no ticket, and nothing else is taken", alone, "none", 0, ErrProxyTicket},
		{"proxy by address has no ticket", strings.Replace(both, "localhost", "127.0.0.1", 1), "ccache", 1, nil},
		{"ticket for another's key", both, "changed", 1, nil},
		{"ticket for another's key, and nothing else is taken", alone, "changed", 0, ErrProxyLogin},
	} {
		t.Run(tt.name, func(t *testing.T) {
			switch tt.cache {
			case "ccache":
				r.run(t, "s3cret\n", "/usr/bin/kinit", "-c", r.path("ccache"), "ann")
			case "changed": // the proxy's key file is not what the KDC knows
				r.run(t, "", "/usr/sbin/kadmin.local", "-r", "ASSIST.TEST", "-q", "cpw -randkey HTTP/localhost")
				r.run(t, "s3cret\n", "/usr/bin/kinit", "-c", r.path("changed"), "ann")
			}
			t.Setenv("KRB5CCNAME", "FILE:"+r.path(tt.cache))
			asked := 0
			d := newDialer(t, Config{Service: fmt.Sprintf("%s:%d", serviceName, service.port()), Proxies: typed(t, tt.proxy),
				Ask: func(context.Context, ProxyLogin) (string, string, error) {
					asked++
					return "ann", "s3cret: x", nil
				}}, nil)
			d.logins.tickets = kerberosTicket
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
			if asked != tt.asked {
				t.Errorf("asked %d times, want %d", asked, tt.asked)
			}
		})
	}
}

// TestForeignTools reads the cache that another program has filled: kvno puts the proxy's ticket in, and no KDC is needed.
func TestForeignTools(t *testing.T) {
	r := newRealm(t)
	r.run(t, "s3cret\n", "/usr/bin/kinit", "-c", r.path("ccache"), "ann")
	t.Setenv("KRB5CCNAME", "FILE:"+r.path("ccache"))
	t.Setenv("KRB5_CONFIG", r.path("krb5.conf"))
	fresh, err := kerberosTicket(inTime(t), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(fresh.until); left < time.Hour || left > 48*time.Hour {
		t.Errorf("lasts %v", left)
	}
	if _, err := kerberosTicket(inTime(t), "other.test"); err == nil {
		t.Error("ticket for a proxy that the KDC does not know")
	}
	r.run(t, "", "/usr/bin/kvno", "-c", r.path("ccache"), "HTTP/localhost")
	t.Setenv("KRB5_CONFIG", r.path("none"))
	kept, err := kerberosTicket(inTime(t), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	one, err := kept.token()
	two, err2 := kept.token()
	if err != nil || err2 != nil || bytes.Equal(one, two) {
		t.Errorf("%v, %v, or the same token twice", err, err2)
	}
}
