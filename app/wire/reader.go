package wire

import (
	"encoding/binary"
	"unicode/utf8"
)

// reader takes fields off a message. After the first field that is missing or out of range it is bad and
// yields zeros.
type reader struct {
	b   []byte
	bad bool
}

// take returns the next n bytes, or nil.
func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

// check makes the message bad unless ok.
func (r *reader) check(ok bool) {
	if !ok {
		r.bad = true
	}
}

func (r *reader) u8() uint8 {
	if p := r.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if p := r.take(2); p != nil {
		return binary.BigEndian.Uint16(p)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if p := r.take(4); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if p := r.take(8); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

func (r *reader) bool() bool {
	v := r.u8()
	r.check(v <= 1)
	return v == 1
}

// string reads a string of at most most bytes.
func (r *reader) string(most int) string {
	n := int(r.u16())
	r.check(n <= most)
	s := string(r.take(n))
	r.check(utf8.ValidString(s))
	if r.bad {
		return ""
	}
	return s
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// appendString appends s, cut to at most most bytes between two characters.
func appendString(b []byte, s string, most int) []byte {
	if len(s) > most {
		s = s[:most]
		for s != "" && !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...)
}
