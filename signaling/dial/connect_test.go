package dial

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// httpProxy is a proxy of a test. allow says whether a request may pass, and answers the others itself.
type httpProxy struct {
	*server
	mu       sync.Mutex
	requests []string // their Proxy-Authorization
}

func newHTTPProxy(t testing.TB, target string, allow func(req *http.Request, state *string) (answer string)) *httpProxy {
	t.Helper()
	p := &httpProxy{}
	p.server = serve(t, func(c net.Conn) {
		in, state := bufio.NewReader(c), ""
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			p.mu.Lock()
			p.requests = append(p.requests, req.Header.Get("Proxy-Authorization"))
			p.mu.Unlock()
			if req.Method != http.MethodConnect || !strings.HasPrefix(req.RequestURI, serviceName+":") {
				t.Errorf("%s %s", req.Method, req.RequestURI)
			}
			answer := allow(req, &state)
			if answer == "" {
				answer = "HTTP/1.1 200 Connection established\r\n\r\n"
			}
			if _, err := io.WriteString(c, answer); err != nil {
				return
			}
			if strings.Contains(answer, " 200 ") {
				pipe(c, in, target)
				return
			}
			if strings.Contains(answer, "close") {
				return
			}
		}
	})
	return p
}

// pipe joins a client to a target until one of them goes.
func pipe(c net.Conn, in io.Reader, target string) {
	to, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	done := make(chan bool)
	go func() {
		_, _ = io.Copy(to, in)
		_ = to.(*net.TCPConn).CloseWrite()
		close(done)
	}()
	_, _ = io.Copy(c, to)
	_ = c.Close()
	<-done
	_ = to.Close()
}

func (p *httpProxy) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

const keep407 = "HTTP/1.1 407 Proxy Authentication Required\r\n%sContent-Length: 5\r\n\r\nsorry"

func want407(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("Proxy-Authenticate: " + l + "\r\n")
	}
	return fmt.Sprintf(keep407, b.String())
}

