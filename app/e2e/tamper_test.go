package e2e

import (
	"bytes"
	"errors"
	"testing"

	"assist/app/code"
)

// One bit of every byte of M1: the engineer refuses it, or the customer finds out from M2.
func TestEveryByteOfM1(t *testing.T) {
	t.Parallel()
	b := begin(t, seeded(1))
	refused := 0
	for i := range b.m1 {
		m1 := bytes.Clone(b.m1)
		m1[i] ^= 1 << (i % 8)
		_, m2, err := respond(seeded(9), b.code, m1, testAnswer(), sign)
		if err != nil {
			if !errors.Is(err, ErrMessage) && !errors.Is(err, ErrRoom) {
				t.Errorf("byte %d: engineer: %v", i, err)
			}
			refused++
			continue
		}
		if k, _, m3, err := b.customer.clone().Finish(m2, verify); !errors.Is(err, ErrWrongSecret) || k != nil || m3 != nil {
			t.Errorf("byte %d: customer: %v", i, err)
		}
	}
	if refused < headSize+code.RoomDigits || refused == len(b.m1) {
		t.Errorf("the engineer refused %d of %d", refused, len(b.m1))
	}
}

// One bit of every byte of M2: the customer finds out before anything in it is believed.
func TestEveryByteOfM2(t *testing.T) {
	t.Parallel()
	b := begin(t, seeded(1))
	for i := range b.m2 {
		m2 := bytes.Clone(b.m2)
		m2[i] ^= 1 << (i % 8)
		k, _, m3, err := b.customer.clone().Finish(m2, func(_, _, _ []byte) error {
			t.Errorf("byte %d: M2 was looked at before its tag", i)
			return nil
		})
		if !errors.Is(err, ErrWrongSecret) && !errors.Is(err, ErrMessage) || k != nil || m3 != nil {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// Every bit of M3: the engineer finds out.
func TestEveryBitOfM3(t *testing.T) {
	b := begin(t, seeded(1))
	_, _, m3, err := b.customer.Finish(b.m2, verify)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(m3) {
		m := bytes.Clone(m3)
		m[i/8] ^= 1 << (i % 8)
		want := ErrMessage // type, version, nonce
		if i/8 >= headSize+nonceSize {
			want = ErrWrongSecret
		}
		if k, err := b.engineer.clone().Confirm(m); !errors.Is(err, want) || k != nil {
			t.Errorf("bit %d: %v, want %v", i, err, want)
		}
	}
}

func TestEveryLength(t *testing.T) {
	b := begin(t, seeded(1))
	_, _, m3, err := b.customer.clone().Finish(b.m2, verify)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]struct {
		msg  []byte
		take func([]byte) error
	}{
		"offer": {b.m1, func(m []byte) error { _, err := ReadOffer(m); return err }},
		"M1":    {b.m1, func(m []byte) error { _, _, err := Respond(b.code, m, testAnswer(), sign); return err }},
		"M2":    {b.m2, func(m []byte) error { _, _, _, err := b.customer.clone().Finish(m, verify); return err }},
		"M3":    {m3, func(m []byte) error { _, err := b.engineer.clone().Confirm(m); return err }},
	} {
		for n := range len(m.msg) {
			if err := m.take(m.msg[:n]); !errors.Is(err, ErrMessage) {
				t.Fatalf("%s with %d bytes: %v", name, n, err)
			}
		}
		for _, n := range []int{1, 32, MaxMessage, 1 << 20} {
			if err := m.take(append(bytes.Clone(m.msg), make([]byte, n)...)); !errors.Is(err, ErrMessage) {
				t.Errorf("%s with %d more bytes: %v", name, n, err)
			}
		}
		if err := m.take(m.msg); err != nil {
			t.Errorf("%s itself: %v", name, err)
		}
	}
}
