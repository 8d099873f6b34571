package dial

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"assist/signaling"
)

// maxURLs is how many entries of a list of relays are looked at, and maxSteps how many ways to one relay.
const (
	maxURLs  = signaling.MaxRelays
	maxSteps = 4 * maxPorts
)

// target is one relay: where it is, what it speaks on which ports, and what it wants to be told.
type target struct {
	key      string // host:port of its first way; what it is remembered by
	name     string // as the service calls it
	host     string
	steps    steps // in the order of the URLs
	username string
	password Secret
}

// relayTargets reads the URLs of relays and puts those of one relay together. Errors: ErrAddress.
func relayTargets(list []signaling.Relay) (out []target, err error) {
	if len(list) > maxURLs {
		return nil, fmt.Errorf("%w: %d relays", ErrAddress, len(list))
	}
	for _, r := range list {
		t, err := parseRelay(r)
		if err != nil {
			return nil, err
		}
		same := func(o target) bool {
			return strings.EqualFold(o.host, t.host) && o.name == t.name && o.username == t.username &&
				(t.name != "" || o.steps[0].port == t.steps[0].port)
		}
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i].steps = append(out[i].steps, t.steps...)
			out[i].steps = out[i].steps[:min(len(out[i].steps), maxSteps)]
			continue
		}
		out = append(out, t)
	}
	return out, nil
}

// CheckRelay reports whether a relay's URL can be used. Errors: ErrAddress.
func CheckRelay(url string) error {
	_, err := parseRelay(signaling.Relay{URL: url})
	return err
}

// parseRelay reads one URL (RFC 7065, and the fields that signaling.Relay adds).
func parseRelay(r signaling.Relay) (target, error) {
	bad := func(what string) (target, error) { return target{}, fmt.Errorf("%w: relay's %s", ErrAddress, what) }
	scheme, rest, _ := strings.Cut(r.URL, ":")
	at, query, _ := strings.Cut(rest, "?")
	host, portText, err := net.SplitHostPort(at)
	if err != nil || !validHost(host) {
		return bad("address")
	}
	port, err := parsePort(portText)
	if err != nil {
		return bad("port")
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return bad("query")
	}
	first := TURNUDP
	switch scheme + " " + values.Get("transport") {
	case "turn udp", "turn ":
	case "turn tcp":
		first = TURNTCP
	case "turns tcp", "turns ":
		first = TURNTLS
	case "turns ws":
		first = TURNWS
	default:
		return bad("scheme")
	}
	t := target{
		key: strings.ToLower(net.JoinHostPort(host, strconv.Itoa(int(port)))), name: r.Name, host: host,
		username: r.Username, password: Secret(r.Credential),
	}
	carries, err := parseWays(first, values.Get("ways"))
	if err != nil {
		return bad("ways")
	}
	ports := []uint16{port}
	for text := range strings.SplitSeq(values.Get("ports"), ",") {
		if text == "" {
			continue
		}
		p, err := parsePort(text)
		if err != nil || len(ports) == maxPorts {
			return bad("ports")
		}
		ports = append(ports, p)
	}
	for _, p := range ports {
		for _, c := range carries {
			t.steps = append(t.steps, step{c, p})
		}
	}
	return t, nil
}

func parsePort(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%w: port", ErrAddress)
	}
	return uint16(n), nil
}

// parseWays reads what else is spoken than first.
func parseWays(first Carry, text string) ([]Carry, error) {
	known := map[string]Carry{"udp": TURNUDP, "tcp": TURNTCP, "tls": TURNTLS, "ws": TURNWS}
	list := []Carry{first}
	for word := range strings.SplitSeq(text, ",") {
		if word == "" {
			continue
		}
		c, ok := known[word]
		if !ok {
			return nil, fmt.Errorf("%w: way", ErrAddress)
		}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list, nil
}

// order is what is tried first at one port. TLS on the way that is known to lead to the service gets through where that
// did, but for a proxy that opens it, to which a WebSocket looks like any other. Plain TCP is last: it costs fewest
// bytes, but is what a firewall stops that knows what belongs on a port.
var order = []Carry{TURNTLS, TURNWS, TURNTCP}

// streams are the ways over TCP, port by port.
func (t target) streams() (l steps) {
	for _, c := range order {
		for _, s := range t.steps {
			if s.carry == c && !l.has(s) {
				l = append(l, s)
			}
		}
	}
	ports := t.ports()
	slices.SortStableFunc(l, func(a, b step) int { return slices.Index(ports, a.port) - slices.Index(ports, b.port) })
	return l
}

// packets are the ports for UDP.
func (t target) packets() (ports []uint16) {
	for _, s := range t.steps {
		if s.carry == TURNUDP && !slices.Contains(ports, s.port) {
			ports = append(ports, s.port)
		}
	}
	return ports
}

func (t target) ports() (ports []uint16) {
	for _, s := range t.steps {
		if !slices.Contains(ports, s.port) {
			ports = append(ports, s.port)
		}
	}
	return ports
}

// goal is what a race for the relay wants to reach.
func (t target) goal(l steps) goal {
	return goal{network: "tcp", host: t.host, steps: l, relay: t.key, local: loopback(t.host)}
}

// targetOf returns the relay that r names; without a URL it is the service's own, which speaks everything everywhere.
func (d *Dialer) targetOf(r signaling.Relay) (target, error) {
	if r.URL != "" {
		return parseRelay(r)
	}
	t := target{key: foundKey(d.host, d.ports[0]), host: d.host, username: r.Username, password: Secret(r.Credential), name: r.Name}
	for _, p := range d.ports {
		t.steps = append(t.steps, step{TURNUDP, p}, step{TURNTLS, p}, step{TURNWS, p}, step{TURNTCP, p})
	}
	return t, nil
}

// errOwn says that what is named as a relay is this computer, or next to it.
var errOwn = errors.New("no relay is at such an address")

// mayRelay reports whether a relay called host may be at a. The service is not believed so far that it could make an app
// speak with this computer's own services, or with those that only neighbours on the wire can reach. Where the service itself is,
// its relay may be, too.
func (d *Dialer) mayRelay(host string, a netip.Addr) bool {
	a = a.Unmap()
	odd := !a.IsValid() || a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast() || a.IsMulticast()
	return !odd || sameHost(host, d.host) || loopback(d.host)
}

// interleave puts addresses of the two families by turns, IPv6 first (RFC 8305 section 4).
func interleave(list []netip.Addr) (out []netip.Addr) {
	var six, four []netip.Addr
	for _, a := range list {
		if a = a.Unmap(); a.Is4() {
			four = append(four, a)
		} else {
			six = append(six, a)
		}
	}
	for i := range max(len(six), len(four)) {
		if i < len(six) {
			out = append(out, six[i])
		}
		if i < len(four) {
			out = append(out, four[i])
		}
	}
	return out
}
