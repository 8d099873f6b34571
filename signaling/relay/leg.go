package relay

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxPacket is the largest relayed packet, in bytes. The TURN library takes no larger ones either.
	maxPacket = 1600
	// inbox is how many packets wait for a client at most; then new ones are dropped, as a socket would.
	inbox = 512
)

// leg is one relayed address: what its client sends goes to other legs, what they send waits in
// the inbox. It is the net.PacketConn of a TURN allocation.
type leg struct {
	board   *switchboard
	at      netip.AddrPort
	udp     *net.UDPAddr // at, as the TURN library wants it; never changed
	user    string
	created time.Time
	limit   *rate.Limiter // of what it sends
	shared  *rate.Limiter // of what all legs of its user send
	in      *rate.Limiter // of what other relays send it
	socket  *net.UDPConn  // nil without other relays

	inbox chan packet
	heard atomic.Int64 // when the last packet came in, Unix nanoseconds
	once  sync.Once
	gone  chan struct{}
}

type packet struct {
	buf  *[maxPacket]byte
	n    int
	from *net.UDPAddr
}

var buffers = sync.Pool{New: func() any { return new([maxPacket]byte) }}

func newLeg(b *switchboard, at netip.AddrPort, user string, socket *net.UDPConn, shared *rate.Limiter) *leg {
	l := &leg{
		board:   b,
		at:      at,
		udp:     net.UDPAddrFromAddrPort(at),
		user:    user,
		created: time.Now(),
		limit:   limiter(b.rate),
		shared:  shared,
		in:      limiter(b.rate),
		socket:  socket,
		inbox:   make(chan packet, inbox),
		gone:    make(chan struct{}),
	}
	l.heard.Store(l.created.UnixNano())
	if socket != nil {
		go l.listen()
	}
	return l
}

// lastReceived returns when the last packet of a peer came in, or when the leg was opened.
func (l *leg) lastReceived() time.Time { return time.Unix(0, l.heard.Load()) }

// deliver puts a copy of p into the inbox, or drops it when that is full.
func (l *leg) deliver(p []byte, from *net.UDPAddr) {
	if len(p) > maxPacket {
		return
	}
	l.heard.Store(time.Now().UnixNano())
	buf := buffers.Get().(*[maxPacket]byte)
	select {
	case l.inbox <- packet{buf, copy(buf[:], p), from}:
	default:
		buffers.Put(buf)
	}
}

// listen takes in what other relays send. Packets from anywhere else are dropped.
func (l *leg) listen() {
	buf := make([]byte, maxPacket)
	for {
		n, from, err := l.socket.ReadFromUDPAddrPort(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if l.board.rules.isPeer(from) && l.in.AllowN(time.Now(), n) {
			l.deliver(buf[:n], net.UDPAddrFromAddrPort(from))
		}
	}
}

// ReadFrom implements net.PacketConn.
func (l *leg) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case <-l.gone:
		return 0, nil, net.ErrClosed
	case in := <-l.inbox:
		n := copy(p, in.buf[:in.n])
		buffers.Put(in.buf)
		return n, in.from, nil
	}
}

// WriteTo implements net.PacketConn. A packet to an address that is not one of our relays', or above the
// rate, is dropped and reported as sent, as a network would.
func (l *leg) WriteTo(p []byte, addr net.Addr) (int, error) {
	select {
	case <-l.gone:
		return 0, net.ErrClosed
	default:
	}
	to, ok := unmapped(addr)
	if now := time.Now(); !ok || !l.limit.AllowN(now, len(p)) || !l.shared.AllowN(now, len(p)) {
		return len(p), nil
	}
	if other := l.board.find(to); other != nil {
		other.deliver(p, l.udp)
	} else if l.socket != nil && l.board.rules.isPeer(to) {
		return l.socket.WriteToUDPAddrPort(p, to)
	}
	return len(p), nil
}

// Close implements net.PacketConn.
func (l *leg) Close() error {
	l.once.Do(func() {
		close(l.gone)
		if l.socket != nil {
			_ = l.socket.Close()
		}
		l.board.remove(l)
	})
	return nil
}

// LocalAddr implements net.PacketConn.
func (l *leg) LocalAddr() net.Addr { return l.udp }

// SetDeadline and its sisters implement net.PacketConn. The TURN library does not call them.
func (l *leg) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (l *leg) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (l *leg) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }
