// Package netlab is a small network for tests, inside this computer: hosts, each with a network of its own as a Linux
// network namespace has it, and a router between them that makes lines slow and firewalls strict.
//
//	customer --up---> [firewall, shape] --+--> [shape, firewall] --down--> service
//	customer <--down- [shape, firewall] <-+--- [firewall, shape] <---up--- service
//	                                      |
//	                                      +--- resolver
//
// The router is this process: every host has one TUN device, whose packets pass through here. Nothing leaves the
// namespaces, and no setting of the computer's own network is touched. Programs run in a host with [Host.Command], and
// Go code with [Host.Run], [Host.Listen] and [Host.Dial]. Names are answered by a resolver of the lab's own.
//
// It needs Linux, root and TUN: without them [New] says ErrUnsupported. Packets are shaped to about a millisecond. The
// package does not test anything and knows no part of the program.
package netlab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrUnsupported says that there can be no lab here, and what is missing.
var ErrUnsupported = errors.New("netlab: network namespaces need Linux, root, /dev/net/tun and the program ip")

// mtu is the largest packet, in bytes.
const mtu = 1500

// maxHosts is how many hosts a lab may have.
const maxHosts = 200

// Options says which hosts there are.
type Options struct {
	// Hosts are names, lower-case letters and digits. Nil: customer, engineer, service.
	Hosts []string
	// V6Only are those of Hosts that have no IPv4 address.
	V6Only []string
	// Seed chooses which packets get lost. The same seed loses the same ones.
	Seed uint64
	Log  *slog.Logger
}

// Lab is a running network.
type Lab struct {
	// Resolver answers the names.
	Resolver *Resolver

	hosts  map[string]*Host
	router *router
	once   sync.Once
	err    error
}

// labs counts those of this process.
var labs atomic.Uint32

// New makes the hosts and the lines between them: every host reaches every other one at once and without loss. The
// end of ctx closes the lab too. What a killed process has left behind is removed first.
func New(ctx context.Context, o Options) (*Lab, error) {
	if o.Hosts == nil {
		o.Hosts = []string{"customer", "engineer", "service"}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.Hosts) > maxHosts {
		return nil, fmt.Errorf("netlab: %d hosts", len(o.Hosts))
	}
	if err := supported(); err != nil {
		return nil, err
	}
	sweep(o.Log)
	l := &Lab{Resolver: newResolver(), hosts: make(map[string]*Host), router: newRouter()}
	l.router.resolver = l.Resolver
	lab := labs.Add(1)
	for i, name := range o.Hosts {
		h := &Host{Name: name, netns: fmt.Sprintf("%s%d-%d-%s", prefix, os.Getpid(), lab, name)}
		if !validName(name) || l.hosts[name] != nil {
			return nil, errors.Join(fmt.Errorf("netlab: host %q", name), l.Close())
		}
		h.Addr6 = hostAddr(prefix6, i)
		h.Addr = h.Addr6
		if !slices.Contains(o.V6Only, name) {
			h.Addr4 = hostAddr(prefix4, i)
			h.Addr = h.Addr4
		}
		dev, err := h.up()
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		l.hosts[name] = h
		h.link = l.router.attach(dev, o.Seed+uint64(i), h.Addr4, h.Addr6)
		l.Resolver.Set(name+"."+Domain, h.addrs()...)
	}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	return l, nil
}

// Domain is the one that the hosts have names in: customer.lab.example, for instance. [Resolver.Set] makes others.
const Domain = "lab.example"

var (
	// The addresses exist in the namespaces only. The first one of each net is the resolver's.
	prefix4 = netip.MustParsePrefix("10.213.0.0/24")
	prefix6 = netip.MustParsePrefix("fd13:213::/64")
)

// hostAddr is the address of the host with a number.
func hostAddr(p netip.Prefix, i int) netip.Addr {
	b := p.Addr().AsSlice()
	b[len(b)-1] = byte(i + 2)
	a, _ := netip.AddrFromSlice(b)
	return a
}

func validName(s string) bool {
	const longest = 16
	return s != "" && len(s) <= longest && !slices.ContainsFunc([]rune(s), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
}

// Host returns a host of [Options.Hosts]. It panics if there is none of this name, as that is the test's mistake.
func (l *Lab) Host(name string) *Host {
	h := l.hosts[name]
	if h == nil {
		panic("netlab: no host " + name)
	}
	return h
}

// Link returns a host's line to the router.
func (l *Lab) Link(name string) *Link { return l.Host(name).link }

// Close removes everything, and returns when it is gone. What still runs in a host has no network afterwards.
func (l *Lab) Close() error {
	l.once.Do(func() {
		l.router.close()
		for _, h := range l.hosts {
			l.err = errors.Join(l.err, h.down())
		}
	})
	return l.err
}

// device is a host's network device: a Read returns one IP packet, a Write delivers one.
type device interface {
	io.ReadWriteCloser
}
