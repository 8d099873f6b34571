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
	local   net.IP // of sockets; nil for any
	first   uint16 // port of relayed addresses
	ports   int    // how many ports there are
	rate    int    // bytes a second of a leg, 0 for no bound
	shared  int    // and of all legs of one user
	mu      sync.RWMutex
	legs    map[netip.AddrPort]*leg
	users   map[string]*user
	clients map[clientKey]*leg
	over    map[string]time.Time // users whose credentials have been ended, and until when that matters
	ended   sync.WaitGroup       // one for each open leg
}

// user is who has credentials, and live legs.
type user struct {
	legs  int
	limit *rate.Limiter // of all of them together
}

// maxOver is how many ended users are remembered. The credentials of the rest end by themselves.
const maxOver = 50_000

// limiter returns a bound of so many bytes a second: a second's worth at once, and never less than a few packets.
func limiter(bytes int) *rate.Limiter {
	if bytes <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(bytes), max(bytes, 4*maxPacket))
}

func newSwitchboard(cfg Config) *switchboard {
	if cfg.FirstPort == 0 {
		cfg.FirstPort, cfg.LastPort = firstPort, lastPort
	}
	return &switchboard{
		local:   localIP(cfg),
		rules:   rules{self: cfg.PublicIP, peers: cfg.Peers},
		max:     cfg.MaxAllocations,
		first:   cfg.FirstPort,
		ports:   int(cfg.LastPort) - int(cfg.FirstPort) + 1,
		rate:    cfg.MaxRate,
		shared:  cfg.MaxSessionRate,
		legs:    make(map[netip.AddrPort]*leg),
		users:   make(map[string]*user),
		clients: make(map[clientKey]*leg),
		over:    make(map[string]time.Time),
	}
}

// localIP returns the public address if it is one of this machine's: what comes from another one, other relays do not take. Behind
// a router that translates it is not.
func localIP(cfg Config) net.IP {
	if len(cfg.Peers) == 0 {
		return nil
	}
	ip := net.IP(cfg.PublicIP.AsSlice())
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip})
	if err != nil {
		return nil
	}
	_ = c.Close()
	return ip
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
		if socket, err = b.openSocket(wanted); err != nil {
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

// openSocket opens a socket on one of the ports of relayed addresses, which other relays know.
func (b *switchboard) openSocket(network string) (*net.UDPConn, error) {
	const tries = 64
	var last error
	for range tries {
		port := int(b.first) + rand.IntN(b.ports)
		c, err := net.ListenUDP(network, &net.UDPAddr{IP: b.local, Port: port})
		if err == nil {
			return c, nil
		}
		last = err
	}
	return nil, last
}

// add opens a leg for user. A leg with a socket has the socket's port.
func (b *switchboard) add(id string, socket *net.UDPConn) (*leg, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.mayAdd(id) {
		return nil, errFull
	}
	var at netip.AddrPort
	if socket != nil {
		at = netip.AddrPortFrom(b.rules.self, socket.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	} else if at = b.freePort(); !at.IsValid() {
		return nil, errFull
	}
	u := b.users[id]
	if u == nil {
		u = &user{limit: limiter(b.shared)}
		b.users[id] = u
	}
	l := newLeg(b, at, id, socket, u.limit)
	b.legs[at] = l
	u.legs++
	b.ended.Add(1)
	return l, nil
}

// freePort returns an unused relayed address, or the zero value. The caller holds b.mu.
func (b *switchboard) freePort() netip.AddrPort {
	start := rand.IntN(b.ports)
	for i := range b.ports {
		at := netip.AddrPortFrom(b.rules.self, uint16(int(b.first)+(start+i)%b.ports))
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
	if u := b.users[l.user]; u != nil {
		if u.legs--; u.legs <= 0 {
			delete(b.users, l.user)
		}
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

// room says whether id may have one more allocation.
func (b *switchboard) room(id string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.mayAdd(id)
}

// mayAdd is room for who holds b.mu.
func (b *switchboard) mayAdd(id string) bool {
	if _, over := b.over[id]; over || len(b.legs) >= b.max {
		return false
	}
	u := b.users[id]
	return u == nil || u.legs < MaxPerCredential
}

// end closes the legs of id and lets it have no more.
func (b *switchboard) end(id string) {
	now := time.Now()
	var mine []*leg
	b.mu.Lock()
	for other, until := range b.over {
		if len(b.over) >= maxOver && now.After(until) {
			delete(b.over, other)
		}
	}
	if len(b.over) < maxOver {
		b.over[id] = now.Add(MaxTTL)
	}
	for _, l := range b.legs {
		if l.user == id {
			mine = append(mine, l)
		}
	}
	b.mu.Unlock()
	for _, l := range mine {
		_ = l.Close()
	}
}

// hasEnded says whether end was called for id.
func (b *switchboard) hasEnded(id string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	_, over := b.over[id]
	return over
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
func (b *switchboard) connected(client clientKey, user string, relayed net.Addr) {
	at, ok := unmapped(relayed)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.legs[at]; l != nil && l.user == user {
		b.clients[client] = l
	}
}

func (b *switchboard) disconnected(client clientKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.clients, client)
}

// knows says whether a client has an allocation by way of a local address.
func (b *switchboard) knows(client, local net.Addr) bool { return b.legOf(keyOf(client, local)) != nil }

// legOf returns the leg of a client, or nil.
func (b *switchboard) legOf(client clientKey) *leg {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.clients[client]
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
