package e2e

import (
	"crypto/mlkem"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"assist/app/code"

	"github.com/gtank/ristretto255"
)

// chance is where a handshake takes its randomness from. Only tests with known answers have another than system.
type chance struct {
	random      io.Reader
	encapsulate func(*mlkem.EncapsulationKey768) (shared, ciphertext []byte)
}

func systemChance() chance {
	return chance{rand.Reader, (*mlkem.EncapsulationKey768).Encapsulate}
}

// cpaceContext returns the draft's CI and sid. The room in sid keeps a message of one room from being of use in another,
// the names in CI keep one end from being taken for the other.
func cpaceContext(room code.Room) (ci, sid []byte) {
	ci = lvCat([]byte(protocol), []byte("customer"), []byte("engineer"))
	h := sha256.Sum256(lvCat([]byte(protocol+": sid"), []byte(room)))
	return ci, h[:16]
}

func commit(nonce []byte) []byte {
	h := sha256.Sum256(append([]byte(protocol+": commitment"), nonce...))
	return h[:]
}

// Customer is the customer's end of one handshake, between M1 and M3. It shows itself as [handshake] when printed.
type Customer struct {
	s *customerState // nil when it is over
}

type customerState struct {
	m1     []byte
	sid    []byte
	scalar *ristretto255.Scalar
	share  []byte
	kem    *mlkem.DecapsulationKey768
	nonce  *[nonceSize]byte // see schedule
}

// Start begins a handshake and returns M1. The secret is not kept.
func Start(secret code.Secret, o Offer) (*Customer, []byte, error) {
	return start(systemChance(), secret, o)
}

func start(c chance, secret code.Secret, o Offer) (*Customer, []byte, error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	prs := secret.Bytes()
	if prs == nil {
		return nil, nil, fmt.Errorf("%w: no secret", ErrWrongSecret)
	}
	defer clear(prs)
	scalar, err := cpaceScalar(c.random)
	if err != nil {
		return nil, nil, err
	}
	kem, nonce, err := customerRandom(c.random)
	if err != nil {
		return nil, nil, err
	}
	ci, sid := cpaceContext(o.Room)
	share := cpaceShare(scalar, cpaceGenerator(prs, ci, sid))
	m := message1{offer: o, share: share, commitment: commit(nonce[:]), kemKey: kem.EncapsulationKey().Bytes()}
	m1 := m.append(nil)
	return &Customer{&customerState{m1, sid, scalar, share, kem, nonce}}, append([]byte(nil), m1...), nil
}

func customerRandom(random io.Reader) (*mlkem.DecapsulationKey768, *[nonceSize]byte, error) {
	var seed [mlkem.SeedSize]byte
	defer clear(seed[:])
	nonce := new([nonceSize]byte)
	for _, b := range [][]byte{seed[:], nonce[:]} {
		if _, err := io.ReadFull(random, b); err != nil {
			return nil, nil, fmt.Errorf("e2e: random numbers: %w", err)
		}
	}
	kem, err := mlkem.NewDecapsulationKey768(seed[:])
	if err != nil {
		return nil, nil, fmt.Errorf("e2e: key: %w", err)
	}
	return kem, nonce, nil
}

// Verify says whether signature is the engineer's, who is named by chain, over signed. Its error becomes that of
// [Customer.Finish].
type Verify func(chain, signed, signature []byte) error

// Finish takes M2 and returns the keys, the engineer's answer and M3. It can be called once: whatever it returns, the
// handshake is over, since every M2 is a chance to try a secret.
//
// [ErrWrongSecret] comes before anything in M2 is believed; verify is called after that, and decides before M3 exists. A
// customer who gets an error sends nothing more of this handshake.
func (c *Customer) Finish(m2 []byte, verify Verify) (*Keys, Answer, []byte, error) {
	s := c.s
	if s == nil {
		return nil, Answer{}, nil, ErrDone
	}
	defer c.Erase()
	m, err := parseMessage2(m2)
	if err != nil {
		return nil, Answer{}, nil, err
	}
	k, ok := cpaceShared(s.scalar, m.share)
	if !ok {
		return nil, Answer{}, nil, fmt.Errorf("%w: M2: share", ErrMessage)
	}
	kem, err := s.kem.Decapsulate(m.ciphertext)
	if err != nil {
		return nil, Answer{}, nil, fmt.Errorf("%w: M2: ciphertext: %w", ErrMessage, err)
	}
	signed := signedTranscript(s.m1, m.body)
	sc := newSchedule(cpaceKey(s.sid, k, s.share, s.m1, m.share, m.body), kem, transcript(signed, m.signature))
	clear(k)
	defer sc.erase()
	// The tag first: it proves that whoever wrote M2 knows the secret and saw this M1. Only then is M2 worth a look.
	if subtle.ConstantTimeCompare(m.tag, sc.engineerTag()) != 1 {
		return nil, Answer{}, nil, fmt.Errorf("%w: M2", ErrWrongSecret)
	}
	if err := verify(m.answer.Chain, signed, m.signature); err != nil {
		return nil, Answer{}, nil, fmt.Errorf("e2e: engineer: %w", err)
	}
	m3 := appendMessage3(nil, s.nonce[:], sc.customerTag(s.nonce[:]))
	return sc.keys(CustomerSide, s.nonce[:]), m.answer.clone(), m3, nil
}

