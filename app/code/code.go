// Package code is the seven digits that an engineer reads out and a customer types: a [Room] of three,
// which the service uses to bring the two together, and a [Secret] of four, which never leaves their two
// programs and is what the end-to-end handshake proves.
//
// The package draws secrets, reads what people type and writes what they read. It does not give out rooms, count
// guesses or run clocks: the service does, with the constants below.
package code

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unique"
)

// What the service and both programs hold a code to.
const (
	Validity   = 5 * time.Minute  // life of a fresh code
	Extension  = 10 * time.Minute // what the engineer can add, once
	MaxGuesses = 3                // wrong secrets that burn a code
)

// Digits of the parts of a code.
const (
	RoomDigits   = 3
	SecretDigits = 4
	digits       = RoomDigits + SecretDigits
)

// maxTyped caps, in bytes, what [Parse] looks at. Seven full-width digits with a separator of three bytes around each
// need less than half.
const maxTyped = 96

var (
	// ErrSyntax means that a text is not seven digits. It does not repeat the text, which may be a mistyped code.
	ErrSyntax = errors.New("code: not seven digits")
	// ErrRoom means that a text is not a room.
	ErrRoom = errors.New("code: not a room of three digits")

	errHidden = errors.New("code: a secret is not written down")
)

// Room is the part of a code that the service knows: three ASCII digits. It is not secret.
type Room string

// ParseRoom reads a room as the service writes it: exactly three ASCII digits.
func ParseRoom(s string) (Room, error) {
	if r := Room(s); r.Valid() {
		return r, nil
	}
	return "", ErrRoom
}

// Valid reports whether r is three ASCII digits.
func (r Room) Valid() bool {
	if len(r) != RoomDigits {
		return false
	}
	for i := range len(r) {
		if r[i] < '0' || r[i] > '9' {
			return false
		}
	}
	return true
}

// Secret is the part of a code that only the two programs know: four digits. Secrets are equal (==) when their digits
// are. The zero Secret is none at all and proves nothing.
//
// A Secret shows itself as [secret] wherever it is printed or logged, and refuses to be marshalled. Its digits stand
// behind a handle, because inside another type's unexported fields, and for %p, fmt prints what a struct holds past
// its methods. It must be a handle of a string: fmt follows a pointer to an array even there.
type Secret struct {
	digits unique.Handle[string]
}

// NewSecret draws a secret, every one of the 10,000 equally likely, from crypto/rand.
func NewSecret() Secret {
	const (
		n = 10_000
		// Draws from limit up would make some secrets more likely than others.
		limit = 1<<32 - 1<<32%n
	)
	var b [4]byte
	for {
		rand.Read(b[:]) // never fails
		if v := binary.BigEndian.Uint32(b[:]); v < limit {
			v %= n
			d := [SecretDigits]byte{'0' + byte(v/1000), '0' + byte(v/100%10), '0' + byte(v/10%10), '0' + byte(v%10)}
			return makeSecret(d[:])
		}
	}
}

func makeSecret(d []byte) Secret { return Secret{unique.Make(string(d))} }

// IsZero reports whether s is no secret at all.
func (s Secret) IsZero() bool { return s == Secret{} }

// Bytes returns a copy of the digits in ASCII, for the handshake only. It is nil for the zero Secret.
func (s Secret) Bytes() []byte {
	if s.IsZero() {
		return nil
	}
	return []byte(s.digits.Value())
}

const hiddenSecret = "[secret]"

// Format hides the secret from every verb.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenSecret) }

// String hides the secret.
func (Secret) String() string { return hiddenSecret }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(hiddenSecret) }

// MarshalText refuses, and so do JSON, XML and TOML.
func (Secret) MarshalText() ([]byte, error) { return nil, errHidden }

// MarshalBinary refuses, and so does gob.
func (Secret) MarshalBinary() ([]byte, error) { return nil, errHidden }

// Code is a room and its secret. It hides itself like a [Secret]; [Code.Display] is the way to show it.
type Code struct {
	Room   Room
	Secret Secret
}

// Parse reads a code as people type it: seven digits, ASCII or full-width as Japanese input methods give them, with
// spaces, dashes and dots of any kind anywhere around them. Everything else is [ErrSyntax].
func Parse(s string) (Code, error) {
	if len(s) > maxTyped {
		return Code{}, ErrSyntax
	}
	var d [digits]byte
	n := 0
	for _, r := range s {
		if separator(r) {
			continue
		}
		if r >= '０' && r <= '９' {
			r += '0' - '０'
		}
		if r < '0' || r > '9' || n == digits {
			return Code{}, ErrSyntax
		}
		d[n] = byte(r)
		n++
	}
	if n != digits {
		return Code{}, ErrSyntax
	}
	return Code{Room(d[:RoomDigits]), makeSecret(d[RoomDigits:])}, nil
}

// separator reports whether people put r between digits: white space, dashes, minus and long-vowel signs, full stops
// and middle dots, in their usual, full and half widths.
func separator(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("−ーｰ.．。｡·・･", r)
}

// IsZero reports whether c is no code at all.
func (c Code) IsZero() bool { return c == Code{} }

// Display returns the code as engineers read it out, "123 4567", for the screen that must show it and nothing else.
func (c Code) Display() string { return string(c.Room) + " " + string(c.Secret.Bytes()) }

const hiddenCode = "[code]"

// Format hides the code from every verb.
func (Code) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenCode) }

// String hides the code.
func (Code) String() string { return hiddenCode }

// LogValue hides the code.
func (Code) LogValue() slog.Value { return slog.StringValue(hiddenCode) }

// MarshalText refuses, and so do JSON, XML and TOML.
func (Code) MarshalText() ([]byte, error) { return nil, errHidden }

// MarshalBinary refuses, and so does gob.
func (Code) MarshalBinary() ([]byte, error) { return nil, errHidden }
