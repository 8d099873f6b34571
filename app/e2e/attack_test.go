package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mlkem"
	"errors"
	"fmt"
	"testing"

	"assist/app/code"
)

// world is one customer, one engineer who shares the secret with him, and an attacker who carries every message. The
// attacker knows the room, everything said before, and the engineer's chain, but not the secret.
type world struct {
	t        *testing.T
	code     code.Code
	customer *Customer
	engineer *Engineer
	m1       []byte
	m2       []byte
	m3       []byte
	old      *begun // an earlier handshake of the two with the same code, seen from outside
	oldM3    []byte
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, code: mustCode(t, "123 4567"), old: begin(t, seeded(77))}
	_, _, m3, err := w.old.customer.clone().Finish(w.old.m2, verify)
	if err != nil {
		t.Fatal(err)
	}
	w.oldM3 = m3
	if w.customer, w.m1, err = Start(w.code.Secret, testOffer(w.code.Room)); err != nil {
		t.Fatal(err)
	}
	return w
}

// parsed1 and parsed2 are a message in the attacker's hands; message1.append and resigned put it together again.
func (w *world) parsed1(m1 []byte) *message1 {
	m, err := parseMessage1(bytes.Clone(m1))
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) parsed2(m2 []byte) *message2 {
	m, err := parseMessage2(bytes.Clone(m2))
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (m *message2) whole() []byte {
	return append(append(m.appendBody(nil), m.signature...), m.tag...)
}

// ownM2 is an M2 of the attacker's own making, for a guessed secret.
func (w *world) ownM2(guess string, m1 []byte) []byte {
	c := mustCode(w.t, string(w.code.Room)+guess)
	mallory := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	_, m2, err := Respond(c, m1, testAnswer(), func(msg []byte) []byte { return ed25519.Sign(mallory, msg) })
	if err != nil {
		w.t.Fatal(err)
	}
	return m2
}

// attacks say what reaches the engineer instead of M1, the customer instead of M2 and the engineer instead of M3. A nil
// step carries the message faithfully.
var attacks = []struct {
	name string
	m1   func(*world) []byte
	m2   func(*world) []byte
	m3   func(*world) []byte
}{
	{name: "swap the customer's fingerprint", m1: change1(func(m *message1) { m.offer.Fingerprint[0]++ })},
	{name: "swap the offer", m1: change1(func(m *message1) { m.offer.SDP = []byte("v=0 mallory") })},
	{name: "strip the offer", m1: change1(func(m *message1) { m.offer.SDP = nil })},
	{name: "swap the form", m1: change1(func(m *message1) { m.offer.Info = []byte(`{"name":"Bert"}`) })},
	{name: "move bytes between form and offer", m1: change1(func(m *message1) {
		m.offer.Info, m.offer.SDP = append(m.offer.Info, m.offer.SDP[0]), m.offer.SDP[1:]
	})},
	{name: "swap the ML-KEM key", m1: change1(func(m *message1) {
		k, _ := mlkem.GenerateKey768()
		m.kemKey = k.EncapsulationKey().Bytes()
	})},
	{name: "swap the commitment", m1: change1(func(m *message1) { m.commitment = commit([]byte("mallory")) })},
	{name: "swap the customer's share", m1: change1(func(m *message1) { m.share = begin0.share })},
	{name: "M1 of an earlier handshake", m1: func(w *world) []byte { return w.old.m1 }},
	{name: "M1 of another secret", m1: func(w *world) []byte {
		_, m1, _ := Start(mustCode(w.t, "123 0000").Secret, testOffer("123"))
		return m1
	}},

	{name: "swap the engineer's fingerprint", m2: change2(func(m *message2) { m.answer.Fingerprint[31]++ })},
	{name: "swap the answer", m2: change2(func(m *message2) { m.answer.SDP = []byte("v=0 mallory") })},
	{name: "swap the chain", m2: change2(func(m *message2) { m.answer.Chain = []byte("chain of mallory") })},
	{name: "strip the chain", m2: change2(func(m *message2) { m.answer.Chain = nil })},
	{name: "move bytes between answer and chain", m2: change2(func(m *message2) {
		m.answer.SDP, m.answer.Chain = append(m.answer.SDP, m.answer.Chain[0]), m.answer.Chain[1:]
	})},
	{name: "swap the signature", m2: change2(func(m *message2) {
		m.signature = ed25519.Sign(ed25519.NewKeyFromSeed(make([]byte, 32)), []byte("x"))
	})},
	{name: "strip the signature", m2: change2(func(m *message2) { m.signature = make([]byte, signatureSize) })},
	{name: "swap the ciphertext", m2: func(w *world) []byte {
		m := w.parsed2(w.m2)
		ek, _ := mlkem.NewEncapsulationKey768(w.parsed1(w.m1).kemKey)
		_, m.ciphertext = ek.Encapsulate()
		return m.whole()
	}},
	{name: "swap the engineer's share", m2: change2(func(m *message2) { m.share = begin0.share })},
	{name: "zero tag", m2: change2(func(m *message2) { m.tag = make([]byte, tagSize) })},
	{name: "M2 of an earlier handshake", m2: func(w *world) []byte { return w.old.m2 }},
	{name: "tag of an earlier handshake", m2: func(w *world) []byte {
		m := w.parsed2(w.m2)
		m.tag = w.parsed2(w.old.m2).tag
		return m.whole()
	}},
	{name: "own M2 for a guessed secret", m2: func(w *world) []byte { return w.ownM2("4568", w.m1) }},
	{name: "engineer's signature on an own M2", m2: func(w *world) []byte {
		m := w.parsed2(w.ownM2("4568", w.m1))
		m.signature = w.parsed2(w.m2).signature
		return m.whole()
	}},
	{name: "reflect M1", m2: func(w *world) []byte { return w.m1 }},
	{name: "reflect the share", m2: func(w *world) []byte {
		m := w.parsed2(w.m2)
		m.share = w.parsed1(w.m1).share
		return m.whole()
	}},
	{name: "identity point to the customer", m2: change2(func(m *message2) { m.share = make([]byte, pointSize) })},
	{name: "no point to the customer", m2: change2(func(m *message2) { m.share = bytes.Repeat([]byte{0xff}, pointSize) })},
	{name: "nothing", m2: func(*world) []byte { return nil }},

	{name: "reflect M2", m3: func(w *world) []byte { return w.m2 }},
	{name: "M1 for M3", m3: func(w *world) []byte { return w.m1 }},
	{name: "M3 of an earlier handshake", m3: func(w *world) []byte { return w.oldM3 }},
	{name: "engineer's own tag as M3", m3: func(w *world) []byte {
		nonce, _, _ := parseMessage3(w.m3)
		return appendMessage3(nil, nonce, w.parsed2(w.m2).tag)
	}},
	{name: "another nonce", m3: func(w *world) []byte {
		_, tag, _ := parseMessage3(w.m3)
		return appendMessage3(nil, make([]byte, nonceSize), tag)
	}},
	{name: "zero tag in M3", m3: func(w *world) []byte {
		nonce, _, _ := parseMessage3(w.m3)
		return appendMessage3(nil, nonce, make([]byte, tagSize))
	}},
}

// begin0 is a valid share from nowhere.
var begin0 = func() *message1 {
	_, m1, err := start(seeded(5), code.NewSecret(), Offer{Room: "123"})
	if err != nil {
		panic(err)
	}
	m, err := parseMessage1(m1)
	if err != nil {
		panic(err)
	}
	return m
}()

func change1(f func(*message1)) func(*world) []byte {
	return func(w *world) []byte {
		m := w.parsed1(w.m1)
		f(m)
		return m.append(nil)
	}
}

func change2(f func(*message2)) func(*world) []byte {
	return func(w *world) []byte {
		m := w.parsed2(w.m2)
		f(m)
		return m.whole()
	}
}

func TestAttacks(t *testing.T) {
	if len(attacks) < 20 {
		t.Fatal("attacks are missing")
	}
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			w := newWorld(t)
			m1 := w.m1
			if a.m1 != nil {
				m1 = a.m1(w)
				mustDiffer(t, m1, w.m1)
			}
			var err error
			if w.engineer, w.m2, err = Respond(w.code, m1, testAnswer(), sign); err != nil {
				if a.m1 == nil {
					t.Fatal(err)
				}
				return // the engineer noticed
			}
			m2 := w.m2
			if a.m2 != nil {
				m2 = a.m2(w)
				mustDiffer(t, m2, w.m2)
			}
			keys, _, m3, err := w.customer.Finish(m2, verify)
			w.m3 = m3
			if a.m1 != nil || a.m2 != nil {
				if err == nil || keys != nil || m3 != nil {
					t.Fatalf("the customer noticed nothing: %v", err)
				}
				if !errors.Is(err, ErrWrongSecret) && !errors.Is(err, ErrMessage) {
					t.Errorf("customer: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m3 = a.m3(w)
			mustDiffer(t, m3, w.m3)
			if keys, err := w.engineer.Confirm(m3); !errors.Is(err, ErrWrongSecret) && !errors.Is(err, ErrMessage) || keys != nil {
				t.Errorf("the engineer noticed nothing: %v", err)
			}
		})
	}
}

func mustDiffer(t *testing.T, a, b []byte) {
	t.Helper()
	if bytes.Equal(a, b) {
		t.Fatal("the attack changes nothing")
	}
}

// Without an attacker the same world must end well, or the table above proves nothing.
func TestNoAttack(t *testing.T) {
	w := newWorld(t)
	e, m2, err := Respond(w.code, change1(func(*message1) {})(w), testAnswer(), sign)
	if err != nil {
		t.Fatal(err)
	}
	w.m2 = m2
	_, _, m3, err := w.customer.Finish(change2(func(*message2) {})(w), verify)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Confirm(m3); err != nil {
		t.Error(err)
	}
}

func TestPointsToTheEngineer(t *testing.T) {
	w := newWorld(t)
	for name, p := range map[string][]byte{
		"identity": make([]byte, pointSize), "no point": bytes.Repeat([]byte{0xff}, pointSize),
		"negative": append([]byte{1}, make([]byte, pointSize-1)...),
	} {
		m1 := change1(func(m *message1) { m.share = p })(w)
		if e, m2, err := Respond(w.code, m1, testAnswer(), sign); !errors.Is(err, ErrMessage) || e != nil || m2 != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := change1(func(m *message1) { m.kemKey = bytes.Repeat([]byte{0xff}, len(m.kemKey)) })(w)
	if _, _, err := Respond(w.code, big, testAnswer(), sign); !errors.Is(err, ErrMessage) {
		t.Errorf("ML-KEM key out of range: %v", err)
	}
}

func TestAnotherRoom(t *testing.T) {
	w := newWorld(t)
	other := mustCode(t, "124 4567") // the same secret, by chance
	if _, m2, err := Respond(other, w.m1, testAnswer(), sign); !errors.Is(err, ErrRoom) || m2 != nil {
		t.Errorf("replayed as it is: %v", err)
	}
	moved := change1(func(m *message1) { m.offer.Room = other.Room })(w)
	_, m2, err := Respond(other, moved, testAnswer(), sign)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := w.customer.Finish(m2, verify); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("with the room changed: %v", err)
	}
}

// The attacker answers in the engineer's place and guesses: every handshake tests one secret, and only the right one
// passes.
func TestGuessing(t *testing.T) {
	for guess := 4500; guess < 4600; guess++ {
		w := newWorld(t)
		keys, _, _, err := w.customer.Finish(w.ownM2(fmt.Sprint(guess), w.m1), func(_, _, _ []byte) error { return nil })
		if (err == nil) != (guess == 4567) || (keys != nil) != (err == nil) {
			t.Errorf("guess %d: %v", guess, err)
		}
	}
}

// spliced is a man in the middle who knows the secret and runs a handshake with each end.
func spliced(t *testing.T, seed uint64, verify Verify) (customer, engineer *Keys, err error) {
	t.Helper()
	c := mustCode(t, "123 4567")
	mallory := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	a, m1, _ := start(seeded(seed), c.Secret, testOffer(c.Room))
	fake, m1x, _ := start(seeded(seed+1), c.Secret, testOffer(c.Room))
	b, m2, err := respond(seeded(seed+2), c, m1x, testAnswer(), sign)
	if err != nil {
		t.Fatal(err)
	}
	_, m2x, err := respond(seeded(seed+3), c, m1, testAnswer(), func(m []byte) []byte { return ed25519.Sign(mallory, m) })
	if err != nil {
		t.Fatal(err)
	}
	customer, _, _, err = a.Finish(m2x, verify)
	if err != nil {
		return nil, nil, err
	}
	_, _, m3x, err := fake.Finish(m2, verify)
	if err != nil {
		t.Fatal(err)
	}
	engineer, err = b.Confirm(m3x)
	return customer, engineer, err
}

func TestSplice(t *testing.T) {
	if _, _, err := spliced(t, 100, verify); !errors.Is(err, errUnknown) {
		t.Errorf("with a known engineer: %v", err)
	}
	anybody := func(_, _, _ []byte) error { return nil }
	for seed := uint64(200); seed < 400; seed += 4 { // fixed randomness: no two happen to be equal
		a, b, err := spliced(t, seed, anybody)
		if err != nil {
			t.Fatal(err)
		}
		if a.CheckNumber() == b.CheckNumber() {
			t.Errorf("seed %d: both screens show %s", seed, a.CheckNumber())
		}
		if a.SessionID() == b.SessionID() {
			t.Error("session ids are equal")
		}
	}
}

// The man in the middle may not choose his nonce once he knows what the engineer's number depends on.
func TestCommitmentHolds(t *testing.T) {
	b := begin(t, seeded(1))
	m, _ := parseMessage2(b.m2)
	s := b.customer.clone().s
	k, _ := cpaceShared(s.scalar, m.share)
	kem, _ := s.kem.Decapsulate(m.ciphertext)
	sc := newSchedule(cpaceKey(s.sid, k, s.share, s.m1, m.share, m.body), kem, transcript(signedTranscript(s.m1, m.body), m.signature))
	if !bytes.Equal(sc.engineerTag(), m.tag) {
		t.Fatal("the test does not follow the protocol")
	}
	for i := range byte(50) {
		nonce := bytes.Repeat([]byte{i}, nonceSize)
		if k, err := b.engineer.clone().Confirm(appendMessage3(nil, nonce, sc.customerTag(nonce))); !errors.Is(err, ErrMessage) || k != nil {
			t.Errorf("nonce %d: %v", i, err)
		}
	}
}
