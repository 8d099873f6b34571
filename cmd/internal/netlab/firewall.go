package netlab

import (
	"net/netip"
	"slices"
)

// Mode is what a firewall does with what it does not let through.
type Mode uint8

// The modes.
const (
	Drop   Mode = iota // nothing: who waits for an answer waits in vain
	Refuse             // says so, as a closed port does
)

// Rule lets something through: what goes from the host to such an address and port, and what answers it.
type Rule struct {
	Net   string       // tcp or udp; "": both
	To    netip.Prefix // zero: anywhere
	Ports []uint16     // nil: all
	In    bool         // connections from there pass, too
}

// Allow is the rule for one address. Without ports, all are meant.
func Allow(network string, to netip.Addr, ports ...uint16) Rule {
	return Rule{Net: network, To: netip.PrefixFrom(to, to.BitLen()), Ports: ports}
}

// Serve is the rule for a host that is served: connections from there pass, and what answers them.
func Serve(to netip.Addr) Rule { return Rule{To: netip.PrefixFrom(to, to.BitLen()), In: true} }

// wall is a firewall.
type wall struct {
	mode  Mode
	rules []Rule
}

// Firewall puts a firewall between the host and its line: what no rule lets through does not pass. TCP connections to the
// host do not pass but by a rule with In. Names are answered all the same: the resolver is on the host's side.
func (l *Link) Firewall(m Mode, rules ...Rule) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wall = &wall{m, slices.Clone(rules)}
}

// Open takes the firewall away.
func (l *Link) Open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wall = nil
}

// allows reports whether a packet may leave the host, or reach it.
func (w *wall) allows(h header, out bool) bool {
	addr, port := h.dst, h.dstPort
	if !out {
		if h.syn() {
			return slices.ContainsFunc(w.rules, func(r Rule) bool { return r.In && r.To.Contains(h.src) })
		}
		addr, port = h.src, h.srcPort
	}
	if isResolver(addr) {
		return true
	}
	return slices.ContainsFunc(w.rules, func(r Rule) bool { return r.fits(h.proto, addr, port) })
}

func (r Rule) fits(proto uint8, addr netip.Addr, port uint16) bool {
	switch {
	case proto != protoTCP && proto != protoUDP:
		return false
	case r.Net == "tcp" && proto != protoTCP, r.Net == "udp" && proto != protoUDP:
		return false
	case r.To.IsValid() && !r.To.Contains(addr):
		return false
	}
	return r.Ports == nil || slices.Contains(r.Ports, port)
}
