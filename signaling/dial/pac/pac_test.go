package pac

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test's own program is the process that scripts run in.
const child = "ASSIST_PAC_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		if err := Main(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
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

// fake is a computer of a test: a Sunday, 2026-11-22 14:30:15 in Tokyo.
func fake() *system {
	names := map[string][]netip.Addr{
		"intra.corp.test": {netip.MustParseAddr("10.1.2.3")},
		"dual.test":       {netip.MustParseAddr("2001:db8::7"), netip.MustParseAddr("192.0.2.7")},
		"six.test":        {netip.MustParseAddr("2001:db8::6")},
	}
	return &system{
		known: map[string][]netip.Addr{},
		now:   func() time.Time { return time.Date(2026, 11, 22, 14, 30, 15, 0, time.FixedZone("JST", 9*3600)) },
		own: func() []netip.Addr {
			return []netip.Addr{netip.MustParseAddr("10.9.8.7"), netip.MustParseAddr("2001:db8::1")}
		},
		lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			if list, ok := names[host]; ok {
				return list, nil
			}
			return nil, errors.New("unknown")
		},
	}
}

// TestFunctions evaluates each promised function in a script.
func TestFunctions(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{`isPlainHostName("www")`, "true"},
		{`isPlainHostName("www.a.test")`, "false"},
		{`dnsDomainIs("www.a.test", ".a.test")`, "true"},
		{`dnsDomainIs("WWW.A.TEST", ".a.test")`, "true"},
		{`dnsDomainIs("www", ".a.test")`, "false"},
		{`localHostOrDomainIs("www.a.test", "www.a.test")`, "true"},
		{`localHostOrDomainIs("www", "www.a.test")`, "true"},
		{`localHostOrDomainIs("www.b.test", "www.a.test")`, "false"},
		{`localHostOrDomainIs("home.a.test", "www.a.test")`, "false"},
		{`isResolvable("intra.corp.test")`, "true"},
		{`isResolvable("nowhere.test")`, "false"},
		{`isResolvable("six.test")`, "false"},
		{`isResolvableEx("six.test")`, "true"},
		{`isResolvableEx("nowhere.test")`, "false"},
		{`isInNet("10.1.2.3", "10.1.0.0", "255.255.0.0")`, "true"},
		{`isInNet("intra.corp.test", "10.1.2.3", "255.255.255.255")`, "true"},
		{`isInNet("10.2.2.3", "10.1.0.0", "255.255.0.0")`, "false"},
		{`isInNet("nowhere.test", "0.0.0.0", "0.0.0.0")`, "false"},
		{`isInNet("10.1.2.3", "x", "0.0.0.0")`, "false"},
		{`isInNetEx("six.test", "2001:db8::/32")`, "true"},
		{`isInNetEx("10.1.2.3", "10.0.0.0/8")`, "true"},
		{`isInNetEx("10.1.2.3", "11.0.0.0/8")`, "false"},
		{`isInNetEx("10.1.2.3", "nonsense")`, "false"},
		{`dnsResolve("dual.test")`, "192.0.2.7"},
		{`dnsResolve("nowhere.test")`, "null"},
		{`dnsResolve("192.0.2.9")`, "192.0.2.9"},
		{`dnsResolveEx("dual.test")`, "2001:db8::7;192.0.2.7"},
		{`dnsResolveEx("nowhere.test") === ""`, "true"},
		{`convert_addr("104.16.41.2")`, "1745889538"},
		{`convert_addr("x")`, "0"},
		{`myIpAddress()`, "10.9.8.7"},
		{`myIpAddressEx()`, "10.9.8.7;2001:db8::1"},
		{`sortIpAddressList("10.2.3.9;2001:4898:28:1::2;::1;127.0.0.1")`, "::1;2001:4898:28:1::2;10.2.3.9;127.0.0.1"},
		{`sortIpAddressList("10.2.3.9;x")`, "false"},
		{`dnsDomainLevels("www")`, "0"},
		{`dnsDomainLevels("www.a.test")`, "2"},
		{`shExpMatch("http://a.test/people/ari/index.html", "*/ari/*")`, "true"},
		{`shExpMatch("http://a.test/people/montulli/index.html", "*/ari/*")`, "false"},
		{`shExpMatch("a.test", "?.test")`, "true"},
		{`shExpMatch("axtest", "a.test")`, "false"},
		{`shExpMatch("", "*")`, "true"},
		{`shExpMatch("abc", "a*c*")`, "true"},
		{`shExpMatch("` + strings.Repeat("a", 5000) + `", "` + strings.Repeat("a*", 500) + `b")`, "false"},
		{`weekdayRange("SUN")`, "true"},
		{`weekdayRange("MON", "FRI")`, "false"},
		{`weekdayRange("FRI", "MON")`, "true"},
		{`weekdayRange("SUN", "GMT")`, "true"},
		{`weekdayRange("Someday")`, "false"},
		{`weekdayRange()`, "false"},
		{`timeRange(14)`, "true"},
		{`timeRange(5, "GMT")`, "true"},
		{`timeRange(9, 17)`, "true"},
		{`timeRange(17, 9)`, "false"},
		{`timeRange(22, 15)`, "true"},
		{`timeRange(14, 0, 14, 29)`, "false"},
		{`timeRange(14, 30, 14, 31)`, "true"},
		{`timeRange(14, 30, 16, 14, 31, 0)`, "false"},
		{`timeRange(5, 30, 15, 5, 30, 15, "GMT")`, "true"},
		{`timeRange("x")`, "false"},
		{`dateRange(22)`, "true"},
		{`dateRange(1, 15)`, "false"},
		{`dateRange(15, 1)`, "true"},
		{`dateRange("NOV")`, "true"},
		{`dateRange("nov", "GMT")`, "true"},
		{`dateRange("OCT", "FEB")`, "true"},
		{`dateRange("JAN", "OCT")`, "false"},
		{`dateRange(2026)`, "true"},
		{`dateRange(2024, 2025)`, "false"},
		{`dateRange(2027, 2025)`, "false"},
		{`dateRange(22, "NOV")`, "true"},
		{`dateRange(23, "NOV")`, "false"},
		{`dateRange("NOV", 2026)`, "true"},
		{`dateRange(22, "NOV", 2026)`, "true"},
		{`dateRange(22, "NOV", 2025)`, "false"},
		{`dateRange()`, "false"},
		{`dateRange(24, "DEC", 6, "JAN")`, "false"},
		{`dateRange(1, "NOV", 6, "JAN")`, "true"},
		{`dateRange("NOV", 2026, "MAR", 2027)`, "true"},
		{`dateRange(23, "NOV", 2026, 1, "MAR", 2027)`, "false"},
		{`dateRange(22, "NOV", 2026, 22, "NOV", 2026, "GMT")`, "true"},
		{`dateRange(22, 23, 24)`, "false"},
		{`dateRange("x")`, "false"},
		{`dateRange(1, "JAN", "FEB", 2)`, "false"},
		{`alert("hello")`, "undefined"},
		{`getClientVersion()`, "1.0"},
		{`typeof require + typeof process + typeof fetch + typeof XMLHttpRequest`, "undefinedundefinedundefinedundefined"},
	} {
		script := "function FindProxyForURL(url, host) { return String(" + tt.expr + "); }"
		got, err := eval(t.Context(), job{Script: script, URL: "https://a.test/", Host: "a.test"}, fake())
		if err != nil || got != tt.want {
			t.Errorf("%.80s: %q, %v; want %q", tt.expr, got, err, tt.want)
		}
	}
}

