package peer

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// packetDialer knows relays by names that nobody else does.
type packetDialer struct {
	relays map[string]string // real addresses

	mu    sync.Mutex
	open  int
	asked []string
}

func (*packetDialer) Dial(string, string) (net.Conn, error) { return nil, errors.ErrUnsupported }

func (d *packetDialer) DialPackets(ctx context.Context, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, address)
	to, ok := d.relays[address]
	if !ok {
		return nil, errors.New("no such relay")
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "udp4", to)
	if err == nil {
		d.open++
		c = &closingConn{Conn: c, d: d}
	}
	return c, err
}

type closingConn struct {
	net.Conn
	d    *packetDialer
	once sync.Once
}

func (c *closingConn) Close() error {
	c.once.Do(func() {
		c.d.mu.Lock()
		defer c.d.mu.Unlock()
		c.d.open--
	})
	return c.Conn.Close()
}

// TestPacketDialer reaches relays whose names cannot be resolved by the way the dialer opens: the first, the second where the first
// does not answer, and the second where there is no way to the first.
func TestPacketDialer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		broken func(d *packetDialer, first *relayServer)
		second bool
	}{
		{"first", func(*packetDialer, *relayServer) {}, false},
		{"first does not answer", func(_ *packetDialer, first *relayServer) { first.silence(true) }, true},
		{"no way to the first", func(d *packetDialer, _ *relayServer) { delete(d.relays, "first.invalid:443") }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, second := startRelay(t), startRelay(t)
			d := &packetDialer{relays: map[string]string{"first.invalid:443": first.udp, "second.invalid:443": second.udp}}
			tt.broken(d, first)
			cfg := Config{Dialer: d}
			for _, host := range []string{"first.invalid:443", "second.invalid:443"} {
				cfg.Relays = append(cfg.Relays, Relay{URL: "turn:" + host + "?transport=udp", Username: "user", Credential: "password"})
			}
			customer, engineer := pair(t, cfg)
			ctx := inTime(t)
			if err := engineer.Channel(Chat).Send(ctx, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if got, err := customer.Channel(Chat).Receive(ctx); err != nil || string(got) != "hello" {
				t.Errorf("%q, %v", got, err)
			}
			if used := second.packets() > 0; used != tt.second {
				t.Errorf("second relay used: %v", used)
			}
			if s := customer.Stats(); s.Sent == 0 || s.Received == 0 {
				t.Errorf("nothing is counted: %+v", s)
			}
			_ = customer.Close()
			_ = engineer.Close()
			for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
				d.mu.Lock()
				open := d.open
				d.mu.Unlock()
				if open == 0 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d ways are still open", open)
				}
			}
		})
	}
}
