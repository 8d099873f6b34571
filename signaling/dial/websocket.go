package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"assist/signaling"
	"github.com/coder/websocket"
)

// upgrade makes a WebSocket along a way, whose messages carry the bytes of TURN/TCP.
func (d *Dialer) upgrade(ctx context.Context, r *race, w Way, alive func(time.Duration)) (net.Conn, error) {
	secure, err := d.prove(ctx, r, w, alive)
	if err != nil {
		return nil, err
	}
	used := false
	transport := &http.Transport{
		MaxResponseHeaderBytes: maxHead,
		DisableCompression:     true, // of pages, of which there are none
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			if used {
				return nil, net.ErrClosed
			}
			used = true
			return secure, nil
		},
	}
	within, cancel := context.WithTimeout(ctx, replyTime)
	defer cancel()
	at := net.JoinHostPort(r.goal.host, strconv.Itoa(int(w.Port)))
	ws, resp, err := websocket.Dial(within, "wss://"+at+signaling.RelayPath, &websocket.DialOptions{
		Host: strings.TrimSuffix(at, ":443"), HTTPHeader: http.Header{"User-Agent": {"Assist"}}, // few bytes
		HTTPClient: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	})
	if err != nil {
		_ = secure.Close()
		return nil, upgradeFault(resp, err)
	}
	return &socket{Conn: websocket.NetConn(context.Background(), ws, websocket.MessageBinary), ws: ws, below: secure}, nil
}

// upgradeFault names the cause of a WebSocket that was not made.
func upgradeFault(resp *http.Response, err error) error {
	switch {
	case resp == nil:
		return connectFault(err)
	case resp.StatusCode == http.StatusServiceUnavailable, resp.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("%w: status %d", ErrRelayFull, resp.StatusCode)
	}
	return fault(ErrRelayReply, errors.New("no WebSocket, status "+strconv.Itoa(resp.StatusCode)))
}

// socket is a WebSocket as a connection: with the addresses of the one below it, and an end that waits for nobody.
type socket struct {
	net.Conn
	ws    *websocket.Conn
	below net.Conn
}

// NetConn returns the connection below, as tls.Conn does: who wants to know the system's own socket finds it there.
func (s *socket) NetConn() net.Conn { return s.below }

// LocalAddr implements net.Conn. It is a *net.TCPAddr.
func (s *socket) LocalAddr() net.Addr { return s.below.LocalAddr() }

// RemoteAddr implements net.Conn.
func (s *socket) RemoteAddr() net.Addr { return s.below.RemoteAddr() }

// Close implements net.Conn.
func (s *socket) Close() error { return s.ws.CloseNow() }
