// Package peer is the link between the two ends of a session: one WebRTC PeerConnection that runs through relays
// only, with one data channel for each kind of message. The end that offers is the customer, the other one answers.
//
//	New -> Offer ----description----> Answer      (through the service; who may, and with what keys, is app/e2e's)
//	       Accept <---description---- |
//	       Connect                    Connect     every channel is open, and the other end's DTLS certificate is
//	                                              the one named: from here on channels carry messages
//
// States go Connecting -> Up <-> Interrupted, and from each of them to Down, which is final: whoever wants to go on
// makes a new Link.
//
// What is offered to the network is little: a UDP socket that takes packets of the relay alone, or one TCP connection
// to it. Nothing listens, no other address is contacted, no host candidate is made.
//
// Beside the channels there is one RTP track, [Motion], from the offering end to the other one. Both ends take it for granted
// as they do with the channels, so nothing about it is said or negotiated; it carries whole frames, asks for what the line
// loses, and costs nothing while it is not used. Its control packets also carry the beats by which each end knows that the other
// one is there (beat.go).
//
//	part.go (packets) -> outgo.go (what goes next, and when)  ==line==>  gather.go (frames again, what is missing)
//
// Short messages go before the picture: every channel has its turn for each packet, how much of a channel may be on its way is
// limited by what the line carries ([Channel.Window]), motion leaves packet by packet at the rate that is set, and a TCP
// connection to the relay holds little that was not sent (sockbuf.go).
//
// The package carries bytes. It does not know sessions or what messages mean, and it does not encrypt for the session:
// DTLS and SRTP protect each packet on its way, the records and frames above them are app/e2e's.
package peer

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/net/proxy"
)

// Name is a channel, and its id on the wire: never renumbered.
type Name uint16

// The channels. Those that [New] opens are ordered and lose nothing, but for Pointer.
const (
	Control Name = iota
	Input
	Pointer // unordered, a lost message is not sent again
	Exact
	Chat
	File   // not opened yet
	Draw   // not opened yet
	Tunnel // not opened yet
)

func (n Name) String() string {
	names := [...]string{"control", "input", "pointer", "exact", "chat", "file", "draw", "tunnel"}
	if int(n) < len(names) {
		return names[n]
	}
	return fmt.Sprintf("channel %d", uint16(n))
}

// State is how a link is.
type State uint8

// The states.
const (
	Connecting  State = iota
	Up                // messages flow
	Interrupted       // nothing came for [Silence]; it may go on
	Down              // for good
)

func (s State) String() string {
	return [...]string{"connecting", "up", "interrupted", "down"}[min(s, Down)]
}

const (
	// MaxMessage is the largest message, in bytes. A larger one from the other end ends the link.
	MaxMessage = 64 << 10
	// Window is how many bytes of a channel may be sent and not yet acknowledged by the other end before
	// Send blocks, until it is known what the line carries. See [Channel.Window].
	Window = 8 << 10
	// Silence is how long nothing may come from the other end before the link is Interrupted.
	Silence = 2 * time.Second
	// Patience is how long a link stays Interrupted, or Connecting with no answer from the other end's
	// address, before it is Down.
	Patience = 18 * time.Second
	// KeepAlive is how often each end says that it is there. One that is lost must not look like Silence.
	KeepAlive = 875 * time.Millisecond
)

var (
	// ErrClosed says that the link is down.
	ErrClosed = errors.New("peer: link is down")
	// ErrNoRelay says that no relay gave an address.
	ErrNoRelay = errors.New("peer: no relay answers")
	// ErrFingerprint says that the other end's DTLS certificate is not the expected one.
	ErrFingerprint = errors.New("peer: wrong certificate at the other end")
	// ErrDescription says that a description from the other end makes no sense.
	ErrDescription = errors.New("peer: malformed description")
	// ErrTooLarge says that a message is larger than [MaxMessage], or a frame than [MaxMotion].
	ErrTooLarge = errors.New("peer: message too large")
	// ErrUnsent says that the end of a link may have come before the last messages arrived.
	ErrUnsent = errors.New("peer: last messages may not have arrived")
	// ErrRelay says that a relay's URL cannot be used.
	ErrRelay = errors.New("peer: malformed relay")
)

// Relay is a TURN server and what it wants to see.
type Relay struct {
	// URL is turn:host:port?transport=udp, turn:host:port?transport=tcp or turns:host:port?transport=tcp.
	URL        string
	Username   string
	Credential string
}

// LogValue keeps the credential out of every log.
func (r Relay) LogValue() slog.Value { return slog.StringValue(r.URL) }

// String keeps the credential out of every message.
func (r Relay) String() string { return r.URL }

// GoString keeps the credential out of every message.
func (r Relay) GoString() string { return fmt.Sprintf("peer.Relay(%q)", r.URL) }

// Config says how to reach the other end.
type Config struct {
	// Relays in the order of preference. The first that answers is used; each further one is tried
	// [headStart] after the one before it, so that with a working first one nothing else is sent.
	Relays []Relay
	// Dialer opens TCP connections to relays, through a proxy for instance. If nil, they are direct. A
	// proxy.ContextDialer is used as one.
	Dialer proxy.Dialer
	// TLS has the roots and the like for turns: relays. The server name is the relay's host.
	TLS *tls.Config
	Log *slog.Logger
	// Silence, Patience and KeepAlive stand in for the constants of these names where they are not 0.
	Silence, Patience, KeepAlive time.Duration
}

// Stats is what a link has done.
type Stats struct {
	RoundTrip      time.Duration // to the other end and back, 0 while unknown
	Sent, Received uint64        // bytes that went over the sockets, TURN and TLS within TCP included
}
