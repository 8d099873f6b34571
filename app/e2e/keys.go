package e2e

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"
)

const (
	masterSize    = 64
	sessionIDSize = 16
	ticketSize    = 16
)

// signedTranscript is what the engineer signs: a label and the hash of everything said up to the signature.
func signedTranscript(m1, body2 []byte) []byte {
	h := sha256.Sum256(lvCat([]byte(protocol+": transcript"), m1, body2))
	return append([]byte(protocol+": engineer\x00"), h[:]...)
}

// transcript is th, the hash that every key and tag depends on. The signature is part of it, so that it can neither be
// taken off nor exchanged on the way.
func transcript(signed, signature []byte) [sha256.Size]byte {
	th1 := signed[len(signed)-sha256.Size:]
	return sha256.Sum256(lvCat([]byte(protocol+": signed transcript"), th1, signature))
}

// expand is the Expand of the package comment.
func expand(key []byte, label string, th [sha256.Size]byte, size int, context ...[]byte) []byte {
	info := lvCat(append([][]byte{[]byte(protocol + ": " + label), th[:]}, context...)...)
	b, err := hkdf.Expand(sha512.New, key, string(info), size)
	if err != nil {
		panic(err) // only for an impossible size
	}
	return b
}

// schedule is the root of a handshake's keys before the nonce is known.
//
// Here and below, secrets are held through two pointers, the second to an array: fmt prints the unexported fields of
// structs past their methods, and follows one pointer while it does.
type schedule struct {
	prk *[sha512.Size]byte
	th  [sha256.Size]byte
}

// newSchedule joins the two key agreements: the keys are safe while one of them is. It erases both secrets.
func newSchedule(isk, kem []byte, th [sha256.Size]byte) *schedule {
	secret := append(append(make([]byte, 0, len(isk)+len(kem)), isk...), kem...)
	defer clear(secret)
	clear(isk)
	clear(kem)
	prk, err := hkdf.Extract(sha512.New, secret, []byte(protocol))
	if err != nil {
		panic(err) // only where FIPS 140 forbids the hash
	}
	defer clear(prk)
	return &schedule{new([sha512.Size]byte(prk)), th}
}

func (s *schedule) mac(label string, parts ...[]byte) []byte {
	key := expand(s.prk[:], label, s.th, sha256.Size)
	defer clear(key)
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func (s *schedule) engineerTag() []byte { return s.mac("engineer tag", s.th[:]) }

func (s *schedule) customerTag(nonce []byte) []byte { return s.mac("customer tag", s.th[:], nonce) }

func (s *schedule) keys(side Side, nonce []byte) *Keys {
	master := expand(s.prk[:], "master", s.th, masterSize, nonce)
	defer clear(master)
	number := binary.BigEndian.Uint64(expand(master, "check number", s.th, 8))
	return &Keys{&keyState{
		side:   side,
		th:     s.th,
		check:  fmt.Sprintf("%06d", number%1_000_000),
		id:     [sessionIDSize]byte(expand(master, "session id", s.th, sessionIDSize)),
		master: new([masterSize]byte(master)),
		used:   map[string]bool{},
	}}
}

func (s *schedule) erase() { clear(s.prk[:]) }

// Keys are the keys of one session at one of its ends. It may be used by several goroutines. It shows itself as [keys] when
// printed or logged.
type Keys struct {
	k *keyState
}

type keyState struct {
	side  Side
	th    [sha256.Size]byte
	check string
	id    [sessionIDSize]byte

	mu     sync.Mutex
	master *[masterSize]byte // nil after Erase
	used   map[string]bool
}

// Side returns the end these keys are for.
func (k *Keys) Side() Side { return k.k.side }

// CheckNumber returns the six digits that are equal on both screens if nobody is in between.
func (k *Keys) CheckNumber() string { return k.k.check }

// SessionID returns a public name of the session, the same at both ends and different every time.
func (k *Keys) SessionID() [sessionIDSize]byte { return k.k.id }

// Ticket returns the 128 bits by which the two ends find each other again at the service when their link is gone. They
// say nothing about the keys or the session, and are the same for as long as the session lives. After Erase there are
// none: [ErrDone].
func (k *Keys) Ticket() ([ticketSize]byte, error) {
	s := k.k
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.master == nil {
		return [ticketSize]byte{}, fmt.Errorf("%w: keys erased", ErrDone)
	}
	return [ticketSize]byte(expand(s.master[:], "resume ticket", s.th, ticketSize)), nil
}

// Erase forgets the keys. What was already handed out goes on working.
func (k *Keys) Erase() {
	k.k.mu.Lock()
	defer k.k.mu.Unlock()
	if k.k.master != nil {
		clear(k.k.master[:])
		k.k.master = nil
	}
}

// derive returns the keys of both directions of one use, and sees to it that no use comes twice.
func (k *Keys) derive(use string, size int, label string, context func(Side) [][]byte) (own, other []byte, err error) {
	s := k.k
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.master == nil {
		return nil, nil, fmt.Errorf("%w: keys erased", ErrDone)
	}
	if s.used[use] {
		return nil, nil, fmt.Errorf("%w: %s", ErrReused, use)
	}
	s.used[use] = true
	own = expand(s.master[:], label, s.th, size, context(s.side)...)
	other = expand(s.master[:], label, s.th, size, context(s.side.Other())...)
	return own, other, nil
}

// Channel returns what seals this end's records on the channel called name and what opens the other end's. The pair of a
// name and an epoch is good for one call: a second one is [ErrReused], whatever its order.
func (k *Keys) Channel(name string, epoch uint32, order Order) (*Sealer, *Opener, error) {
	if order != Ordered && order != Unordered {
		return nil, nil, fmt.Errorf("e2e: channel %s: no such order", name)
	}
	var e [4]byte
	binary.BigEndian.PutUint32(e[:], epoch)
	use := fmt.Sprintf("record %s epoch %d", name, epoch)
	own, other, err := k.derive(use, recordKeySize, "record", func(s Side) [][]byte {
		return [][]byte{[]byte(name), {byte(s)}, e[:], {byte(order)}}
	})
	if err != nil {
		return nil, nil, err
	}
	defer clear(own)
	defer clear(other)
	return &Sealer{newRecordKey(own), order, 0}, &Opener{newRecordKey(other), order, 0, nil}, nil
}

// Media returns what seals this end's frames and what opens the other end's. An epoch is good for one call.
func (k *Keys) Media(epoch uint32) (*SFrameSealer, *SFrameOpener, error) {
	var e [4]byte
	binary.BigEndian.PutUint32(e[:], epoch)
	use := fmt.Sprintf("media epoch %d", epoch)
	own, other, err := k.derive(use, sframeBaseSize, "media", func(s Side) [][]byte {
		return [][]byte{{byte(s)}, e[:]}
	})
	if err != nil {
		return nil, nil, err
	}
	defer clear(own)
	defer clear(other)
	side := k.k.side
	return newSFrameSealer(own, sframeKID(side, epoch)), newSFrameOpener(other, sframeKID(side.Other(), epoch)), nil
}

const hiddenKeys = "[keys]"

// Format hides the keys from every verb.
func (Keys) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenKeys) }

// LogValue hides the keys.
func (Keys) LogValue() slog.Value { return slog.StringValue(hiddenKeys) }
