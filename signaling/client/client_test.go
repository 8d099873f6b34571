package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"assist/signaling"
	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hostile is a service that does whatever behave does with each socket.
func hostile(t *testing.T, behave func(context.Context, *websocket.Conn)) Config {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		behave(t.Context(), ws)
	}))
	return startTLS(t, s)
}

func startTLS(t *testing.T, s *httptest.Server) Config {
	t.Helper()
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return Config{Service: s.Listener.Addr().String(), TLS: &tls.Config{RootCAs: roots}}
}

func dial(t *testing.T, cfg Config) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// replying answers every message with text, in which %d is the id of the question.
func replying(text string) func(context.Context, *websocket.Conn) {
	return func(ctx context.Context, ws *websocket.Conn) {
		for {
			_, raw, err := ws.Read(ctx)
			if err != nil {
				return
			}
			id, _, err := signaling.Decode(raw)
			if err != nil {
				return
			}
			answer := strings.ReplaceAll(text, "%d", fmt.Sprint(id))
			if err := ws.Write(ctx, websocket.MessageText, []byte(answer)); err != nil {
				return
			}
		}
	}
}

func TestHostileAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"not JSON":          "hello",
		"unknown field":     `{"type":"welcome","id":%d,"body":{"version":1,"x":1}}`,
		"wrong type":        `{"type":"done","id":%d,"body":{}}`,
		"answer to nothing": `{"type":"welcome","id":4000000,"body":{"version":1}}`,
		"not an event":      `{"type":"welcome","body":{"version":1}}`,
		"an app's message":  `{"type":"leave","id":%d,"body":{}}`,
		"unknown reason":    `{"type":"refused","id":%d,"body":{"reason":"because"}}`,
		"too many relays":   `{"type":"welcome","id":%d,"body":{"version":1,"relays":[` + strings.TrimSuffix(strings.Repeat(`{"url":"u","username":"n","credential":"c"},`, 17), ",") + `]}}`,
		"too long":          `{"type":"welcome","id":%d,"body":{"version":1}}` + strings.Repeat(" ", signaling.MaxMessage),
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, hostile(t, replying(answer)))
			_, err := c.Hello(t.Context())
			if !errors.Is(err, ErrProtocol) && !errors.Is(err, ErrLost) {
				t.Errorf("Hello: %v", err)
			}
			if lost, ok := (<-c.Events()).(signaling.Lost); !ok || lost.Err == nil {
				t.Errorf("event %#v", lost)
			}
			if _, more := <-c.Events(); more {
				t.Error("an event after Lost")
			}
		})
	}
}

func TestFloodOfEvents(t *testing.T) {
	c := dial(t, hostile(t, func(ctx context.Context, ws *websocket.Conn) {
		for ws.Write(ctx, websocket.MessageText, []byte(`{"type":"room-gone","body":{"room":"042","reason":"expired"}}`)) == nil {
		}
	}))
	<-c.done // nobody reads the events
	n := 0
	for e := range c.Events() {
		if lost, ok := e.(signaling.Lost); ok && !errors.Is(lost.Err, ErrProtocol) {
			t.Errorf("lost because of %v", lost.Err)
		}
		n++
	}
	if n != maxEvents+1 {
		t.Errorf("%d events were kept", n)
	}
}

func TestServiceThatAcceptsAnyPassword(t *testing.T) {
	c := dial(t, hostile(t, func(ctx context.Context, ws *websocket.Conn) {
		for {
			_, raw, err := ws.Read(ctx)
			if err != nil {
				return
			}
			id, m, _ := signaling.Decode(raw)
			var answer signaling.Message
			switch m.(type) {
			case signaling.Hello:
				answer = signaling.Welcome{Version: signaling.Version}
			case signaling.SignInStart:
				answer = signaling.Challenge{KE2: bytes.Repeat([]byte{1}, 320)}
			default:
				answer = signaling.SignedIn{Certificate: []byte("forged")}
			}
			frame, _ := signaling.Encode(id, answer)
			_ = ws.Write(ctx, websocket.MessageText, frame)
		}
	}))
	if a, err := c.SignIn(t.Context(), "ann", "correct horse battery"); !errors.Is(err, ErrSignInFailed) || a.Certificate != nil {
		t.Errorf("signed in: %v, %v", a, err)
	}
}

