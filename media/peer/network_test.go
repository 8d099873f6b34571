package peer

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
)

func TestRelayURLs(t *testing.T) {
	for url, want := range map[string]string{
		"turn:a.example:3478?transport=udp":   "a.example:3478 udp=true tls=false",
		"turn:a.example:3478":                 "a.example:3478 udp=true tls=false",
		"turn:[2001:db8::1]:80?transport=tcp": "[2001:db8::1]:80 udp=false tls=false",
		"turns:192.0.2.1:443?transport=tcp":   "192.0.2.1:443 udp=false tls=true",
		"turns:a.example:443":                 "a.example:443 udp=false tls=true",
		"turns:a.example:443?transport=udp":   "", // DTLS
		"stun:a.example:3478":                 "",
		"turn:a.example":                      "",
		"turn:a.example:0":                    "",
		"turn:a.example:70000":                "",
		"turn::3478":                          "",
		"turn:a.example:3478?transport=sctp":  "",
		"turn:a.example:3478?%zz":             "",
		"":                                    "",
	} {
		targets, err := parseRelays([]Relay{{URL: url, Username: "u", Credential: "c"}})
		got := ""
		if err == nil {
			got = targets[0].String() + " udp=" + map[bool]string{true: "true", false: "false"}[targets[0].udp] +
				" tls=" + map[bool]string{true: "true", false: "false"}[targets[0].tls]
		} else if !errors.Is(err, ErrRelay) {
			t.Errorf("%q: %v", url, err)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
	for _, bad := range [][]Relay{nil, {}, make([]Relay, 17), {{URL: "turn:a:1"}}, {{URL: "turn:a:1", Username: "u"}}} {
		if _, err := New(Config{Relays: bad}); !errors.Is(err, ErrRelay) {
			t.Errorf("%d relays: %v", len(bad), err)
		}
	}
}

func TestCredentialsHide(t *testing.T) {
	r := Relay{URL: "turn:a.example:1", Username: "u", Credential: "swordfish"}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "relay", r, "all", []Relay{r})
	all := b.String() + fmt.Sprintf("%v %+v %#v %s %v", r, r, r, r, Config{Relays: []Relay{r}})
	if strings.Contains(all, "swordfish") || !strings.Contains(all, "a.example") {
		t.Error(all)
	}
}

// TestLibrarySeesNoOtherNetwork tries every way out that the library has.
func TestLibrarySeesNoOtherNetwork(t *testing.T) {
	n := newNetwork(Config{}, []target{{host: "127.0.0.1", port: 9, udp: true}})
	defer n.close()
	for name, f := range map[string]func() error{
		"Dial":        func() error { _, err := n.Dial("tcp", "127.0.0.1:9"); return err },
		"DialUDP":     func() error { _, err := n.DialUDP("udp", nil, &net.UDPAddr{}); return err },
		"DialTCP":     func() error { _, err := n.DialTCP("tcp", nil, &net.TCPAddr{}); return err },
		"ListenUDP":   func() error { _, err := n.ListenUDP("udp", nil); return err },
		"ListenTCP":   func() error { _, err := n.ListenTCP("tcp", nil); return err },
		"dialer":      func() error { _, err := n.CreateDialer(nil).Dial("tcp", "127.0.0.1:9"); return err },
		"foreign":     func() error { _, err := n.ResolveUDPAddr("udp", "127.0.0.1:9"); return err },
		"too many":    func() error { _, err := n.ResolveUDPAddr("udp", "r1.relay.invalid:1"); return err },
		"negative":    func() error { _, err := n.ResolveUDPAddr("udp", "r-1.relay.invalid:1"); return err },
		"no number":   func() error { _, err := n.ResolveUDPAddr("udp", "rx.relay.invalid:1"); return err },
		"IPv6 dialer": func() error { _, err := (dialer{&Link{net: n}}).Dial("tcp6", alias(0)); return err },
	} {
		if err := f(); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a, err := n.ResolveUDPAddr("udp", alias(0)); err != nil || a.String() != "127.0.0.1:9" {
		t.Errorf("the relay: %v, %v", a, err)
	}
}

// TestSocketHearsTheRelayAlone sends from a third address.
func TestSocketHearsTheRelayAlone(t *testing.T) {
	listen := func() net.PacketConn {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	relay, stranger := listen(), listen()
	n := newNetwork(Config{}, nil)
	defer n.close()
	s, err := n.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = stranger.WriteTo([]byte("before"), s.LocalAddr())
	if _, err := s.WriteTo([]byte("ask"), relay.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	_, _ = stranger.WriteTo([]byte("after"), s.LocalAddr())
	_, _ = relay.WriteTo([]byte("answer"), s.LocalAddr())
	buf := make([]byte, 100)
	got, from, err := s.ReadFrom(buf)
	if err != nil || string(buf[:got]) != "answer" || from.String() != relay.LocalAddr().String() {
		t.Errorf("%q from %v, %v", buf[:got], from, err)
	}
}
