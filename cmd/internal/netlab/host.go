package netlab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
)

// Host is one computer of the lab.
type Host struct {
	Name string
	// Addr is the IPv4 address, or the IPv6 one if the host has no other.
	Addr         netip.Addr
	Addr4, Addr6 netip.Addr // Addr4 is not valid in a host that has IPv6 only

	netns string
	link  *Link
}

// prefix begins the name of every namespace of a lab, before the number of the process.
const prefix = "netlab-"

func (h *Host) addrs() []netip.Addr {
	if h.Addr4.IsValid() {
		return []netip.Addr{h.Addr4, h.Addr6}
	}
	return []netip.Addr{h.Addr6}
}

// Command returns the command name as it runs in this host: with the host's network, and names answered by the lab. It
// is killed when ctx ends or this process does.
func (h *Host) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", h.netns, name}, args...)...)
	orphanless(cmd)
	return cmd
}

// Run calls f on a thread that is in this host's network: sockets that f opens itself are the host's, those that other
// goroutines open for it are not. So f must not look up names; see [Host.Dial].
func (h *Host) Run(f func() error) error {
	ended := make(chan error, 1)
	go func() {
		leave, err := h.enter()
		if err != nil {
			ended <- err
			return
		}
		defer leave()
		ended <- f()
	}()
	return <-ended
}

// Listen listens in this host. Address has an IP address or none, and no name.
func (h *Host) Listen(network, address string) (ln net.Listener, err error) {
	err = h.Run(func() error {
		ln, err = net.Listen(network, address)
		return err
	})
	return ln, err
}

// ListenPacket listens for packets in this host.
func (h *Host) ListenPacket(network, address string) (c net.PacketConn, err error) {
	err = h.Run(func() error {
		c, err = net.ListenPacket(network, address)
		return err
	})
	return c, err
}

// Dial connects from this host. Address has an IP address, or the name of a host of the lab as [Domain] has it.
func (h *Host) Dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("netlab: %w", err)
	}
	if _, err := netip.ParseAddr(name); err != nil {
		addr, ok := h.link.router.resolver.pick(name, h.Addr4.IsValid())
		if !ok {
			return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		address = net.JoinHostPort(addr.String(), port)
	}
	err = h.Run(func() error {
		c, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return c, err
}
