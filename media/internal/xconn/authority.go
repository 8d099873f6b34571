package xconn

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// Address families of an authority file (Xauth.h).
const (
	familyInternet  = 0
	familyInternet6 = 6
	familyLocal     = 256
	familyWild      = 65535
)

const cookieName = "MIT-MAGIC-COOKIE-1"

// cookie returns the key of the display from the user's authority file, or nil.
func (a address) cookie(remote net.Addr) []byte {
	name := os.Getenv("XAUTHORITY")
	if name == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		name = filepath.Join(home, ".Xauthority")
	}
	file, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	local, _ := os.Hostname()
	var ip net.IP
	if t, ok := remote.(*net.TCPAddr); ok {
		ip = t.IP
	}
	return findCookie(file, local, ip, a.display)
}

// findCookie returns the cookie in an authority file for a display of this host, or of the host at ip.
func findCookie(file []byte, host string, ip net.IP, display int) []byte {
	for len(file) >= 2 {
		family := binary.BigEndian.Uint16(file)
		file = file[2:]
		var fields [4][]byte // address, display, name, data
		for i := range fields {
			if len(file) < 2 || len(file)-2 < int(binary.BigEndian.Uint16(file)) {
				return nil
			}
			n := int(binary.BigEndian.Uint16(file))
			fields[i], file = file[2:2+n], file[2+n:]
		}
		here := ip == nil || ip.IsLoopback()
		match := family == familyWild ||
			family == familyLocal && here && string(fields[0]) == host ||
			(family == familyInternet || family == familyInternet6) && ip != nil && ip.Equal(net.IP(fields[0]))
		number := string(fields[1])
		if match && (number == "" || number == strconv.Itoa(display)) &&
			string(fields[2]) == cookieName && len(fields[3]) == 16 {
			return fields[3]
		}
	}
	return nil
}
