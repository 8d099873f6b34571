package netlab

import (
	"encoding/binary"
	"net/netip"
)

// packet is an IP packet.
type packet []byte

// Protocol numbers, from IANA's list.
const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

const (
	head4, head6 = 20, 40 // bytes of IP headers without options
	headTCP      = 20
	headUDP      = 8
	headICMP     = 8
)

// header is what the router looks at. Ports are 0 in later fragments and in what is neither TCP nor UDP.
type header struct {
	src, dst         netip.Addr
	proto            uint8
	srcPort, dstPort uint16
	flags            uint8 // of TCP
	start            int   // of what is inside
}

// TCP flags (RFC 9293 section 3.1).
const (
	flagSYN = 0x02
	flagRST = 0x04
	flagACK = 0x10
)

// syn reports whether the packet begins a TCP connection.
func (h header) syn() bool { return h.proto == protoTCP && h.flags&(flagSYN|flagACK) == flagSYN }

// parse reads the headers (RFC 791, RFC 8200). It does not follow IPv6's extension headers, which nothing in a lab sends.
func (p packet) parse() (h header, ok bool) {
	if len(p) == 0 {
		return h, false
	}
	whole := true // not a later fragment
	switch p[0] >> 4 {
	case 4:
		h.start = int(p[0]&0x0f) * 4
		if h.start < head4 || len(p) < h.start {
			return h, false
		}
		h.src, h.dst = netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20]))
		h.proto = p[9]
		whole = binary.BigEndian.Uint16(p[6:])&0x1fff == 0
	case 6:
		h.start = head6
		if len(p) < head6 {
			return h, false
		}
		h.src, h.dst = netip.AddrFrom16([16]byte(p[8:24])), netip.AddrFrom16([16]byte(p[24:40]))
		h.proto = p[6]
	default:
		return h, false
	}
	if inner := p[h.start:]; whole && (h.proto == protoTCP && len(inner) >= headTCP || h.proto == protoUDP && len(inner) >= headUDP) {
		h.srcPort, h.dstPort = binary.BigEndian.Uint16(inner), binary.BigEndian.Uint16(inner[2:])
		if h.proto == protoTCP {
			h.flags = inner[13]
		}
	}
	return h, true
}

// newPacket returns a packet with n bytes inside, all 0. seal completes it.
func newPacket(src, dst netip.Addr, proto uint8, n int) (p packet, inner []byte) {
	if src.Is4() {
		p = make(packet, head4+n)
		p[0], p[8], p[9] = 0x45, 64, proto
		binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
		copy(p[12:], src.AsSlice())
		copy(p[16:], dst.AsSlice())
		return p, p[head4:]
	}
	p = make(packet, head6+n)
	p[0], p[6], p[7] = 0x60, proto, 64
	binary.BigEndian.PutUint16(p[4:], uint16(n))
	copy(p[8:], src.AsSlice())
	copy(p[24:], dst.AsSlice())
	return p, p[head6:]
}

// seal writes the checksums; that of what is inside stands at the byte at.
func (p packet) seal(at int) packet {
	start := head6
	var pseudo uint32
	proto := p[6]
	if p[0]>>4 == 4 {
		start, proto = head4, p[9]
		binary.BigEndian.PutUint16(p[10:], ^fold(sum(p[:head4])))
		pseudo = sum(p[12:20])
	} else {
		pseudo = sum(p[8:40])
	}
	inner := p[start:]
	if proto == protoICMP {
		pseudo = 0 // it has none
	} else {
		pseudo += uint32(proto) + uint32(len(inner))
	}
	check := ^fold(pseudo + sum(inner))
	if check == 0 && proto == protoUDP {
		check = 0xffff
	}
	binary.BigEndian.PutUint16(inner[at:], check)
	return p
}

// sum adds up 16-bit words (RFC 1071).
func sum(b []byte) (s uint32) {
	for ; len(b) > 1; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func fold(s uint32) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

// refusal is what a closed port answers: a reset for TCP (RFC 9293 section 3.10.7.1), and for UDP that the port cannot be
// reached (RFC 792, RFC 4443). It is nil if nothing is to be answered.
func (p packet) refusal(h header) packet {
	switch {
	case h.proto == protoTCP && h.srcPort != 0 && h.flags&flagRST == 0:
		return p.reset(h)
	case h.proto == protoUDP && h.srcPort != 0:
		return p.unreachable(h)
	}
	return nil
}

func (p packet) reset(h header) packet {
	was := p[h.start:]
	out, tcp := newPacket(h.dst, h.src, protoTCP, headTCP)
	binary.BigEndian.PutUint16(tcp, h.dstPort)
	binary.BigEndian.PutUint16(tcp[2:], h.srcPort)
	tcp[12] = headTCP / 4 << 4
	if h.flags&flagACK != 0 {
		copy(tcp[4:8], was[8:12])
		tcp[13] = flagRST
	} else {
		length := uint32(len(was) - int(was[12]>>4)*4)
		if h.flags&flagSYN != 0 {
			length++
		}
		binary.BigEndian.PutUint32(tcp[8:], binary.BigEndian.Uint32(was[4:])+length)
		tcp[13] = flagRST | flagACK
	}
	const at = 16
	return out.seal(at)
}

func (p packet) unreachable(h header) packet {
	proto, kind, code := uint8(protoICMP), byte(3), byte(3)
	if h.dst.Is6() {
		proto, kind, code = protoICMPv6, 1, 4
	}
	part := p[:min(len(p), h.start+headUDP)]
	out, icmp := newPacket(h.dst, h.src, proto, headICMP+len(part))
	icmp[0], icmp[1] = kind, code
	copy(icmp[headICMP:], part)
	const at = 2
	return out.seal(at)
}
