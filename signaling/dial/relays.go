package dial

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"assist/signaling"
)

// slowLine is what the way to the service takes on a line so slow that a second conversation beside the first
// would hold it up. At 28.8 kbit/s the handshake alone takes longer.
const slowLine = time.Second

// Relays are the ways of one link to its relays. To the link, each relay looks like two: one for packets, one for a
// stream; behind the second all ways over TCP are raced, and one wins on which the relay has answered.
//
//	relay A  packets   UDP at each of its ports and addresses, until one answers
//	         stream    the way that leads to the service: TLS, WebSocket, TCP; then all others
//	relay B  packets, stream
//
// TLS is done here, whatever the link is told: on a stream that leaves this computer as TLS or a WebSocket nothing is
// said in clear text.
type Relays struct {
	d       *Dialer
	targets []target
}

// Relays returns the ways to these relays, the one to use first in front; but a relay of which a link that is still there hears
// nothing any more comes last. Errors: ErrAddress.
func (d *Dialer) Relays(list []signaling.Relay) (*Relays, error) {
	targets, err := relayTargets(list)
	if err != nil {
		return nil, err
	}
	d.suspectsLast(targets)
	return &Relays{d, targets}, nil
}

// List is what to tell the link: URLs that [Relays.DialContext] and [Relays.DialPackets] know.
func (r *Relays) List() []signaling.Relay {
	var out []signaling.Relay
	for _, t := range r.targets {
		add := func(transport string) {
			out = append(out, signaling.Relay{
				URL: "turn:" + t.key + "?transport=" + transport, Username: t.username, Credential: string(t.password), Name: t.name,
			})
		}
		if len(t.packets()) > 0 && !r.d.cfg.NoUDP {
			add("udp")
		}
		if len(t.streams()) > 0 {
			add("tcp")
		}
	}
	return out[:min(len(out), maxURLs)]
}

// target returns the relay with this key.
func (r *Relays) target(addr string) (target, error) {
	i := slices.IndexFunc(r.targets, func(t target) bool { return sameHost(t.key, addr) })
	if i < 0 {
		return target{}, fmt.Errorf("%w: no relay of this link", ErrAddress)
	}
	return r.targets[i], nil
}

// DialContext makes a connection to a relay of [Relays.List], on which the relay has answered already and TURN is spoken;
// its LocalAddr is a *net.TCPAddr. Errors: *Error, ErrAddress.
func (r *Relays) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	t, err := r.target(addr)
	if err != nil {
		return nil, err
	}
	if err := r.yield(ctx, t); err != nil {
		return nil, err
	}
	g := t.goal(t.streams())
	if network != "" {
		g.network = network
	}
	c, _, err := r.d.race(ctx, g, r.d.relayTry, false)
	if err != nil {
		return nil, err
	}
	return r.d.feel(c, t.key), nil
}

// Dial is DialContext without an end.
func (r *Relays) Dial(network, addr string) (net.Conn, error) {
	return r.DialContext(context.Background(), network, addr)
}

// DialPackets opens the way of packets to a relay of [Relays.List]. Nothing is sent yet.
func (r *Relays) DialPackets(ctx context.Context, addr string) (net.Conn, error) {
	t, err := r.target(addr)
	if err != nil {
		return nil, err
	}
	ports := t.packets()
	if len(ports) == 0 {
		return nil, fmt.Errorf("%w: no way for packets", ErrAddress)
	}
	// The port that leads to the service is the one to begin with.
	if best := r.d.winner(); best != nil {
		slices.SortStableFunc(ports, func(a, b uint16) int { return rank(a == best.Port) - rank(b == best.Port) })
	}
	p, err := r.d.openPackets(ctx, t.host, ports)
	if err != nil {
		return nil, err
	}
	return r.d.feel(p, t.key), nil
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// yield leaves a slow line to the packets for a while: where they get through, no stream is needed.
func (r *Relays) yield(ctx context.Context, t target) error {
	r.d.mu.Lock()
	took := r.d.bestTook
	_, known := r.d.carried[t.key] // a stream was needed the last time
	r.d.mu.Unlock()
	if took < slowLine || known || r.d.cfg.NoUDP || len(t.packets()) == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return &Error{ended: context.Cause(ctx)}
	case <-time.After(min(took, maxStart)):
		return nil
	}
}
