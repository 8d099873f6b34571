package identity

import (
	"crypto/ed25519"
	"fmt"
	"time"
)

// session is a parsed session certificate.
type session struct {
	key                 ed25519.PublicKey
	notBefore, notAfter time.Time
	signature           []byte
}

func parseSession(cert []byte) (*session, error) {
	r := reader{rest: cert}
	var s session
	r.head(kindSession)
	s.key = r.key()
	s.notBefore, s.notAfter = r.time(), r.time()
	s.signature = r.bytes(ed25519.SignatureSize)
	if err := r.end(); err != nil {
		return nil, err
	}
	return &s, nil
}

// parseChain reads the shape of a chain: it believes nothing.
func parseChain(b []byte) (*account, *session, []byte, error) {
	if len(b) > MaxChain {
		return nil, nil, nil, fmt.Errorf("%w: too long", ErrSyntax)
	}
	r := reader{rest: b}
	r.head(kindChain)
	accountCert, sessionCert := r.sized(maxAccount), r.sized(sessionSize)
	if err := r.end(); err != nil {
		return nil, nil, nil, err
	}
	a, err := parseAccount(accountCert)
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := parseSession(sessionCert)
	if err != nil {
		return nil, nil, nil, err
	}
	signed := signedSession(accountCert, sessionCert[:len(sessionCert)-ed25519.SignatureSize])
	return a, s, signed, nil
}

// Verify reads the chain of a console and returns who it is and the key that signs for it.
//
// With a trusted organisation the chain must be signed by it: anything else is [ErrForged], never an unverified engineer, so
// that a stranger cannot choose the milder warning. With trusted nil nothing is known about the organisation: the
// chain must still hold together and be valid at now, give or take [Skew], and Verified is false.
func Verify(chain []byte, trusted *Organisation, now time.Time) (Engineer, ed25519.PublicKey, error) {
	return verify(chain, trusted, now, func(ed25519.PublicKey) error { return nil })
}

// verify is Verify with a check of the session's key, which comes before times like all signatures.
func verify(chain []byte, trusted *Organisation, now time.Time, check func(ed25519.PublicKey) error) (Engineer, ed25519.PublicKey, error) {
	a, s, signed, err := parseChain(chain)
	if err != nil {
		return Engineer{}, nil, err
	}
	// Signatures come before times: an expired certificate is a sentence about somebody, a forged one is about nobody.
	if trusted != nil && !trusted.signed(a.signed, a.signature) {
		return Engineer{}, nil, fmt.Errorf("identity: account certificate: %w", ErrForged)
	}
	if !ed25519.Verify(a.Key, signed, s.signature) {
		return Engineer{}, nil, fmt.Errorf("identity: session certificate: %w", ErrForged)
	}
	if err := check(s.key); err != nil {
		return Engineer{}, nil, err
	}
	if err := checkTimes(a.NotBefore, a.NotAfter, now, MaxAccountValidity); err != nil {
		return Engineer{}, nil, fmt.Errorf("identity: account certificate: %w", err)
	}
	if err := checkTimes(s.notBefore, s.notAfter, now, maxSessionValidity); err != nil {
		return Engineer{}, nil, fmt.Errorf("identity: session certificate: %w", err)
	}
	e := Engineer{Name: a.Name, Organisation: a.Organisation, Account: a.Account.Account, Verified: trusted != nil}
	return e, s.key, nil
}

// VerifySignature is [Verify] followed by a check that the console signed msg ([Session.Sign]). A signature that
// does not check is [ErrForged].
func VerifySignature(chain []byte, trusted *Organisation, now time.Time, msg, signature []byte) (Engineer, error) {
	e, _, err := verify(chain, trusted, now, func(key ed25519.PublicKey) error {
		if !ed25519.Verify(key, msg, signature) {
			return fmt.Errorf("identity: message: %w", ErrForged)
		}
		return nil
	})
	return e, err
}
