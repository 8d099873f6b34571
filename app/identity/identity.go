// Package identity says who an engineer is, without believing the service.
//
// There are two certificates in a chain, all keys Ed25519:
//
//	organisation key --signs--> account certificate --signs--> session certificate --signs--> a handshake
//	(never on the service)      (one per engineer, 90 days)    (made by the console, 12 h)
//
// The account key is derived from what only the sign-in by password yields ([AccountKey]), so neither the service nor
// whoever steals its data can speak for an engineer. The customer's program knows the [Organisation] or it does
// not; in the second case [Verify] says so with Engineer.Verified.
//
// # Format, version 1
//
// Numbers are big endian, text is UTF-8 with a 16-bit length, times are seconds since 1970 in 64 bits.
//
//	account = version(1) kind(1) text account, name, organisation
//	          public key[32], not before[8], not after[8], signature[64] by the organisation
//	session = version(1) kind(2) public key[32], not before[8], not after[8], signature[64] by the account
//	chain   = version(1) kind(3) length[2] account, length[2] session
//
// A signature covers a label of its own, for the session also the SHA-256 of the whole account certificate, and the
// certificate up to the signature. Nothing may follow, and every form has exactly one encoding.
//
// The package stores nothing, asks nobody and has no clock of its own. It does not revoke: certificates are short-lived
// and the service stops serving an account that is gone.
package identity

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"time"
)

// Errors of certificates and keys. What is wrong in detail is wrapped around them.
var (
	ErrSyntax   = errors.New("identity: not a certificate of this version")
	ErrName     = errors.New("identity: not a name that can be shown")
	ErrForged   = errors.New("identity: signature does not check")
	ErrExpired  = errors.New("identity: expired")
	ErrEarly    = errors.New("identity: not valid yet")
	ErrWrongKey = errors.New("identity: not the certified key")
	ErrKeyFile  = errors.New("identity: not an organisation key")
)

// Lives of certificates, and how wrong a clock may be.
const (
	AccountValidity    = 90 * 24 * time.Hour  // what SignAccount gives by default
	MaxAccountValidity = 366 * 24 * time.Hour // the longest one that is signed or believed
	SessionValidity    = 12 * time.Hour       // what NewSession gives
	Skew               = 60 * time.Second

	// backdating lets a session begin before it was made, because customers' clocks are often slow by more than Skew, and
	// nothing is won by refusing them: the account's certificate is older still.
	backdating         = time.Hour
	maxSessionValidity = SessionValidity + backdating
)

// MaxChain is the size of the longest chain, in bytes.
const MaxChain = 2 + 2 + maxAccount + 2 + sessionSize

const (
	version     = 1
	kindAccount = 1
	kindSession = 2
	kindChain   = 3

	maxAccount  = 2 + 3*(2+maxNameBytes) + ed25519.PublicKeySize + 8 + 8 + ed25519.SignatureSize
	sessionSize = 2 + ed25519.PublicKeySize + 8 + 8 + ed25519.SignatureSize
)

// Labels keep a signature made for one purpose from being taken for another.
const (
	labelAccount    = "assist identity 1: account certificate\x00"
	labelSession    = "assist identity 1: session certificate\x00"
	labelAccountKey = "assist identity 1: account key"
)

// Engineer is who a chain says is there. The texts come from the other end: short, printable, and to be shown as plain
// text only. Unless Verified is true, anybody can have written them.
type Engineer struct {
	Name, Organisation, Account string
	Verified                    bool // signed by the organisation that the customer's program trusts
}

// AccountKey derives the account's key pair from the export key of a sign-in (RFC 9807): the same password gives the same
// key, and the service cannot compute it. It panics if exportKey is shorter than 32 bytes, a mistake that would
// make the key known to everybody.
func AccountKey(exportKey []byte) ed25519.PrivateKey {
	if len(exportKey) < 32 {
		panic("identity: export key is too short")
	}
	seed, err := hkdf.Key(sha256.New, exportKey, nil, labelAccountKey, ed25519.SeedSize)
	if err != nil {
		panic(err) // only for an impossible length
	}
	defer clear(seed)
	return ed25519.NewKeyFromSeed(seed)
}

// checkTimes compares now with the life of a certificate of at most longest, give or take Skew.
func checkTimes(notBefore, notAfter, now time.Time, longest time.Duration) error {
	switch {
	case notAfter.Sub(notBefore) > longest || !notBefore.Before(notAfter):
		return errors.Join(ErrSyntax, errors.New("identity: impossible life"))
	case now.Add(Skew).Before(notBefore):
		return ErrEarly
	case now.Add(-Skew).After(notAfter):
		return ErrExpired
	}
	return nil
}
