package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"assist/signaling"
	"assist/signaling/dial"
	"assist/signaling/relay"
)

// relayConfig is what the configuration says about relays.
type relayConfig struct {
	// RelayName and Region are those of the service's own relay. The name is "own" if left out.
	RelayName string `toml:"relay_name"`
	Region    string `toml:"region"`
	// RelayPorts are the ports of relayed addresses, which matter where there are other relays: first-last.
	RelayPorts string `toml:"relay_ports"`
	// Relays are other relays of ours. Packets go between them and this one; those with URLs are handed out to apps.
	Relays []relayEntry `toml:"relay"`
	// Limits are those of service and relay, 0 or left out for the usual ones.
	Limits struct {
		Allocations int `toml:"allocations"`
		Connections int `toml:"connections"`
		PerAddress  int `toml:"per_address"`  // connections from one address
		Rate        int `toml:"rate"`         // bytes a second of one allocation
		SessionRate int `toml:"session_rate"` // bytes a second of one app
	} `toml:"limits"`

	first, last uint16
}

// relayEntry is another relay: one of this program's own, or coturn with use-auth-secret and the same secret.
type relayEntry struct {
	Name   string `toml:"name"`
	Region string `toml:"region"`
	Kind   string `toml:"kind"` // assist (if left out) or coturn
	// URLs are where apps find it. None: it is only a relay that packets may go to. One of our own takes every way at every
	// one of its ports: turn:relay.example.com:443?transport=udp&ways=tls,ws,tcp&ports=80,8200
	URLs       []string `toml:"urls"`
	SecretFile string   `toml:"secret_file"`
	// Addresses are those of its relayed addresses, and Ports the ports: first-last, 49152-65535 if left out.
	Addresses []string `toml:"addresses"`
	Ports     string   `toml:"ports"`

	peers []relay.Peer
}

const (
	maxRelays = 32 // of one configuration
	// mostOffered is how many relays an app is given.
	mostOffered = 4
	ownName     = "own"
)

func (c *relayConfig) check(publicIP netip.Addr) (err error) {
	if c.RelayName == "" {
		c.RelayName = ownName
	}
	if !signaling.IsName(c.RelayName) {
		return fmt.Errorf("relay_name: %q is not 1 to %d of a-z, 0-9, - and _", c.RelayName, signaling.MaxName)
	}
	if c.first, c.last, err = portRange(c.RelayPorts); err != nil {
		return fmt.Errorf("relay_ports: %w", err)
	}
	if len(c.Relays) > maxRelays {
		return fmt.Errorf("more than %d relays", maxRelays)
	}
	if len(c.Relays) > 0 && publicIP.Is6() {
		return errors.New("public_ip must be an IPv4 address where there are other relays: apps ask for such addresses")
	}
	names := map[string]bool{c.RelayName: true}
	for i := range c.Relays {
		r := &c.Relays[i]
		if !signaling.IsName(r.Name) || names[r.Name] {
			return fmt.Errorf("relay: name %q is taken, or not 1 to %d of a-z, 0-9, - and _", r.Name, signaling.MaxName)
		}
		names[r.Name] = true
		if err := r.check(); err != nil {
			return fmt.Errorf("relay %s: %w", r.Name, err)
		}
	}
	return nil
}

func (r *relayEntry) check() error {
	if r.Kind != "" && r.Kind != "assist" && r.Kind != "coturn" {
		return fmt.Errorf("kind must be assist or coturn, not %q", r.Kind)
	}
	if len(r.URLs) > 0 && r.SecretFile == "" {
		return errors.New("secret_file is missing")
	}
	const mostURLs = 4
	if len(r.URLs) > mostURLs {
		return fmt.Errorf("more than %d urls", mostURLs)
	}
	for _, u := range r.URLs {
		if err := dial.CheckRelay(u); err != nil {
			return fmt.Errorf("urls: %q: %w", u, err)
		}
	}
	first, last, err := portRange(r.Ports)
	if err != nil {
		return fmt.Errorf("ports: %w", err)
	}
	if len(r.Addresses) == 0 {
		return errors.New("addresses is missing: those that its relayed addresses have")
	}
	for _, text := range r.Addresses {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("addresses: %q is no address", text)
		}
		r.peers = append(r.peers, relay.Peer{Addr: a, First: first, Last: last})
	}
	return nil
}

// portRange reads first-last.
func portRange(text string) (first, last uint16, err error) {
	if text == "" {
		return 49152, 65535, nil // RFC 8656 section 7.2
	}
	a, b, _ := strings.Cut(text, "-")
	x, errA := strconv.ParseUint(strings.TrimSpace(a), 10, 16)
	y, errB := strconv.ParseUint(strings.TrimSpace(b), 10, 16)
	if errA != nil || errB != nil || x < 1024 || y < x {
		return 0, 0, fmt.Errorf("%q is not first-last, with both between 1024 and 65535", text)
	}
	return uint16(x), uint16(y), nil
}

// peers are the other relays that packets may go to.
func (c *relayConfig) peers() (list []relay.Peer) {
	for _, r := range c.Relays {
		list = append(list, r.peers...)
	}
	return list
}
