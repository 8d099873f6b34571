package dial

import "syscall"

func init() {
	ackLater = func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { // a refusal only leaves the system's own manner
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 0)
		})
	}
}
