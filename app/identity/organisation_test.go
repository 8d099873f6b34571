package identity

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestOrganisationText(t *testing.T) {
	o, private, err := NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	if !public(private).Equal(o.Key) {
		t.Error("the halves do not fit")
	}
	got, err := ParseOrganisation(o.String())
	if err != nil || !got.Key.Equal(o.Key) {
		t.Errorf("ParseOrganisation(%q) = %v, %v", o, got, err)
	}
	good := Organisation{public(key(1))}.String()
	for _, s := range []string{
		"", good[1:], good + "A", good + "=", good[:42] + "=", good[:42] + "\n", good[:42] + "+", good[:42] + " ",
		good[:42] + "_", // bits beyond the last byte
		strings.Repeat("A", 1<<20),
	} {
		if _, err := ParseOrganisation(s); !errors.Is(err, ErrKeyFile) {
			t.Errorf("ParseOrganisation(%.50q) = %v", s, err)
		}
	}
}

func TestKeyFile(t *testing.T) {
	text := MarshalKey(key(3))
	if !bytes.HasPrefix(text, []byte("-----BEGIN ASSIST ORGANISATION PRIVATE KEY-----\n")) {
		t.Errorf("no clear header: %.60q", text)
	}
	if got, err := ParsePrivateKey(text); err != nil || !got.Equal(key(3)) {
		t.Errorf("ParsePrivateKey: %v", err)
	}
	if got, err := ParsePrivateKey(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))); err != nil || !got.Equal(key(3)) {
		t.Errorf("with Windows line ends: %v", err)
	}
	other := MarshalKey(key(4))
	header := func(b []byte) []byte { return b[bytes.Index(b, []byte("Public-Key")):bytes.Index(b, []byte("\n\n"))] }
	for name, b := range map[string][]byte{
		"empty":          nil,
		"text":           []byte("key"),
		"cut short":      text[:len(text)-30],
		"another type":   bytes.ReplaceAll(text, []byte("ASSIST ORGANISATION "), nil),
		"another header": bytes.Replace(text, header(text), header(other), 1),
		"no header":      bytes.Replace(text, append(header(text), "\n\n"...), nil, 1),
		"two keys":       append(bytes.Clone(text), other...),
		"text after":     append(bytes.Clone(text), "more\n"...),
		"too long":       append(bytes.Repeat([]byte("#\n"), maxKeyFile/2), text...),
	} {
		if k, err := ParsePrivateKey(b); !errors.Is(err, ErrKeyFile) || k != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range text { // a damaged seed must not become another key
		b := bytes.Clone(text)
		b[i] ^= 1
		if k, err := ParsePrivateKey(b); err == nil && !k.Equal(key(3)) {
			t.Errorf("byte %d changed, and another key came of it", i)
		}
	}
}

func FuzzParsePrivateKey(f *testing.F) {
	f.Add(MarshalKey(key(3)))
	f.Add([]byte("-----BEGIN ASSIST ORGANISATION PRIVATE KEY-----\n\nAAAA\n-----END ASSIST ORGANISATION PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParsePrivateKey(b)
		if err != nil {
			return
		}
		if again, err := ParsePrivateKey(MarshalKey(k)); err != nil || !again.Equal(k) {
			t.Errorf("does not survive a round trip: %v", err)
		}
	})
}

func FuzzParseOrganisation(f *testing.F) {
	f.Add(Organisation{public(key(1))}.String())
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if o, err := ParseOrganisation(s); err == nil && o.String() != s {
			t.Errorf("%q has a second text", s)
		}
	})
}

func TestOrganisationIsNoFlag(t *testing.T) {
	for range 2000 { // one key in 64 would begin so
		o, _, err := NewOrganisation()
		if err != nil {
			t.Fatal(err)
		}
		if o.String()[0] == '-' {
			t.Fatalf("%v reads as a flag", o)
		}
	}
}
