// Package xconn is a connection to an X server whose events go to the caller as the bytes that came, and not through
// xgb's tables.
//
// Those tables are global and not locked: one connection that initialises an extension while another reads an event
// can end the program. They also know no generic events, which XInput 2 needs. So the bytes from the server pass a filter that
// takes the events out, and extensions are registered on the one connection only. Everything else, requests, replies and
// errors, is xgb's. Other connections of the program are not affected, except that xgb's log, which
// has only one output, is silenced.
package xconn

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// ErrNoDisplay says that no display is named.
var ErrNoDisplay = errors.New("no display is named")

// Conn is a connection to an X server. The embedded Conn's events stay empty.
type Conn struct {
	*xgb.Conn
	// Screen is the screen that the display's name chose.
	Screen *xproto.ScreenInfo

	stream *stream
	done   chan struct{}
}

// Extension is what a server says of an extension.
type Extension struct {
	Opcode     byte
	FirstEvent byte
}

// Dial connects to a display, or to the one that the environment names when display is empty. Every event of the server is handed to
// onEvent, 32 bytes or more (X11 protocol, "Event Format"), on the goroutine that reads: it must not call the connection,
// wait, or keep the bytes.
func Dial(display string, onEvent func(event []byte)) (*Conn, error) {
	if display == "" {
		display = os.Getenv("DISPLAY")
	}
	if display == "" {
		return nil, ErrNoDisplay
	}
	xgb.Logger.SetOutput(io.Discard)
	a, err := parse(display)
	if err != nil {
		return nil, err
	}
	nc, err := a.dial()
	if err != nil {
		return nil, err
	}
	return handshake(nc, a, onEvent)
}

// handshake starts the protocol on nc, which it owns.
func handshake(nc net.Conn, a address, onEvent func([]byte)) (*Conn, error) {
	c := &Conn{stream: newStream(nc, onEvent), done: make(chan struct{})}
	var err error
	if cookie := a.cookie(nc.RemoteAddr()); cookie != nil {
		c.Conn, err = xgb.NewConnNetWithCookieHex(c.stream, hex.EncodeToString(cookie))
	} else {
		c.Conn, err = xgb.NewConnNet(c.stream)
	}
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("connect to display: %w", err)
	}
	go c.drain()
	setup := xproto.Setup(c.Conn)
	if a.screen >= len(setup.Roots) {
		c.Close()
		return nil, fmt.Errorf("the display has no screen %d", a.screen)
	}
	c.DefaultScreen = a.screen
	c.Screen = &setup.Roots[a.screen]
	return c, nil
}

// drain throws away errors of requests that nobody waited for, until the connection ends.
func (c *Conn) drain() {
	defer close(c.done)
	for {
		if ev, err := c.WaitForEvent(); ev == nil && err == nil {
			return
		}
	}
}

// Done is closed when the connection has ended, by Close or because the server went away.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Close ends the connection. It does not wait for the server, so it works when that hangs. Requests under way return io.EOF.
func (c *Conn) Close() {
	c.stream.Close()
	<-c.done
}

// Use makes an extension's requests work on this connection. It reports false when the server has no such extension.
func (c *Conn) Use(name string) (Extension, bool, error) {
	r, err := xproto.QueryExtension(c.Conn, uint16(len(name)), name).Reply()
	if err != nil || !r.Present {
		return Extension{}, false, err
	}
	c.ExtLock.Lock()
	defer c.ExtLock.Unlock()
	c.Extensions[name] = r.MajorOpcode
	return Extension{r.MajorOpcode, r.FirstEvent}, true, nil
}

// address is a display's name, taken apart.
type address struct {
	network, host, path string
	display, screen     int
}

// parse takes apart names like ":0", "unix:0.1", "host:10.0", "tcp/host:0" and "/run/socket:0".
func parse(name string) (address, error) {
	bad := func() (address, error) { return address{}, fmt.Errorf("display name %q", name) }
	colon := strings.LastIndexByte(name, ':')
	if colon < 0 {
		return bad()
	}
	front, back := name[:colon], name[colon+1:]
	var a address
	number, screen, hasScreen := strings.Cut(back, ".")
	var err error
	if a.display, err = strconv.Atoi(number); err != nil || a.display < 0 || a.display > 65535-6000 {
		return bad()
	}
	if hasScreen {
		if a.screen, err = strconv.Atoi(screen); err != nil || a.screen < 0 {
			return bad()
		}
	}
	if strings.HasPrefix(front, "/") {
		a.network, a.path = "unix", front+":"+number
		return a, nil
	}
	protocol, host, cut := strings.Cut(front, "/")
	if !cut {
		protocol, host = "", front
	}
	if host == "" || host == "unix" {
		a.network, a.path = "unix", "/tmp/.X11-unix/X"+strconv.Itoa(a.display)
		return a, nil
	}
	a.network, a.host = protocol, host
	if a.network == "" {
		a.network = "tcp"
	}
	return a, nil
}

func (a address) dial() (net.Conn, error) {
	if a.network != "unix" {
		return net.Dial(a.network, net.JoinHostPort(a.host, strconv.Itoa(6000+a.display)))
	}
	nc, err := net.Dial("unix", a.path)
	if err != nil { // Linux servers listen in the abstract name space as well
		if abstract, err := net.Dial("unix", "@"+a.path); err == nil {
			return abstract, nil
		}
	}
	return nc, err
}
