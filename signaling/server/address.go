package server

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"assist/signaling/crowd"
)

// address is where a connection comes from.
type address struct{ netip.Addr }

// addressOf reads the remote address of a connection. What cannot be read is the zero address, which shares one account.
func addressOf(remote string) address {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return address{netip.IPv6Unspecified()}
	}
	return address{a.Addr().Unmap().WithZone("")}
}

// from is where it counts among others.
func (a address) from() crowd.From { return crowd.Of(a.Addr) }

// key is what limits are counted by that know lines only: a single IPv4 address, and the /56 that one customer of a provider gets
// of IPv6.
func (a address) key() string { return a.from().Line.String() }

// hostOf returns the host of a Host header without its port, and nothing if it is no plain name or address.
func hostOf(header string) string {
	host := header
	if h, port, err := net.SplitHostPort(header); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return ""
		}
		host = h
	}
	host = strings.Trim(host, "[]")
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."
	if host == "" || len(host) > 253 {
		return ""
	}
	for _, r := range host {
		if !strings.ContainsRune(plain, r) {
			return ""
		}
	}
	return host
}
