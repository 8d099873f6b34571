// Package stun is the few messages of TURN (RFC 8656, RFC 8489) with which a relay is asked whether it is there, how
// far away it is and whether it takes a credential. It makes requests and reads answers; it opens no connection, keeps
// no allocation alive and carries no data: that is the link's business.
//
//	question  Allocate                       answer  401 with realm and nonce: here is a relay
//	question  Allocate with credentials      answer  an address, or why not
//	question  Refresh with life 0            answer  the address is given back
package stun

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"
)

// Sizes in bytes.
const (
	// Header is the size of what every message begins with.
	Header = 20
	// MaxMessage is the size of the largest answer that is read.
	MaxMessage = 1500

	maxText = 763 // of a realm or nonce, RFC 8489 section 14.9
)

// Numbers of RFC 8489 section 18 and RFC 8656 section 17.
const (
	cookie       = 0x2112A442
	fingerprint  = 0x5354554e
	methodAlloc  = 0x003
	methodFresh  = 0x004
	classSuccess = 0x100
	classError   = 0x110
	classBits    = 0x110

	attrUsername    = 0x0006
	attrIntegrity   = 0x0008
	attrError       = 0x0009
	attrLifetime    = 0x000D
	attrRealm       = 0x0014
	attrNonce       = 0x0015
	attrRelayed     = 0x0016 // XOR-RELAYED-ADDRESS
	attrTransport   = 0x0019
	attrFingerprint = 0x8028
)

// Codes of refusals that callers tell apart.
const (
	BadRequest    = 400
	Unauthorized  = 401
	Forbidden     = 403
	StaleNonce    = 438
	WrongUser     = 441
	QuotaReached  = 486
	NoCapacity    = 508
	TryAlternate  = 300
	familyIPv4    = 1
	familyIPv6    = 2
	lengthIPv4    = 4 + 4
	lengthIPv6    = 4 + 16
	udpProtocol   = 17
	codeHundreds  = 100
	integritySize = 20
)

// Errors of Parse.
var (
	// ErrNotSTUN says that what was received is no STUN message at all.
	ErrNotSTUN = errors.New("stun: not a message")
	// ErrOther says that it is one, but not the answer to this question.
	ErrOther = errors.New("stun: not the answer")
)

// ID tells an answer which question it belongs to.
type ID [12]byte

// NewID returns a random one.
func NewID() (id ID) {
	rand.Read(id[:]) // never fails, see crypto/rand
	return id
}

// Login is what a relay wants to be told (RFC 8489 section 9.2). Realm and Nonce come out of its first answer.
type Login struct {
	Username, Password, Realm, Nonce string
}

// Answer is what a relay says.
type Answer struct {
	// Code says why not; 0 is a yes.
	Code         int
	Realm, Nonce string
	Relayed      netip.AddrPort // the address that was given
}

// Allocate asks for an address for UDP packets. With a nil login it is a question that every relay refuses, and so
// answers, if it has more than 35 bytes: ours give no longer answer than one and a half times the question.
func Allocate(id ID, l *Login) []byte {
	return finish(message(methodAlloc, id, attribute{attrTransport, []byte{udpProtocol, 0, 0, 0}}), l)
}

// Release gives the address back.
func Release(id ID, l Login) []byte {
	return finish(message(methodFresh, id, attribute{attrLifetime, make([]byte, 4)}), &l)
}

// Refusal is the answer that a says, with realm and nonce, to the question of id.
func Refusal(id ID, a Answer) []byte {
	code := []byte{0, 0, byte(a.Code / codeHundreds), byte(a.Code % codeHundreds)}
	return finish(message(methodAlloc|classError, id,
		attribute{attrError, code}, attribute{attrRealm, []byte(a.Realm)}, attribute{attrNonce, []byte(a.Nonce)}), nil)
}

// Anonymous returns the id of a question for an address that does not say who wants it; false if p is anything else.
func Anonymous(p []byte) (id ID, ok bool) {
	if len(p) < Header || binary.BigEndian.Uint16(p) != methodAlloc {
		return ID{}, false
	}
	if n, err := Size([Header]byte(p)); err != nil || n != len(p) {
		return ID{}, false
	}
	named := false
	whole := attributes(p, func(kind uint16, _ []byte) { named = named || kind == attrUsername })
	return ID(p[8:Header]), whole && !named
}

type attribute struct {
	kind  uint16
	value []byte
}

func message(method uint16, id ID, list ...attribute) []byte {
	p := make([]byte, Header, 256)
	binary.BigEndian.PutUint16(p, method)
	binary.BigEndian.PutUint32(p[4:], cookie)
	copy(p[8:], id[:])
	for _, a := range list {
		p = add(p, a)
	}
	return p
}

// add appends an attribute, and says so in the header.
func add(p []byte, a attribute) []byte {
	p = binary.BigEndian.AppendUint16(p, a.kind)
	p = binary.BigEndian.AppendUint16(p, uint16(len(a.value)))
	p = append(p, a.value...)
	for len(p)%4 != 0 {
		p = append(p, 0)
	}
	setLength(p, len(p)-Header)
	return p
}