func TestEndOfTheCallersPatience(t *testing.T) {
	c := dial(t, hostile(t, func(ctx context.Context, ws *websocket.Conn) {
		for {
			if _, _, err := ws.Read(ctx); err != nil {
				return
			}
		}
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Hello(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Hello: %v", err)
	}
	if err := c.cause(); err != nil {
		t.Errorf("the connection is over: %v", err)
	}
}

func TestCloseWakesCallers(t *testing.T) {
	asked := make(chan struct{})
	c := dial(t, hostile(t, func(ctx context.Context, ws *websocket.Conn) {
		_, _, _ = ws.Read(ctx)
		close(asked)
		_, _, _ = ws.Read(ctx)
	}))
	result := make(chan error)
	go func() { _, err := c.Hello(t.Context()); result <- err }()
	<-asked
	c.Close()
	if err := <-result; !errors.Is(err, ErrClosed) {
		t.Errorf("Hello: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if err := c.Leave(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Leave: %v", err)
	}
}

func TestDialErrors(t *testing.T) {
	answer := func(code int) Config {
		return startTLS(t, httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(code)
		})))
	}
	stranger := answer(200)
	stranger.TLS = nil
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	refused := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no way") }
	for _, tt := range []struct {
		name string
		cfg  Config
		want error
	}{
		{"full", answer(503), ErrFull},
		{"not the service", answer(200), ErrProtocol},
		{"redirected", answer(302), ErrProtocol},
		{"unknown certificate", stranger, ErrUntrusted},
		{"TLS 1.2", startTLS(t, old), ErrUnreachable},
		{"nobody there", Config{Service: "127.0.0.1:1"}, ErrUnreachable},
		{"no way out", Config{Service: "assist.example", Dial: refused}, ErrUnreachable},
		{"no host", Config{Service: ""}, ErrUnreachable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c, err := Dial(t.Context(), tt.cfg); !errors.Is(err, tt.want) {
				t.Errorf("Dial: %v, %v; want %v", c, err, tt.want)
			}
		})
	}
}

func TestDefaultPort(t *testing.T) {
	for service, want := range map[string]string{
		"assist.example": "assist.example:443", "assist.example:8443": "assist.example:8443", "::1": "[::1]:443", "[::1]": "[::1]:443", "[::1]:1": "[::1]:1",
	} {
		got := ""
		_, err := Dial(t.Context(), Config{Service: service, Dial: func(_ context.Context, _, addr string) (net.Conn, error) {
			got = addr
			return nil, errors.New("enough")
		}})
		if got != want || err == nil {
			t.Errorf("%s: dialled %s, want %s", service, got, want)
		}
	}
}

func TestEveryReasonHasAnError(t *testing.T) {
	seen := map[error]signaling.Reason{}
	for _, r := range signaling.Reasons() {
		err := Error(r)
		if errors.Is(err, ErrProtocol) || seen[err] != "" {
			t.Errorf("%s: %v, like %s", r, err, seen[err])
		}
		seen[err] = r
	}
}

func TestAccountHidesItself(t *testing.T) {
	a := Account{ExportKey: []byte("canary")}
	for _, s := range []string{fmt.Sprint(a), fmt.Sprintf("%+v", a), fmt.Sprintf("%#v", a), fmt.Sprintf("%s", a), a.LogValue().String()} {
		if strings.Contains(s, "canary") || strings.Contains(s, "99") {
			t.Errorf("shown: %s", s)
		}
	}
}