func (a Answer) clone() Answer {
	a.SDP, a.Chain = append([]byte(nil), a.SDP...), append([]byte(nil), a.Chain...)
	return a
}

// Erase forgets the handshake. Finish does it too.
func (c *Customer) Erase() {
	if c.s == nil {
		return
	}
	c.s.scalar.Set(ristretto255.NewScalar())
	clear(c.s.nonce[:])
	c.s = nil
}

// Engineer is the engineer's end of one handshake, between M2 and M3. It shows itself as [handshake] when printed.
type Engineer struct {
	s *engineerState
}

type engineerState struct {
	schedule   *schedule
	commitment []byte
}

// Respond takes M1 and returns M2. The code is the one on the engineer's screen: an M1 for another room is [ErrRoom]. sign
// makes the Ed25519 signature of the key that a.Chain certifies. The secret is not kept.
//
// An M1 that is answered is a guess used, until Confirm says otherwise: M2 tells a customer with a wrong secret that it is
// wrong, and he need not come back to say so.
func Respond(c code.Code, m1 []byte, a Answer, sign func([]byte) []byte) (*Engineer, []byte, error) {
	return respond(systemChance(), c, m1, a, sign)
}

func respond(ch chance, c code.Code, m1 []byte, a Answer, sign func([]byte) []byte) (*Engineer, []byte, error) {
	m, err := parseMessage1(m1)
	if err != nil {
		return nil, nil, err
	}
	if m.offer.Room != c.Room {
		return nil, nil, fmt.Errorf("%w: M1", ErrRoom)
	}
	if err := a.check(); err != nil {
		return nil, nil, err
	}
	ek, err := mlkem.NewEncapsulationKey768(m.kemKey)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: M1: key: %w", ErrMessage, err)
	}
	share, isk, err := newResponse(ch, c)
	if err != nil {
		return nil, nil, err
	}
	kem, ciphertext := ch.encapsulate(ek)
	r := message2{answer: a, share: share, ciphertext: ciphertext}
	body := r.appendBody(nil)
	key, ok := isk(m.share, m1, body)
	if !ok {
		return nil, nil, fmt.Errorf("%w: M1: share", ErrMessage)
	}
	signed := signedTranscript(m1, body)
	signature := sign(signed)
	if len(signature) != signatureSize {
		return nil, nil, fmt.Errorf("e2e: signature of %d bytes", len(signature))
	}
	sc := newSchedule(key, kem, transcript(signed, signature))
	m2 := append(append(body, signature...), sc.engineerTag()...)
	return &Engineer{&engineerState{sc, append([]byte(nil), m.commitment...)}}, m2, nil
}

// newResponse draws the engineer's share, and returns it with what makes the CPace key of it, which can be called once.
func newResponse(ch chance, c code.Code) (share []byte, isk func(ya, m1, body []byte) ([]byte, bool), err error) {
	prs := c.Secret.Bytes()
	if prs == nil {
		return nil, nil, fmt.Errorf("%w: no secret", ErrWrongSecret)
	}
	defer clear(prs)
	scalar, err := cpaceScalar(ch.random)
	if err != nil {
		return nil, nil, err
	}
	ci, sid := cpaceContext(c.Room)
	share = cpaceShare(scalar, cpaceGenerator(prs, ci, sid))
	return share, func(ya, m1, body []byte) ([]byte, bool) {
		defer scalar.Set(ristretto255.NewScalar())
		k, ok := cpaceShared(scalar, ya)
		if !ok {
			return nil, false
		}
		defer clear(k)
		return cpaceKey(sid, k, ya, m1, share, body), true
	}, nil
}

// Confirm takes M3 and returns the keys. Only now is the customer known to have typed the secret. It can be called once.
func (e *Engineer) Confirm(m3 []byte) (*Keys, error) {
	s := e.s
	if s == nil {
		return nil, ErrDone
	}
	defer e.Erase()
	nonce, tag, err := parseMessage3(m3)
	if err != nil {
		return nil, err
	}
	// The nonce must be the one promised in M1, else whoever sits in between could still choose the check number.
	if subtle.ConstantTimeCompare(commit(nonce), s.commitment) != 1 {
		return nil, fmt.Errorf("%w: M3: commitment", ErrMessage)
	}
	if subtle.ConstantTimeCompare(tag, s.schedule.customerTag(nonce)) != 1 {
		return nil, fmt.Errorf("%w: M3", ErrWrongSecret)
	}
	return s.schedule.keys(EngineerSide, nonce), nil
}

// Erase forgets the handshake. Confirm does it too.
func (e *Engineer) Erase() {
	if e.s == nil {
		return
	}
	e.s.schedule.erase()
	e.s = nil
}

const hiddenHandshake = "[handshake]"

// Format hides the handshake from every verb.
func (Customer) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenHandshake) }

// LogValue hides the handshake.
func (Customer) LogValue() slog.Value { return slog.StringValue(hiddenHandshake) }

// Format hides the handshake from every verb.
func (Engineer) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenHandshake) }

// LogValue hides the handshake.
func (Engineer) LogValue() slog.Value { return slog.StringValue(hiddenHandshake) }
