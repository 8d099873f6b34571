package system

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"assist/signaling/dial"
)

const gnomeManual = `org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', "it's.test", '::1']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.ftp host ''
org.gnome.system.proxy.ftp port 0
org.gnome.system.proxy.http authentication-password 's3cret\'s'
org.gnome.system.proxy.http authentication-user 'ann'
org.gnome.system.proxy.http enabled false
org.gnome.system.proxy.http host 'p.test'
org.gnome.system.proxy.http port 3128
org.gnome.system.proxy.http use-authentication true
org.gnome.system.proxy.https host 'http://q.test'
org.gnome.system.proxy.https port 8080
org.gnome.system.proxy.socks host '2001:db8::1'
org.gnome.system.proxy.socks port 1080
`

// words is settings in few words.
func words(s settings) string {
	out := fmt.Sprint(s.proxies, s.bypass)
	if len(s.proxies) > 0 {
		out += " " + s.proxies[0].User + ":" + string(s.proxies[0].Password)
	}
	if s.script != "" {
		out += " script " + s.script
	}
	if s.detect {
		out += " detect"
	}
	return out
}

func TestGNOME(t *testing.T) {
	auto := func(url string) string {
		return strings.NewReplacer("mode 'manual'", "mode 'auto'", "autoconfig-url ''", "autoconfig-url '"+url+"'").Replace(gnomeManual)
	}
	for name, tt := range map[string]struct{ out, want string }{
		"manual": {gnomeManual, "[http://q.test:8080 http://p.test:3128 socks5://[2001:db8::1]:1080] [localhost 127.0.0.0/8 it's.test ::1] ann:s3cret's"},
		"none":   {strings.Replace(gnomeManual, "'manual'", "'none'", 1), "[] []"},
		"script": {auto("http://a/b.pac"), "[] [] script http://a/b.pac"},
		"detect": {auto(""), "[] [] detect"},
		"empty":  {"", "[] []"},
		"hosts without ports, ports without hosts": {"org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.http host 'a'\n" +
			"org.gnome.system.proxy.http port 0\norg.gnome.system.proxy.socks port 9\norg.gnome.system.proxy.https host 'a/b@c'\n" +
			"org.gnome.system.proxy.https port 9", "[] []"},
	} {
		if got := words(parseGNOME(tt.out)); got != tt.want {
			t.Errorf("%s: %s\nwant %s", name, got, tt.want)
		}
	}
}

