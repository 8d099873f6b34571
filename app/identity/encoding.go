package identity

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// reader takes fields off the front of foreign bytes. After the first field that is not there every further one is
// empty and err is set, so a parser checks once, at its end.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrSyntax, what)
	}
	r.rest = nil
}

// bytes takes n bytes. The result is part of the input.
func (r *reader) bytes(n int) []byte {
	if n > len(r.rest) {
		r.fail("cut short")
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// sized takes a 16-bit length and as many bytes, at most limit.
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

func (r *reader) name() string {
	s := string(r.sized(maxNameBytes))
	if r.err == nil {
		r.err = checkName(s)
	}
	return s
}

// key takes a public key. The copy keeps a long-lived key from holding the whole message.
func (r *reader) key() ed25519.PublicKey {
	return append(ed25519.PublicKey(nil), r.bytes(ed25519.PublicKeySize)...)
}

// time takes seconds since 1970. Years beyond 9999, which time formats cannot write, are refused.
func (r *reader) time() time.Time {
	b := r.bytes(8)
	if b == nil {
		return time.Time{}
	}
	s := binary.BigEndian.Uint64(b)
	if s > maxSeconds {
		r.fail("time out of range")
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

var maxSeconds = uint64(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix())

// head takes the two bytes that every form starts with.
func (r *reader) head(kind byte) {
	switch b := r.bytes(2); {
	case b == nil:
	case b[0] != version:
		r.fail(fmt.Sprintf("version %d", b[0]))
	case b[1] != kind:
		r.fail("wrong kind of certificate")
	}
}

// end returns the error of the whole, which must have been used up.
func (r *reader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail("trailing bytes")
	}
	return r.err
}

// appendSized appends b with its 16-bit length. Callers have checked the length.
func appendSized(dst, b []byte) []byte {
	if len(b) > math.MaxUint16 {
		panic("identity: field of more than 64 KiB")
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(b))), b...)
}

func appendTime(dst []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t.Unix()))
}
