package e2e

import (
	"crypto/sha512"
	"fmt"
	"io"

	"github.com/gtank/ristretto255"
)

// CPace, suite CPACE-RISTR255-SHA512 of draft-irtf-cfrg-cpace-21, for an initiator A and a responder B. Names are the draft's.

const (
	cpaceDSI  = "CPaceRistretto255"
	pointSize = 32
)

// prependLen appends the length of b in LEB128, and b.
func prependLen(dst, b []byte) []byte {
	n := len(b)
	for ; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(append(dst, byte(n)), b...)
}

// lvCat is the draft's lv_cat: every part with its length before it, so that no two lists give the same bytes.
func lvCat(parts ...[]byte) []byte {
	var n int
	for _, p := range parts {
		n += len(p) + 10
	}
	dst := make([]byte, 0, n)
	for _, p := range parts {
		dst = prependLen(dst, p)
	}
	return dst
}

// cpaceGenerator is calculate_generator: a point that depends on the secret prs and that nobody knows the logarithm of.
func cpaceGenerator(prs, ci, sid []byte) *ristretto255.Element {
	g := generatorString(prs, ci, sid)
	defer clear(g)
	h := sha512.Sum512(g)
	defer clear(h[:])
	e, err := ristretto255.NewIdentityElement().SetUniformBytes(h[:])
	if err != nil {
		panic(err) // only for a wrong length
	}
	return e
}

// generatorString fills the first block of the hash with the secret and zeros alone.
func generatorString(prs, ci, sid []byte) []byte {
	pad := max(0, sha512.BlockSize-1-len(prependLen(nil, prs))-len(prependLen(nil, []byte(cpaceDSI))))
	return lvCat([]byte(cpaceDSI), prs, make([]byte, pad), ci, sid)
}

// cpaceScalar is sample_scalar: uniform below the order of the group.
func cpaceScalar(random io.Reader) (*ristretto255.Scalar, error) {
	var b [64]byte
	defer clear(b[:])
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, fmt.Errorf("e2e: random numbers: %w", err)
	}
	return ristretto255.NewScalar().SetUniformBytes(b[:])
}

// cpaceShare is scalar_mult(y, g). It erases g, from which the secret could be found by trying.
func cpaceShare(y *ristretto255.Scalar, g *ristretto255.Element) []byte {
	defer g.Set(ristretto255.NewIdentityElement())
	return ristretto255.NewIdentityElement().ScalarMult(y, g).Bytes()
}

// cpaceShared is scalar_mult_vfy(y, Y). Where the draft returns the neutral element and makes the caller abort, it
// returns false: for an encoding that is none and for the neutral element itself, with which the result would not depend on
// the secret.
func cpaceShared(y *ristretto255.Scalar, share []byte) (k []byte, ok bool) {
	p, err := ristretto255.NewIdentityElement().SetCanonicalBytes(share)
	if err != nil {
		return nil, false
	}
	p.ScalarMult(y, p)
	if p.Equal(ristretto255.NewIdentityElement()) == 1 {
		return nil, false
	}
	return p.Bytes(), true
}

// cpaceKey is the intermediate session key ISK over transcript_ir.
func cpaceKey(sid, k, ya, ada, yb, adb []byte) []byte {
	b := lvCat([]byte(cpaceDSI+"_ISK"), sid, k, ya, ada, yb, adb)
	defer clear(b)
	isk := sha512.Sum512(b)
	return isk[:]
}
