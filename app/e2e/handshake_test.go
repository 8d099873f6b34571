package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"assist/app/code"

	"github.com/gtank/ristretto255"
)

var (
	signer     = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	testChain  = []byte("chain of the engineer")
	errUnknown = errors.New("not the engineer")
)

func sign(msg []byte) []byte { return ed25519.Sign(signer, msg) }

func verify(chain, signed, signature []byte) error {
	if !bytes.Equal(chain, testChain) || !ed25519.Verify(signer.Public().(ed25519.PublicKey), signed, signature) {
		return errUnknown
	}
	return nil
}

func mustCode(t testing.TB, s string) code.Code {
	t.Helper()
	c, err := code.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func testOffer(room code.Room) Offer {
	return Offer{Room: room, Info: []byte(`{"name":"Anna"}`), SDP: []byte("v=0 offer"), Fingerprint: [32]byte{1, 2, 3}}
}

func testAnswer() Answer {
	return Answer{SDP: []byte("v=0 answer"), Fingerprint: [32]byte{4, 5, 6}, Chain: testChain}
}

// seeded is a chance that gives the same handshake every time.
func seeded(seed uint64) chance {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	random := rand.NewChaCha8(key)
	return chance{random, func(ek *mlkem.EncapsulationKey768) (shared, ciphertext []byte) {
		var m [32]byte
		random.Read(m[:])
		shared, ciphertext, err := mlkemtest.Encapsulate768(ek, m[:])
		if err != nil {
			panic(err)
		}
		return shared, ciphertext
	}}
}

// clone lets a test finish one handshake many times.
func (c *Customer) clone() *Customer {
	s := *c.s
	s.scalar = ristretto255.NewScalar().Set(s.scalar)
	s.nonce = new(*s.nonce)
	return &Customer{&s}
}

func (e *Engineer) clone() *Engineer {
	s := *e.s
	s.schedule = &schedule{new(*s.schedule.prk), s.schedule.th}
	return &Engineer{&s}
}

// forge returns the M3 of a customer who does not care that the tag of M2 is wrong.
func (c *Customer) forge(t *testing.T, m2 []byte) []byte {
	t.Helper()
	s := c.clone().s
	m, err := parseMessage2(m2)
	if err != nil {
		t.Fatal(err)
	}
	k, ok := cpaceShared(s.scalar, m.share)
	if !ok {
		t.Fatal("share")
	}
	kem, err := s.kem.Decapsulate(m.ciphertext)
	if err != nil {
		t.Fatal(err)
	}
	th := transcript(signedTranscript(s.m1, m.body), m.signature)
	sc := newSchedule(cpaceKey(s.sid, k, s.share, s.m1, m.share, m.body), kem, th)
	return appendMessage3(nil, s.nonce[:], sc.customerTag(s.nonce[:]))
}

// begun is a handshake at M2, with both codes the same.
type begun struct {
	code     code.Code
	customer *Customer
	engineer *Engineer
	m1, m2   []byte
}

func begin(t testing.TB, ch chance) *begun {
	t.Helper()
	b := &begun{code: mustCode(t, "123 4567")}
	var err error
	if b.customer, b.m1, err = start(ch, b.code.Secret, testOffer(b.code.Room)); err != nil {
		t.Fatal(err)
	}
	if b.engineer, b.m2, err = respond(ch, b.code, b.m1, testAnswer(), sign); err != nil {
		t.Fatal(err)
	}
	return b
}

// agree runs a whole handshake.
func agree(t testing.TB, ch chance) (customer, engineer *Keys) {
	t.Helper()
	b := begin(t, ch)
	customer, _, m3, err := b.customer.Finish(b.m2, verify)
	if err != nil {
		t.Fatal(err)
	}
	if engineer, err = b.engineer.Confirm(m3); err != nil {
		t.Fatal(err)
	}
	return customer, engineer
}

func TestHandshake(t *testing.T) {
	c := mustCode(t, "123 4567")
	offer, answer := testOffer(c.Room), testAnswer()
	customer, m1, err := Start(c.Secret, offer)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadOffer(m1)
	if err != nil || read.Room != offer.Room || !bytes.Equal(read.Info, offer.Info) || !bytes.Equal(read.SDP, offer.SDP) || read.Fingerprint != offer.Fingerprint {
		t.Errorf("ReadOffer = %+v, %v", read, err)
	}
	engineer, m2, err := Respond(c, m1, answer, sign)
	if err != nil {
		t.Fatal(err)
	}
	ck, got, m3, err := customer.Finish(m2, verify)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.SDP, answer.SDP) || got.Fingerprint != answer.Fingerprint || !bytes.Equal(got.Chain, answer.Chain) {
		t.Errorf("answer = %+v", got)
	}
	ek, err := engineer.Confirm(m3)
	if err != nil {
		t.Fatal(err)
	}
	if ck.Side() != CustomerSide || ek.Side() != EngineerSide {
		t.Error("sides")
	}
	if ck.CheckNumber() != ek.CheckNumber() || len(ck.CheckNumber()) != 6 || strings.Trim(ck.CheckNumber(), "0123456789") != "" {
		t.Errorf("check numbers %q and %q", ck.CheckNumber(), ek.CheckNumber())
	}
	if ck.SessionID() != ek.SessionID() || ck.SessionID() == [16]byte{} {
		t.Error("session ids")
	}
	if len(m1) > MaxMessage || len(m2) > MaxMessage {
		t.Errorf("messages of %d and %d bytes", len(m1), len(m2))
	}
}

