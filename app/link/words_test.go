package link

import (
	"bytes"
	"reflect"
	"testing"

	"assist/app/e2e"
	"assist/app/wire"
)

// words are good ones, by who says them.
var words = map[e2e.Side][]word{
	e2e.CustomerSide: {
		{kind: offer, epoch: 1, fingerprint: [32]byte{1, 31: 2}, description: []byte("sdp")},
		{kind: offer, epoch: 1<<32 - 1, description: make([]byte, e2e.MaxSDP)},
		{kind: over, reason: wire.ByPanicKey},
	},
	e2e.EngineerSide: {
		{kind: here},
		{kind: answer, epoch: 7, fingerprint: [32]byte{3}, description: []byte("sdp")},
		{kind: over, reason: wire.WrongFormat},
	},
}

func TestWords(t *testing.T) {
	for side, list := range words {
		for _, want := range list {
			b := want.append(nil)
			if got, err := parseWord(b, side); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v: %x became %+v, %v", side, b[:min(len(b), 40)], got, err)
			}
			if _, err := parseWord(b, side.Other()); err == nil && want.kind != over {
				t.Errorf("%v said the word %d of the other end", side.Other(), want.kind)
			}
			if _, err := parseWord(append(b, 0), side); err == nil && (want.description == nil || len(want.description) == e2e.MaxSDP) {
				t.Errorf("%v: a byte behind the word %d", side, want.kind)
			}
			for n := range min(len(b), offerHead+1) {
				if _, err := parseWord(b[:n], side); err == nil {
					t.Errorf("%v: %d bytes of the word %d", side, n, want.kind)
				}
			}
		}
	}
	for name, b := range map[string][]byte{
		"unknown word":   {9},
		"unknown reason": {byte(over), byte(wire.WrongFormat) + 1},
		"epoch 0":        word{kind: answer, description: []byte("sdp")}.append(nil),
	} {
		if _, err := parseWord(b, e2e.EngineerSide); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func FuzzParseWord(f *testing.F) {
	for side, list := range words {
		for _, w := range list {
			f.Add(w.append(nil), side == e2e.CustomerSide)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, customer bool) {
		side := e2e.EngineerSide
		if customer {
			side = e2e.CustomerSide
		}
		w, err := parseWord(b, side)
		if err == nil && !bytes.Equal(w.append(nil), b) {
			t.Errorf("%x became %+v", b, w)
		}
	})
}