func basicOf(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// checkDigest computes a login in long hand from what stands in it.
func checkDigest(req *http.Request, password string) bool {
	list := parseChallenges([]string{req.Header.Get("Proxy-Authorization")})
	if len(list) != 1 || list[0].scheme != "digest" {
		return false
	}
	p := list[0].params
	sum := digestHashes[strings.ToUpper(p["algorithm"])].sum
	a1, a2 := sum(p["username"]+":"+p["realm"]+":"+password), sum("CONNECT:"+req.RequestURI)
	return p["uri"] == req.RequestURI && p["response"] == sum(strings.Join([]string{a1, p["nonce"], p["nc"], p["cnonce"], "auth", a2}, ":"))
}

func TestProxyLogins(t *testing.T) {
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	type allow = func(*http.Request, *string) string
	basic := func(req *http.Request, _ *string) string {
		if req.Header.Get("Proxy-Authorization") == basicOf("ann", "s3cret: x") {
			return ""
		}
		return want407(`Basic realm="Front door"`)
	}
	digestWith := func(algorithm string) allow {
		return func(req *http.Request, _ *string) string {
			if checkDigest(req, "s3cret: x") {
				return ""
			}
			return want407(`Digest realm="Front door", nonce="abc", qop="auth", algorithm=`+algorithm, `Basic realm="Front door"`)
		}
	}
	for _, tt := range []struct {
		name    string
		allow   allow
		url     string // user and password of the proxy
		asked   int
		want    error
		seen    string // schemes the proxy saw, in order
		seenNow string // and those it saw with the second connection
	}{
		{"no login", allowAll, "", 0, nil, "-", "-"},
		{"basic", basic, "", 1, nil, "- Basic", "Basic"},
		{"basic, login in the URL", basic, "ann:s3cret%3A%20x@", 0, nil, "- Basic", "Basic"},
		{"basic, wrong login in the URL", basic, "ann:no@", 0, ErrProxyLogin, "- Basic", ""},
		{"digest, MD5", digestWith("MD5"), "", 1, nil, "- Digest", "Digest"},
		{"digest, SHA-256", digestWith("SHA-256"), "", 1, nil, "- Digest", "Digest"},
		{"digest, proxy closes each time", func(req *http.Request, s *string) string {
			return strings.Replace(digestWith("MD5")(req, s), "Content-Length: 5", "Connection: close", 1)
		}, "", 1, nil, "- Digest", "Digest"},
		{"digest, chunked text", func(req *http.Request, s *string) string {
			return strings.Replace(digestWith("MD5")(req, s), "Content-Length: 5\r\n\r\nsorry",
				"Transfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n0\r\n\r\n", 1)
		}, "", 1, nil, "- Digest", "Digest"},
		{"digest, stale", func(req *http.Request, s *string) string {
			if *s += "x"; *s == "xx" || *s == "xxx" { // it says so for the first two answers
				return want407(fmt.Sprintf(`Digest realm="r", nonce="n%s", qop="auth", stale=true`, *s))
			}
			return digestWith("MD5")(req, s)
		}, "", 1, nil, "- Digest Digest Digest", "Digest"},
		{"NTLM", func(req *http.Request, s *string) string { return ntlmStep(req, s, "ann") }, "", 1, nil, "- NTLM NTLM", "NTLM NTLM"},
		{"NTLM, another user", func(req *http.Request, s *string) string { return ntlmStep(req, s, "bob") }, "", 1, ErrProxyLogin, "- NTLM NTLM", ""},
		{"NTLM over closed connections", func(req *http.Request, s *string) string {
			return strings.Replace(ntlmStep(req, s, "ann"), "Content-Length: 5", "Connection: close", 1)
		}, "", 1, ErrProxyReply, "- NTLM", ""},
		{"NTLM, broken challenge", func(req *http.Request, s *string) string {
			if req.Header.Get("Proxy-Authorization") == "" {
				return want407("NTLM")
			}
			return want407("NTLM TlRMTVNTUAACAAAA")
		}, "", 1, ErrProxyReply, "- NTLM", ""},
		{"negotiate only", func(*http.Request, *string) string { return want407("Negotiate") }, "", 0, ErrProxyTicket, "-", ""},
		{"unknown scheme", func(*http.Request, *string) string { return want407("Bearer") }, "", 0, ErrProxyLogin, "-", ""},
		{"no scheme", func(*http.Request, *string) string { return want407() }, "", 0, ErrProxyLogin, "-", ""},
		{"forbidden", func(*http.Request, *string) string {
			return "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
		}, "", 0, ErrProxyRefused, "-", ""},
		{"no CONNECT", func(*http.Request, *string) string { return "HTTP/1.0 405 No\r\n\r\n" }, "", 0, ErrProxyRefused, "-", ""},
		{"portal", func(*http.Request, *string) string {
			return "HTTP/1.1 302 Found\r\nLocation: http://x\r\n\r\n"
		}, "", 0, ErrProxyRefused, "-", ""},
		{"target unknown", func(*http.Request, *string) string {
			return "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
		}, "", 0, ErrProxyTarget, "-", ""},
		{"bad request", func(*http.Request, *string) string { return "HTTP/1.1 400 close\r\n\r\n" }, "", 0, ErrProxyRefused, "-", ""},
		{"early answers", func(*http.Request, *string) string {
			return "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 200 ok\r\n\r\n"
		}, "", 0, nil, "-", "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newHTTPProxy(t, service.addr(), tt.allow)
			asked := 0
			cfg := Config{Ask: func(_ context.Context, l ProxyLogin) (string, string, error) {
				asked++
				return "ann", "s3cret: x", nil
			}}
			cfg.TLS = ca.good(t)
			cfg.TLS.RootCAs = ca.pool()
			var err error
			if cfg.Proxies, err = Typed("http://" + tt.url + p.addr()); err != nil {
				t.Fatal(err)
			}
			d := newDialer(t, cfg, nil)
			c, err := d.DialContext(inTime(t), "tcp", serviceName+":443")
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if asked != tt.asked {
				t.Errorf("asked %d times, want %d", asked, tt.asked)
			}
			if tt.want != nil {
				// Other ports may have been tried through the same proxy meanwhile; each begins the same way.
				if got := schemes(p.asked()); !strings.HasPrefix(got, tt.seen) {
					t.Errorf("proxy saw %q, want %q", got, tt.seen)
				}
				return
			}
			echo(t, c, ca.pool())
			first := len(strings.Fields(tt.seen))
			if got := schemes(p.asked()[:first]); got != tt.seen {
				t.Errorf("proxy saw %q, want %q", got, tt.seen)
			}
			before := len(p.asked())
			c, err = d.DialContext(inTime(t), "tcp", serviceName+":443")
			if err != nil {
				t.Fatal(err)
			}
			echo(t, c, ca.pool())
			if got := schemes(p.asked()[before:]); got != tt.seenNow {
				t.Errorf("then it saw %q, want %q", got, tt.seenNow)
			}
			if asked != tt.asked {
				t.Errorf("asked %d times in all, want %d", asked, tt.asked)
			}
		})
	}
}

