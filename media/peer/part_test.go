package peer

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

func sampleParts() []part {
	return []part{
		{kindPart, 1, 0, 1, []byte("x")},
		{kindPart, 2, 0, 3, make([]byte, partSize)},
		{kindPart, maxFrame, 2, 3, make([]byte, partSize)},
		{kindPart, 7, maxParts - 1, maxParts, make([]byte, MaxMotion-(maxParts-1)*partSize)},
		{kind: kindEnd, frame: 9, parts: maxParts},
		{kind: kindForget, frame: 10},
	}
}

func TestParts(t *testing.T) {
	for _, p := range sampleParts() {
		raw := p.append(nil, 0xfffe, 0x12345678)
		got, err := parsePart(raw)
		if len(p.data) == 0 {
			got.data = nil
		}
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%v becomes %v, %v", p, got, err)
		}
		if raw[2] != 0xff || raw[3] != 0xfe || raw[4] != 0x12 || len(raw) > 1280-packetCost {
			t.Errorf("% x…, %d bytes", raw[:rtpHeader], len(raw))
		}
		for n := range rtpHeader + partHeader {
			if _, err := parsePart(raw[:n]); !errors.Is(err, errPart) {
				t.Errorf("the first %d bytes: %v", n, err)
			}
		}
	}
	for name, raw := range badPackets() {
		if p, err := parsePart(raw); !errors.Is(err, errPart) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

func badPackets() map[string][]byte {
	with := func(at int, b byte) []byte {
		raw := part{kindPart, 2, 0, 3, make([]byte, partSize)}.append(nil, 1, 2)
		raw[at] = b
		return raw
	}
	raw := func(p part) []byte { return p.append(nil, 1, 2) }
	return map[string][]byte{
		"nothing":              nil,
		"version":              with(0, 1<<6),
		"padding":              with(0, 2<<6|1<<5),
		"extension":            with(0, 2<<6|1<<4),
		"contributing source":  with(0, 2<<6|1),
		"another type":         with(1, motionType+1),
		"marked too early":     with(1, 0x80|motionType),
		"another source":       with(11, motionSSRC+1),
		"another kind":         with(rtpHeader, 3),
		"frame 0":              raw(part{kindPart, 0, 0, 1, []byte("x")}),
		"frame too high":       raw(part{kindPart, maxFrame + 1, 0, 1, []byte("x")}),
		"no parts":             raw(part{kindPart, 1, 0, 0, []byte("x")}),
		"behind the last":      raw(part{kindPart, 1, 3, 3, []byte("x")}),
		"too many parts":       raw(part{kindPart, 1, 0, maxParts + 1, make([]byte, partSize)}),
		"last part empty":      raw(part{kindPart, 1, 2, 3, nil}),
		"short part":           raw(part{kindPart, 1, 1, 3, make([]byte, partSize-1)}),
		"long part":            raw(part{kindPart, 1, 2, 3, make([]byte, partSize+1)}),
		"frame too large":      raw(part{kindPart, 1, maxParts - 1, maxParts, make([]byte, partSize)}),
		"end with bytes":       raw(part{kindEnd, 1, 0, 1, []byte("x")}),
		"end of a part":        raw(part{kindEnd, 1, 1, 2, nil}),
		"end of nothing":       raw(part{kindEnd, 1, 0, 0, nil}),
		"end of too much":      raw(part{kindEnd, 1, 0, maxParts + 1, nil}),
		"forgotten with bytes": raw(part{kindForget, 1, 0, 0, []byte("x")}),
		"forgotten with parts": raw(part{kindForget, 1, 0, 1, nil}),
	}
}

func FuzzPart(f *testing.F) {
	for _, p := range sampleParts() {
		f.Add(p.append(nil, 1, 2))
	}
	for _, raw := range badPackets() {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePart(raw)
		if err != nil {
			return
		}
		seq, at := uint16(raw[2])<<8|uint16(raw[3]), uint32(raw[4])<<24|uint32(raw[5])<<16|uint32(raw[6])<<8|uint32(raw[7])
		if again := p.append(nil, seq, at); !bytes.Equal(again, raw) {
			t.Errorf("% x becomes % x", raw, again)
		}
	})
}

func sampleAsks() []ask {
	many := ask{frame: maxFrame}
	for i := range maxRanges {
		many.spans = append(many.spans, span{3 * i, 2})
	}
	return []ask{{1, []span{{0, wholeAsk}}}, {2, []span{{0, maxParts}}}, {3, []span{{maxParts - 1, 1}}}, many}
}

func badAsks() map[string][]byte {
	return map[string][]byte{
		"nothing":         nil,
		"no spans":        ask{frame: 1}.append(nil),
		"frame 0":         ask{0, []span{{0, 1}}}.append(nil),
		"frame too high":  ask{maxFrame + 1, []span{{0, 1}}}.append(nil),
		"empty span":      ask{1, []span{{0, 0}}}.append(nil),
		"too long":        ask{1, []span{{0, maxParts + 1}}}.append(nil),
		"behind the last": ask{1, []span{{maxParts, 1}}}.append(nil),
		"whole from 1":    ask{1, []span{{1, wholeAsk}}}.append(nil),
		"odd":             append(ask{1, []span{{0, 1}}}.append(nil), 0, 0),
		"too many":        ask{1, make([]span, maxRanges+1)}.append(nil),
	}
}

func TestAsks(t *testing.T) {
	for _, a := range sampleAsks() {
		if got, err := parseAsk(a.append(nil)); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("%v becomes %v, %v", a, got, err)
		}
	}
	for name, raw := range badAsks() {
		if a, err := parseAsk(raw); !errors.Is(err, errAsk) {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}

func FuzzAsk(f *testing.F) {
	for _, a := range sampleAsks() {
		f.Add(a.append(nil))
	}
	for _, raw := range badAsks() {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if a, err := parseAsk(raw); err == nil && !bytes.Equal(a.append(nil), raw) {
			t.Errorf("% x becomes % x", raw, a.append(nil))
		}
	})
}
