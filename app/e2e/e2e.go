// Package e2e is what makes a session private between two programs that share four digits: a handshake that
// proves the digits without showing them, the keys that come of it, and the sealing of everything sent afterwards.
//
// It knows no network and no messages. The service, the relay and everybody on the way are the attacker.
//
// # Handshake, version 1
//
// One fixed suite: CPace over ristretto255 with SHA-512 (draft-irtf-cfrg-cpace-21, suite CPACE-RISTR255-SHA512, initiator
// and responder), ML-KEM-768 (FIPS 203), HKDF with SHA-512 (RFC 5869), HMAC and hashes with SHA-256, Ed25519
// (RFC 8032), AES-256-GCM. There is nothing to negotiate and no way to do without.
//
// The customer (A) starts; three messages go through the service. Numbers are big endian, "lv" is a 16-bit length and as
// many bytes, the number in brackets is a size in bytes.
//
//	M1 = 1(type) 1(version) room[3] Ya[32] commitment[32] kem key[1184] fingerprint[32] lv info lv sdp
//	M2 = 2(type) 1(version) Yb[32] kem ciphertext[1088] fingerprint[32] lv sdp lv chain signature[64] tag[32]
//	M3 = 3(type) 1(version) nonce[32] tag[32]
//
// M1 and M2 are at most 16 KiB. The fingerprint is the SHA-256 of the DTLS certificate its sender will use, the
// commitment is SHA-256("assist e2e 1: commitment" || nonce), chain is the engineer's identity.
//
// With lv_cat and the names of the CPace draft, and body2 = M2 up to its signature:
//
//	PRS  = the secret, four ASCII digits
//	CI   = lv_cat("assist e2e 1", "customer", "engineer")
//	sid  = first 16 bytes of SHA-256(lv_cat("assist e2e 1: sid", room))
//	ADa  = M1, ADb = body2
//	th1  = SHA-256(lv_cat("assist e2e 1: transcript", M1, body2))
//	signature = engineer's Ed25519 of "assist e2e 1: engineer\x00" || th1
//	th   = SHA-256(lv_cat("assist e2e 1: signed transcript", th1, signature))
//	prk  = HKDF-Extract(salt "assist e2e 1", ISK || ML-KEM secret)
//	tag of M2 = HMAC-SHA256(Expand(prk, 32, "engineer tag"), th)
//	tag of M3 = HMAC-SHA256(Expand(prk, 32, "customer tag"), th || nonce)
//	master    = Expand(prk, 64, "master", nonce)
//
// where
//
//	Expand(key, size, label, context...) = HKDF-Expand(key, lv_cat("assist e2e 1: " || label, th, context...), size)
//
// So offer, answer, both fingerprints, the form, the chain and its signature are all bound by both tags and all keys.
//
// Order matters. The customer checks the tag of M2 before anything in it is believed, and the signature before M3 leaves:
// M3 is what makes the engineer's side accept. Both ends go through one message of the other, once: a second
// try needs a new handshake, because every M2 that reaches a customer, and every M1 that an engineer answers, lets
// its sender test one secret. Whoever counts guesses counts answered M1s that no M3 followed, not only wrong tags.
//
// # Check number
//
// Six digits that both screens show: Expand(master, 8, "check number") as a number modulo 10^6. Somebody in
// between who knows the secret runs two handshakes and needs two equal numbers. He commits to his nonce towards the
// engineer before the engineer's share is known to him, and learns the customer's nonce only after he has
// sent the customer his own share, so he has one try in a million and cannot search.
//
// # Keys
//
// Every channel, direction and epoch (a number that grows with each reconnection) has its own key:
//
//	key[32] iv[12]  = Expand(master, 44, "record", channel, direction, epoch[4], order)
//	SFrame base key = Expand(master, 32, "media", direction, epoch[4])
//
// where direction is one byte, 1 from the customer and 2 from the engineer, and order is one byte (see [Order]). The
// session's public name is Expand(master, 16, "session id"), and the ticket by which its two ends find each other again
// after their link is gone is Expand(master, 16, "resume ticket"). What they say there is sealed on a channel "resume" of
// epoch 0, see app/link.
//
// # Records
//
// AES-256-GCM with the nonce iv XOR counter, as TLS 1.3 does. [Ordered] records carry no counter: both ends count from 0,
// and one record out of place is the end of the channel. [Unordered] ones start with the counter in 8 bytes, which is also
// the additional data, and only newer ones are taken. Media frames are SFrame (RFC 9605) with
// AES_256_GCM_SHA512_128, KID = 2*epoch for the customer's and 2*epoch+1 for the engineer's.
//
// # Limits
//
// ML-KEM, bound by the handshake, keeps a recording of today secret from a quantum computer of tomorrow. It does not
// authenticate: somebody who has one while the handshake runs can find the secret. Erasing is best effort: the
// standard library keeps copies of keys inside ciphers, which go with the garbage collector.
package e2e

import "errors"

// Errors of handshake and sealing.
var (
	// ErrMessage means bytes that no honest program sends: size, version, fields, a point that is none.
	ErrMessage = errors.New("e2e: malformed message")
	// ErrWrongSecret means that the other end did not prove the same secret over the same messages: a mistyped code, or
	// somebody in between. The two cannot be told apart.
	ErrWrongSecret = errors.New("e2e: wrong secret")
	// ErrRoom means a message made for another room.
	ErrRoom = errors.New("e2e: message for another room")
	// ErrDone means that a handshake was used a second time, or keys after Erase.
	ErrDone = errors.New("e2e: already used")
	// ErrReused means that keys of this channel and epoch were handed out before: sealing twice with one key and the same
	// counters would give both messages away.
	ErrReused = errors.New("e2e: keys already handed out")
	// ErrRecord means a record that was not sealed for this place. On an ordered channel it is the end of it.
	ErrRecord = errors.New("e2e: record does not open")
	// ErrOld means an unordered record or frame that was opened before or comes too late. It is to be skipped.
	ErrOld = errors.New("e2e: old record")
	// ErrTooLong means a message beyond the limits of this package.
	ErrTooLong = errors.New("e2e: too long")
	// ErrExhausted means that a key has sealed as many records as it may; a new epoch is needed.
	ErrExhausted = errors.New("e2e: key used up")
)

// Side is one end of a session.
type Side uint8

// The two ends. The value is the direction of what that end sends.
const (
	CustomerSide Side = 1
	EngineerSide Side = 2
)

// String names the side, for logs.
func (s Side) String() string {
	switch s {
	case CustomerSide:
		return "customer"
	case EngineerSide:
		return "engineer"
	}
	return "invalid"
}

// Other returns the other end.
func (s Side) Other() Side { return CustomerSide + EngineerSide - s }

// protocol is the name that every label starts with.
const protocol = "assist e2e 1"
