package dial

import "golang.org/x/sys/windows"

// The system's names for what can go wrong with a connection.
const (
	errRefused = windows.WSAECONNREFUSED
	errNetwork = windows.WSAENETUNREACH
	errHost    = windows.WSAEHOSTUNREACH
	errReset   = windows.WSAECONNRESET
	errPipe    = windows.WSAECONNABORTED
)
