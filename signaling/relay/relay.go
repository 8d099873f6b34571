// Package relay is the TURN part of the service (RFC 8656): it carries sealed packets between the two ends of a
// session when both can only dial out. It owns a few port numbers, for TCP and UDP alike, any one of which is enough:
//
//	UDP                          TURN
//	TCP, first byte < 4          TURN/TCP
//	TCP, first byte 0x16         TLS, then: first byte < 4 TURN/TLS, anything else HTTPS
//	TCP, a letter, on port 80    an answer that leads to HTTPS
//	TCP, anything else           closed: nothing is spoken in clear text here but TURN, whose content is sealed
//
// HTTPS connections come out of [Server.HTTP], decrypted, for the service's own http.Server, which gives those for
// signaling.RelayPath back to [Server.ServeHTTP]: they are WebSockets that carry TURN/TCP.
//
// Relayed addresses are not sockets. They are entries of a switchboard in this process, and a packet is handed from
// one entry to the other. So there is no way from a relayed address to any network, to a port of this machine or to
// a third party, and no port but those above is open. Only when other relays are named ([Config.Peers]) does an
// allocation get a socket, and that one speaks with those relays alone.
//
// The package does not know sessions, codes or people: who gets credentials is decided by its caller.
package relay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/turn/v5"
)

// Limits that are not settings.
const (
	// MaxPerCredential is how many allocations one credential id may hold at once.
	MaxPerCredential = 4
	// UnpairedTTL is the longest life of credentials for somebody who has no session yet.
	UnpairedTTL = 15 * time.Minute
	// MaxTTL is the longest life of any credentials.
	MaxTTL = 24 * time.Hour

	// allocationLife is the life of an allocation that is not refreshed (RFC 8656 section 3.2).
	allocationLife = 10 * time.Minute
	// pairedSilence is how long an allocation may be without relayed packets and still be refreshed
	// with credentials that have run out.
	pairedSilence = 2 * time.Minute
	// udpBuffer is the size of the UDP socket's buffers, in bytes. The system may give less.
	udpBuffer = 4 << 20
)

// Config says where and for whom a relay works.
type Config struct {
	// Addr is host:port to listen on. Port 0 picks one that is free for TCP and UDP.
	Addr string
	// Also are more of them. Each does all that the first one does.
	Also []string
	// PublicIP is the address that relayed addresses carry. It need not be an address of this machine.
	PublicIP netip.Addr
	// TLS serves HTTPS and TURN/TLS. Required.
	TLS *tls.Config
	// Secret mints and checks credentials. At least 16 bytes.
	Secret []byte
	// Realm is the TURN realm. Keep it short: strangers are answered with it. "a" if empty.
	Realm string
	// Peers are other relays of ours that packets may go to and come from.
	Peers []Peer
	// FirstPort and LastPort bound the ports of relayed addresses, which other relays must know. 49152 and 65535 if 0.
	FirstPort, LastPort uint16
	// MaxAllocations bounds the live allocations of all users together. 4000 if 0.
	MaxAllocations int
	// MaxConns bounds the live TCP connections, HTTPS included. 8192 if 0. A quarter of them is for those with an allocation and
	// those that the service has vouched for; of the others, who has most makes room.
	MaxConns int
	// MaxPerAddress bounds those from one IPv4 address or one IPv6 /56; an IPv6 /48 may have twice as many. 600 if 0: a whole
	// company may come from one. How many may be in their handshake, and how many new ones come a second, follows from it.
	MaxPerAddress int
	// MaxRate bounds what one allocation may send, and what it may get from other relays, in bytes a second. No bound
	// if 0.
	MaxRate int
	// MaxSessionRate bounds what all allocations of one credential may send together, in bytes a second. No bound if 0.
	MaxSessionRate int
	// MaxSession bounds how long one allocation may be refreshed. 12 hours if 0.
	MaxSession time.Duration
	Log        *slog.Logger
}

// Server is a running relay.
type Server struct {
	cfg   Config
	addrs []netip.AddrPort
	front *front
	turn  *turn.Server
	board *switchboard
	once  sync.Once
	err   error
}

// New starts a relay. It listens when New returns.
func New(cfg Config) (*Server, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	lns, pcs, err := listenAll(append([]string{cfg.Addr}, cfg.Also...))
	if err != nil {
		return nil, fmt.Errorf("relay: listen: %w", err)
	}
	s := &Server{cfg: cfg, board: newSwitchboard(cfg), front: newFront(lns, cfg)}
	for _, ln := range lns {
		s.addrs = append(s.addrs, ln.Addr().(*net.TCPAddr).AddrPort())
	}
	s.turn, err = turn.NewServer(s.turnConfig(pcs))
	if err != nil {
		closeAll(lns, pcs)
		return nil, fmt.Errorf("relay: turn: %w", err)
	}
	s.front.start()
	cfg.Log.Info("relay listens", "addrs", s.addrs, "public", cfg.PublicIP)
	return s, nil
}

