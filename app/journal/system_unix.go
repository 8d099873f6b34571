//go:build unix

package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"time"
)

func init() {
	newSystem = func() Sink {
		return &sockets{
			journald: "/run/systemd/journal/socket",
			syslog:   []string{"/dev/log", "/var/run/syslog", "/var/run/log"}, // Linux, macOS, BSD
		}
	}
}

// sockets is the log that listens on the first of some local sockets. It takes each event as one datagram.
type sockets struct {
	journald string
	syslog   []string

	conn   *net.UnixConn // nil while not open
	format func(time.Time, Entry) []byte
}

func (s *sockets) Take(e Entry) error {
	err := s.open()
	if err == nil {
		err = s.send(e)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	if err != nil {
		return fmt.Errorf("journal: system log: %w", err)
	}
	return nil
}

func (s *sockets) Close() error {
	if s.conn == nil {
		return nil
	}
	err := s.conn.Close()
	s.conn = nil
	return err
}

// open opens the first log that is there. What is told of none is why one that is there cannot be reached.
func (s *sockets) open() error {
	if s.conn != nil {
		return nil
	}
	conn, told := dial(s.journald)
	if told == nil {
		s.conn, s.format = conn, journald
		return nil
	}
	for _, path := range s.syslog {
		conn, err := dial(path)
		if err == nil {
			s.conn, s.format = conn, syslog
			return nil
		}
		if errors.Is(told, fs.ErrNotExist) {
			told = err
		}
	}
	return told
}

func dial(path string) (*net.UnixConn, error) {
	return net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
}

// send sends one event, and hangs up if that fails.
func (s *sockets) send(e Entry) error {
	now := time.Now()
	err := s.conn.SetWriteDeadline(now.Add(SinkTime))
	if err == nil {
		_, err = s.conn.Write(s.format(now, e))
	}
	if err != nil {
		s.Close()
	}
	return err
}

// What the logs know the program's entries by.
const (
	identifier = "assist"
	severity   = "6"  // informational, of syslog's
	priority   = "14" // the same, from a program of a user: 8*1 + 6
)

// journald is e in the native protocol of systemd-journald (systemd.io/JOURNAL_NATIVE_PROTOCOL): a field a line. No
// value has a line end in it.
func journald(_ time.Time, e Entry) []byte {
	return []byte("MESSAGE=" + e.String() +
		"\nPRIORITY=" + severity +
		"\nSYSLOG_IDENTIFIER=" + identifier +
		"\nASSIST_EVENT=" + strconv.Itoa(int(e.Number)) +
		"\nASSIST_SESSION=" + e.Session + "\n")
}

// syslog is e as programs write to the syslog of their own computer: as in RFC 3164, section 4.1, without a host name. The
// later form of RFC 5424 is for the way between computers; not all of these sockets understand it.
func syslog(at time.Time, e Entry) []byte {
	return []byte("<" + priority + ">" + at.Format(time.Stamp) + " " + identifier + "[" + strconv.Itoa(os.Getpid()) + "]: " + e.String())
}
