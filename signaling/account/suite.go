package account

import (
	"fmt"

	"github.com/bytemare/opaque"
)

// suite is the one suite: ristretto255-SHA512 for OPRF and key exchange, SHA-512 for all hashing, Argon2id. To change it is
// to lock every account out; a test holds it.
func suite() *opaque.Configuration {
	c := opaque.DefaultConfiguration()
	c.Context = []byte("assist sign-in 1")
	return c
}

// serverName is the service's identity in the protocol.
var serverName = []byte("assist-server")

// stretching is what Argon2id costs the app: 3 passes over 64 MiB in 4 lanes, the second choice of RFC 9106.
func stretching() *opaque.ClientOptions {
	return &opaque.ClientOptions{KSFParameters: []uint64{3, 64 << 10, 4}}
}

// finishSize is the length of KE3.
const finishSize = 64

func newClient(password []byte) (*opaque.Client, error) {
	if len(password) == 0 || len(password) > MaxPassword {
		return nil, ErrPassword
	}
	c, err := suite().Client()
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	return c, nil
}
