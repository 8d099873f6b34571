package xconn

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
)

const (
	packet         = 32 // bytes of an error, an event and the start of a reply
	setupHead      = 8
	kindError      = 0
	kindReply      = 1
	genericEvent   = 35
	maxEvent       = 1 << 16 // bytes of a generic event beyond the first 32
	implementation = 17      // core error "BadImplementation"
	firstExtension = 128     // errors from here on are extensions'
)

// stream is a connection to a server without its events.
//
// Errors of extensions become core errors, because xgb drops errors that are not in its tables, and whoever waits
// for one would wait for ever.
type stream struct {
	net.Conn
	in      *bufio.Reader
	onEvent func([]byte)
	began   bool   // the answer to the set-up was read
	head    []byte // bytes to hand on before anything is read
	pass    int64  // bytes to hand on as they come after that
	buf     [packet]byte
	event   []byte
}

func newStream(nc net.Conn, onEvent func([]byte)) *stream {
	return &stream{Conn: nc, in: bufio.NewReaderSize(nc, 64<<10), onEvent: onEvent}
}

// Read hands on everything that is not an event.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.head) == 0 && s.pass == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	if len(s.head) > 0 {
		n := copy(p, s.head)
		s.head = s.head[n:]
		return n, nil
	}
	n, err := s.in.Read(p[:min(int64(len(p)), s.pass)])
	s.pass -= int64(n)
	return n, err
}

// next reads the start of what comes next, and all of it if it is an event.
func (s *stream) next() error {
	if !s.began {
		s.began = true
		if _, err := io.ReadFull(s.in, s.buf[:setupHead]); err != nil {
			return err
		}
		s.head, s.pass = s.buf[:setupHead], 4*int64(binary.LittleEndian.Uint16(s.buf[6:]))
		return nil
	}
	if _, err := io.ReadFull(s.in, s.buf[:]); err != nil {
		return err
	}
	switch s.buf[0] {
	case kindError:
		if s.buf[1] >= firstExtension {
			s.buf[1] = implementation
		}
		s.head = s.buf[:]
	case kindReply:
		s.head, s.pass = s.buf[:], 4*int64(binary.LittleEndian.Uint32(s.buf[4:]))
	default:
		return s.takeEvent()
	}
	return nil
}

func (s *stream) takeEvent() error {
	s.event = append(s.event[:0], s.buf[:]...)
	if s.buf[0]&^0x80 == genericEvent {
		more := 4 * int64(binary.LittleEndian.Uint32(s.buf[4:]))
		if more > maxEvent {
			return io.ErrUnexpectedEOF
		}
		s.event = append(s.event, make([]byte, more)...)
		if _, err := io.ReadFull(s.in, s.event[packet:]); err != nil {
			return err
		}
	}
	s.onEvent(s.event)
	return nil
}