const office = `
function FindProxyForURL(url, host) {
	if (isPlainHostName(host) || dnsDomainIs(host, ".corp.test") || isInNet(host, "10.0.0.0", "255.0.0.0")) return "DIRECT";
	if (url.substring(0, 6) == "https:" && shExpMatch(host, "*.support.test")) return "PROXY a:3128; SOCKS5 b; DIRECT";
	return "HTTPS c:8443";
}`

// TestScripts asks whole scripts, in the process that is made for it.
func TestScripts(t *testing.T) {
	for _, tt := range []struct {
		name, script, host string
		port               uint16
		want               string
		err                error
	}{
		{"inside", office, "intra", 443, "[direct]", nil},
		{"support", office, "x.support.test", 443, "[http://a:3128 socks5://b:1080 direct]", nil},
		{"other", office, "y.test", 443, "[https://c:8443]", nil},
		{"URL", `function FindProxyForURL(u, h) { return u == "https://y.test/" && h == "y.test" ? "PROXY y:1" : ""; }`, "y.test", 443, "[http://y:1]", nil},
		{"URL with a port", `function FindProxyForURL(u, h) { return u == "https://y.test:8200/" ? "PROXY y:1" : ""; }`, "y.test", 8200, "[http://y:1]", nil},
		{"URL of an address", `function FindProxyForURL(u, h) { return u == "https://[2001:db8::1]/" ? "PROXY y:1" : ""; }`, "2001:db8::1", 443, "[http://y:1]", nil},
		{"Microsoft's first", `function FindProxyForURLEx() { return "PROXY ex:1" } function FindProxyForURL() { return "PROXY old:1" }`, "y", 443, "[http://ex:1]", nil},
		{"null", `function FindProxyForURL() { return null }`, "y", 443, "[direct]", nil},
		{"nothing", `function FindProxyForURL() { }`, "y", 443, "[direct]", nil},
		{"byte order mark", "\ufefffunction FindProxyForURL() { return 'PROXY y:1' }", "y", 443, "[http://y:1]", nil},
		{"Latin-1", "// caf\xe9\nfunction FindProxyForURL() { return 'PROXY y:1' }", "y", 443, "[http://y:1]", nil},
		{"source map", "function FindProxyForURL() { return 'PROXY y:1' }\n//# sourceMappingURL=/etc/passwd", "y", 443, "[http://y:1]", nil},
		{"number", `function FindProxyForURL() { return 7 }`, "y", 443, "[]", ErrScript},
		{"throws", `function FindProxyForURL() { throw new Error("no\n\u0007") }`, "y", 443, "[]", ErrScript},
		{"no function", `var x = 1`, "y", 443, "[]", ErrScript},
		{"not JavaScript", `<html>Not found</html>`, "y", 443, "[]", ErrScript},
		{"empty", ``, "y", 443, "[]", ErrScript},
		{"too long a result", `function FindProxyForURL() { return "PROXY y:1;".repeat(1000) }`, "y", 443, "[]", ErrScript},
		{"too long", "//" + strings.Repeat("x", MaxScript), "y", 443, "[]", ErrLimit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := Find(t.Context(), runChild, []byte(tt.script), tt.host, tt.port)
			if got := fmt.Sprint(list); got != tt.want || !errors.Is(err, tt.err) || err != nil && strings.ContainsAny(err.Error(), "\n\a") {
				t.Errorf("%s, %v; want %s, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// TestGreedyScripts never end, or want all there is. Those of the second half do it within one step of the interpreter,
// where it listens to nobody.
func TestGreedyScripts(t *testing.T) {
	for name, body := range map[string]string{
		"loop":            `for (;;) ;`,
		"loop in a catch": `for (;;) try { for (;;) ; } catch (e) { }`,
		"recursion":       `function f() { return f() + f() } return f()`,
		"list":            `var a = []; for (;;) a.push({})`,
		"text":            `var s = "xxxxxxxx"; for (;;) s += s`,
		"buffers":         `var a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))`,

		"one long text":            `return "x".repeat(1 << 29) + ""`,
		"one long list":            `return new Array(1 << 28).fill("xxxxxxxxxxxxxxx").join("y")`,
		"one search":               `return /^(a|a|b\1)*\1c$/.test("` + strings.Repeat("a", 64) + `")`,
		"one sort":                 `return [].concat.apply([], [new Array(5e6).fill(1).map(Math.random)]).sort().sort().sort().join()`,
		"one replacement":          `var s = "x".repeat(1 << 20); return s.replace(/x/g, s)`,
		"one very long text":       `return "x".repeat(1e15)`,
		"one buffer of everything": `return new ArrayBuffer(1e14).byteLength`,
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			list, err := Find(t.Context(), runChild, []byte("function FindProxyForURL() { "+body+" }"), "y", 443)
			took := time.Since(began)
			// Some of the texts and buffers are too large even to begin with: a mistake of the script, or what the
			// process dies of.
			if !errors.Is(err, ErrLimit) && !errors.Is(err, ErrScript) && !errors.Is(err, ErrRunner) || len(list) != 0 {
				t.Errorf("%v, %v", list, err)
			}
			t.Logf("%v after %v", err, took.Round(time.Millisecond))
			if took > Time+grace+startTime/2 {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestLoopEnds holds the loop against the limit itself, without a process in between.
func TestLoopEnds(t *testing.T) {
	began := time.Now()
	_, err := eval(t.Context(), job{Script: "for (;;) ;"}, fake())
	if took := time.Since(began); !errors.Is(err, ErrLimit) || took > 2*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

// TestLookupsAreBounded counts the names that a script may have looked up.
func TestLookupsAreBounded(t *testing.T) {
	sys := fake()
	count := 0
	sys.lookup = func(context.Context, string) ([]netip.Addr, error) { count++; return nil, errors.New("unknown") }
	script := `function FindProxyForURL() { for (var i = 0; i < 1000; i++) dnsResolve("secret" + i + ".test"); return "" }`
	if _, err := eval(t.Context(), job{Script: script}, sys); err != nil || count != maxLookups {
		t.Errorf("%d lookups, %v", count, err)
	}
}

// TestRunnerFaults: without a process there is no answer, and half of one is none.
func TestRunnerFaults(t *testing.T) {
	says := func(s string, err error) Runner {
		return func(context.Context, []byte) ([]byte, error) { return []byte(s), err }
	}
	for name, tt := range map[string]struct {
		run  Runner
		want error
	}{
		"none":      {nil, ErrRunner},
		"fails":     {says("", io.ErrClosedPipe), ErrRunner},
		"nothing":   {says("", nil), ErrLimit},
		"half":      {says(`{"result":"PROX`, nil), ErrLimit},
		"too long":  {says(`{"result":"`+strings.Repeat("x", MaxAnswer)+`"}`, nil), ErrLimit},
		"too much":  {says(`{"error":"memory","limit":true}`, nil), ErrLimit},
		"a mistake": {says(`{"error":"x"}`, nil), ErrScript},
	} {
		if _, err := Find(t.Context(), tt.run, []byte(office), "y", 443); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	var out bytes.Buffer
	if err := Main(strings.NewReader("nonsense"), &out); err == nil || out.Len() > 0 {
		t.Errorf("a job that is none: %v, %q", err, out.String())
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "[direct]",
		" ":                                      "[direct]",
		"DIRECT":                                 "[direct]",
		"direct":                                 "[direct]",
		"PROXY a:1":                              "[http://a:1]",
		"PROXY a:1; PROXY b:2;DIRECT;":           "[http://a:1 http://b:2 direct]",
		"proxy  a":                               "[http://a:80]",
		"HTTP a:1; HTTPS b; SOCKS c; SOCKS5 d:9": "[http://a:1 https://b:443 socks5://c:1080 socks5://d:9]",
		"SOCKS4 a:1; QUIC b:2; PROXY c:3":        "[http://c:3]",
		"PROXY u:p@a:1; PROXY b:1/x; PROXY c:0; PROXY d?:1; PROXY e#:1": "[]",
		"PROXY [2001:db8::1]:3128":                                      "[http://[2001:db8::1]:3128]",
		"PROXY a:1 b:2; PROXY; ; ;;":                                    "[]",
		"PROXY a\r\nX: y:1":                                             "[]",
		strings.Repeat("PROXY a:1;", 300):                               "[" + strings.TrimSpace(strings.Repeat("http://a:1 ", maxProxies)) + "]",
		"DIRECT;" + strings.Repeat(" ", maxResult):                      "[]",
	} {
		if got := fmt.Sprint(Parse(in)); got != want {
			t.Errorf("%.60q: %s, want %s", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "DIRECT", "PROXY a:1; SOCKS5 [::1]:9;HTTPS b", "PROXY \x00:1;;;", "PROXY a%zz:1", "PROXY a:99999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list := Parse(s)
		if len(list) > maxProxies {
			t.Errorf("%d proxies", len(list))
		}
		for _, p := range list {
			if p.User != "" || p.Password != "" || strings.ContainsAny(p.Addr, " \r\n/@") || (p.Addr == "") != (p.Kind == 0) {
				t.Errorf("%q: %#v", s, p)
			}
		}
	})
}

// FuzzDates feeds the functions whose arguments mean something by their number and kind.
func FuzzDates(f *testing.F) {
	f.Add(`["NOV",2026,"MAR",2027,"GMT"]`)
	f.Add(`["14","30","15","5","30","15"]`)
	f.Add(`["SUN","GMT"]`)
	f.Fuzz(func(t *testing.T, in string) {
		var args []string
		if json.Unmarshal([]byte(in), &args) != nil {
			return
		}
		now := fake().now()
		_, _, _ = weekdayRange(now, args), dateRange(now, args), timeRange(now, args)
		if len(args) > 1 && match(args[0], args[1]) && !strings.ContainsAny(args[1], "*?") && args[0] != args[1] {
			t.Errorf("%q matches %q", args[0], args[1])
		}
	})
}
