//go:build !windows

package dial

import "syscall"

// The system's names for what can go wrong with a connection.
const (
	errRefused = syscall.ECONNREFUSED
	errNetwork = syscall.ENETUNREACH
	errHost    = syscall.EHOSTUNREACH
	errReset   = syscall.ECONNRESET
	errPipe    = syscall.EPIPE
)
