package e2e

import (
	"crypto/mlkem"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"assist/app/code"
)

// Limits of the messages, in bytes.
const (
	MaxMessage = 16 << 10 // M1 and M2
	MaxInfo    = 4 << 10
	MaxSDP     = 8 << 10
	MaxChain   = 2 << 10
)

const (
	messageVersion = 1
	typeM1         = 1
	typeM2         = 2
	typeM3         = 3

	headSize        = 2
	nonceSize       = 32
	tagSize         = sha256.Size
	fingerprintSize = sha256.Size
	signatureSize   = 64
	m3Size          = headSize + nonceSize + tagSize
)

// Offer is what the customer says first.
type Offer struct {
	Room        code.Room
	Info        []byte                // the customer's form, opaque here, at most MaxInfo bytes
	SDP         []byte                // the link's offer, at most MaxSDP bytes
	Fingerprint [fingerprintSize]byte // SHA-256 of the DTLS certificate
}

func (o *Offer) check() error {
	switch {
	case !o.Room.Valid():
		return fmt.Errorf("%w: no room", ErrRoom)
	case len(o.Info) > MaxInfo:
		return fmt.Errorf("%w: form of %d bytes", ErrTooLong, len(o.Info))
	case len(o.SDP) > MaxSDP:
		return fmt.Errorf("%w: offer of %d bytes", ErrTooLong, len(o.SDP))
	}
	return nil
}

// Answer is what the engineer says back.
type Answer struct {
	SDP         []byte                // the link's answer, at most MaxSDP bytes
	Fingerprint [fingerprintSize]byte // SHA-256 of the DTLS certificate
	Chain       []byte                // who the engineer is, opaque here, at most MaxChain bytes
}

func (a *Answer) check() error {
	switch {
	case len(a.SDP) > MaxSDP:
		return fmt.Errorf("%w: answer of %d bytes", ErrTooLong, len(a.SDP))
	case len(a.Chain) > MaxChain:
		return fmt.Errorf("%w: chain of %d bytes", ErrTooLong, len(a.Chain))
	}
	return nil
}

// message1 is M1. Its slices are parts of the message.
type message1 struct {
	offer      Offer
	share      []byte
	commitment []byte
	kemKey     []byte
}

func (m *message1) append(b []byte) []byte {
	b = append(b, typeM1, messageVersion)
	b = append(b, m.offer.Room...)
	b = append(b, m.share...)
	b = append(b, m.commitment...)
	b = append(b, m.kemKey...)
	b = append(b, m.offer.Fingerprint[:]...)
	b = appendSized(b, m.offer.Info)
	return appendSized(b, m.offer.SDP)
}

func parseMessage1(b []byte) (*message1, error) {
	r := newReader(b, typeM1, "M1")
	var m message1
	m.offer.Room = code.Room(r.bytes(code.RoomDigits))
	m.share = r.bytes(pointSize)
	m.commitment = r.bytes(sha256.Size)
	m.kemKey = r.bytes(mlkem.EncapsulationKeySize768)
	copy(m.offer.Fingerprint[:], r.bytes(fingerprintSize))
	m.offer.Info = r.sized(MaxInfo)
	m.offer.SDP = r.sized(MaxSDP)
	if err := r.end(); err != nil {
		return nil, err
	}
	if !m.offer.Room.Valid() {
		return nil, fmt.Errorf("%w: M1: room", ErrMessage)
	}
	return &m, nil
}

// ReadOffer returns what M1 offers, because the engineer's link needs the SDP to make its answer. Nothing of it is
// proved until [Engineer.Confirm]. The slices are copies.
func ReadOffer(m1 []byte) (Offer, error) {
	m, err := parseMessage1(m1)
	if err != nil {
		return Offer{}, err
	}
	o := m.offer
	o.Info, o.SDP = append([]byte(nil), o.Info...), append([]byte(nil), o.SDP...)
	return o, nil
}

// message2 is M2. Its slices are parts of the message.
type message2 struct {
	answer     Answer
	share      []byte
	ciphertext []byte
	body       []byte // everything up to the signature
	signature  []byte
	tag        []byte
}

// appendBody appends M2 up to its signature.
func (m *message2) appendBody(b []byte) []byte {
	b = append(b, typeM2, messageVersion)
	b = append(b, m.share...)
	b = append(b, m.ciphertext...)
	b = append(b, m.answer.Fingerprint[:]...)
	b = appendSized(b, m.answer.SDP)
	return appendSized(b, m.answer.Chain)
}

func parseMessage2(b []byte) (*message2, error) {
	r := newReader(b, typeM2, "M2")
	var m message2
	m.share = r.bytes(pointSize)
	m.ciphertext = r.bytes(mlkem.CiphertextSize768)
	copy(m.answer.Fingerprint[:], r.bytes(fingerprintSize))
	m.answer.SDP = r.sized(MaxSDP)
	m.answer.Chain = r.sized(MaxChain)
	m.body = b[:len(b)-len(r.rest)]
	m.signature = r.bytes(signatureSize)
	m.tag = r.bytes(tagSize)
	if err := r.end(); err != nil {
		return nil, err
	}
	return &m, nil
}

func appendMessage3(b, nonce, tag []byte) []byte {
	b = append(b, typeM3, messageVersion)
	return append(append(b, nonce...), tag...)
}

func parseMessage3(b []byte) (nonce, tag []byte, err error) {
	if len(b) != m3Size {
		return nil, nil, fmt.Errorf("%w: M3: %d bytes", ErrMessage, len(b))
	}
	r := newReader(b, typeM3, "M3")
	nonce, tag = r.bytes(nonceSize), r.bytes(tagSize)
	return nonce, tag, r.end()
}

// reader takes fields off the front of a message. After the first that is not there all are empty and err is set.
type reader struct {
	rest []byte
	name string
	err  error
}

// newReader checks the size of a message before anything else, and then its first two bytes.
func newReader(b []byte, kind byte, name string) *reader {
	r := &reader{rest: b, name: name}
	if len(b) > MaxMessage {
		r.fail("too long")
		return r
	}
	switch h := r.bytes(headSize); {
	case h == nil:
	case h[0] != kind:
		r.fail("another message")
	case h[1] != messageVersion:
		r.fail("another version")
	}
	return r
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s: %s", ErrMessage, r.name, what)
	}
	r.rest = nil
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.rest) {
		r.fail("cut short")
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) sized(limit int) []byte {
	b := r.bytes(2)
	if b == nil {
		return nil
	}
	n := int(binary.BigEndian.Uint16(b))
	if n > limit {
		r.fail("field too long")
		return nil
	}
	return r.bytes(n)
}

func (r *reader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail("trailing bytes")
	}
	return r.err
}

// appendSized appends b with its 16-bit length. The limits above keep it below 64 KiB.
func appendSized(dst, b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(b))), b...)
}