// schemes returns the first words.
func schemes(headers []string) string {
	var list []string
	for _, h := range headers {
		word, _, _ := strings.Cut(h, " ")
		if word == "" {
			word = "-"
		}
		list = append(list, word)
	}
	return strings.Join(list, " ")
}

// TestLeftoverBelongsToTunnel has a proxy send its answer and the first bytes of the service in one piece.
func TestLeftoverBelongsToTunnel(t *testing.T) {
	p := serve(t, func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 200 ok\r\nX: y\r\n\r\nhello from behind")
		_, _ = io.Copy(io.Discard, c)
	})
	f, _ := Typed(p.addr())
	d := newDialer(t, Config{Service: serviceName + ":443", Proxies: f}, nil)
	c, err := d.DialContext(inTime(t), "tcp", serviceName+":443")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := make([]byte, len("hello from behind"))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "hello from behind" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestHostileProxies answers what no honest proxy does. None may cost more than a bounded time and memory.
func TestHostileProxies(t *testing.T) {
	endless := func(c net.Conn, piece string) {
		for {
			if _, err := io.WriteString(c, piece); err != nil {
				return
			}
		}
	}
	for name, tt := range map[string]struct {
		answer func(c net.Conn)
		want   error
	}{
		"endless header line": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 ok\r\nX: ")
			endless(c, strings.Repeat("x", 4096))
		}, ErrProxyReply},
		"endless header lines":  {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 ok\r\n"); endless(c, "X: y\r\n") }, ErrProxyReply},
		"endless early answers": {func(c net.Conn) { endless(c, "HTTP/1.1 100 Continue\r\n\r\n") }, ErrProxyReply},
		"endless text":          {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 407 x\r\n\r\n"); endless(c, "xxxxxxx") }, ErrProxyLogin},
		"endless chunks": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n\r\n")
			endless(c, "5\r\nsorry\r\n")
		}, ErrProxyLogin},
		"huge length": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 407 x\r\nContent-Length: 99999999999\r\n\r\n")
		}, ErrProxyLogin},
		"SSH":          {func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n") }, ErrProxyReply},
		"zero bytes":   {func(c net.Conn) { endless(c, "\x00\x00\x00\x00") }, ErrProxyReply},
		"no number":    {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 yes fine\r\n\r\n") }, ErrProxyReply},
		"number 999":   {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 999 fine\r\n\r\n") }, ErrProxyReply},
		"goes at once": {func(c net.Conn) {}, ErrCut},
		"goes half way": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 o")
		}, ErrCut},
		"no end of 407": {func(c net.Conn) {
			for i := 0; ; i++ {
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				_, _ = fmt.Fprintf(c, "HTTP/1.1 407 x\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"%d\", qop=auth, stale=true\r\n"+
					"Content-Length: 0\r\n\r\n", i)
			}
		}, ErrProxyLogin},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, func(c net.Conn) {
				if name != "no end of 407" {
					_, _ = http.ReadRequest(bufio.NewReader(c))
				}
				tt.answer(c)
			})
			f, _ := Typed("u:p@" + p.addr())
			d := newDialer(t, Config{Service: serviceName + ":443", Proxies: f}, nil)
			began := time.Now()
			_, err := d.DialContext(inTime(t), "tcp", serviceName+":443")
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzReply(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 Connection established\r\n\r\n",
		"HTTP/1.0 407 x\r\nProxy-Authenticate: Digest realm=\"a \\\" b\", nonce=n, qop=\"auth,auth-int\"\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM TlRMTVNTUAAC==\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 100 x\n\nHTTP/1.1 200 x\n\n", "HTTP/1.1 -1 x\r\n\r\n", "HTTP/", "",
		"HTTP/1.1 407 x\r\nProxy-Authenticate: Digest ,,,=\"\\\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		head, err := readHead(r)
		if err != nil {
			return
		}
		if len(head) > maxHead || len(head)+r.Len() != len(in) {
			t.Fatalf("%d bytes of head, %d left of %d", len(head), r.Len(), len(in))
		}
		rep, err := parseReply(head)
		if err != nil {
			if !errors.Is(err, ErrProxyReply) {
				t.Error(err)
			}
			return
		}
		if rep.status < 100 || rep.status > 599 || len(rep.challenges) > maxChallenges {
			t.Errorf("%+v", rep)
		}
		if c, ok := pick(rep.challenges); ok && c.scheme == "digest" {
			if s := digest(c, "CONNECT", "h:1", "u", "p", "c", 1); strings.ContainsAny(s, "\r\n") {
				t.Errorf("%q", s)
			}
		}
	})
}

// allowAll lets every request pass.
func allowAll(*http.Request, *string) string { return "" }
