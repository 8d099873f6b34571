package dial

import (
	"reflect"
	"strings"
	"testing"
)

// The examples of RFC 2617 section 3.5 and RFC 7616 section 3.9.1, and two more of the kind.
func TestDigestVectors(t *testing.T) {
	const old = `realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`
	const now = `realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	for _, tt := range []struct{ name, challenge, user, password, cnonce, response string }{
		{"RFC 2617", old, "Mufasa", "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"},
		{"RFC 7616 MD5", now + ", algorithm=MD5", "Mufasa", "Circle of Life",
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 SHA-256", now + ", algorithm=SHA-256", "Mufasa", "Circle of Life",
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		// RFC 2069, with its erratum 749: the answer without qop.
		{"RFC 2069", strings.Replace(old, `qop="auth,auth-int", `, "", 1), "Mufasa", "CircleOfLife", "",
			"1949323746fe6a43ef61f9606e7febea"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, ok := pick(parseChallenges([]string{"Digest " + tt.challenge}))
			if !ok {
				t.Fatal("not a challenge")
			}
			got := digest(c, "GET", "/dir/index.html", tt.user, Secret(tt.password), tt.cnonce, 1)
			if want := `response="` + tt.response + `"`; !strings.Contains(got, want) {
				t.Errorf("%s\nwant %s", got, want)
			}
			if _, qop := c.params["qop"]; qop != strings.Contains(got, "qop=auth, nc=00000001") {
				t.Errorf("qop: %s", got)
			}
			if strings.Contains(got, tt.password) {
				t.Error("the password is in it")
			}
		})
	}
}

// The name is hashed as in RFC 7616 section 3.9.2, as its errata have it; the answer is checked by computing it in long hand.
func TestDigestUserHash(t *testing.T) {
	c := parseChallenges([]string{`Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ` +
		`nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true`})[0]
	const user, cnonce = "Jäsøn Doe", "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm"
	got := digest(c, "GET", "/doe.json", user, "Secret, or not?", cnonce, 1)
	a1 := sumSHA512(user + ":api@example.org:Secret, or not?")
	a2 := sumSHA512("GET:/doe.json")
	for _, want := range []string{
		`username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"`,
		`userhash=true`, `algorithm=SHA-512-256`,
		`response="` + sumSHA512(a1+":"+c.params["nonce"]+":00000001:"+cnonce+":auth:"+a2) + `"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	s := c
	s.params["algorithm"] = "SHA-256-sess"
	a1 = sumSHA256(sumSHA256(user+":api@example.org:p") + ":" + c.params["nonce"] + ":" + cnonce)
	want := sumSHA256(a1 + ":" + c.params["nonce"] + ":0000000a:" + cnonce + ":auth:" + sumSHA256("CONNECT:a:1"))
	if got := digest(s, "CONNECT", "a:1", user, "p", cnonce, 10); !strings.Contains(got, want) {
		t.Errorf("-sess: %s\nlacks %s", got, want)
	}
}

func TestChallenges(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []string
		want string // schemes
		pick string
	}{
		{"none", nil, "", ""},
		{"basic", []string{`Basic realm="x"`}, "basic", "basic"},
		{"two in a line", []string{`Basic realm="a, b", Digest realm="x", nonce="n", qop="auth"`}, "basic digest", "digest"},
		{"a line each", []string{"Negotiate", "NTLM", `Basic realm="x"`}, "negotiate ntlm basic", "ntlm"},
		{"names in any case", []string{"nEGOTIATE", "ntlm"}, "negotiate ntlm", "ntlm"},
		{"negotiate alone", []string{"Negotiate"}, "negotiate", ""},
		{"stronger hash", []string{`Digest realm="x",nonce="n",qop="auth",algorithm=MD5`,
			`Digest realm="x",nonce="n",qop="auth",algorithm=SHA-256`}, "digest digest", "digest SHA-256"},
		{"unknown hash", []string{`Digest realm="x",nonce="n",algorithm=SHA-3`, "Basic"}, "digest basic", "basic"},
		{"auth-int only", []string{`Digest realm="x",nonce="n",qop="auth-int"`}, "digest", ""},
		{"NTLM with a message", []string{"NTLM TlRMTVNTUAACAAAA=="}, "ntlm", "ntlm"},
		{"unknown", []string{"Bearer realm=x", "Hoba result=1"}, "bearer hoba", ""},
		{"stray parameters", []string{`realm="x", =, "", Basic realm=x`}, "basic", "basic"},
		{"string without end", []string{`Basic realm="x`}, "basic", "basic"},
		{"only commas", []string{",,, ,\t,"}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := parseChallenges(tt.in)
			var schemes []string
			for _, c := range list {
				schemes = append(schemes, c.scheme)
			}
			if got := strings.Join(schemes, " "); got != tt.want {
				t.Errorf("schemes %q, want %q", got, tt.want)
			}
			c, ok := pick(list)
			got := strings.TrimSpace(c.scheme + " " + c.params["algorithm"])
			if ok != (tt.pick != "") || !strings.HasPrefix(got, tt.pick) {
				t.Errorf("picked %q, %v; want %q", got, ok, tt.pick)
			}
		})
	}
	c := parseChallenges([]string{`Digest Realm="a \"b\" \\", nonce=abc , stale=TRUE, NTLM QUJD`})
	want := map[string]string{"realm": `a "b" \`, "nonce": "abc", "stale": "TRUE"}
	if len(c) != 2 || !reflect.DeepEqual(c[0].params, want) || c[1].token != "QUJD" {
		t.Errorf("%+v", c)
	}
}

// TestQuoteKeepsHeader tries to break out of a header with what a proxy says.
func TestQuoteKeepsHeader(t *testing.T) {
	c := challenge{scheme: "digest", params: map[string]string{"realm": "a\"\r\nX: y", "nonce": "n\x00\n", "opaque": "o\r"}}
	got := digest(c, "CONNECT", "h:1", "u\r\n", "p", "c", 1)
	if strings.ContainsAny(got, "\r\n\x00") || !strings.Contains(got, `realm="a\"X: y"`) {
		t.Errorf("%q", got)
	}
}
