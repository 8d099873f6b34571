package main

import (
	"strings"
	"testing"
)

const goodConfig = `listen = "0.0.0.0:443"
public_ip = "192.0.2.1"
data = "/var/lib/assist"
organisation = "Example Ltd"
hosts = ["assist.example", "192.0.2.1"]
nats = "tls://nats.example"
relay_secret_file = "secret"

[tls]
certificate = "cert.pem"
key = "key.pem"
`

func TestParseConfig(t *testing.T) {
	c, err := parseConfig(goodConfig)
	if err != nil || c.publicIP.String() != "192.0.2.1" || c.listen.Port() != 443 || c.TLS.Key != "key.pem" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, tt := range []struct{ from, to, says string }{
		{`key = "key.pem"`, ``, "both certificate and key"},
		{`"assist.example"`, `"assist example"`, "neither a name nor an address"},
		{`"0.0.0.0:443"`, `"assist.example:443"`, "listen must be"},
		{`organisation = "Example Ltd"`, ``, "organisation is missing"},
		{`key = "key.pem"`, `key = "key.pem"` + "\npassword = 1", `line 12: there is no setting "tls.password"`},
		{`[tls]`, "[tls.more]\nx = 1\n[tls]", `line 9: there is no setting "tls.more"`},
	} {
		text := strings.Replace(goodConfig, tt.from, tt.to, 1)
		if _, err := parseConfig(text); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q for %q: %v, want %q", tt.to, tt.from, err, tt.says)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(goodConfig)
	f.Add("[[tls]]\n")
	f.Add("a.b.c = 1\n\"listen\" = 'x'")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseConfig(text); err == nil && (c.Data == "" || !c.publicIP.IsValid()) {
			t.Errorf("%q was taken as %+v", text, c)
		}
	})
}
