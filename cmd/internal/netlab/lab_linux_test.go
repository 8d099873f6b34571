package netlab

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// echo repeats what it hears on a port of a host, by TCP and UDP, over both kinds of IP.
func echo(t *testing.T, h *Host, port string) {
	t.Helper()
	ln, err := h.Listen("tcp", ":"+port)
	if err != nil {
		t.Fatal(err)
	}
	pc, err := h.ListenPacket("udp", ":"+port)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn // a firewall may keep their end from them
	t.Cleanup(func() {
		_ = ln.Close()
		_ = pc.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			wg.Go(func() { _, _ = io.Copy(c, c); _ = c.Close() })
		}
	})
	wg.Go(func() {
		buf := make([]byte, mtu)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = pc.WriteTo(buf[:n], from)
		}
	})
}

// talk sends a line over a connection of its own and returns why it does not come back.
func talk(ctx context.Context, h *Host, network, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c, err := h.Dial(ctx, network, addr)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(c, "there?"); err != nil {
		return err
	}
	_, err = io.ReadFull(c, make([]byte, len("there?")))
	return err
}

func TestLab(t *testing.T) {
	l := open(t, Options{})
	customer, service := l.Host("customer"), l.Host("service")
	echo(t, service, "443")
	at := func(a netip.Addr) string { return net.JoinHostPort(a.String(), "443") }
	late := func(err error) bool {
		return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
	}
	closed := func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
	fine := func(err error) bool { return err == nil }
	for _, tt := range []struct {
		name    string
		set     func(*Link)
		network string
		addr    netip.Addr
		ok      func(error) bool
	}{
		{"open, IPv4", (*Link).Open, "tcp", service.Addr4, fine},
		{"open, IPv6", (*Link).Open, "tcp", service.Addr6, fine},
		{"open, UDP", (*Link).Open, "udp", service.Addr4, fine},
		{"open, UDP over IPv6", (*Link).Open, "udp", service.Addr6, fine},
		{"all closed", func(k *Link) { k.Firewall(Drop) }, "tcp", service.Addr4, late},
		{"this one open", func(k *Link) { k.Firewall(Drop, Allow("tcp", service.Addr4, 443)) }, "tcp", service.Addr4, fine},
		{"UDP closed", func(k *Link) { k.Firewall(Drop, Allow("tcp", service.Addr4, 443)) }, "udp", service.Addr4, late},
		{"other family closed", func(k *Link) { k.Firewall(Drop, Allow("tcp", service.Addr4, 443)) }, "tcp", service.Addr6, late},
		{"refused", func(k *Link) { k.Firewall(Refuse, Allow("tcp", service.Addr4, 80)) }, "tcp", service.Addr4, closed},
		{"refused, UDP", func(k *Link) { k.Firewall(Refuse) }, "udp", service.Addr4, closed},
		{"refused, IPv6", func(k *Link) { k.Firewall(Refuse) }, "tcp", service.Addr6, closed},
		{"refused, UDP over IPv6", func(k *Link) { k.Firewall(Refuse) }, "udp", service.Addr6, closed},
	} {
		tt.set(l.Link("customer"))
		if err := talk(t.Context(), customer, tt.network, at(tt.addr)); !tt.ok(err) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	l.Link("customer").Open()
	up, down := l.Link("customer").Bytes()
	if up < 500 || up > 10_000 || down < 500 || down > 10_000 {
		t.Errorf("%d bytes up, %d down", up, down)
	}
}

// TestLine measures what programs see of a line. The bounds are wide: other programs run here too.
func TestLine(t *testing.T) {
	l := open(t, Options{})
	echo(t, l.Host("service"), "7")
	l.Link("customer").Set(Shape{Rate: 400_000, Delay: 40 * time.Millisecond, Queue: 2 * time.Second})
	c, err := l.Host("customer").Dial(t.Context(), "tcp", "service."+Domain+":7")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 25_000)
	began := time.Now()
	if _, err := c.Write(buf[:1]); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, buf[:1]); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 80*time.Millisecond || took > 250*time.Millisecond {
		t.Errorf("there and back in %v", took)
	}
	began = time.Now()
	go func() { _, _ = c.Write(buf) }()
	if _, err := io.ReadFull(c, buf); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 500*time.Millisecond || took > 2*time.Second {
		t.Errorf("25 kB at 50 kB/s in %v", took)
	}
}

func TestCommandAndNames(t *testing.T) {
	l := open(t, Options{Hosts: []string{"customer", "service", "six"}, V6Only: []string{"six"}})
	service := l.Host("service")
	ask := func(host, name string) string {
		cmd := l.Host(host).Command(t.Context(), "getent", "ahosts", name)
		out, err := cmd.Output()
		if _, none := errors.AsType[*exec.ExitError](err); err != nil && !none {
			t.Fatal(err)
		}
		return string(out)
	}
	l.Resolver.Set("support.example", service.Addr4)
	if out := ask("customer", "support.example"); !strings.Contains(out, service.Addr4.String()) {
		t.Errorf("answer: %q", out)
	}
	if out := ask("six", "service."+Domain); !strings.Contains(out, service.Addr6.String()) {
		t.Errorf("answer to the host with IPv6: %q", out)
	}
	if n := l.Resolver.Asked("support.example"); n == 0 {
		t.Error("the resolver was not asked")
	}
	for _, bad := range []Answer{NoNames, Failing} {
		l.Resolver.Be(bad)
		if out := ask("customer", "support.example"); out != "" {
			t.Errorf("answer while there is none: %q", out)
		}
	}
	l.Resolver.Hijack(netip.MustParseAddr("10.213.0.99"))
	if out := ask("customer", "any.example"); !strings.Contains(out, "10.213.0.99") {
		t.Errorf("hijacked answer: %q", out)
	}
}

// TestNothingStays looks for what a lab leaves behind, and for what a killed one has left.
func TestNothingStays(t *testing.T) {
	l := open(t, Options{})
	name := l.Host("customer").netns
	if _, err := os.Stat(filepath.Join(netnsFolder, name)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	left := prefix + strconv.Itoa(dead.Process.Pid) + "-1-customer"
	if err := ip("netns", "add", left); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(configFolder, left), 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, Options{Hosts: []string{"one"}})
	for _, n := range []string{name, left} {
		for _, folder := range []string{netnsFolder, configFolder} {
			if _, err := os.Stat(filepath.Join(folder, n)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s/%s is still there: %v", folder, n, err)
			}
		}
	}
}
