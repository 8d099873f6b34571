package stun

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

// TestVector rebuilds the long-term credential request of RFC 5769 section 2.4 from its parts: the integrity is over the
// same bytes and with the same key.
func TestVector(t *testing.T) {
	const published = "000100602112a44278ad3433c6ad72c029da412e" +
		"00060012e3839ee38388e383aae38383e382afe382b90000" +
		"0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473" + "41" +
		"0014000b6578616d706c652e6f726700" +
		"00080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
	want, err := hex.DecodeString(published)
	if err != nil {
		t.Fatal(err)
	}
	// The order of realm and nonce in ours is the other way round, so the message is put together by hand.
	user := "\u30de\u30c8\u30ea\u30c3\u30af\u30b9"
	p := message(0x0001, ID(want[8:Header]), attribute{attrUsername, []byte(user)},
		attribute{attrNonce, []byte("f//499k954d6OL34oL9FSTvy64sA")}, attribute{attrRealm, []byte("example.org")})
	if !bytes.Equal(p[Header:], want[Header:Header+len(p)-Header]) {
		t.Fatalf("attributes\n%x, want\n%x", p[Header:], want[Header:Header+len(p)-Header])
	}
	if got := integrity(p, "TheMatrIX", user, "example.org"); !bytes.Equal(got, want[len(want)-integritySize:]) {
		t.Errorf("integrity %x, want %x", got, want[len(want)-integritySize:])
	}
}

func TestQuestions(t *testing.T) {
	id := NewID()
	bare := Allocate(id, nil)
	if len(bare) != 36 {
		t.Errorf("the bare question has %d bytes", len(bare))
	}
	login := Login{"1700000000:somebody", "secret", "a", "nonce"}
	for name, p := range map[string][]byte{"bare": bare, "with login": Allocate(id, &login), "release": Release(id, login)} {
		if n, err := Size([Header]byte(p)); err != nil || n != len(p) {
			t.Errorf("%s: size %d of %d, %v", name, n, len(p), err)
		}
		sum := binary.BigEndian.Uint32(p[len(p)-4:])
		if sum != crc32.ChecksumIEEE(p[:len(p)-8])^fingerprint {
			t.Errorf("%s: wrong fingerprint", name)
		}
		if bytes.Contains(p, []byte("secret")) {
			t.Errorf("%s: the password is in it", name)
		}
	}
}

// answer is what a relay would say.
func answer(kind uint16, id ID, list ...attribute) []byte { return message(kind, id, list...) }

func TestAnswers(t *testing.T) {
	id := ID([]byte("abcdefghijkl"))
	refusal := answer(methodAlloc|classError, id, attribute{attrError, []byte{0, 0, 4, 1}},
		attribute{attrRealm, []byte("a")}, attribute{attrNonce, []byte("n1")})
	at4 := []byte{0, familyIPv4, 0xc0 ^ 0x21, 0x01 ^ 0x12, 192 ^ 0x21, 0 ^ 0x12, 2 ^ 0xa4, 1 ^ 0x42}
	given := answer(methodAlloc|classSuccess, id, attribute{attrRelayed, at4})
	other := answer(methodAlloc|classSuccess, NewID(), attribute{attrRelayed, at4})
	for _, tt := range []struct {
		name string
		p    []byte
		want string
		err  error
	}{
		{"refused", refusal, "401 a n1 invalid AddrPort", nil},
		{"given", given, "0   192.0.2.1:49153", nil},
		{"another's", other, "", ErrOther},
		{"the question", Allocate(id, nil), "", ErrNotSTUN},
		{"another question", Allocate(NewID(), nil), "", ErrOther},
		{"refused without a code", answer(methodAlloc|classError, id), "", ErrNotSTUN},
		{"cut off", refusal[:len(refusal)-1], "", ErrNotSTUN},
		{"longer than it says", append(bytes.Clone(given), 0), "", ErrNotSTUN},
		{"HTTP", []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), "", ErrNotSTUN},
		{"nothing", nil, "", ErrNotSTUN},
		{"endless attribute", answer(methodAlloc|classSuccess, id, attribute{attrNonce, []byte("abcd")})[:Header+4], "", ErrNotSTUN},
	} {
		got, err := Parse(tt.p, id)
		if !errors.Is(err, tt.err) || err == nil && text(got) != tt.want {
			t.Errorf("%s: %q, %v, want %q, %v", tt.name, text(got), err, tt.want, tt.err)
		}
	}
}

// TestRefusal: who asks for an address without saying who wants it gets an answer that says what the first one said.
func TestRefusal(t *testing.T) {
	id := NewID()
	want := Answer{Code: Unauthorized, Realm: "a", Nonce: "n1"}
	p := Refusal(id, want)
	if got, err := Parse(p, id); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if sum := binary.BigEndian.Uint32(p[len(p)-4:]); sum != crc32.ChecksumIEEE(p[:len(p)-8])^fingerprint {
		t.Error("wrong fingerprint")
	}
	login := Login{"u", "p", "a", "n1"}
	for name, tt := range map[string]struct {
		p    []byte
		want bool
	}{
		"anonymous": {Allocate(id, nil), true}, "with a login": {Allocate(id, &login), false}, "release": {Release(id, login), false},
		"an answer": {p, false}, "cut off": {Allocate(id, nil)[:30], false}, "nothing": {nil, false}, "head": {Allocate(id, nil)[:Header], false},
		"two messages": {append(Allocate(id, nil), Allocate(id, nil)...), false},
	} {
		if got, ok := Anonymous(tt.p); ok != tt.want || ok && got != id {
			t.Errorf("%s: %v", name, ok)
		}
	}
}

func FuzzAnonymous(f *testing.F) {
	f.Add(Allocate(NewID(), nil))
	f.Add(Allocate(NewID(), &Login{"u", "p", "a", "n"}))
	f.Add([]byte{0, 3, 0, 4, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 6, 0, 9})
	f.Fuzz(func(t *testing.T, p []byte) {
		id, ok := Anonymous(p)
		if !ok {
			return
		}
		if _, err := Parse(Refusal(id, Answer{Code: Unauthorized, Realm: "a", Nonce: "n"}), id); err != nil {
			t.Error(err)
		}
	})
}

func text(a Answer) string { return fmt.Sprint(a.Code, " ", a.Realm, " ", a.Nonce, " ", a.Relayed) }

func FuzzParse(f *testing.F) {
	id := ID([]byte("abcdefghijkl"))
	f.Add(answer(methodAlloc|classError, id, attribute{attrError, []byte{0, 0, 4, 1}}, attribute{attrNonce, []byte("n")}))
	f.Add(answer(methodAlloc|classSuccess, id, attribute{attrRelayed, []byte{0, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0}}))
	f.Add(Allocate(id, nil))
	f.Fuzz(func(t *testing.T, p []byte) {
		a, err := Parse(p, id)
		if err == nil && (len(p) > MaxMessage || a.Code < 0 || a.Code > 699 || len(a.Nonce) > maxText) {
			t.Errorf("%x was taken as %+v", p, a)
		}
		if err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error without words")
		}
	})
}
