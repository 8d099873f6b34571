//go:build linux || darwin

package peer

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func init() {
	setUnsent = func(c syscall.RawConn, bytes int) (err error) {
		if e := c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, bytes)
		}); e != nil {
			return e
		}
		return err
	}
}
