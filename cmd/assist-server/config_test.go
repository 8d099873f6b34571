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
	if err != nil || c.publicIP.String() != "192.0.2.1" || len(c.Listen) != 1 || c.TLS.Key != "key.pem" {
		t.Errorf("%+v, %v", c, err)
	}
	several := strings.Replace(goodConfig, `"0.0.0.0:443"`, `["0.0.0.0:443", "0.0.0.0:80", "[::]:8200"]`, 1) +
		"[[relay]]\nname = \"eu\"\nkind = \"coturn\"\nurls = [\"turn:eu.example:3478\", \"turns:eu.example:5349\"]\n" +
		"secret_file = \"eu.secret\"\naddresses = [\"9.9.9.9\", \"10.1.2.3\"]\nports = \"50000-60000\"\n" +
		"[limits]\nrate = 1000000\n"
	c, err = parseConfig(several)
	if err != nil || len(c.Listen) != 3 || len(c.peers()) != 2 || c.peers()[1].Last != 60000 || c.Limits.Rate != 1000000 {
		t.Errorf("%+v, %v", c, err)
	}
	for _, tt := range []struct{ from, to, says string }{
		{`key = "key.pem"`, ``, "both certificate and key"},
		{`"assist.example"`, `"assist example"`, "neither a name nor an address"},
		{`"0.0.0.0:443"`, `"assist.example:443"`, "listen must be"},
		{`organisation = "Example Ltd"`, ``, "organisation is missing"},
		{`key = "key.pem"`, `key = "key.pem"` + "\npassword = 1", `line 12: there is no setting "tls.password"`},
		{`"0.0.0.0:443"`, `["0.0.0.0:443", 80]`, "list of texts"},
		{`"0.0.0.0:443"`, `[]`, "listen must be"},
		{`"0.0.0.0:443"`, `["0.0.0.0:443", "0.0.0.0"]`, "listen must be"},
		{`[tls]`, "relay_ports = \"9-3\"\n[tls]", "relay_ports"},
		{`[tls]`, "[[relay]]\nname = \"EU\"\naddresses = [\"9.9.9.9\"]\n[tls]", `name "EU"`},
		{`[tls]`, "[[relay]]\nname = \"own\"\naddresses = [\"9.9.9.9\"]\n[tls]", "is taken"},
		{`[tls]`, "[[relay]]\nname = \"eu\"\n[tls]", "addresses is missing"},
		{`[tls]`, "[[relay]]\nname = \"eu\"\naddresses = [\"9.9.9.9\"]\nurls = [\"turn:eu.example:443\"]\n[tls]", "secret_file is missing"},
		{`[tls]`, "[[relay]]\nname = \"eu\"\naddresses = [\"9.9.9.9\"]\nurls = [\"http://eu\"]\nsecret_file = \"s\"\n[tls]", "malformed address"},
		{`[tls]`, "[[relay]]\nname = \"eu\"\nkind = \"eturnal\"\naddresses = [\"9.9.9.9\"]\n[tls]", "kind must be"},
		{`[tls]`, "[[relay]]\nname = \"eu\"\naddresses = [\"9.9.9.9\"]\nsecret = \"x\"\n[tls]", "there is no setting"},
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
	f.Add(goodConfig + "[[relay]]\nname = \"eu\"\naddresses = [\"9.9.9.9\"]\n")
	f.Add("[[tls]]\n")
	f.Add("a.b.c = 1\n\"listen\" = 'x'")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseConfig(text); err == nil && (c.Data == "" || !c.publicIP.IsValid()) {
			t.Errorf("%q was taken as %+v", text, c)
		}
	})
}
