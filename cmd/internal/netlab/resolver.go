package netlab

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// Answer is how the resolver behaves.
type Answer uint8

// The behaviours.
const (
	Right    Answer = iota // addresses of names that were set, "no such name" for others
	Silent                 // nothing is answered
	Failing                // it says that it cannot answer
	NoNames                // it says of every name that there is none
	AllToOne               // it gives one address for every name, see [Resolver.Hijack]
)

// Resolver is the lab's name server. The hosts ask it by UDP; its packets go over the host's own line.
type Resolver struct {
	mu    sync.Mutex
	names map[string][]netip.Addr
	mode  Answer
	one   []netip.Addr
	asked map[string]int
}

func newResolver() *Resolver {
	return &Resolver{names: make(map[string][]netip.Addr), asked: make(map[string]int)}
}

// resolver4 and resolver6 are where it is asked.
var (
	resolver4 = prefix4.Addr().Next()
	resolver6 = prefix6.Addr().Next()
)

func isResolver(a netip.Addr) bool { return a == resolver4 || a == resolver6 }

func plainName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

// Set gives a name these addresses, in place of those that it had. None: there is no such name.
func (r *Resolver) Set(name string, addrs ...netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[plainName(name)] = slices.Clone(addrs)
}

// Be makes the resolver behave so.
func (r *Resolver) Be(a Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mode = a
}

// Hijack answers every name with these addresses, as a guest network does.
func (r *Resolver) Hijack(addrs ...netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mode, r.one = AllToOne, slices.Clone(addrs)
}

// Asked returns how often a name was asked for.
func (r *Resolver) Asked(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[plainName(name)]
}

// lookup returns a name's addresses and the code of the answer; false: no answer.
func (r *Resolver) lookup(name string) ([]netip.Addr, dnsmessage.RCode, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name = plainName(name)
	r.asked[name]++
	switch r.mode {
	case Silent:
		return nil, 0, false
	case Failing:
		return nil, dnsmessage.RCodeServerFailure, true
	case NoNames:
		return nil, dnsmessage.RCodeNameError, true
	case AllToOne:
		return r.one, dnsmessage.RCodeSuccess, true
	}
	if addrs := r.names[name]; len(addrs) > 0 {
		return addrs, dnsmessage.RCodeSuccess, true
	}
	return nil, dnsmessage.RCodeNameError, true
}

// pick returns the address of a name for Go code in a host.
func (r *Resolver) pick(name string, v4 bool) (netip.Addr, bool) {
	addrs, _, _ := r.lookup(name)
	for _, a := range addrs {
		if a.Is4() == v4 {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// answer answers a question (RFC 1035) that came in packet p. It is nil if there is nothing to say.
func (r *Resolver) answer(p packet, h header) packet {
	const dns = 53
	if h.proto != protoUDP || h.dstPort != dns {
		return p.refusal(h)
	}
	text, ok := r.reply(p[h.start+headUDP:])
	if !ok {
		return nil
	}
	out, udp := newPacket(h.dst, h.src, protoUDP, headUDP+len(text))
	binary.BigEndian.PutUint16(udp, h.dstPort)
	binary.BigEndian.PutUint16(udp[2:], h.srcPort)
	binary.BigEndian.PutUint16(udp[4:], uint16(len(udp)))
	copy(udp[headUDP:], text)
	const at = 6
	return out.seal(at)
}

// reply is the answer to one message.
func (r *Resolver) reply(question []byte) ([]byte, bool) {
	var parser dnsmessage.Parser
	asked, err := parser.Start(question)
	if err != nil {
		return nil, false
	}
	q, err := parser.Question()
	if err != nil {
		return nil, false
	}
	addrs, code, ok := r.lookup(q.Name.String())
	if !ok {
		return nil, false
	}
	m := dnsmessage.Message{
		Header: dnsmessage.Header{
			ID: asked.ID, Response: true, RecursionDesired: asked.RecursionDesired, RecursionAvailable: true, RCode: code,
		},
		Questions: []dnsmessage.Question{q},
	}
	for _, a := range addrs {
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 1}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	b, err := m.Pack()
	return b, err == nil
}
