package e2e

import (
	"bytes"
	"errors"
	"testing"
)

// expected reports whether err is one that foreign bytes may cause.
func expected(err error) bool {
	for _, e := range []error{ErrMessage, ErrWrongSecret, ErrRoom, ErrRecord, ErrOld} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func FuzzReadOffer(f *testing.F) {
	b := begin(f, seeded(1))
	f.Add(b.m1)
	f.Add(b.m2)
	f.Add(b.m1[:len(b.m1)-1])
	f.Add([]byte{typeM1, messageVersion})
	f.Add(make([]byte, MaxMessage+1))
	f.Fuzz(func(t *testing.T, m1 []byte) {
		o, err := ReadOffer(m1)
		if err != nil {
			if !expected(err) || o.Room != "" || o.SDP != nil {
				t.Errorf("refused with %v and %+v", err, o)
			}
			return
		}
		if err := o.check(); err != nil {
			t.Errorf("an offer beyond the limits: %v", err)
		}
		m, _ := parseMessage1(m1)
		if !bytes.Equal(m.append(nil), m1) {
			t.Error("a second encoding")
		}
	})
}

func FuzzRespond(f *testing.F) {
	b := begin(f, seeded(1))
	f.Add(b.m1)
	f.Add(b.m1[:40])
	f.Add(append(bytes.Clone(b.m1), 0))
	f.Fuzz(func(t *testing.T, m1 []byte) {
		e, m2, err := respond(seeded(9), b.code, m1, testAnswer(), sign)
		if err != nil && (!expected(err) || e != nil || m2 != nil) {
			t.Errorf("refused with %v", err)
		}
		if err == nil && !bytes.Equal(m1, b.m1) {
			if k, _, _, err := b.customer.clone().Finish(m2, verify); err == nil || k != nil {
				t.Error("a changed M1 went through")
			}
		}
	})
}

func FuzzFinish(f *testing.F) {
	b := begin(f, seeded(1))
	f.Add(b.m2)
	f.Add(b.m1)
	f.Add(b.m2[:40])
	f.Add(append(bytes.Clone(b.m2), 0))
	f.Fuzz(func(t *testing.T, m2 []byte) {
		k, a, m3, err := b.customer.clone().Finish(m2, verify)
		if bytes.Equal(m2, b.m2) {
			return
		}
		if !expected(err) || k != nil || m3 != nil || a.SDP != nil {
			t.Errorf("a changed M2: %v", err)
		}
	})
}

func FuzzConfirm(f *testing.F) {
	b := begin(f, seeded(1))
	_, _, m3, err := b.customer.clone().Finish(b.m2, verify)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m3)
	f.Add(m3[:m3Size-1])
	f.Add(b.m2)
	f.Fuzz(func(t *testing.T, m []byte) {
		if k, err := b.engineer.clone().Confirm(m); !bytes.Equal(m, m3) && (!expected(err) || k != nil) {
			t.Errorf("a changed M3: %v", err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	so, _ := ends(f, Ordered)
	su, _ := ends(f, Unordered)
	sf, _ := mediaEnds(f, 0)
	good := [][]byte{seal(f, so, "hello"), seal(f, su, "hello"), sealFrame(f, sf, "hello")}
	for _, g := range good {
		f.Add(g)
		f.Add(g[:len(g)-1])
	}
	f.Add([]byte{0xff, 0xff})
	_, oo := ends(f, Ordered)
	_, ou := ends(f, Unordered)
	_, of := mediaEnds(f, 0)
	f.Fuzz(func(t *testing.T, b []byte) {
		ordered, unordered, frames := *oo, *ou, *of // fresh ones: the state is inside
		for i, open := range []func() ([]byte, error){
			func() ([]byte, error) { return ordered.Open(nil, b) },
			func() ([]byte, error) { return unordered.Open(nil, b) },
			func() ([]byte, error) { return frames.Open(nil, b, nil) },
		} {
			got, err := open()
			if bytes.Equal(b, good[i]) {
				if err != nil || string(got) != "hello" {
					t.Errorf("kind %d: %q, %v", i, got, err)
				}
				continue
			}
			if !expected(err) || got != nil {
				t.Errorf("kind %d opened %x: %q, %v", i, b, got, err)
			}
		}
	})
}
