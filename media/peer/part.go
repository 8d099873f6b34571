package peer

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A motion frame goes in parts, each of them one RTP packet (RFC 3550) with a fixed header: no padding, no extension, no
// contributing sources, [motionType], [motionSSRC]; the marker says that it is a frame's last part. Behind it stand
//
//	kind   1 byte   0 a part, 1 the end of a frame, 2 a frame that was given up
//	frame  4 bytes  from 1, one more with each frame, at most maxFrame
//	part   2 bytes  from 0; 0 unless kind is 0
//	parts  2 bytes  how many the frame has, at most maxParts; 0 if kind is 2
//	bytes           of a part: partSize, or 1..partSize in the last one
//
// Numbers are big-endian. Packets are numbered in the order in which they are sent, and a part that is sent again is a new
// packet. What the answering end lacks it says in RTCP packets of type APP (RFC 3550 section 6.7) with the name
// [askName], for one frame each:
//
//	frame   4 bytes
//	ranges  1..maxRanges, of each
//	  first  2 bytes, a part
//	  count  2 bytes, not 0; 0xffff with the first part 0: the whole frame, however many parts it has
const (
	kindPart   = 0
	kindEnd    = 1
	kindForget = 2

	rtpHeader  = 12
	partHeader = 9
	// partSize keeps a packet, with what SRTP, TURN, UDP and IP put around it, at 1,216 bytes.
	partSize = 1147
	maxParts = (MaxMotion + partSize - 1) / partSize
	maxFrame = 1 << 31

	motionType = 96
	motionSSRC = 1

	askName   = "MISS"
	maxRanges = 64
	wholeAsk  = 0xffff
)

var (
	errPart = errors.New("peer: malformed motion packet")
	errAsk  = errors.New("peer: malformed question for motion packets")
)

// part is one packet of a motion frame.
type part struct {
	kind  uint8
	frame uint32
	part  int
	parts int
	data  []byte
}

// last reports whether nothing of the frame follows it.
func (p part) last() bool { return p.part == p.parts-1 }

// append appends the RTP packet with the sequence number seq and the timestamp at.
func (p part) append(b []byte, seq uint16, at uint32) []byte {
	marked := byte(motionType)
	if p.kind == kindPart && p.last() {
		marked |= 0x80
	}
	b = append(b, 2<<6, marked)
	b = binary.BigEndian.AppendUint16(b, seq)
	b = binary.BigEndian.AppendUint32(b, at)
	b = binary.BigEndian.AppendUint32(b, motionSSRC)
	b = append(b, p.kind)
	b = binary.BigEndian.AppendUint32(b, p.frame)
	b = binary.BigEndian.AppendUint16(b, uint16(p.part))
	b = binary.BigEndian.AppendUint16(b, uint16(p.parts))
	return append(b, p.data...)
}

// parsePart reads an RTP packet of the other end. The part's data is part of b.
func parsePart(b []byte) (part, error) {
	if len(b) < rtpHeader+partHeader || b[0] != 2<<6 || b[1]&0x7f != motionType ||
		binary.BigEndian.Uint32(b[8:]) != motionSSRC {
		return part{}, errPart
	}
	h := b[rtpHeader:]
	p := part{
		kind:  h[0],
		frame: binary.BigEndian.Uint32(h[1:]),
		part:  int(binary.BigEndian.Uint16(h[5:])),
		parts: int(binary.BigEndian.Uint16(h[7:])),
		data:  h[partHeader:],
	}
	if marked := b[1]&0x80 != 0; p.frame == 0 || p.frame > maxFrame || marked != (p.kind == kindPart && p.last()) || !p.fits() {
		return part{}, fmt.Errorf("%w: kind %d, part %d of %d, %d bytes", errPart, p.kind, p.part, p.parts, len(p.data))
	}
	return p, nil
}

// fits reports whether there is a frame with such a part.
func (p part) fits() bool {
	switch p.kind {
	case kindPart:
		whole := len(p.data) == partSize || p.last() && len(p.data) > 0 && len(p.data) < partSize
		return whole && p.part < p.parts && p.parts <= maxParts && p.part*partSize+len(p.data) <= MaxMotion
	case kindEnd:
		return len(p.data) == 0 && p.part == 0 && p.parts > 0 && p.parts <= maxParts
	case kindForget:
		return len(p.data) == 0 && p.part == 0 && p.parts == 0
	}
	return false
}

// partsOf returns how many parts a frame of n bytes has.
func partsOf(n int) int { return (n + partSize - 1) / partSize }

// span is some parts of a frame that follow each other.
type span struct{ first, count int }

// ask is the question for parts of a frame.
type ask struct {
	frame uint32
	spans []span
}

func (a ask) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, a.frame)
	for _, s := range a.spans {
		b = binary.BigEndian.AppendUint16(b, uint16(s.first))
		b = binary.BigEndian.AppendUint16(b, uint16(s.count))
	}
	return b
}

// parseAsk reads what stands behind the name in the other end's question.
func parseAsk(b []byte) (ask, error) {
	if len(b) < 8 || len(b) > 4+4*maxRanges || len(b)%4 != 0 {
		return ask{}, errAsk
	}
	a := ask{frame: binary.BigEndian.Uint32(b)}
	for b = b[4:]; len(b) > 0; b = b[4:] {
		s := span{int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:]))}
		if s != (span{0, wholeAsk}) && (s.count == 0 || s.first+s.count > maxParts) {
			return ask{}, errAsk
		}
		a.spans = append(a.spans, s)
	}
	if a.frame == 0 || a.frame > maxFrame {
		return ask{}, errAsk
	}
	return a, nil
}
