//go:build linux || freebsd || netbsd || openbsd

package tray

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// userDirs is where logind keeps the folder of each user's session.
var userDirs = "/run/user"

// there reports whether the desktop may have a place for an icon: without a session bus there is none. Asking the library would
// start one, which nobody ends.
func there() bool {
	if addresses := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); addresses != "" {
		for address := range strings.SplitSeq(addresses, ";") {
			if reachable(address) {
				return true
			}
		}
		return false
	}
	return isSocket(filepath.Join(userDirs, strconv.Itoa(os.Getuid()), "bus")) // where the library looks, too
}

// reachable reports whether there may be a bus at an address (D-Bus specification, "Server Addresses").
func reachable(address string) bool {
	transport, values, _ := strings.Cut(address, ":")
	switch transport {
	case "unix":
		first, _, _ := strings.Cut(values, ",")
		path, isPath := strings.CutPrefix(first, "path=")
		return !isPath || isSocket(path)
	case "tcp", "nonce-tcp", "unixexec":
		return true
	}
	return false
}

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == os.ModeSocket
}
