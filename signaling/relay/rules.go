package relay

import (
	"fmt"
	"net"
	"net/netip"
)

// Peer is another relay of ours: one address, and the ports of its relayed addresses.
type Peer struct {
	Addr        netip.Addr
	First, Last uint16
}

func (p Peer) check() error {
	switch {
	case !p.Addr.IsValid() || neverRelayed(p.Addr):
		return fmt.Errorf("relay: %v cannot be a relay", p.Addr)
	case p.First < 1024 || p.Last < p.First:
		return fmt.Errorf("relay: ports %d to %d of %v", p.First, p.Last, p.Addr)
	}
	return nil
}

// rules say whom relayed packets may go to: the relayed addresses of this relay and of those named.
type rules struct {
	self  netip.Addr
	peers []Peer
}

// permits says whether a client may ask for packets to and from ip. Everything that is not one of our
// own relays is refused, whichever way it is spelt.
func (r rules) permits(ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	a = a.Unmap()
	if a == r.self {
		return true
	}
	if neverRelayed(a) {
		return false
	}
	for _, p := range r.peers {
		if a == p.Addr.Unmap() {
			return true
		}
	}
	return false
}

// isPeer says whether ap is a relayed address of another relay.
func (r rules) isPeer(ap netip.AddrPort) bool {
	a := ap.Addr().Unmap()
	for _, p := range r.peers {
		if a == p.Addr.Unmap() && ap.Port() >= p.First && ap.Port() <= p.Last {
			return true
		}
	}
	return false
}

// never lists what can be no relay, beyond what netip knows: special purposes (RFC 6890), and
// prefixes that wrap IPv4 addresses and would reach them by a detour.
var never = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 anycast
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
	netip.MustParsePrefix("::/96"),           // IPv4-compatible
	netip.MustParsePrefix("::ffff:0:0:0/96"), // IPv4-translated
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"),  // local NAT64
	netip.MustParsePrefix("100::/64"),        // discard
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4
	netip.MustParsePrefix("3fff::/20"),       // documentation
	netip.MustParsePrefix("5f00::/16"),       // segment routing
	netip.MustParsePrefix("fec0::/10"),       // site-local
}

// neverRelayed says whether a can be the address of no other relay. Private addresses can, when they are named: a
// company may run its relays inside.
func neverRelayed(a netip.Addr) bool {
	if a.Zone() != "" {
		return true
	}
	a = a.Unmap()
	if !a.IsValid() || !a.IsGlobalUnicast() {
		return true // unspecified, loopback, link-local, multicast, broadcast
	}
	for _, p := range never {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
