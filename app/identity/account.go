package identity

import (
	"crypto/ed25519"
	"fmt"
	"time"
)

// Account is the content of an account certificate: the organisation's word that an engineer holds Key.
type Account struct {
	Account      string // what the engineer signs in with
	Name         string
	Organisation string
	Key          ed25519.PublicKey
	NotBefore    time.Time
	NotAfter     time.Time
}

// SignAccount returns the certificate of a, signed with the organisation's key. A zero NotAfter means
// [AccountValidity] after NotBefore, and times are cut to seconds. It refuses names that [Verify] would refuse, with
// [ErrName], and lives beyond [MaxAccountValidity].
func SignAccount(root ed25519.PrivateKey, a Account) ([]byte, error) {
	if len(root) != ed25519.PrivateKeySize || len(a.Key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("identity: sign account: %w", ErrKeyFile)
	}
	for _, s := range []string{a.Account, a.Name, a.Organisation} {
		if err := checkName(s); err != nil {
			return nil, fmt.Errorf("identity: sign account: %w", err)
		}
	}
	if a.NotAfter.IsZero() {
		a.NotAfter = a.NotBefore.Add(AccountValidity)
	}
	if err := checkTimes(a.NotBefore, a.NotAfter, a.NotBefore, MaxAccountValidity); err != nil {
		return nil, fmt.Errorf("identity: sign account: %w", err)
	}
	if a.NotBefore.Unix() < 0 || uint64(a.NotAfter.Unix()) > maxSeconds {
		return nil, fmt.Errorf("identity: sign account: %w: time out of range", ErrSyntax)
	}
	b := a.append(nil)
	return append(b, ed25519.Sign(root, signedAccount(b))...), nil
}

// append appends the certificate up to its signature.
func (a *Account) append(b []byte) []byte {
	b = append(b, version, kindAccount)
	b = appendSized(b, []byte(a.Account))
	b = appendSized(b, []byte(a.Name))
	b = appendSized(b, []byte(a.Organisation))
	b = append(b, a.Key...)
	b = appendTime(b, a.NotBefore)
	return appendTime(b, a.NotAfter)
}

func signedAccount(body []byte) []byte { return append([]byte(labelAccount), body...) }

// account is a parsed account certificate.
type account struct {
	Account
	signed    []byte // what the signature covers
	signature []byte
}

func parseAccount(cert []byte) (*account, error) {
	if len(cert) > maxAccount {
		return nil, fmt.Errorf("%w: too long", ErrSyntax)
	}
	r := reader{rest: cert}
	var a account
	r.head(kindAccount)
	a.Account.Account, a.Name, a.Organisation = r.name(), r.name(), r.name()
	a.Key = r.key()
	a.NotBefore, a.NotAfter = r.time(), r.time()
	a.signature = r.bytes(ed25519.SignatureSize)
	if err := r.end(); err != nil {
		return nil, err
	}
	a.signed = signedAccount(cert[:len(cert)-ed25519.SignatureSize])
	return &a, nil
}

// ParseAccount reads an account certificate without checking its signature or its times, for those who only pass
// it on or show it to its owner.
func ParseAccount(cert []byte) (Account, error) {
	a, err := parseAccount(cert)
	if err != nil {
		return Account{}, err
	}
	return a.Account, nil
}

// VerifyAccount reads an account certificate, which must be signed by trusted and be valid at now.
func VerifyAccount(cert []byte, trusted Organisation, now time.Time) (Account, error) {
	a, err := parseAccount(cert)
	if err != nil {
		return Account{}, err
	}
	if !trusted.signed(a.signed, a.signature) {
		return Account{}, fmt.Errorf("identity: account certificate: %w", ErrForged)
	}
	if err := checkTimes(a.NotBefore, a.NotAfter, now, MaxAccountValidity); err != nil {
		return Account{}, fmt.Errorf("identity: account certificate: %w", err)
	}
	return a.Account, nil
}
