package dial

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"
)

const ntlmSalt = "\x01\x23\x45\x67\x89\xab\xcd\xef"

// ntlmChallenge is a CHALLENGE_MESSAGE ([MS-NLMP] section 2.2.1.2) with a target's name and target information.
func ntlmChallenge() []byte {
	name := wide("CORP")
	info := append([]byte{2, 0, byte(len(name)), 0}, name...) // MsvAvNbDomainName
	info = append(info, 0, 0, 0, 0)                           // MsvAvEOL
	m := make([]byte, 48)
	copy(m, "NTLMSSP\x00\x02")
	field := func(at int, value []byte) {
		binary.LittleEndian.PutUint16(m[at:], uint16(len(value)))
		binary.LittleEndian.PutUint16(m[at+2:], uint16(len(value)))
		binary.LittleEndian.PutUint32(m[at+4:], uint32(len(m)))
		m = append(m, value...)
	}
	binary.LittleEndian.PutUint32(m[20:], 1<<23|1<<9|1) // target information, NTLM, Unicode
	copy(m[24:], ntlmSalt)
	field(12, name)
	field(40, info)
	return m
}

// wide is s as Windows writes it.
func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// ntlmRight checks an AUTHENTICATE_MESSAGE in long hand ([MS-NLMP] section 3.3.2) for the password "s3cret: x".
func ntlmRight(m []byte, user string) bool {
	field := func(at int) []byte {
		n, from := int(binary.LittleEndian.Uint16(m[at:])), int(binary.LittleEndian.Uint32(m[at+4:]))
		if from+n > len(m) {
			return nil
		}
		return m[from : from+n]
	}
	sum := func(key, data []byte) []byte {
		h := hmac.New(md5.New, key)
		h.Write(data)
		return h.Sum(nil)
	}
	const hash = "57e8ff7d78a1a8e58b6c9af4c6937d1f" // MD4 of the password in UTF-16
	if len(m) < 64 {
		return false
	}
	key, _ := hex.DecodeString(hash)
	proof, domain, name := field(20), field(28), field(36)
	if len(proof) < 16 || !bytes.Equal(name, wide(user)) {
		return false
	}
	key = sum(key, append(wide(strings.ToUpper(user)), domain...))
	return hmac.Equal(proof[:16], sum(key, append([]byte(ntlmSalt), proof[16:]...)))
}

// ntlmStep plays the proxy's side of NTLM on one connection.
func ntlmStep(req *http.Request, state *string, user string) string {
	was := *state
	*state = ""
	token, ok := strings.CutPrefix(req.Header.Get("Proxy-Authorization"), "NTLM ")
	if !ok {
		return want407("Negotiate", "NTLM", `Basic realm="r"`)
	}
	m, err := base64.StdEncoding.DecodeString(token)
	switch {
	case err != nil || len(m) < 12 || !bytes.HasPrefix(m, []byte("NTLMSSP\x00")):
		return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
	case m[8] == 1:
		*state = "challenged"
		return want407("NTLM " + base64.StdEncoding.EncodeToString(ntlmChallenge()))
	case m[8] == 3 && was == "challenged" && ntlmRight(m, user):
		return ""
	}
	return want407("Negotiate", "NTLM")
}

// TestOldNTLM answers challenges as old and as careless proxies send them.
func TestOldNTLM(t *testing.T) {
	good := ntlmChallenge()
	short := append([]byte(nil), good[:40]...) // before target information was invented
	binary.LittleEndian.PutUint32(short[20:], 1<<9)
	beyond := append([]byte(nil), good...)
	binary.LittleEndian.PutUint32(beyond[16:], 0xaaaaaaae)
	binary.LittleEndian.PutUint32(beyond[44:], 0xfffffff0)
	for name, m := range map[string][]byte{"good": good, "short": short, "places beyond the end": beyond} {
		got, err := answerNTLM(base64.StdEncoding.EncodeToString(m), credentials{`CORP\ann`, "s3cret: x"})
		if err != nil || !ntlmRight(got, "ann") {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
	for name, token := range map[string]string{
		"empty": "", "not base64": "%", "too short": "TlRMTVNTUAACAAAA",
		"another message": base64.StdEncoding.EncodeToString(append([]byte("NTLMSSP\x00\x03"), make([]byte, 60)...)),
	} {
		if got, err := answerNTLM(token, credentials{"u", "p"}); err == nil {
			t.Errorf("%s: answered with %x", name, got)
		}
	}
}

func FuzzNTLM(f *testing.F) {
	f.Add(ntlmChallenge())
	f.Add(ntlmChallenge()[:47])
	f.Add([]byte("NTLMSSP\x00\x02"))
	f.Fuzz(func(t *testing.T, m []byte) {
		got, err := answerNTLM(base64.StdEncoding.EncodeToString(m), credentials{"u", "p"})
		if (err == nil) != (len(got) > 0) || len(got) > len(m)+1024 {
			t.Errorf("%d bytes for %d, %v", len(got), len(m), err)
		}
		if _, err := answerNTLM(string(m), credentials{}); err == nil {
			t.Error(errors.New("answered without a login"))
		}
	})
}
