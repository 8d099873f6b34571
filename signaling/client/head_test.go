package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestShortHead: the head of the request names the service without its usual port, and has nothing in it that nobody needs.
func TestShortHead(t *testing.T) {
	var heard *http.Request
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard = r
		http.Error(w, "no", http.StatusTeapot)
	}))
	cfg := startTLS(t, s)
	at := cfg.Service
	cfg.DialTLS = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&tls.Dialer{Config: &tls.Config{RootCAs: cfg.TLS.RootCAs, ServerName: "example.com"}}).DialContext(ctx, network, at)
	}
	for service, host := range map[string]string{
		"example.com": "example.com", "example.com:443": "example.com", "example.com:8443": "example.com:8443", "2001:db8::1": "[2001:db8::1]",
	} {
		cfg.Service = service
		if _, err := Dial(t.Context(), cfg); err == nil {
			t.Fatal("a teapot was taken for a service")
		}
		if heard.Host != host || heard.UserAgent() != "Assist" {
			t.Errorf("%s: host %q, agent %q", service, heard.Host, heard.UserAgent())
		}
		for name := range heard.Header {
			if !strings.HasPrefix(name, "Sec-Websocket-") && name != "Upgrade" && name != "Connection" && name != "User-Agent" {
				t.Errorf("%s is said", name)
			}
		}
	}
}
