package peer

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// A description is what one end tells the other to be found. It replaces SDP (RFC 8866), of which nearly all
// would be the same every time: about 130 bytes instead of 700, and no SDP parser sees foreign bytes. On the wire:
//
//	version      1 byte, 1
//	kind         1 byte, 0 offer, 1 answer
//	fingerprint  32 bytes, SHA-256 of the DTLS certificate
//	ufrag        1 byte length 4..32, characters        ICE credentials, RFC 8839 section 5.4
//	password     1 byte length 22..64, characters
//	sctp         1 byte length 0..96, bytes             SCTP INIT, draft-hancke-tsvwg-snap
//	candidates   1 byte count 1..8, and for each:
//	  priority   4 bytes                                RFC 8445 section 5.1.2
//	  address    1 byte length 4 or 16, bytes
//	  port       2 bytes, not 0
//
// Numbers are big-endian. Nothing may follow.
type description struct {
	offer       bool
	fingerprint [32]byte
	ufrag, pwd  string
	sctp        []byte
	candidates  []candidate
}

// candidate is a relayed address.
type candidate struct {
	at       netip.AddrPort
	priority uint32
}

const (
	descriptionVersion = 1
	// MaxDescription is the largest description, in bytes.
	MaxDescription = 1 + 1 + 32 + 1 + 32 + 1 + 64 + 1 + 96 + 1 + maxCandidates*(4+1+16+2)
	maxCandidates  = 8
)

func kind(offer bool) string {
	if offer {
		return "offer"
	}
	return "answer"
}

func (d description) marshal() []byte {
	out := append(make([]byte, 0, MaxDescription), descriptionVersion, 1)
	if d.offer {
		out[1] = 0
	}
	out = append(out, d.fingerprint[:]...)
	for _, field := range [][]byte{[]byte(d.ufrag), []byte(d.pwd), d.sctp} {
		out = append(out, byte(len(field)))
		out = append(out, field...)
	}
	out = append(out, byte(len(d.candidates)))
	for _, c := range d.candidates {
		out = binary.BigEndian.AppendUint32(out, c.priority)
		ip := c.at.Addr().AsSlice()
		out = append(out, byte(len(ip)))
		out = append(out, ip...)
		out = binary.BigEndian.AppendUint16(out, c.at.Port())
	}
	return out
}

// reader takes fields off the front of a message. After a fault it gives zero values.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return make([]byte, n)
	}
	field := r.rest[:n:n]
	r.rest = r.rest[n:]
	return field
}

func (r *reader) byte() byte { return r.take(1)[0] }

// field takes a length and so many bytes.
func (r *reader) field(least, most int) []byte {
	n := int(r.byte())
	if n < least || n > most {
		r.bad = true
		return nil
	}
	return r.take(n)
}

// text takes a field of ICE characters (RFC 8839 section 5.4): nothing else could stand in SDP.
func (r *reader) text(least, most int) string {
	field := r.field(least, most)
	for _, b := range field {
		letter := b|0x20 >= 'a' && b|0x20 <= 'z'
		if !letter && !(b >= '0' && b <= '9') && b != '+' && b != '/' {
			r.bad = true
		}
	}
	return string(field)
}

func (r *reader) candidate() candidate {
	c := candidate{priority: binary.BigEndian.Uint32(r.take(4))}
	ip, ok := netip.AddrFromSlice(r.field(4, 16))
	port := binary.BigEndian.Uint16(r.take(2))
	if !ok || port == 0 || ip.IsUnspecified() || ip.IsMulticast() || ip.Is4In6() {
		r.bad = true
	}
	c.at = netip.AddrPortFrom(ip, port)
	return c
}

// parseDescription reads what the other end sent.
func parseDescription(raw []byte) (description, error) {
	if len(raw) > MaxDescription {
		return description{}, fmt.Errorf("%w: %d bytes", ErrDescription, len(raw))
	}
	r := &reader{rest: raw}
	version, kind := r.byte(), r.byte()
	d := description{
		offer:       kind == 0,
		fingerprint: [32]byte(r.take(32)),
		ufrag:       r.text(4, 32),
		pwd:         r.text(22, 64),
		sctp:        append([]byte(nil), r.field(0, 96)...),
	}
	count := int(r.byte())
	if count < 1 || count > maxCandidates || version != descriptionVersion || kind > 1 {
		r.bad = true
	}
	for range count {
		if r.bad {
			break
		}
		d.candidates = append(d.candidates, r.candidate())
	}
	if r.bad || len(r.rest) > 0 {
		return description{}, ErrDescription
	}
	return d, nil
}
