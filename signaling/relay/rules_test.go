package relay

import (
	"net"
	"net/netip"
	"testing"
)

// odd are addresses that have been used to reach what a relay must not reach.
var odd = []string{
	"0.0.0.0", "0.0.0.1", "0.1.2.3", "127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.255",
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.255",
	"100.64.0.1", "100.127.255.255", "169.254.0.1", "169.254.169.254", "192.0.0.1", "192.0.0.170", "192.0.2.1",
	"192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
	"224.0.0.1", "224.0.0.251", "239.255.255.250", "240.0.0.1", "255.255.255.255",
	"::", "::1", "::2", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "::ffff:10.0.0.1",
	"::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
	"100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
	"3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
	"8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", // any third party
}

func TestOddAddressesAreDenied(t *testing.T) {
	r := rules{
		self:  netip.MustParseAddr("198.97.190.53"),
		peers: []Peer{{netip.MustParseAddr("199.7.91.13"), 49152, 65535}},
	}
	if len(odd) < 40 {
		t.Fatalf("%d addresses", len(odd))
	}
	for _, s := range odd {
		a := netip.MustParseAddr(s)
		if r.permits(a.AsSlice()) {
			t.Errorf("%s is permitted", s)
		}
		as16 := a.As16() // the same in 16 bytes, as the library sometimes has it
		if r.permits(as16[:]) {
			t.Errorf("%s in 16 bytes is permitted", s)
		}
		if r.isPeer(netip.AddrPortFrom(a, 50000)) {
			t.Errorf("%s is a peer", s)
		}
	}
	for _, bad := range []net.IP{nil, {}, {1}, make(net.IP, 5), make(net.IP, 17)} {
		if r.permits(bad) {
			t.Errorf("%d bytes are permitted", len(bad))
		}
	}
	for _, good := range []string{"198.97.190.53", "::ffff:198.97.190.53", "199.7.91.13"} {
		if !r.permits(net.ParseIP(good)) {
			t.Errorf("%s is refused", good)
		}
	}
}

func TestNeverRelayed(t *testing.T) {
	named := map[string]bool{ // these may be a relay of ours when they are named
		"10.0.0.1": true, "10.255.255.255": true, "172.16.0.1": true, "172.31.255.254": true, "192.168.0.1": true,
		"192.168.255.255": true, "100.64.0.1": true, "100.127.255.255": true, "fc00::1": true, "fd00:ec2::254": true,
		"::ffff:10.0.0.1": true, "8.8.8.8": true, "1.1.1.1": true, "2606:4700:4700::1111": true, "::ffff:8.8.8.8": true,
	}
	for _, s := range odd {
		if got := neverRelayed(netip.MustParseAddr(s)); got == named[s] {
			t.Errorf("neverRelayed(%s) = %v", s, got)
		}
	}
	if !neverRelayed(netip.MustParseAddr("fe80::1%eth0")) || !neverRelayed(netip.Addr{}) {
		t.Error("a zone or no address at all is accepted")
	}
}

func TestIsPeerPorts(t *testing.T) {
	r := rules{self: loopback, peers: []Peer{{netip.MustParseAddr("199.7.91.13"), 50000, 50010}}}
	for at, want := range map[string]bool{
		"199.7.91.13:49999": false, "199.7.91.13:50000": true, "199.7.91.13:50010": true, "199.7.91.13:50011": false,
		"199.7.91.14:50000": false, "[::ffff:199.7.91.13]:50005": true,
	} {
		if got := r.isPeer(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("isPeer(%s) = %v", at, got)
		}
	}
}
