package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"assist/app/problem"
	"assist/media/peer"
	"assist/signaling/dial"
)

// demoService starts a service and returns the flags that lead to it.
func demoService(t *testing.T) common {
	t.Helper()
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready")
	cmd := exec.Command(filepath.Join(programs, "assist-server"), "demo", "--ready-file", ready)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	for range 400 {
		var a struct{ Service, CA string }
		text, err := os.ReadFile(ready)
		if err == nil && json.Unmarshal(text, &a) == nil {
			ca := filepath.Join(dir, "ca.pem")
			if err := os.WriteFile(ca, []byte(a.CA), 0o600); err != nil {
				t.Fatal(err)
			}
			return common{Service: a.Service, ServiceCA: ca}
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the service does not begin")
	return common{}
}

// testProxy passes connections on, after greet has read where to, and counts them.
func testProxy(t *testing.T, greet func(c net.Conn, in *bufio.Reader) (target string)) (addr string, passed *atomic.Int32) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	passed = new(atomic.Int32)
	var wg sync.WaitGroup
	var conns sync.Map
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Store(c, true)
			wg.Go(func() {
				defer c.Close()
				in := bufio.NewReader(c)
				to, err := net.Dial("tcp", greet(c, in))
				if err != nil {
					return
				}
				defer to.Close()
				passed.Add(1)
				wg.Go(func() { _, _ = io.Copy(to, in); _ = to.(*net.TCPConn).CloseWrite() })
				_, _ = io.Copy(c, to)
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		conns.Range(func(c, _ any) bool { _ = c.(net.Conn).Close(); return true })
		wg.Wait()
	})
	return ln.Addr().String(), passed
}

// greetHTTP is CONNECT with Basic.
func greetHTTP(c net.Conn, in *bufio.Reader) string {
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return ""
		}
		if req.Header.Get("Proxy-Authorization") == "Basic "+base64.StdEncoding.EncodeToString([]byte("ann:pass word")) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 ok\r\n\r\n")
			return req.RequestURI
		}
		_, _ = io.WriteString(c, "HTTP/1.1 407 no\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")
	}
}

// greetSOCKS is SOCKS5 without a login, to IPv4 addresses.
func greetSOCKS(c net.Conn, in *bufio.Reader) string {
	head := make([]byte, 13)
	if _, err := io.ReadFull(in, head[:3]); err != nil {
		return ""
	}
	_, _ = c.Write([]byte{5, 0})
	if _, err := io.ReadFull(in, head[3:]); err != nil {
		return ""
	}
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return fmt.Sprintf("%d.%d.%d.%d:%d", head[7], head[8], head[9], head[10], int(head[11])<<8|int(head[12]))
}

// TestThroughProxies leads both the line to the service and the link to the other end through a proxy.
func TestThroughProxies(t *testing.T) {
	flags := demoService(t)
	httpAddr, httpPassed := testProxy(t, greetHTTP)
	socksAddr, socksPassed := testProxy(t, greetSOCKS)
	for _, tt := range []struct {
		name, proxy, way string
		passed           *atomic.Int32
	}{
		{"TURN over TCP, HTTP proxy", "ann:pass%20word@" + httpAddr, "turn:%s?transport=tcp", httpPassed},
		{"TURN over TLS, HTTP proxy", "http://ann:pass%20word@" + httpAddr, "turns:%s?transport=tcp", httpPassed},
		{"TURN in a WebSocket, HTTP proxy", "http://ann:pass%20word@" + httpAddr, "turns:%s?transport=ws", httpPassed},
		{"TURN over TCP, SOCKS5 proxy", "socks5://" + socksAddr, "turn:%s?transport=tcp", socksPassed},
		{"TURN over TLS, SOCKS5 proxy", "socks5://" + socksAddr, "turns:%s?transport=tcp", socksPassed},
		{"TURN in a WebSocket, SOCKS5 proxy", "socks5://" + socksAddr, "turns:%s?transport=ws", socksPassed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.passed.Load()
			began := time.Now()
			links := make([]*peer.Link, 2)
			for i := range links {
				links[i] = linkThrough(t, flags, tt.proxy, tt.way)
			}
			meet(t, links[0], links[1])
			t.Logf("linked after %v", time.Since(began).Round(time.Millisecond))
			// For each end one line to the service and one to the relay, and nothing else.
			if n := tt.passed.Load() - before; n != 4 {
				t.Errorf("%d connections through the proxy, want 4", n)
			}
		})
	}
}

// linkThrough asks the service, through a proxy, for relays, and makes a link that has but one way to them.
func linkThrough(t *testing.T, flags common, through, way string) *peer.Link {
	t.Helper()
	flags.Proxy = through
	conf, err := flags.tlsConfig()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	out, err := flags.out(conf, log, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	w := wires{service: flags.Service, tls: conf, out: out, log: log}
	desk, err := w.dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = desk.Close() })
	welcome, err := desk.Hello(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range welcome.Relays {
		at, _, _ := strings.Cut(strings.TrimPrefix(welcome.Relays[i].URL, "turn:"), "?")
		welcome.Relays[i].URL = fmt.Sprintf(way, at)
	}
	relays, dialer, err := out.relays(welcome.Relays)
	if err != nil {
		t.Fatal(err)
	}
	cfg := peer.Config{Dialer: dialer, TLS: conf, Log: log}
	for _, r := range relays {
		cfg.Relays = append(cfg.Relays, peer.Relay{URL: r.URL, Username: r.Username, Credential: r.Credential})
	}
	l, err := peer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// meet connects two links and sends a message.
func meet(t *testing.T, a, b *peer.Link) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	offer, err := a.Offer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.Answer(ctx, offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Accept(answer); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- b.Connect(ctx, a.Fingerprint()) }()
	if err := errors.Join(a.Connect(ctx, b.Fingerprint()), <-done); err != nil {
		t.Fatal(err)
	}
	if err := a.Channel(peer.Chat).Send(ctx, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Channel(peer.Chat).Receive(ctx); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestWaysOut: what the flags make of the way out.
func TestWaysOut(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	if out, err := (&common{Proxy: "p:1"}).out(nil, log, nil); out != nil || err != nil {
		t.Errorf("without a service: %v, %v", out, err)
	}
	if _, err := (&common{Service: "a b"}).out(nil, log, nil); problem.Of(err) != problem.ServiceAddress {
		t.Errorf("malformed service: %v", err)
	}
	if _, err := (&common{Service: "a", Proxy: "ftp://ann:swordfish@p"}).out(nil, log, nil); !errors.Is(err, dial.ErrProxyAddress) ||
		strings.Contains(err.Error(), "swordfish") {
		t.Errorf("malformed proxy: %v", err)
	}
}

// TestScriptProcess runs a proxy script the way the program does.
func TestScriptProcess(t *testing.T) {
	cmd := exec.Command(filepath.Join(programs, "assist"), "pac")
	cmd.Stdin = strings.NewReader(`{"script":"function FindProxyForURL(u, h) { return 'PROXY ' + h + ':1' }","url":"https://a/","host":"a"}`)
	began := time.Now()
	if got, err := collect(cmd); err != nil || string(got) != `{"result":"PROXY a:1"}`+"\n" {
		t.Errorf("%q, %v", got, err)
	}
	t.Logf("took %v", time.Since(began).Round(time.Millisecond))
	if got, err := collect(exec.Command("head", "-c", "100000", "/dev/zero")); err == nil || len(got) > maxOutput {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
