package account

import (
	"crypto/rand"
	"fmt"

	"github.com/bytemare/opaque"
)

// SignIn is a sign-in at the app's end. It is used once.
type SignIn struct {
	client *opaque.Client
	name   string
}

// Start begins a sign-in and returns KE1. It costs no time worth mentioning; Finish does.
func Start(name, password string) (*SignIn, []byte, error) {
	c, err := newClient([]byte(password))
	if err != nil {
		return nil, nil, err
	}
	ke1, err := c.GenerateKE1([]byte(password))
	if err != nil {
		return nil, nil, fmt.Errorf("account: %w", err)
	}
	return &SignIn{c, name}, ke1.Serialize(), nil
}

// Finish answers KE2 with KE3, which always is there to be sent. The error is ErrFailed if this is not the service the
// account was made on or the password is not the account's; KE3 then is random, so that the service says the
// same as ever. The export key is 64 bytes that only this password yields.
func (s *SignIn) Finish(ke2 []byte) (ke3, exportKey []byte, err error) {
	defer s.client.ClearState()
	m, err := s.client.Deserialize.KE2(ke2)
	if err != nil {
		return noise(), nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	last, session, exportKey, err := s.client.GenerateKE3(m, []byte(s.name), serverName, stretching())
	if err != nil {
		return noise(), nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	clear(session)
	return last.Serialize(), exportKey, nil
}

func noise() []byte {
	b := make([]byte, finishSize)
	rand.Read(b) // never fails, see crypto/rand
	return b
}
