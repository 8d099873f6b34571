package e2e

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// Order says how a channel delivers.
type Order uint8

// The orders. They are part of the keys.
const (
	// Ordered channels deliver everything once and in order. A record carries no counter.
	Ordered Order = 1
	// Unordered channels may lose, delay and repeat. A record starts with its counter, and only ones newer than all
	// before are opened.
	Unordered Order = 2
)

// Limits of records, in bytes but for the last.
const (
	MaxPlaintext = 64 << 10
	Overhead     = counterSize + gcmTagSize // at most; 16 on ordered channels

	// maxRecords with one key keeps the chance to tell AES-GCM from random below 2^-40.
	maxRecords = 1 << 32
)

const (
	counterSize   = 8
	gcmTagSize    = 16
	gcmKeySize    = 32
	gcmNonceSize  = 12
	recordKeySize = gcmKeySize + gcmNonceSize
)

func newGCM(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for a wrong length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// recordKey is a key with the start of its nonces.
type recordKey struct {
	aead cipher.AEAD
	iv   [gcmNonceSize]byte
}

func newRecordKey(b []byte) recordKey {
	return recordKey{newGCM(b[:gcmKeySize]), [gcmNonceSize]byte(b[gcmKeySize:])}
}

// nonce is iv XOR counter, right-aligned.
func nonce(iv [gcmNonceSize]byte, counter uint64) [gcmNonceSize]byte {
	var c [8]byte
	binary.BigEndian.PutUint64(c[:], counter)
	for i, b := range c {
		iv[gcmNonceSize-8+i] ^= b
	}
	return iv
}

// Sealer seals one end's records on one channel. It is for one goroutine at a time.
type Sealer struct {
	key   recordKey
	order Order
	next  uint64 // counter of the next record; every value is used at most once
}

// Seal appends the record of plaintext to dst, which must not overlap it. A record that was made counts, whether it is sent or not.
func (s *Sealer) Seal(dst, plaintext []byte) ([]byte, error) {
	if len(plaintext) > MaxPlaintext {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(plaintext))
	}
	if s.next >= maxRecords {
		return nil, ErrExhausted
	}
	n := nonce(s.key.iv, s.next)
	var header []byte
	if s.order == Unordered {
		start := len(dst)
		dst = binary.BigEndian.AppendUint64(dst, s.next)
		header = dst[start:]
	}
	s.next++
	return s.key.aead.Seal(dst, n[:], plaintext, header), nil
}

// Opener opens the other end's records on one channel. It is for one goroutine at a time.
type Opener struct {
	key    recordKey
	order  Order
	next   uint64 // lowest counter that is still taken
	broken error  // set for good by the first bad record of an ordered channel
}

// Open appends the plaintext of record to dst, which must not overlap it.
//
// On an ordered channel any bad record is [ErrRecord], and so is everything after it. On an unordered one ErrRecord means a
// forged record and [ErrOld] one that is repeated or was overtaken; the next may be good.
func (o *Opener) Open(dst, record []byte) ([]byte, error) {
	if o.broken != nil {
		return nil, o.broken
	}
	var err error
	if o.order == Unordered {
		return o.openUnordered(dst, record)
	}
	if dst, err = o.open(dst, record, o.next, nil); err != nil {
		o.broken = err
		return nil, err
	}
	o.next++
	return dst, nil
}

func (o *Opener) openUnordered(dst, record []byte) ([]byte, error) {
	if len(record) < counterSize {
		return nil, fmt.Errorf("%w: cut short", ErrRecord)
	}
	counter := binary.BigEndian.Uint64(record)
	if counter < o.next {
		return nil, ErrOld
	}
	dst, err := o.open(dst, record[counterSize:], counter, record[:counterSize])
	if err != nil {
		return nil, err
	}
	o.next = counter + 1 // only after the record proved to be one
	return dst, nil
}

func (o *Opener) open(dst, box []byte, counter uint64, header []byte) ([]byte, error) {
	if len(box) < gcmTagSize || len(box) > MaxPlaintext+gcmTagSize || counter >= maxRecords {
		return nil, fmt.Errorf("%w: impossible size or number", ErrRecord)
	}
	n := nonce(o.key.iv, counter)
	dst, err := o.key.aead.Open(dst, n[:], box, header)
	if err != nil {
		return nil, ErrRecord
	}
	return dst, nil
}

const hiddenCipher = "[cipher]"

// Format hides the sealer from every verb.
func (Sealer) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenCipher) }

// Format hides the opener from every verb.
func (Opener) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenCipher) }