func setLength(p []byte, n int) { binary.BigEndian.PutUint16(p[2:], uint16(n)) }

// finish adds the login, if there is one, and the fingerprint.
func finish(p []byte, l *Login) []byte {
	if l != nil {
		p = add(p, attribute{attrUsername, []byte(l.Username)})
		p = add(p, attribute{attrRealm, []byte(l.Realm)})
		p = add(p, attribute{attrNonce, []byte(l.Nonce)})
		p = add(p, attribute{attrIntegrity, integrity(p, l.Password, l.Username, l.Realm)})
	}
	setLength(p, len(p)-Header+8)
	sum := crc32.ChecksumIEEE(p) ^ fingerprint
	return add(p, attribute{attrFingerprint, binary.BigEndian.AppendUint32(nil, sum)})
}

// integrity is the proof of the password over p, a message without it (RFC 8489 section 14.5).
func integrity(p []byte, password, username, realm string) []byte {
	key := md5.Sum([]byte(username + ":" + realm + ":" + password))
	mac := hmac.New(sha1.New, key[:])
	setLength(p, len(p)-Header+4+integritySize) // as if it were there already
	mac.Write(p)
	return mac.Sum(nil)
}

// Size returns how many bytes the message that starts with head has, header included. Errors: ErrNotSTUN.
func Size(head [Header]byte) (int, error) {
	n := int(binary.BigEndian.Uint16(head[2:]))
	if head[0] > 3 || binary.BigEndian.Uint32(head[4:]) != cookie || n%4 != 0 || Header+n > MaxMessage {
		return 0, ErrNotSTUN
	}
	return Header + n, nil
}

// Parse reads the answer to question id. Its integrity is not checked: an answer decides nothing but which way is
// taken, and what goes that way is sealed. Errors: ErrNotSTUN, ErrOther.
func Parse(p []byte, id ID) (Answer, error) {
	if len(p) < Header {
		return Answer{}, ErrNotSTUN
	}
	if n, err := Size([Header]byte(p)); err != nil || n != len(p) {
		return Answer{}, ErrNotSTUN
	}
	kind := binary.BigEndian.Uint16(p)
	if ID(p[8:Header]) != id {
		return Answer{}, ErrOther
	}
	if method := kind &^ classBits; method != methodAlloc && method != methodFresh {
		return Answer{}, ErrNotSTUN
	}
	var a Answer
	switch kind & classBits {
	case classSuccess:
	case classError:
		a.Code = -1 // until the attribute says
	default:
		return Answer{}, ErrNotSTUN // the question itself: somebody repeats what is said
	}
	whole := attributes(p, func(kind uint16, value []byte) { a.take(kind, value, id) })
	if !whole || a.Code < 0 {
		return Answer{}, ErrNotSTUN
	}
	return a, nil
}

// attributes calls take for each attribute of a message, and is false if they are cut off.
func attributes(p []byte, take func(kind uint16, value []byte)) bool {
	for rest := p[Header:]; len(rest) > 0; {
		if len(rest) < 4 {
			return false
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		padded := 4 + (n+3)/4*4
		if padded > len(rest) {
			return false
		}
		take(binary.BigEndian.Uint16(rest), rest[4:4+n])
		rest = rest[padded:]
	}
	return true
}

// take notes one attribute, if it is known and well formed.
func (a *Answer) take(kind uint16, value []byte, id ID) {
	switch kind {
	case attrError:
		if len(value) >= 4 && a.Code != 0 && value[2]&7 >= 3 && value[2]&7 <= 6 && value[3] < codeHundreds {
			a.Code = int(value[2]&7)*codeHundreds + int(value[3])
		}
	case attrRealm:
		if len(value) <= maxText {
			a.Realm = string(value)
		}
	case attrNonce:
		if len(value) <= maxText {
			a.Nonce = string(value)
		}
	case attrRelayed:
		a.Relayed = address(value, id)
	}
}

// address reads an address that is hidden with the header (RFC 8489 section 14.2); it is the zero value if malformed.
func address(v []byte, id ID) netip.AddrPort {
	if len(v) < lengthIPv4 {
		return netip.AddrPort{}
	}
	mask := append(binary.BigEndian.AppendUint32(nil, cookie), id[:]...)
	port := binary.BigEndian.Uint16(v[2:]) ^ cookie>>16
	plain := make([]byte, len(v)-4)
	for i := range min(len(plain), len(mask)) {
		plain[i] = v[4+i] ^ mask[i]
	}
	switch {
	case v[1] == familyIPv4 && len(v) == lengthIPv4, v[1] == familyIPv6 && len(v) == lengthIPv6:
		a, _ := netip.AddrFromSlice(plain)
		return netip.AddrPortFrom(a, port)
	}
	return netip.AddrPort{}
}
