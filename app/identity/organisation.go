package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/pem"
	"fmt"
)

// Organisation is whom a customer's program trusts to name engineers: the public half of the organisation's key.
type Organisation struct {
	Key ed25519.PublicKey
}

var keyText = base64.RawURLEncoding.Strict()

// String returns the key as it stands in links and flags: 43 characters of base64url.
func (o Organisation) String() string { return keyText.EncodeToString(o.Key) }

// ParseOrganisation reads what String writes, and nothing else.
func ParseOrganisation(s string) (Organisation, error) {
	if len(s) != keyText.EncodedLen(ed25519.PublicKeySize) {
		return Organisation{}, fmt.Errorf("%w: not %d characters", ErrKeyFile, keyText.EncodedLen(ed25519.PublicKeySize))
	}
	key, err := keyText.DecodeString(s)
	if err != nil || len(key) != ed25519.PublicKeySize { // the decoder skips line ends
		return Organisation{}, fmt.Errorf("%w: not base64url", ErrKeyFile)
	}
	return Organisation{key}, nil
}

// signed is false, not a panic, for an Organisation without a key.
func (o Organisation) signed(msg, signature []byte) bool {
	return len(o.Key) == ed25519.PublicKeySize && ed25519.Verify(o.Key, msg, signature)
}

// NewOrganisation makes an organisation's key pair. The text of the key never begins with "-", which the command line would
// take for a flag.
func NewOrganisation() (Organisation, ed25519.PrivateKey, error) {
	for {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return Organisation{}, nil, fmt.Errorf("identity: new organisation: %w", err)
		}
		if o := (Organisation{public}); o.String()[0] != '-' {
			return o, private, nil
		}
	}
}

const (
	keyFileType   = "ASSIST ORGANISATION PRIVATE KEY"
	keyFilePublic = "Public-Key"
	maxKeyFile    = 4 << 10
)

// MarshalKey returns the text of an organisation's key file: PEM (RFC 7468) with the 32-byte seed, and the public key in a
// header so that people can tell files apart.
func MarshalKey(key ed25519.PrivateKey) []byte {
	seed := key.Seed()
	defer clear(seed)
	return pem.EncodeToMemory(&pem.Block{
		Type:    keyFileType,
		Headers: map[string]string{keyFilePublic: Organisation{key.Public().(ed25519.PublicKey)}.String()},
		Bytes:   seed,
	})
}

// ParsePrivateKey reads a key file. The header must name the key that is in it, which catches a damaged file.
func ParsePrivateKey(text []byte) (ed25519.PrivateKey, error) {
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("%w: file too long", ErrKeyFile)
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != keyFileType || len(block.Bytes) != ed25519.SeedSize {
		return nil, fmt.Errorf("%w: no %q block", ErrKeyFile, keyFileType)
	}
	defer clear(block.Bytes)
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: text after the key", ErrKeyFile)
	}
	key := ed25519.NewKeyFromSeed(block.Bytes)
	public := Organisation{key.Public().(ed25519.PublicKey)}
	if block.Headers[keyFilePublic] != public.String() {
		return nil, fmt.Errorf("%w: damaged", ErrKeyFile)
	}
	return key, nil
}
