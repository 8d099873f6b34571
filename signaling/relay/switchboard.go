package relay

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/turn/v5"
	"golang.org/x/time/rate"
)

// Relayed addresses take their port numbers from here. They are numbers, not sockets.
const (
	firstPort = 49152
	lastPort  = 65535
)

var (
	errRefused = errors.New("relay: refused")
	errFull    = errors.New("relay: no allocation left")
)

// switchboard holds the live relayed addresses and hands packets from one to the other. It is a
// turn.RelayAddressGenerator.
type switchboard struct {
	rules   rules
	max     int
	rate    rate.Limit
	burst   int
	mu      sync.RWMutex
	legs    map[netip.AddrPort]*leg
	users   map[string]int
	clients map[clientKey]*leg
	ended   sync.WaitGroup // one for each open leg
}

func newSwitchboard(cfg Config) *switchboard {
	b := &switchboard{
		rules:   rules{self: cfg.PublicIP, peers: cfg.Peers},
		max:     cfg.MaxAllocations,
		rate:    rate.Inf,
		legs:    make(map[netip.AddrPort]*leg),
		users:   make(map[string]int),
		clients: make(map[clientKey]*leg),
	}
	if cfg.MaxRate > 0 {
		// A second's worth at once, and never less than a few packets.
		b.rate, b.burst = rate.Limit(cfg.MaxRate), max(cfg.MaxRate, 4*maxPacket)
	}
	return b
}

// Validate implements turn.RelayAddressGenerator.
func (b *switchboard) Validate() error { return nil }

// AllocatePacketConn implements turn.RelayAddressGenerator. Reserving ports is not offered: it would hold addresses
// that count for nobody.
func (b *switchboard) AllocatePacketConn(conf turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	wanted := "udp4"
	if b.rules.self.Is6() {
		wanted = "udp6"
	}
	if conf.UserID == "" || conf.RequestedPort != 0 || conf.Network != wanted {
		return nil, nil, errRefused
	}
	var socket *net.UDPConn
	if len(b.rules.peers) > 0 {
		var err error
		if socket, err = net.ListenUDP(wanted, nil); err != nil {
			return nil, nil, err
		}
	}
	l, err := b.add(conf.UserID, socket)
	if err != nil {
		if socket != nil {
			_ = socket.Close()
		}
		return nil, nil, err
	}
	return l, l.udp, nil
}

// add opens a leg for user. A leg with a socket has the socket's port.
func (b *switchboard) add(user string, socket *net.UDPConn) (*leg, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.legs) >= b.max || b.users[user] >= MaxPerCredential {
		return nil, errFull
	}
	var at netip.AddrPort
	if socket != nil {
		at = netip.AddrPortFrom(b.rules.self, socket.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	} else if at = b.freePort(); !at.IsValid() {
		return nil, errFull
	}
	l := newLeg(b, at, user, socket)
	b.legs[at] = l
	b.users[user]++
	b.ended.Add(1)
	return l, nil
}

// freePort returns an unused relayed address, or the zero value. The caller holds b.mu.
func (b *switchboard) freePort() netip.AddrPort {
	const count = lastPort - firstPort + 1
	start := rand.IntN(count)
	for i := range count {
		at := netip.AddrPortFrom(b.rules.self, uint16(firstPort+(start+i)%count))
		if b.legs[at] == nil {
			return at
		}
	}
	return netip.AddrPort{}
}

// remove forgets a leg that has closed.
func (b *switchboard) remove(l *leg) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.legs, l.at)
	if b.users[l.user]--; b.users[l.user] <= 0 {
		delete(b.users, l.user)
	}
	b.ended.Done()
}

// AllocateListener implements turn.RelayAddressGenerator: TCP allocations (RFC 6062) are not offered.
func (b *switchboard) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errRefused
}

// AllocateConn implements turn.RelayAddressGenerator: TCP allocations (RFC 6062) are not offered.
func (b *switchboard) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) {
	return nil, errRefused
}

// room says whether user may have one more allocation.
func (b *switchboard) room(user string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.legs) < b.max && b.users[user] < MaxPerCredential
}

func (b *switchboard) count() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.legs)
}

// find returns the leg at a relayed address, or nil.
func (b *switchboard) find(at netip.AddrPort) *leg {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.legs[at]
}

// connected notes which client a relayed address was given to.
func (b *switchboard) connected(client net.Addr, user string, relayed net.Addr) {
	at, ok := unmapped(relayed)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.legs[at]; l != nil && l.user == user {
		b.clients[keyOf(client)] = l
	}
}

func (b *switchboard) disconnected(client net.Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.clients, keyOf(client))
}

// knows says whether a client has an allocation.
func (b *switchboard) knows(client net.Addr) bool { return b.legOf(client) != nil }

// legOf returns the leg of a client, or nil.
func (b *switchboard) legOf(client net.Addr) *leg {
	key := keyOf(client)
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.clients[key]
}

// wait returns when every leg has closed.
func (b *switchboard) wait() {
	done := make(chan struct{})
	go func() { b.ended.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		// The TURN library did not close an allocation: close it here.
		b.mu.RLock()
		rest := make([]*leg, 0, len(b.legs))
		for _, l := range b.legs {
			rest = append(rest, l)
		}
		b.mu.RUnlock()
		for _, l := range rest {
			_ = l.Close()
		}
		<-done
	}
}

// unmapped returns a UDP address as netip has it, an IPv4 one always as IPv4.
func unmapped(a net.Addr) (netip.AddrPort, bool) {
	u, ok := a.(*net.UDPAddr)
	if !ok || u.Zone != "" || u.Port < 0 || u.Port > 65535 {
		return netip.AddrPort{}, false
	}
	ip, ok := netip.AddrFromSlice(u.IP)
	if !ok {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(u.Port)), true
}