const macManual = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 0
  HTTPPort : 3128
  HTTPProxy : off.test
  HTTPSEnable : 1
  HTTPSPort : 3129
  HTTPSProxy : p.test
  ProxyAutoConfigEnable : 1
  ProxyAutoConfigURLString : http://a.test/b.pac
  ProxyAutoDiscoveryEnable : 1
  SOCKSEnable : 1
  SOCKSPort : 1080
  SOCKSProxy : s.test
}
`

func TestMacOS(t *testing.T) {
	want := "[http://p.test:3129 socks5://s.test:1080] [*.local 169.254/16 <local>] : script http://a.test/b.pac detect"
	if got := words(parseMacOS(macManual)); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := words(parseMacOS("<dictionary> {\n}\n")); got != "[] []" {
		t.Errorf("empty: %s", got)
	}
}

func TestWindows(t *testing.T) {
	for name, tt := range map[string]struct {
		c    windowsConf
		want string
	}{
		"off":    {windowsConf{protocols: map[string]string{"": "a:1"}}, "[] []"},
		"one":    {windowsConf{active: true, protocols: map[string]string{"": "a:1"}, bypass: "*.b,<local>"}, "[http://a:1] [*.b <local>] :"},
		"each":   {windowsConf{active: true, protocols: map[string]string{"http": "a:1", "https": "b:2", "socks": "c:3", "ftp": "d:4"}}, "[http://b:2 http://a:1 socks5://c:3] [] :"},
		"script": {windowsConf{auto: true, script: "http://a/b"}, "[] [] script http://a/b"},
		"detect": {windowsConf{auto: true}, "[] [] detect"},
		"broken": {windowsConf{active: true, protocols: map[string]string{"": "a b c"}}, "[] []"},
	} {
		if got := words(tt.c.settings()); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// TestPrograms: what is run, and what becomes of it when it fails, says too much or is not there.
func TestPrograms(t *testing.T) {
	for name, tt := range map[string]struct {
		read func(context.Context, Options) (settings, error)
		run  string
		out  string
		err  error
		want string
	}{
		"GNOME":           {readGNOME, "gsettings list-recursively org.gnome.system.proxy", gnomeManual, nil, "3"},
		"not a GNOME":     {readGNOME, "gsettings list-recursively org.gnome.system.proxy", "", exec.ErrNotFound, "0"},
		"GNOME, too much": {readGNOME, "gsettings list-recursively org.gnome.system.proxy", strings.Repeat("x", maxOutput+1), nil, "system: settings cannot be read: 65537 bytes"},
		"macOS":           {readMacOS, "scutil --proxy", macManual, nil, "2"},
		"macOS, fails":    {readMacOS, "scutil --proxy", "", errors.New("no"), "system: settings cannot be read: no"},
		"macOS, too much": {readMacOS, "scutil --proxy", strings.Repeat("x", maxOutput+1), nil, "system: settings cannot be read: 65537 bytes"},
	} {
		o := Options{Log: slog.New(slog.DiscardHandler), Run: func(_ context.Context, name string, args ...string) ([]byte, error) {
			if got := name + " " + strings.Join(args, " "); got != tt.run {
				t.Errorf("runs %s", got)
			}
			return []byte(tt.out), tt.err
		}}
		s, err := tt.read(t.Context(), o)
		got := fmt.Sprint(len(s.proxies))
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		o.Run = nil
		if _, err := tt.read(t.Context(), o); !errors.Is(err, errNoRun) {
			t.Errorf("%s, nothing to run it with: %v", name, err)
		}
	}
}

// TestRealGNOME sets GNOME's own settings, in a folder of the test, and reads them.
func TestRealGNOME(t *testing.T) {
	t.Setenv("GSETTINGS_BACKEND", "keyfile")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	run := func(ctx context.Context, name string, args ...string) ([]byte, error) {
		return exec.CommandContext(ctx, name, args...).Output()
	}
	for _, set := range [][]string{
		{gnomeSchema, "mode", "manual"},
		{gnomeSchema, "ignore-hosts", `["it's.test", '*.corp.test']`},
		{gnomeSchema + ".https", "host", "p.test"},
		{gnomeSchema + ".https", "port", "3128"},
	} {
		if out, err := run(t.Context(), "gsettings", append([]string{"set"}, set...)...); err != nil {
			t.Skipf("no GNOME settings here: gsettings set %v: %v %s", set, err, out)
		}
	}
	s, err := readGNOME(t.Context(), Options{Run: run, Log: slog.New(slog.DiscardHandler)})
	if got := words(s); err != nil || got != "[http://p.test:3128] [it's.test *.corp.test] :" {
		t.Errorf("%s, %v", got, err)
	}
}

// TestThisComputer asks the real one. What it says depends on it, but not that it says it soon and without a fault of ours.
func TestThisComputer(t *testing.T) {
	began := time.Now()
	f := New(Options{Run: func(ctx context.Context, name string, args ...string) ([]byte, error) {
		return exec.CommandContext(ctx, name, args...).Output()
	}})
	for _, found := range f.Find(t.Context(), "service.test", 443) {
		t.Logf("%+v", found)
		if found.Source == dial.None {
			t.Errorf("without a source: %+v", found)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v on %s", took, runtime.GOOS)
	}
	t.Logf("domain %q", ownDomain())
}

func FuzzSettings(f *testing.F) {
	f.Add(gnomeManual)
	f.Add(macManual)
	f.Add("org.gnome.system.proxy ignore-hosts ['\\")
	f.Fuzz(func(t *testing.T, in string) {
		for _, s := range []settings{parseGNOME(in), parseMacOS(in)} {
			for _, p := range s.proxies {
				if p.Kind == dial.Direct || p.Addr == "" || strings.ContainsAny(p.Addr, " \r\n/@") {
					t.Errorf("%q: %#v", in, p)
				}
			}
			bypassed("a.b", s.bypass)
		}
	})
}
