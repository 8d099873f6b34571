// Package crowd shares out places and turns among those who come over the network, by where they come from: so that one
// who comes a thousand times takes places from himself and from nobody else.
//
// Who comes is counted twice: by the IPv4 address or the IPv6 /56 that one customer of a provider gets, and by the IPv6 /48
// that one site may have, which is allowed twice as much. An IPv4 address is its own site.
//
// The package knows no connections: what a place is, and how somebody is sent away, is its callers' business.
package crowd

import (
	"net"
	"net/netip"
)

// siteTimes is how much more a site may have than a single line.
const siteTimes = 2

// From is where somebody comes from, as far as counting goes. What has no address shares the zero From.
type From struct {
	Line netip.Prefix // an IPv4 address or an IPv6 /56
	Site netip.Prefix // an IPv4 address or an IPv6 /48
}

// Of returns where a comes from.
func Of(a netip.Addr) From {
	a = a.Unmap().WithZone("")
	line, site := 56, 48
	if a.Is4() {
		line, site = 32, 32
	}
	var f From
	f.Line, _ = a.Prefix(line) // the zero Prefix for an address that is none
	f.Site, _ = a.Prefix(site)
	return f
}

// OfConn is Of the address at the other end of a TCP connection.
func OfConn(a net.Addr) From {
	if t, ok := a.(*net.TCPAddr); ok {
		return Of(t.AddrPort().Addr())
	}
	return From{}
}
