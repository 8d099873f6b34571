package dial

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// digestHash is a hash function of Digest logins.
type digestHash struct {
	name     string
	sum      func(string) string // in hexadecimal digits
	session  bool                // the first hash is bound to the first nonce
	strength int
}

// digestHashes are the algorithms of RFC 7616 section 6.1. No name means MD5.
var digestHashes = map[string]digestHash{
	"":                 {"", sumMD5, false, 1},
	"MD5":              {"MD5", sumMD5, false, 1},
	"MD5-SESS":         {"MD5-sess", sumMD5, true, 1},
	"SHA-256":          {"SHA-256", sumSHA256, false, 2},
	"SHA-256-SESS":     {"SHA-256-sess", sumSHA256, true, 2},
	"SHA-512-256":      {"SHA-512-256", sumSHA512, false, 3},
	"SHA-512-256-SESS": {"SHA-512-256-sess", sumSHA512, true, 3},
}

func sumMD5(s string) string    { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
func sumSHA256(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
func sumSHA512(s string) string { h := sha512.Sum512_256([]byte(s)); return hex.EncodeToString(h[:]) }

// canAuth reports whether the proxy takes a login without a hash of the message's text: qop is auth, or there is none
// as of RFC 2069.
func (c challenge) canAuth() bool {
	qop, said := c.params["qop"]
	return !said || slices.ContainsFunc(strings.Split(qop, ","), func(s string) bool {
		return strings.EqualFold(strings.TrimSpace(s), "auth")
	})
}

// newNonce returns the client's part of a login.
func newNonce() string { return rand.Text() }

// digest answers a Digest challenge for one request (RFC 7616 section 3.4). Count says how often the nonce has been used
// with it, from 1.
func digest(c challenge, method, uri, user string, password Secret, cnonce string, count uint32) string {
	h := digestHashes[strings.ToUpper(c.params["algorithm"])]
	realm, nonce := c.params["realm"], c.params["nonce"]
	first := h.sum(user + ":" + realm + ":" + string(password))
	if h.session {
		first = h.sum(first + ":" + nonce + ":" + cnonce)
	}
	second := h.sum(method + ":" + uri)
	_, qop := c.params["qop"]
	nc := fmt.Sprintf("%08x", count)
	response := h.sum(first + ":" + nonce + ":" + second)
	if qop {
		response = h.sum(strings.Join([]string{first, nonce, nc, cnonce, "auth", second}, ":"))
	}
	hashed := strings.EqualFold(c.params["userhash"], "true")
	if hashed {
		user = h.sum(user + ":" + realm)
	}

	var b strings.Builder
	fmt.Fprintf(&b, `Digest username=%s, realm=%s, nonce=%s, uri=%s, response="%s"`,
		quote(user), quote(realm), quote(nonce), quote(uri), response)
	if h.name != "" {
		fmt.Fprintf(&b, `, algorithm=%s`, h.name)
	}
	if opaque, ok := c.params["opaque"]; ok {
		fmt.Fprintf(&b, `, opaque=%s`, quote(opaque))
	}
	if qop {
		fmt.Fprintf(&b, `, qop=auth, nc=%s, cnonce="%s"`, nc, cnonce)
	}
	if hashed {
		b.WriteString(`, userhash=true`)
	}
	return b.String()
}

// quote makes a quoted string. What cannot stand in a header is left out: a line break would begin a header of its own.
func quote(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clean) + `"`
}
