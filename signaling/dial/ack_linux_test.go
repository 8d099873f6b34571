package dial

import (
	"context"
	"net"
	"syscall"
	"testing"
)

// TestAckLater looks at a socket as it is when it connects.
func TestAckLater(t *testing.T) {
	service := serve(t, func(net.Conn) {})
	get := func(c syscall.RawConn) (on int) {
		_ = c.Control(func(fd uintptr) {
			var err error
			if on, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK); err != nil {
				t.Error(err)
			}
		})
		return on
	}
	var before, after int
	d := net.Dialer{Control: func(network, address string, c syscall.RawConn) error {
		before = get(c)
		err := ackLater(network, address, c)
		after = get(c)
		return err
	}}
	c, err := d.DialContext(context.Background(), "tcp", service.addr())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if before != 1 || after != 0 {
		t.Errorf("acknowledges at once: %d before, %d after", before, after)
	}
}
