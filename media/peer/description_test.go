package peer

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

func sample() description {
	return description{
		offer:       true,
		fingerprint: [32]byte{1, 2, 3, 0xff},
		ufrag:       "abcd",
		pwd:         strings.Repeat("Az09+/", 4)[:22],
		sctp:        []byte{9, 8, 7},
		candidates: []candidate{
			{netip.MustParseAddrPort("192.0.2.1:49152"), 16777215},
			{netip.MustParseAddrPort("[2001:db8::1]:50000"), 16777214},
		},
	}
}

// change returns the sample with one thing different.
func change(f func(*description)) []byte {
	d := sample()
	f(&d)
	return d.marshal()
}

func TestDescription(t *testing.T) {
	good := sample()
	raw := good.marshal()
	got, err := parseDescription(raw)
	if err != nil || !reflect.DeepEqual(got, good) {
		t.Fatalf("%+v, %v", got, err)
	}
	back, err := extract(good.sdp(), true, good.fingerprint)
	if err != nil || !reflect.DeepEqual(back, good) {
		t.Errorf("through SDP: %+v, %v", back, err)
	}
	for name, bad := range badDescriptions() {
		if d, err := parseDescription(bad); !errors.Is(err, ErrDescription) {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	for n := range raw {
		if _, err := parseDescription(raw[:n]); err == nil {
			t.Errorf("the first %d bytes are accepted", n)
		}
	}
}

func badDescriptions() map[string][]byte {
	raw := sample().marshal()
	at := func(c candidate) []byte { return change(func(d *description) { d.candidates[0] = c }) }
	ap := netip.MustParseAddrPort
	return map[string][]byte{
		"version":         append([]byte{2}, raw[1:]...),
		"kind":            append([]byte{1, 2}, raw[2:]...),
		"trailing byte":   append(bytes.Clone(raw), 0),
		"short ufrag":     change(func(d *description) { d.ufrag = "abc" }),
		"long ufrag":      change(func(d *description) { d.ufrag = strings.Repeat("a", 33) }),
		"short password":  change(func(d *description) { d.pwd = d.pwd[1:] }),
		"line in ufrag":   change(func(d *description) { d.ufrag = "ab\r\na=x" }),
		"space":           change(func(d *description) { d.ufrag = "ab c" }),
		"long sctp":       change(func(d *description) { d.sctp = make([]byte, 97) }),
		"no candidate":    change(func(d *description) { d.candidates = nil }),
		"nine candidates": change(func(d *description) { d.candidates = make([]candidate, 9) }),
		"port 0":          at(candidate{at: ap("192.0.2.1:0")}),
		"unspecified":     at(candidate{at: ap("0.0.0.0:50000")}),
		"multicast":       at(candidate{at: ap("224.0.0.1:50000")}),
		"wrapped":         at(candidate{at: ap("[::ffff:192.0.2.1]:50000")}),
		"no address":      at(candidate{}),
		"too long":        make([]byte, MaxDescription+1),
		"nothing":         nil,
	}
}

// FuzzDescription: what is accepted survives the way through SDP, and back.
func FuzzDescription(f *testing.F) {
	f.Add(sample().marshal())
	f.Add(change(func(d *description) { d.offer = false; d.sctp = nil }))
	for _, bad := range badDescriptions() {
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := parseDescription(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(d.marshal(), raw) {
			t.Errorf("%x becomes %x", raw, d.marshal())
		}
		sdp := d.sdp()
		if lines := strings.Count(sdp, "\n"); strings.Count(sdp, "\r\n") != lines || lines > 40 {
			t.Errorf("%q", sdp)
		}
		back, err := extract(sdp, d.offer, d.fingerprint)
		if err != nil || !bytes.Equal(back.marshal(), raw) {
			t.Errorf("through SDP %x becomes %x, %v", raw, back.marshal(), err)
		}
	})
}