// The largest offer and answer must fit into messages that the other end takes.
func TestLimits(t *testing.T) {
	c := mustCode(t, "123 4567")
	o := Offer{Room: c.Room, Info: make([]byte, MaxInfo), SDP: make([]byte, MaxSDP)}
	a := Answer{SDP: make([]byte, MaxSDP), Chain: make([]byte, MaxChain)}
	customer, m1, err := Start(c.Secret, o)
	if err != nil {
		t.Fatal(err)
	}
	_, m2, err := Respond(c, m1, a, sign)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := customer.Finish(m2, func(_, _, _ []byte) error { return nil }); err != nil {
		t.Error(err)
	}
	for name, o := range map[string]Offer{
		"info": {Room: c.Room, Info: make([]byte, MaxInfo+1)}, "sdp": {Room: c.Room, SDP: make([]byte, MaxSDP+1)},
	} {
		if _, _, err := Start(c.Secret, o); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, a := range map[string]Answer{
		"sdp": {SDP: make([]byte, MaxSDP+1)}, "chain": {Chain: make([]byte, MaxChain+1)},
	} {
		if _, _, err := Respond(c, m1, a, sign); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := Start(c.Secret, Offer{Room: "12"}); !errors.Is(err, ErrRoom) {
		t.Errorf("no room: %v", err)
	}
	if _, _, err := Start(code.Secret{}, o); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("no secret: %v", err)
	}
	if _, _, err := Respond(code.Code{Room: c.Room}, m1, a, sign); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("no secret: %v", err)
	}
	if _, _, err := Respond(c, m1, a, func([]byte) []byte { return nil }); err == nil {
		t.Error("no signature, but an answer")
	}
}

func TestWrongSecret(t *testing.T) {
	c := mustCode(t, "123 4567")
	for _, typed := range []string{"123 4568", "123 7654", "123 0000"} {
		customer, m1, err := Start(mustCode(t, typed).Secret, testOffer(c.Room))
		if err != nil {
			t.Fatal(err)
		}
		engineer, m2, err := Respond(c, m1, testAnswer(), sign)
		if err != nil {
			t.Fatal(err)
		}
		m3 := customer.forge(t, m2)
		keys, answer, none, err := customer.Finish(m2, func(_, _, _ []byte) error {
			t.Error("M2 was looked at before its tag")
			return nil
		})
		if !errors.Is(err, ErrWrongSecret) || keys != nil || none != nil || answer.SDP != nil {
			t.Errorf("%s: customer: %v", typed, err)
		}
		if keys, err := engineer.Confirm(m3); !errors.Is(err, ErrWrongSecret) || keys != nil {
			t.Errorf("%s: engineer: %v", typed, err)
		}
	}
}

// The forged M3 above must be refused for its secret alone.
func TestForgeWithTheRightSecretWorks(t *testing.T) {
	b := begin(t, seeded(1))
	if _, err := b.engineer.Confirm(b.customer.forge(t, b.m2)); err != nil {
		t.Error(err)
	}
}

func TestUnknownEngineerGetsNothing(t *testing.T) {
	b := begin(t, seeded(1))
	keys, answer, m3, err := b.customer.Finish(b.m2, func(_, _, _ []byte) error { return errUnknown })
	if !errors.Is(err, errUnknown) || errors.Is(err, ErrWrongSecret) || keys != nil || m3 != nil || answer.Chain != nil {
		t.Errorf("Finish = %v, %v, %x, %v", keys, answer, m3, err)
	}
}

func TestHandshakesAreUsedOnce(t *testing.T) {
	for _, m2 := range [][]byte{nil, begin(t, seeded(2)).m2, begin(t, seeded(1)).m2} {
		b := begin(t, seeded(1))
		b.customer.Finish(m2, verify)
		if k, _, m3, err := b.customer.Finish(b.m2, verify); !errors.Is(err, ErrDone) || k != nil || m3 != nil {
			t.Errorf("second Finish: %v", err)
		}
	}
	b := begin(t, seeded(1))
	_, _, m3, err := b.customer.clone().Finish(b.m2, verify)
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range [][]byte{nil, make([]byte, m3Size), m3} {
		e := b.engineer.clone()
		e.Confirm(first)
		if k, err := e.Confirm(m3); !errors.Is(err, ErrDone) || k != nil {
			t.Errorf("second Confirm: %v", err)
		}
	}
}

