package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/audit"
	"assist/signaling/client"
	"github.com/coder/websocket"
)

// raw is a socket that sends whatever it likes.
func (x *service) raw(t *testing.T, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x.roots}}
	defer transport.CloseIdleConnections()
	ws, r, err := websocket.Dial(t.Context(), "wss://"+x.addr+signaling.Path, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: header,
	})
	if err == nil {
		t.Cleanup(func() { ws.CloseNow() })
	}
	return ws, r, err
}

// talker is a socket that speaks the protocol by hand.
type talker struct {
	t  *testing.T
	ws *websocket.Conn
	id uint32
}

func (x *service) talker(t *testing.T) *talker {
	t.Helper()
	ws, _, err := x.raw(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &talker{t: t, ws: ws}
}

func (k *talker) write(frame string) {
	// Errors show when reading.
	_ = k.ws.Write(k.t.Context(), websocket.MessageText, []byte(frame))
}

// ask sends m and returns the answer as it was on the wire.
func (k *talker) ask(m signaling.Message) (raw []byte, answer signaling.Message) {
	k.t.Helper()
	k.id++
	frame, err := signaling.Encode(k.id, m)
	if err != nil {
		k.t.Fatal(err)
	}
	k.write(string(frame))
	_, raw, err = k.ws.Read(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	if _, answer, err = signaling.Decode(raw); err != nil {
		k.t.Fatal(err)
	}
	return raw, answer
}

// ended reads until the service ends the socket.
func (k *talker) ended() error {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, _, err := k.ws.Read(ctx); err != nil {
			if ctx.Err() != nil {
				k.t.Error("the socket was not ended")
			}
			return err
		}
	}
}

func hello(role signaling.Role) string {
	frame, _ := signaling.Encode(1, signaling.Hello{Version: signaling.Version, Role: role})
	return string(frame)
}

func TestWrongMessagesEndTheSocketOnly(t *testing.T) {
	x := serve(t, t.TempDir())
	bystander, engineer := x.customer(t), x.engineer(t)
	customerHello, engineerHello := hello(signaling.Customer), hello(signaling.Engineer)
	for name, frames := range map[string][]string{
		"not JSON":                 {"hello"},
		"empty":                    {""},
		"before hello":             {`{"type":"leave","id":1,"body":{}}`},
		"event from an app":        {customerHello, `{"type":"leave","body":{}}`},
		"service's message":        {customerHello, `{"type":"done","id":2,"body":{}}`},
		"hello twice":              {customerHello, customerHello},
		"engineer's from customer": {customerHello, `{"type":"open-room","id":2,"body":{}}`},
		"confirm without join":     {customerHello, `{"type":"confirm","id":2,"body":{"m3":"AA=="}}`},
		"finish without start":     {engineerHello, `{"type":"sign-in-finish","id":2,"body":{"ke3":"AA=="}}`},
		"KE1 of the wrong size":    {engineerHello, `{"type":"sign-in-start","id":2,"body":{"account":"ann","ke1":"AA=="}}`},
		"unknown field":            {`{"type":"hello","id":1,"body":{"version":1,"role":"customer","admin":true}}`},
		"oversize":                 {customerHello, `{"type":"leave","id":2,"body":{}}` + strings.Repeat(" ", signaling.MaxMessage)},
	} {
		t.Run(name, func(t *testing.T) {
			k := x.talker(t)
			for _, f := range frames {
				k.write(f)
			}
			k.ended()
		})
	}
	t.Run("binary", func(t *testing.T) {
		k := x.talker(t)
		_ = k.ws.Write(t.Context(), websocket.MessageBinary, []byte(customerHello))
		k.ended()
	})
	t.Run("flood", func(t *testing.T) {
		k := x.talker(t)
		k.write(customerHello)
		for range 10 * messageBurst {
			k.write(`{"type":"leave","id":2,"body":{}}`)
		}
		if bye, _ := errors.AsType[websocket.CloseError](k.ended()); bye.Reason != string(signaling.TooManyTries) {
			t.Logf("ended without a word: %v", bye) // it may be cut off before it reads the goodbye
		}
	})
	if _, err := bystander.Relays(t.Context()); err != nil {
		t.Errorf("another socket suffered: %v", err)
	}
	meet(t, bystander, engineer, openRoom(t, engineer))
}

func TestOldAppIsToldSo(t *testing.T) {
	k := serve(t, t.TempDir()).talker(t)
	if _, a := k.ask(signaling.Hello{Version: signaling.Version + 1, Role: signaling.Customer}); a != (signaling.Refused{Reason: signaling.BadVersion}) {
		t.Errorf("answer %#v", a)
	}
}

func TestNobodyDoesAnythingBeforeSigningIn(t *testing.T) {
	x := serve(t, t.TempDir())
	k := x.talker(t)
	k.ask(signaling.Hello{Version: signaling.Version, Role: signaling.Engineer})
	const attempt = "0123456789abcdef0123456789abcdef"
	for _, m := range []signaling.Message{
		signaling.OpenRoom{}, signaling.ExtendRoom{Room: "042"}, signaling.ResumeRoom{Room: "042"}, signaling.CancelRoom{Room: "042"},
		signaling.BurnRoom{Room: "042"}, signaling.Answer{Attempt: attempt, M2: []byte("m2")}, signaling.Accept{Attempt: attempt},
		signaling.Renew{}, signaling.Ended{Attempt: attempt, Reason: "x"}, signaling.Join{Room: "042", Form: theForm, M1: []byte("m1")},
	} {
		if _, a := k.ask(m); a != (signaling.Refused{Reason: signaling.SignInRequired}) {
			t.Errorf("%T was answered with %#v", m, a)
		}
	}
	if events := x.trail(t); len(events) != 0 {
		t.Errorf("recorded: %+v", events)
	}
}

// A line that is cut without a word: neither end hears anything any more.
func TestDeadEngineerIsNoticed(t *testing.T) {
	x := serve(t, t.TempDir(), func(_ *Config, t *times) { t.ping, t.pong = 50*time.Millisecond, 100*time.Millisecond })
	var dead atomic.Bool
	cfg := x.config()
	cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return &line{Conn: c, dead: &dead}, err
	}
	engineer, err := client.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer engineer.Close()
	if _, err := engineer.SignIn(t.Context(), "ann", password); err != nil {
		t.Fatal(err)
	}
	customer := x.customer(t)
	meet(t, customer, engineer, openRoom(t, engineer))
	dead.Store(true)
	if gone := next[signaling.RoomGone](t, customer); gone.Reason != signaling.EngineerGone {
		t.Errorf("customer is told %+v", gone)
	}
}

