//go:build linux

package input

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jezek/xgb"
)

// dialX11 connects to an X display by hand: the connection must have limits, since a server that
// stands still would otherwise hold up whoever closes the gate. It returns the screen to use, too.
func dialX11(display string) (*xgb.Conn, net.Conn, int, error) {
	if display == "" {
		display = os.Getenv("DISPLAY")
	}
	a, err := parseDisplay(display)
	if err != nil {
		return nil, nil, 0, err
	}
	n, err := a.dial()
	if err != nil {
		return nil, nil, 0, err
	}
	n.SetDeadline(time.Now().Add(replyLimit))
	var c *xgb.Conn
	if cookie := xauthority(a.host, a.number); cookie != "" {
		c, err = xgb.NewConnNetWithCookieHex(limited{n}, cookie)
	} else {
		c, err = xgb.NewConnNet(limited{n})
	}
	if err != nil {
		n.Close()
		return nil, nil, 0, err
	}
	n.SetDeadline(time.Time{})
	return c, n, a.screen, nil
}

// limited is a connection whose writes take at most replyLimit.
type limited struct{ net.Conn }

func (l limited) Write(b []byte) (int, error) {
	l.SetWriteDeadline(time.Now().Add(replyLimit))
	return l.Conn.Write(b)
}

// displayName is what $DISPLAY says: [protocol/][host]:number[.screen], or a socket's path before the colon.
type displayName struct {
	network, host, path string
	number, screen      int
}

func parseDisplay(s string) (displayName, error) {
	bad := fmt.Errorf("input: bad X display %q", s)
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return displayName{}, bad
	}
	var a displayName
	host := s[:i]
	if strings.HasPrefix(host, "/") {
		a.path = host
	} else if j := strings.LastIndexByte(host, '/'); j >= 0 {
		a.network, a.host = host[:j], host[j+1:]
	} else {
		a.host = host
	}
	if a.host == "unix" || a.network == "unix" {
		a.host, a.network = "", ""
	}
	number, screen, found := strings.Cut(s[i+1:], ".")
	var err error
	if a.number, err = strconv.Atoi(number); err != nil || a.number < 0 || a.number > 59000 {
		return displayName{}, bad
	}
	if found {
		if a.screen, err = strconv.Atoi(screen); err != nil || a.screen < 0 {
			return displayName{}, bad
		}
	}
	return a, nil
}

func (a displayName) dial() (net.Conn, error) {
	d := net.Dialer{Timeout: replyLimit}
	n := strconv.Itoa(a.number)
	switch {
	case a.path != "":
		return d.Dial("unix", a.path+":"+n)
	case a.host != "":
		if a.network == "" {
			a.network = "tcp"
		}
		return d.Dial(a.network, net.JoinHostPort(a.host, strconv.Itoa(6000+a.number)))
	}
	const socket = "/tmp/.X11-unix/X"
	c, err := d.Dial("unix", socket+n)
	if err != nil { // the abstract socket is there even where /tmp is not shared
		if c2, err2 := d.Dial("unix", "@"+socket+n); err2 == nil {
			return c2, nil
		}
	}
	return c, err
}

// Families of an Xauthority entry, from X11/Xauth.h.
const (
	familyLocal = 256
	familyWild  = 65535
)

// xauthority returns the cookie for a display in hex, or nothing. The file is the user's own.
func xauthority(host string, number int) string {
	name := os.Getenv("XAUTHORITY")
	if name == "" {
		name = os.Getenv("HOME") + "/.Xauthority"
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	if host == "" || host == "localhost" {
		host, _ = os.Hostname()
	}
	return findCookie(f, host, strconv.Itoa(number))
}

// findCookie reads entries of an Xauthority file: family, address, display, name and data, each but the
// first with its length before it, big endian.
func findCookie(r io.Reader, host, display string) string {
	for {
		var family uint16
		if binary.Read(r, binary.BigEndian, &family) != nil {
			return ""
		}
		var field [4][]byte
		for i := range field {
			var n uint16
			if binary.Read(r, binary.BigEndian, &n) != nil {
				return ""
			}
			field[i] = make([]byte, n)
			if _, err := io.ReadFull(r, field[i]); err != nil {
				return ""
			}
		}
		here := family == familyWild || family == familyLocal && string(field[0]) == host
		this := len(field[1]) == 0 || string(field[1]) == display
		if here && this && string(field[2]) == "MIT-MAGIC-COOKIE-1" && len(field[3]) == 16 {
			return hex.EncodeToString(field[3])
		}
	}
}