func TestEraseForgets(t *testing.T) {
	b := begin(t, seeded(1))
	s, prk := b.customer.s, b.engineer.s.schedule.prk
	b.customer.Erase()
	b.customer.Erase()
	b.engineer.Erase()
	b.engineer.Erase()
	if *s.nonce != [nonceSize]byte{} || s.scalar.Equal(ristretto255.NewScalar()) != 1 || *prk != [64]byte{} {
		t.Error("secrets outlive Erase")
	}
	if _, _, _, err := b.customer.Finish(b.m2, verify); !errors.Is(err, ErrDone) {
		t.Errorf("Finish: %v", err)
	}
	k, _ := agree(t, seeded(1))
	master := k.k.master
	k.Erase()
	k.Erase()
	if *master != [masterSize]byte{} {
		t.Error("master outlives Erase")
	}
	if _, _, err := k.Channel("chat", 0, Ordered); !errors.Is(err, ErrDone) {
		t.Errorf("Channel: %v", err)
	}
	if _, _, err := k.Media(0); !errors.Is(err, ErrDone) {
		t.Errorf("Media: %v", err)
	}
}

func TestSameSecretDifferentKeys(t *testing.T) {
	seen := map[string]bool{}
	for i := range 20 {
		c, e := agree(t, systemChance())
		id := fmt.Sprintf("%x", c.SessionID())
		if seen[id] || c.SessionID() != e.SessionID() {
			t.Fatalf("handshake %d: session id %s", i, id)
		}
		seen[id] = true
	}
	a, _ := agree(t, systemChance())
	_, b := agree(t, systemChance())
	s, _, _ := a.Channel("chat", 0, Ordered)
	_, o, _ := b.Channel("chat", 0, Ordered)
	r, _ := s.Seal(nil, []byte("hello"))
	if _, err := o.Open(nil, r); !errors.Is(err, ErrRecord) {
		t.Errorf("a record of another session: %v", err)
	}
}

// Check numbers must use all of their range: 3,000 handshakes' last steps fill 1,000 bins about evenly.
func TestCheckNumbersAreSpread(t *testing.T) {
	b := begin(t, seeded(1))
	counts := make([]int, 10)
	for i := range 3000 {
		var n [nonceSize]byte
		n[0], n[1] = byte(i), byte(i>>8)
		for d, c := range b.engineer.s.schedule.keys(EngineerSide, n[:]).CheckNumber() {
			if d == 0 {
				counts[c-'0']++
			}
		}
	}
	if slices.Min(counts) < 200 || slices.Max(counts) > 400 {
		t.Errorf("first digits %v", counts)
	}
}

func TestHandshakeHides(t *testing.T) {
	b := begin(t, seeded(1))
	keys, _ := agree(t, seeded(1))
	for name, v := range map[string]struct {
		value  any
		secret []byte
	}{
		"customer": {b.customer, b.customer.s.nonce[:]},
		"engineer": {b.engineer, b.engineer.s.schedule.prk[:]},
		"keys":     {keys, keys.k.master[:]},
	} {
		held := struct{ hidden any }{v.value}
		leaks := []string{
			strings.Trim(fmt.Sprint(v.secret[:6]), "[]"), fmt.Sprintf("%x", v.secret[:6]), fmt.Sprintf("%X", v.secret[:6]),
			string(v.secret[:6]),
		}
		values := []any{v.value, held, &held, struct{ c *Customer }{b.customer}, struct{ c Customer }{*b.customer},
			struct{ e *Engineer }{b.engineer}, struct{ e Engineer }{*b.engineer}, struct{ k *Keys }{keys}, struct{ k Keys }{*keys},
			*b.customer, *b.engineer, *keys}
		for verb := rune(' '); verb < 0x7f; verb++ {
			for _, x := range values {
				for _, flag := range []string{"", "#", "+"} {
					text := fmt.Sprintf("%"+flag+string(verb), x)
					for _, leak := range leaks {
						if strings.Contains(text, leak) {
							t.Fatalf("%%%s%c of %T shows a secret of the %s", flag, verb, x, name)
						}
					}
				}
			}
		}
	}
	if got := fmt.Sprint(keys, b.customer, b.engineer); got != "[keys] [handshake] [handshake]" {
		t.Errorf("Sprint = %q", got)
	}
}

func BenchmarkHandshake(b *testing.B) {
	for b.Loop() {
		agree(b, systemChance())
	}
}
