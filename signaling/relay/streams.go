package relay

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// strangerLife is how long a TURN connection may live without an allocation.
	strangerLife = 15 * time.Second
	// streamSilence is how long a TURN connection with an allocation may be silent. Its client refreshes the
	// allocation more often than that.
	streamSilence = allocationLife + time.Minute
	// streamStuck is how long a client may take no bytes.
	streamStuck = 20 * time.Second
)

var errFrame = errors.New("relay: not a TURN message")

// stream is a TURN/TCP or TURN/TLS connection as the TURN library sees it: every Read returns exactly one whole
// message of at most [maxPacket] bytes, so that slow or endless ones cost nothing. Silent and stuck connections
// end by themselves.
type stream struct {
	net.Conn
	in        *bufio.Reader
	allocated atomic.Bool
	fixed     bool      // the read deadline is that of a stranger; used by the reader alone
	readBy    time.Time // the deadlines set last
	writeMu   sync.Mutex
	writeBy   time.Time
}

func newStream(c net.Conn) *stream {
	return &stream{Conn: c, in: bufio.NewReaderSize(c, 2*maxPacket)}
}

// key is how its client is known.
func (s *stream) key() clientKey { return keyOf(s.RemoteAddr(), s.LocalAddr()) }

// Read implements net.Conn. p must have room for a whole message.
func (s *stream) Read(p []byte) (int, error) {
	if err := s.armRead(time.Now()); err != nil {
		return 0, err
	}
	head, err := s.in.Peek(4)
	if err != nil {
		return 0, err
	}
	n, err := frameSize([4]byte(head))
	if err != nil {
		return 0, err
	}
	if n > len(p) {
		return 0, io.ErrShortBuffer
	}
	return io.ReadFull(s.in, p[:n])
}

func (s *stream) armRead(now time.Time) error {
	if !s.allocated.Load() {
		if s.fixed {
			return nil
		}
		s.fixed, s.readBy = true, now.Add(strangerLife)
		return s.Conn.SetReadDeadline(s.readBy)
	}
	if !s.fixed && s.readBy.Sub(now) > streamSilence-time.Minute {
		return nil
	}
	s.fixed, s.readBy = false, now.Add(streamSilence)
	return s.Conn.SetReadDeadline(s.readBy)
}

// Write implements net.Conn. p is a whole message.
func (s *stream) Write(p []byte) (int, error) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	if now := time.Now(); s.writeBy.Sub(now) < streamStuck-time.Second {
		s.writeBy = now.Add(streamStuck)
		if err := s.Conn.SetWriteDeadline(s.writeBy); err != nil {
			return 0, err
		}
	}
	n, err := s.Conn.Write(p)
	if err != nil {
		_ = s.Conn.Close() // half a message may be out: nothing after it would be understood
	}
	return n, err
}

// frameSize returns the size in bytes of the STUN or ChannelData message that starts with head, padding included
// (RFC 8489 section 5, RFC 8656 section 12.5).
func frameSize(head [4]byte) (int, error) {
	length := int(binary.BigEndian.Uint16(head[2:]))
	size := 0
	switch head[0] >> 6 {
	case 0:
		if length%4 != 0 {
			return 0, errFrame
		}
		size = stunHeader + length
	case 1:
		size = 4 + (length+3)/4*4
	default:
		return 0, errFrame
	}
	if size >= maxPacket {
		return 0, errFrame
	}
	return size, nil
}