func (c *Config) complete() error {
	switch {
	case c.TLS == nil:
		return errors.New("relay: TLS configuration is missing")
	case len(c.Secret) < 16:
		return errors.New("relay: secret is shorter than 16 bytes")
	case !c.PublicIP.IsValid() || c.PublicIP.IsUnspecified() || c.PublicIP.Zone() != "":
		return errors.New("relay: public address is missing")
	}
	c.PublicIP = c.PublicIP.Unmap()
	for _, p := range c.Peers {
		if err := p.check(); err != nil {
			return err
		}
	}
	if c.Realm == "" {
		c.Realm = "a"
	}
	if c.MaxAllocations <= 0 {
		c.MaxAllocations = 4000
	}
	if c.MaxConns <= 0 {
		c.MaxConns = 8192
	}
	if c.MaxPerAddress <= 0 {
		c.MaxPerAddress = 600
	}
	if c.FirstPort == 0 && c.LastPort == 0 {
		c.FirstPort, c.LastPort = firstPort, lastPort
	}
	if c.FirstPort < 1024 || c.LastPort < c.FirstPort {
		return fmt.Errorf("relay: ports %d to %d", c.FirstPort, c.LastPort)
	}
	if c.MaxSession <= 0 {
		c.MaxSession = 12 * time.Hour
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

func (s *Server) turnConfig(pcs []*net.UDPConn) turn.ServerConfig {
	permit := func(_ net.Addr, peer net.IP) bool { return s.board.rules.permits(peer) }
	var packets []turn.PacketConnConfig
	for _, pc := range pcs {
		known := func(client net.Addr) bool { return s.board.knows(client, pc.LocalAddr()) }
		packets = append(packets, turn.PacketConnConfig{
			PacketConn:            &datagrams{PacketConn: pc, known: known},
			RelayAddressGenerator: s.board,
			PermissionHandler:     permit,
		})
	}
	return turn.ServerConfig{
		Realm:              s.cfg.Realm,
		AuthHandler:        s.authenticate,
		QuotaHandler:       func(user, _ string, _ net.Addr) bool { return s.board.room(user) },
		AllocationLifetime: allocationLife,
		// A dual-stack socket must not turn a client that says nothing into an IPv6 one.
		StrictAddressFamily: true,
		LoggerFactory:       loggerFactory{s.cfg.Log},
		EventHandler: turn.EventHandler{
			OnAllocationCreated: func(src, dst net.Addr, _, user, _ string, relayed net.Addr, _ int) {
				s.board.connected(keyOf(src, dst), user, relayed)
				s.front.allocated(keyOf(src, dst), true)
			},
			OnAllocationDeleted: func(src, dst net.Addr, _, _, _ string) {
				s.board.disconnected(keyOf(src, dst))
				s.front.allocated(keyOf(src, dst), false)
			},
		},
		PacketConnConfigs: packets,
		ListenerConfigs: []turn.ListenerConfig{{
			Listener:              s.front.turn,
			RelayAddressGenerator: s.board,
			PermissionHandler:     permit,
		}},
	}
}

// Addr returns the first address the relay listens on.
func (s *Server) Addr() netip.AddrPort { return s.addrs[0] }

// Addrs returns all of them.
func (s *Server) Addrs() []netip.AddrPort { return slices.Clone(s.addrs) }

// HTTP returns the listener of decrypted HTTPS connections. They have a ConnectionState method, and a Vouch method for a service that
// knows who is at the other end. A full queue, that is
// an http.Server that does not accept, closes new connections.
func (s *Server) HTTP() net.Listener { return s.front.http }

// Allocations returns how many allocations live now.
func (s *Server) Allocations() int { return s.board.count() }

// URLs returns the relay's addresses at its first port as seen through host, the name or address that clients dial, best
// first: UDP, TCP, TLS.
func (s *Server) URLs(host string) []string {
	at := net.JoinHostPort(host, fmt.Sprint(s.Addr().Port()))
	return []string{
		"turn:" + at + "?transport=udp",
		"turn:" + at + "?transport=tcp",
		"turns:" + at + "?transport=tcp",
	}
}

// URL returns every way to the relay in one, in the form that signaling.Relay describes.
func (s *Server) URL(host string) string {
	var more []string
	for _, a := range s.addrs[1:] {
		more = append(more, fmt.Sprint(a.Port()))
	}
	u := "turn:" + net.JoinHostPort(host, fmt.Sprint(s.Addr().Port())) + "?transport=udp&ways=tls,ws,tcp"
	if len(more) > 0 {
		u += "&ports=" + strings.Join(more, ",")
	}
	return u
}

// Close ends every allocation and connection, and returns when they have ended. HTTPS connections that the service
// has accepted are the service's to close.
func (s *Server) Close() error {
	s.once.Do(func() {
		s.front.stop()
		s.err = s.turn.Close()
		s.front.wait()
		s.board.wait()
	})
	if s.err != nil {
		return fmt.Errorf("relay: close: %w", s.err)
	}
	return nil
}
