package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"
)

// Session is a console's key for at most [SessionValidity], with the chain that says whose it is. It may be used by several
// goroutines until Erase. It shows itself as [session] when printed or logged.
type Session struct {
	Chain    []byte    // for the customer, at most MaxChain bytes
	Engineer Engineer  // as certified; Verified is for the customer to find out
	NotAfter time.Time // the end of the session's or the account's certificate, whichever is sooner

	key *sessionKey // nil after Erase
}

// sessionKey holds the key at two pointers' distance from the Session, because fmt prints the unexported fields of structs
// past their methods, and follows one pointer while it does.
type sessionKey struct {
	private *[ed25519.PrivateKeySize]byte
}

// NewSession makes a key and certifies it with the account's key, from now on. The account certificate is parsed, must
// be for that key ([ErrWrongKey]) and be valid; whether the organisation signed it, the customer checks.
func NewSession(accountKey ed25519.PrivateKey, accountCert []byte, now time.Time) (*Session, error) {
	a, err := parseAccount(accountCert)
	if err != nil {
		return nil, fmt.Errorf("identity: new session: %w", err)
	}
	if len(accountKey) != ed25519.PrivateKeySize || !bytes.Equal(accountKey.Public().(ed25519.PublicKey), a.Key) {
		return nil, fmt.Errorf("identity: new session: %w", ErrWrongKey)
	}
	if err := checkTimes(a.NotBefore, a.NotAfter, now, MaxAccountValidity); err != nil {
		return nil, fmt.Errorf("identity: new session: %w", err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("identity: new session: %w", err)
	}
	defer clear(private)
	notAfter := now.Add(SessionValidity)
	cert := signSession(accountKey, accountCert, public, now.Add(-backdating), notAfter)
	if a.NotAfter.Before(notAfter) {
		notAfter = a.NotAfter
	}
	return &Session{
		Chain:    chain(accountCert, cert),
		Engineer: Engineer{Name: a.Name, Organisation: a.Organisation, Account: a.Account.Account},
		NotAfter: notAfter,
		key:      &sessionKey{new([ed25519.PrivateKeySize]byte(private))},
	}, nil
}

func signSession(accountKey ed25519.PrivateKey, accountCert []byte, key ed25519.PublicKey, from, to time.Time) []byte {
	b := append([]byte{version, kindSession}, key...)
	b = appendTime(appendTime(b, from), to)
	return append(b, ed25519.Sign(accountKey, signedSession(accountCert, b))...)
}

// signedSession is what the account signs. The hash ties the session to one certificate of the account, so that it does
// not pass with an older or a newer one.
func signedSession(accountCert, body []byte) []byte {
	h := sha256.Sum256(accountCert)
	return append(append([]byte(labelSession), h[:]...), body...)
}

func chain(account, session []byte) []byte {
	b := appendSized([]byte{version, kindChain}, account)
	return appendSized(b, session)
}

// Sign signs msg, which must start with a label of its own. It returns nil after Erase.
func (s *Session) Sign(msg []byte) []byte {
	if s.key == nil {
		return nil
	}
	return ed25519.Sign(s.key.private[:], msg)
}

// Erase forgets the key. It must not run at the same time as Sign.
func (s *Session) Erase() {
	if s.key != nil {
		clear(s.key.private[:])
		s.key = nil
	}
}

// Format hides the session from every verb.
func (Session) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[session]") }

// LogValue hides the session.
func (Session) LogValue() slog.Value { return slog.StringValue("[session]") }
