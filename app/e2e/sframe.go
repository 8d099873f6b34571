package e2e

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// SFrame, RFC 9605, with AES_256_GCM_SHA512_128 (suite 5): one frame, one ciphertext, split into packets afterwards.

const (
	sframeSuite     = 5
	sframeBaseSize  = 32
	maxSFrameHeader = 1 + 8 + 8
	sframeWindow    = 64
)

// MaxFrame is the largest frame, in bytes before sealing. FrameOverhead is what sealing adds at most.
const (
	MaxFrame      = 4 << 20
	FrameOverhead = maxSFrameHeader + gcmTagSize
)

func sframeKID(s Side, epoch uint32) uint64 { return 2*uint64(epoch) + uint64(s-CustomerSide) }

// sframeKey is the key and salt that RFC 9605 section 4.4.2 derives from a base key.
type sframeKey struct {
	aead cipher.AEAD
	salt [gcmNonceSize]byte
	kid  uint64
}

func newSFrameKey(base []byte, kid uint64) sframeKey {
	secret, err := hkdf.Extract(sha512.New, base, nil)
	if err != nil {
		panic(err) // only where FIPS 140 forbids the hash
	}
	defer clear(secret)
	key := sframeExpand(secret, "SFrame 1.0 Secret key ", kid, gcmKeySize)
	defer clear(key)
	salt := sframeExpand(secret, "SFrame 1.0 Secret salt ", kid, gcmNonceSize)
	return sframeKey{newGCM(key), [gcmNonceSize]byte(salt), kid}
}

func sframeExpand(secret []byte, label string, kid uint64, size int) []byte {
	info := binary.BigEndian.AppendUint64([]byte(label), kid)
	info = binary.BigEndian.AppendUint16(info, sframeSuite)
	b, err := hkdf.Expand(sha512.New, secret, string(info), size)
	if err != nil {
		panic(err) // only for an impossible size
	}
	return b
}

// appendSFrameHeader appends the config byte and, where they do not fit into it, KID and CTR.
func appendSFrameHeader(dst []byte, kid, ctr uint64) []byte {
	at := len(dst)
	dst = append(dst, 0)
	field := func(v uint64) byte {
		if v < 8 {
			return byte(v)
		}
		n := (bits.Len64(v) + 7) / 8
		for i := n - 1; i >= 0; i-- {
			dst = append(dst, byte(v>>(8*i)))
		}
		return 8 | byte(n-1)
	}
	k := field(kid)
	c := field(ctr)
	dst[at] = k<<4 | c
	return dst
}

// parseSFrameHeader returns KID, CTR and the size of the header. It takes only the shortest form of each number.
func parseSFrameHeader(b []byte) (kid, ctr uint64, size int, err error) {
	if len(b) == 0 {
		return 0, 0, 0, fmt.Errorf("%w: empty frame", ErrRecord)
	}
	size = 1
	field := func(f byte) (v uint64) {
		if f < 8 {
			return uint64(f)
		}
		n := int(f&7) + 1
		if len(b) < size+n {
			err = fmt.Errorf("%w: frame header cut short", ErrRecord)
			return 0
		}
		for _, x := range b[size : size+n] {
			v = v<<8 | uint64(x)
		}
		if v < 8 || b[size] == 0 {
			err = fmt.Errorf("%w: frame header not the shortest", ErrRecord)
		}
		size += n
		return v
	}
	kid = field(b[0] >> 4)
	if err == nil {
		ctr = field(b[0] & 15)
	}
	return kid, ctr, size, err
}

// SFrameSealer seals one end's frames. It is for one goroutine at a time.
type SFrameSealer struct {
	key  sframeKey
	next uint64
}

func newSFrameSealer(base []byte, kid uint64) *SFrameSealer {
	return &SFrameSealer{key: newSFrameKey(base, kid)}
}

// Seal appends the sealed frame to dst, which must not overlap it. Metadata may be nil; it is not sent, but the other
// end must name the same.
func (s *SFrameSealer) Seal(dst, frame, metadata []byte) ([]byte, error) {
	if len(frame) > MaxFrame {
		return nil, fmt.Errorf("%w: frame of %d bytes", ErrTooLong, len(frame))
	}
	if s.next >= maxRecords {
		return nil, ErrExhausted
	}
	ctr := s.next
	s.next++
	return s.key.seal(dst, frame, metadata, ctr), nil
}

func (k *sframeKey) seal(dst, frame, metadata []byte, ctr uint64) []byte {
	start := len(dst)
	dst = appendSFrameHeader(dst, k.kid, ctr)
	aad := append(append([]byte(nil), dst[start:]...), metadata...)
	n := nonce(k.salt, ctr)
	return k.aead.Seal(dst, n[:], frame, aad)
}

// SFrameOpener opens the other end's frames in any order, each once. It is for one goroutine at a time.
type SFrameOpener struct {
	key  sframeKey
	seen window
}

func newSFrameOpener(base []byte, kid uint64) *SFrameOpener {
	return &SFrameOpener{key: newSFrameKey(base, kid)}
}

// Open appends the frame to dst, which must not overlap sealed. A frame opened before, or more than 64 behind the
// newest, is [ErrOld]; one that was not sealed for this end and epoch is [ErrRecord]. The next one may be good.
func (o *SFrameOpener) Open(dst, sealed, metadata []byte) ([]byte, error) {
	if len(sealed) > MaxFrame+FrameOverhead {
		return nil, fmt.Errorf("%w: frame of %d bytes", ErrRecord, len(sealed))
	}
	kid, ctr, size, err := parseSFrameHeader(sealed)
	if err != nil {
		return nil, err
	}
	if kid != o.key.kid || ctr >= maxRecords {
		return nil, fmt.Errorf("%w: frame of another key", ErrRecord)
	}
	if !o.seen.fresh(ctr) {
		return nil, ErrOld
	}
	dst, err = o.key.open(dst, sealed, metadata, ctr, size)
	if err != nil {
		return nil, err
	}
	o.seen.add(ctr) // only after the frame proved to be one
	return dst, nil
}

// openNewer opens a frame that was sealed after all that were opened before. Any other is [ErrOld].
func (o *SFrameOpener) openNewer(sealed []byte) ([]byte, error) {
	_, ctr, _, err := parseSFrameHeader(sealed)
	if err != nil {
		return nil, err
	}
	if ctr < o.seen.next {
		return nil, ErrOld
	}
	return o.Open(nil, sealed, nil)
}

func (k *sframeKey) open(dst, sealed, metadata []byte, ctr uint64, header int) ([]byte, error) {
	aad := append(append([]byte(nil), sealed[:header]...), metadata...)
	n := nonce(k.salt, ctr)
	dst, err := k.aead.Open(dst, n[:], sealed[header:], aad)
	if err != nil {
		return nil, fmt.Errorf("%w: frame", ErrRecord)
	}
	return dst, nil
}

// window remembers which of the last 64 counters were seen.
type window struct {
	next uint64 // one above the highest seen
	bits uint64 // bit i: next-1-i was seen
}

func (w *window) fresh(c uint64) bool {
	if c >= w.next {
		return true
	}
	behind := w.next - 1 - c
	return behind < sframeWindow && w.bits>>behind&1 == 0
}

func (w *window) add(c uint64) {
	if c >= w.next {
		w.bits = w.bits<<(c+1-w.next) | 1 // a shift by 64 or more leaves nothing
		w.next = c + 1
		return
	}
	w.bits |= 1 << (w.next - 1 - c)
}

// Format hides the sealer from every verb.
func (SFrameSealer) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenCipher) }

// Format hides the opener from every verb.
func (SFrameOpener) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenCipher) }