// line swallows what is written once it is dead.
type line struct {
	net.Conn
	dead *atomic.Bool
}

func (l *line) Write(b []byte) (int, error) {
	if l.dead.Load() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

// Without a record there is no session.
func TestNothingUnrecorded(t *testing.T) {
	broken := &brokenLog{}
	x := serve(t, t.TempDir(), func(c *Config, _ *times) {
		trail, err := audit.Open(context.Background(), broken, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Trail = trail
	})
	engineer, customer := x.engineer(t), x.customer(t)
	digits := openRoom(t, engineer)
	j, _ := meet(t, customer, engineer, digits)
	if err := customer.Confirm(t.Context(), []byte("m3")); err != nil {
		t.Fatal(err)
	}
	next[signaling.Confirmed](t, engineer)
	broken.full.Store(true)
	if err := engineer.Accept(t.Context(), j.Attempt); !errors.Is(err, client.ErrService) {
		t.Errorf("Accept with a full disk: %v", err)
	}
	if gone := next[signaling.RoomGone](t, customer); gone.Reason != signaling.Internal {
		t.Errorf("customer is told %+v", gone)
	}
	if _, err := engineer.OpenRoom(t.Context()); !errors.Is(err, client.ErrService) {
		t.Errorf("OpenRoom with a full disk: %v", err)
	}
	broken.full.Store(false)
	openRoom(t, engineer)
}

// brokenLog keeps nothing but the last record, and nothing at all when full.
type brokenLog struct {
	audit.Log
	full atomic.Bool
	last []byte
	n    uint64
}

func (l *brokenLog) Append(_ context.Context, record []byte, last uint64) (bool, error) {
	if l.full.Load() {
		return false, errors.New("no space left on device")
	}
	l.last, l.n = record, last+1
	return true, nil
}

func (l *brokenLog) Last(context.Context) ([]byte, uint64, error) { return l.last, l.n, nil }

func TestPaths(t *testing.T) {
	x := serve(t, t.TempDir())
	get := func(method, target string) (int, string) {
		t.Helper()
		c, err := tls.Dial("tcp", x.addr, &tls.Config{RootCAs: x.roots})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, target, x.addr)
		answer, _ := io.ReadAll(c)
		var code int
		fmt.Sscanf(string(answer), "HTTP/1.1 %d", &code)
		return code, string(answer)
	}
	for target, want := range map[string]int{
		"/livez": 200, "/readyz": 200, "/v1/session": 426, // a WebSocket is required
	} {
		if got, all := get("GET", target); got != want {
			t.Errorf("GET %s: %d, want %d\n%s", target, got, want, all)
		}
		if got, _ := get("POST", target); got != 404 {
			t.Errorf("POST %s: %d", target, got)
		}
		for _, variant := range []string{
			target + "/", "/" + target, target + "//", "/." + target, target + "/.", target + "/..", target + "%20", target + "%00", target + ";x",
			target + "?", target + "?a=b", strings.ToUpper(target), strings.Replace(target, "e", "%65", 1), strings.Replace(target, "/", "%2f", 1),
			"/x/.." + target, "/x/%2e%2e" + target, "\\" + target[1:], target + ".html", "/v1/../" + target[1:],
		} {
			if got, all := get("GET", variant); got != 404 && got != 400 {
				t.Errorf("GET %s: %d\n%s", variant, got, all)
			}
		}
	}
	for _, target := range []string{"/", "/v1", "/v1/", "/debug/pprof/", "/metrics", "*", "/favicon.ico"} {
		if got, _ := get("GET", target); got != 404 && got != 400 {
			t.Errorf("GET %s: %d", target, got)
		}
	}
}

func TestOrigin(t *testing.T) {
	x := serve(t, t.TempDir())
	for origin, ok := range map[string]bool{"https://" + x.addr: true, "https://evil.example": false, "null": false, "https://127.0.0.1:1": false} {
		ws, r, err := x.raw(t, http.Header{"Origin": {origin}})
		if (err == nil) != ok {
			t.Errorf("origin %s: %v", origin, err)
		}
		if err == nil {
			ws.CloseNow()
		} else if r.StatusCode != http.StatusForbidden {
			t.Errorf("origin %s: %d", origin, r.StatusCode)
		}
	}
}

func TestFull(t *testing.T) {
	x := serve(t, t.TempDir(), func(c *Config, _ *times) { c.MaxPerAddress = 2 })
	one := x.dial(t)
	x.dial(t)
	if _, err := client.Dial(t.Context(), x.config()); !errors.Is(err, client.ErrFull) {
		t.Errorf("third: %v", err)
	}
	one.Close()
	wait(t, "a place is free again", func() bool {
		c, err := client.Dial(t.Context(), x.config())
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func TestSilentStranger(t *testing.T) {
	x := serve(t, t.TempDir(), func(_ *Config, t *times) { t.hello = 50 * time.Millisecond })
	x.talker(t).ended()
}
