package invite

import (
	"errors"
	"strings"
	"testing"

	"assist/app/identity"
)

func TestParse(t *testing.T) {
	org, _, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	key := org.String()
	for _, tt := range []struct {
		link, service, code string
		key                 bool
	}{
		{"assist://support.example.com/", "support.example.com", "", false},
		{"assist://support.example.com:8200/1234567", "support.example.com:8200", "123 4567", false},
		{"assist://h/123#4567", "h", "123 4567", false},
		{"assist://h/123#4567," + key, "h", "123 4567", true},
		{"assist://h/#," + key, "h", "", true},
		{"assist://h/123", "h", "", false},
		{"assist://[::1]:443/", "[::1]:443", "", false},
		{"assist://127.0.0.1:443/", "127.0.0.1:443", "", false},
	} {
		i, err := Parse(tt.link)
		if err != nil || i.Service != tt.service || (i.Organisation != nil) != tt.key {
			t.Errorf("%s: %+v, %v", tt.link, i, err)
			continue
		}
		if got := ""; !i.Code.IsZero() {
			if got = i.Code.Display(); got != tt.code {
				t.Errorf("%s: code %q", tt.link, got)
			}
		} else if tt.code != "" {
			t.Errorf("%s: no code", tt.link)
		}
		if tt.key && i.Organisation.String() != key {
			t.Errorf("%s: another key", tt.link)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, link := range []string{
		"", "assist:", "assist://", "assist:///1234567", "http://h/1234567", "ASSIST://h/", "assist://h", "assist://h/12345678", "assist://h/12345",
		"assist://h/1234567/", "assist://h/../x", "assist://h/1234567?x=1", "assist://h/1234567 --log x", "assist://h/\" --log=x", "assist://-h/",
		"assist://h:0/", "assist://h:65536/", "assist://u@h/", "assist://h/#4567", "assist://h/123#456", "assist://h/123#4567,short", "assist://h/\n",
		"assist://h/1234567\x00", `assist://\\server\share/`, "assist://a..b/", "assist://[::zz]/", "assist://h/１２３４５６７",
		"assist://" + strings.Repeat("a", 600) + "/", " assist://h/", "assist://h/123#4567,", "--log=x",
	} {
		if i, err := Parse(link); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %+v, %v", link, i, err)
		}
	}
}

func TestParseService(t *testing.T) {
	for in, want := range map[string]string{
		" support.example.com ": "support.example.com", "h:8200": "h:8200", "": "", "h/x": "", "h#1": "", "a b": "", "h:99999": "", "https://h": "",
	} {
		got, err := ParseService(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"assist://h:1/123#4567,x", "assist://[::1]/", "assist://h/1234567", "assist://h/%2e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := Parse(s)
		if err != nil {
			return
		}
		if i.Service == "" || strings.ContainsAny(i.Service, " \"'\\/@#?\x00") || strings.HasPrefix(i.Service, "-") {
			t.Errorf("%q gives service %q", s, i.Service)
		}
	})
}
