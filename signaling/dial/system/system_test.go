package system

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/signaling/dial"
	"assist/signaling/dial/pac"

	"go.uber.org/goleak"
)

// The test's own program is the process that scripts run in.
const child = "ASSIST_PAC_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		if err := pac.Main(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func runChild(ctx context.Context, job []byte) ([]byte, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), child+"=1")
	cmd.Stdin = bytes.NewReader(job)
	return cmd.Output()
}

// computer is a computer of a test: files, environment, settings, domain.
type computer struct {
	files    map[string]string
	env      map[string]string
	settings *settings
	err      error
	domain   string
}

func (c computer) finder(t *testing.T) *finder {
	t.Helper()
	home := t.TempDir()
	for name, text := range c.files {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := New(Options{Scripts: runChild, Log: slog.New(slog.DiscardHandler)}).(*finder)
	f.folders, f.getenv, f.domain = []string{home}, func(name string) string { return c.env[name] }, func() string { return c.domain }
	f.read = nil
	if c.settings != nil || c.err != nil {
		f.read = func(context.Context, Options) (settings, error) {
			if c.settings == nil {
				return settings{source: dial.GNOME}, c.err
			}
			return *c.settings, c.err
		}
	}
	return f
}

// said is what a Finder found, in few words.
func said(list []dial.Found) string {
	var words []string
	for _, f := range list {
		w := string(f.Source) + " " + filepath.Base(f.Where) + " " + fmt.Sprint(f.Proxies)
		if f.Err != nil {
			w += " (" + f.Err.Error() + ")"
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

func TestFind(t *testing.T) {
	script := "function FindProxyForURL(url, host) { return host == 'service.test' ? 'PROXY pac:3128; DIRECT' : 'DIRECT' }"
	var fetched []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fetched = append(fetched, r.Host+r.URL.String())
		switch r.URL.Path {
		case "/proxy.pac":
			_, _ = io.WriteString(w, script)
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", pac.MaxScript+1))
		case "/moved":
			http.Redirect(w, r, "/proxy.pac", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	proxy, err := dial.ParseProxy("set:8080")
	if err != nil {
		t.Fatal(err)
	}
	set := func(s settings) *settings { s.source, s.where = dial.GNOME, "org.gnome.system.proxy"; return &s }
	for _, tt := range []struct {
		name string
		c    computer
		host string
		want string
	}{
		{"nothing", computer{}, "", ""},
		{"our file", computer{files: map[string]string{"assist-proxy.txt": "Proxy=a:3128\n"}}, "", "file assist-proxy.txt [http://a:3128]"},
		{"the old file", computer{files: map[string]string{"proxy_ibm.txt": "proxy = socks5://a\r\n"}}, "", "file proxy_ibm.txt [socks5://a:1080]"},
		{"a file that says nothing", computer{files: map[string]string{"proxy_ibm.txt": "hello"}}, "",
			"file proxy_ibm.txt [] (system: no line Proxy=host:port)"},
		{"a file that is too long", computer{files: map[string]string{"proxy_ibm.txt": strings.Repeat("#", maxFile+1)}}, "",
			"file proxy_ibm.txt [] (system: no script: more than 4096 bytes)"},
		{"environment", computer{env: map[string]string{"https_proxy": "http://u:p@a:1", "HTTP_PROXY": "b:2", "ALL_PROXY": "socks5h://c"}}, "",
			"environment HTTPS_PROXY [http://a:1], environment ALL_PROXY [socks5://c:1080], environment HTTP_PROXY [http://b:2]"},
		{"environment, not for this host", computer{env: map[string]string{"HTTPS_PROXY": "a:1", "NO_PROXY": "x,.test"}}, "", ""},
		{"environment, malformed", computer{env: map[string]string{"HTTPS_PROXY": "ftp://ann:swordfish@a:1"}}, "",
			"environment HTTPS_PROXY [] (dial: malformed proxy: unknown scheme)"},
		{"settings", computer{settings: set(settings{proxies: []dial.Proxy{proxy}})}, "", "gnome org.gnome.system.proxy [http://set:8080]"},
		{"settings, not for this host", computer{settings: set(settings{proxies: []dial.Proxy{proxy}, bypass: []string{"*.test"}})}, "", ""},
		{"settings that cannot be read", computer{err: errNoRun}, "", "gnome . [] (system: settings cannot be read)"},
		{"script", computer{settings: set(settings{script: server.URL + "/proxy.pac?token=secret"})}, "", "pac proxy.pac [http://pac:3128 direct]"},
		{"script, another host", computer{settings: set(settings{script: server.URL + "/proxy.pac"})}, "other.test", "pac proxy.pac [direct]"},
		{"script elsewhere", computer{settings: set(settings{script: server.URL + "/moved"})}, "", "pac moved [http://pac:3128 direct]"},
		{"script nowhere", computer{settings: set(settings{script: server.URL + "/loop"})}, "",
			"pac loop [] (system: no script: stopped after 10 redirects)"},
		{"no script", computer{settings: set(settings{script: server.URL + "/none"})}, "", "pac none [] (system: no script: status 404)"},
		{"too long a script", computer{settings: set(settings{script: server.URL + "/long"})}, "",
			"pac long [] (system: no script: more than 1048576 bytes)"},
		{"script of a strange kind", computer{settings: set(settings{script: "gopher://x/y"})}, "",
			`pac y [] (system: malformed address of a script: scheme "gopher")`},
		{"script not asked", computer{env: map[string]string{"HTTPS_PROXY": "a:1"}, settings: set(settings{script: "http://x.invalid/y"})}, "",
			"environment HTTPS_PROXY [http://a:1], pac y [] (system: another source names a proxy)"},
		{"looked for, no domain", computer{settings: set(settings{detect: true})}, "", ""},
		{"looked for, domain of one word", computer{settings: set(settings{detect: true}), domain: "test"}, "", ""},
		{"script before looking for one", computer{settings: set(settings{detect: true, script: server.URL + "/proxy.pac"}), domain: "a.test"}, "",
			"pac proxy.pac [http://pac:3128 direct]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host := tt.host
			if host == "" {
				host = "service.test"
			}
			list := tt.c.finder(t).Find(t.Context(), host, 443)
			if got := said(list); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if all := fmt.Sprintf("%v %+v %#v", list, list, list); strings.Contains(all, "secret") || strings.Contains(all, "swordfish") {
				t.Errorf("shows a secret: %s", all)
			}
		})
	}
}

// TestLookedFor finds the script of the own domain, and keeps it.
func TestLookedFor(t *testing.T) {
	f := computer{settings: &settings{detect: true}, domain: "Lab.Corp.test."}.finder(t)
	var asked []string
	f.fetch = func(_ context.Context, url string) ([]byte, error) {
		asked = append(asked, url)
		return []byte("function FindProxyForURL() { return 'PROXY w:1' }"), nil
	}
	for range 2 {
		list := f.Find(t.Context(), "service.test", 443)
		if got := said(list); got != "wpad wpad.dat [http://w:1]" {
			t.Error(got)
		}
	}
	if got := strings.Join(asked, " "); got != "http://wpad.lab.corp.test./wpad.dat" {
		t.Errorf("asked %s", got)
	}
}

// TestGreedyScript does not keep the finder longer than its time.
func TestGreedyScript(t *testing.T) {
	f := computer{settings: &settings{script: "http://x/y"}}.finder(t)
	f.fetch = func(context.Context, string) ([]byte, error) { return []byte("for (;;) ;"), nil }
	began := time.Now()
	list := f.Find(t.Context(), "service.test", 443)
	if took := time.Since(began); len(list) != 1 || !errors.Is(list[0].Err, pac.ErrLimit) || took > 3*time.Second {
		t.Errorf("%s after %v", said(list), took)
	}
}

// TestNeverHangs: what looks like a proxy file and is a pipe, and a script's server that says nothing.
func TestNeverHangs(t *testing.T) {
	f := computer{}.finder(t)
	if err := os.Mkdir(filepath.Join(f.folders[0], fileNames[0]), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := said(f.Find(t.Context(), "x.test", 443)); got != "file assist-proxy.txt [] (system: no script: not a file)" {
		t.Error(got)
	}
	stop := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}))
	defer silent.Close()
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := fetch(ctx, silent.URL); !errors.Is(err, ErrFetch) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestScriptFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "proxy.pac")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := fetch(t.Context(), "file://"+name); err != nil || string(text) != "x" {
		t.Errorf("%q, %v", text, err)
	}
	for in, want := range map[string]string{
		"file:///etc/proxy.pac": "/etc/proxy.pac",
		"file:///C:/proxy.pac":  "C:/proxy.pac",
	} {
		u, err := url.Parse(in)
		if err != nil || filePath(u) != want {
			t.Errorf("%s: %q, %v", in, filePath(u), err)
		}
	}
	if got := filePath(&url.URL{Scheme: "file", Host: "C:", Path: "/x"}); got != "C:/x" {
		t.Errorf("drive as a host: %q", got)
	}
}

func TestWPADURL(t *testing.T) {
	for in, want := range map[string]string{
		"corp.example": "http://wpad.corp.example./wpad.dat", ".a.b.": "http://wpad.a.b./wpad.dat",
		"": "", "com": "", "a.b/c": "", "a.b@c": "", "a b.c": "", "a.b\r\n": "", strings.Repeat("a.", 150): "",
	} {
		if got := wpadURL(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestBypassed(t *testing.T) {
	list := []string{"localhost", "127.0.0.0/8", "::1", "*.corp.test", ".dot.test", "10.*", "169.254/16", "<local>", " Exact.Test ", "[2001:db8::]/32", ""}
	for host, want := range map[string]bool{
		"localhost": true, "127.1.2.3": true, "::1": true, "a.corp.test": true, "corp.test": false, "a.dot.test": true, "10.1.2.3": true,
		"169.254.9.9": true, "169.253.9.9": false, "plain": true, "exact.test": true, "inexact.test": false, "192.0.2.1": false, "service.test": false,
	} {
		if got := bypassed(host, list); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestParseFile(t *testing.T) {
	for in, want := range map[string]string{
		"Proxy=a:1":               "[http://a:1]",
		"\ufeff PROXY = a:1 \r\n": "[http://a:1]",
		"# c\n\nproxy=a:1\nProxy=socks5://u:p@b:2\n": "[http://a:1 socks5://b:2]",
		"Proxy=\nProxy=a:1":                          "[http://a:1]",
		"ProxyHost=a:1":                              "[] system: no line Proxy=host:port",
		"Proxy=a:0":                                  "[] dial: malformed proxy: port",
		"Proxy=a b":                                  "[] dial: malformed proxy: not a URL",
		"":                                           "[] system: no line Proxy=host:port",
		strings.Repeat("Proxy=a:1\n", 2*maxProxies): "[" + strings.TrimSpace(strings.Repeat("http://a:1 ", maxProxies)) + "]",
	} {
		list, err := parseFile([]byte(in))
		got := fmt.Sprint(list)
		if err != nil {
			got += " " + err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func FuzzParseFile(f *testing.F) {
	for _, s := range []string{"Proxy=a:1\n", "\ufeffproxy=socks5://u:p@[::1]:9\r\n#x\n", "Proxy=\x00", "=\n=", "Proxy=%zz:1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		list, err := parseFile(in)
		if (err == nil) != (len(list) > 0) || len(list) > maxProxies {
			t.Errorf("%v, %v", list, err)
		}
		for _, p := range list {
			if p.Kind == dial.Direct || strings.ContainsAny(p.Addr, " \r\n\x00/") {
				t.Errorf("%q: %#v", in, p)
			}
		}
	})
}
