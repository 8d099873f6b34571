package relay

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"

	"assist/signaling/crowd"
)

// tracked is an accepted connection that counts until it is closed.
type tracked struct {
	net.Conn
	front    *front
	place    *crowd.Place[*tracked]
	unsorted *crowd.Place[*tracked]
	stream   *stream     // the TURN connection above it, if it is one, under front.mu
	served   atomic.Bool // the service has accepted it
	once     sync.Once
}

// key is how its client is known.
func (t *tracked) key() clientKey { return keyOf(t.RemoteAddr(), t.LocalAddr()) }

// Close implements net.Conn.
func (t *tracked) Close() error {
	err := t.Conn.Close()
	t.once.Do(func() { t.front.forget(t) })
	return err
}

// peeked gives back the one byte that was read ahead.
type peeked struct {
	net.Conn
	head []byte
}

// Read implements net.Conn.
func (p *peeked) Read(b []byte) (int, error) {
	if len(p.head) > 0 {
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}

// peek returns the first byte of c, and c with it still unread.
func peek(c net.Conn) (byte, net.Conn, error) {
	var head [1]byte
	for {
		n, err := c.Read(head[:])
		if n == 1 {
			return head[0], &peeked{c, head[:]}, nil
		}
		if err != nil {
			return 0, nil, err
		}
	}
}

// secured is a decrypted HTTPS connection.
type secured struct {
	net.Conn
	tls *tls.Conn
	tcp *tracked
}

// ConnectionState returns what the TLS handshake agreed on.
func (s *secured) ConnectionState() tls.ConnectionState { return s.tls.ConnectionState() }

// Vouch says that the connection is that of somebody who is known: it makes room for nobody any more. It is what the service
// looks for in the connections that it is given.
func (s *secured) Vouch() { s.tcp.front.places.Keep(s.tcp.place) }

// queue is a net.Listener whose connections are put in by hand.
type queue struct {
	addr  net.Addr
	conns chan net.Conn
	once  sync.Once
	gone  chan struct{}
}

func newQueue(addr net.Addr) *queue {
	return &queue{addr: addr, conns: make(chan net.Conn, 64), gone: make(chan struct{})}
}

// push puts c in, or returns false when the queue is closed or full.
func (q *queue) push(c net.Conn) bool {
	select {
	case <-q.gone:
		return false
	default:
	}
	select {
	case q.conns <- c:
		return true
	default:
		return false
	}
}

// Accept implements net.Listener.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case <-q.gone:
		return nil, net.ErrClosed
	default:
	}
	select {
	case <-q.gone:
		return nil, net.ErrClosed
	case c := <-q.conns:
		if s, ok := c.(*secured); ok {
			s.tcp.served.Store(true)
		}
		return c, nil
	}
}

// Close implements net.Listener. Connections that nobody accepted are closed by the front.
func (q *queue) Close() error {
	q.shut()
	return nil
}

func (q *queue) shut() { q.once.Do(func() { close(q.gone) }) }

// Addr implements net.Listener.
func (q *queue) Addr() net.Addr { return q.addr }

func portOf(a net.Addr) uint16 {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Port()
	}
	return 0
}
