//go:build unix

package journal

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"assist/app/problem"
	"assist/app/session"
)

// logd is a system's log that keeps what it gets.
type logd struct {
	t    *testing.T
	path string
	conn *net.UnixConn
}

// listen starts a log. Its path is short: a socket's may have about 100 characters.
func listen(t *testing.T) *logd {
	t.Helper()
	dir, err := os.MkdirTemp("", "log")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	l := &logd{t: t, path: filepath.Join(dir, "socket")}
	l.start()
	t.Cleanup(l.stop)
	return l
}

func (l *logd) start() {
	l.t.Helper()
	var err error
	l.conn, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: l.path, Net: "unixgram"})
	must(l.t, err)
}

func (l *logd) stop() { l.conn.Close(); os.Remove(l.path) }

// next returns the next datagram, or nothing if there is none.
func (l *logd) next() string {
	p := make([]byte, 64<<10)
	l.conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	n, _, err := l.conn.ReadFromUnix(p)
	if err != nil {
		return ""
	}
	return string(p[:n])
}

// all returns everything that came.
func (l *logd) all() (list []string) {
	for {
		p := l.next()
		if p == "" {
			return list
		}
		list = append(list, p)
	}
}

var pid = regexp.MustCompile(`assist\[\d+\]`)

// recorder is a sink that hands on, and takes down what came out at the other end.
type recorder struct {
	Sink
	logd *logd
	got  bytes.Buffer
}

func (r *recorder) Take(e Entry) error {
	err := r.Sink.Take(e)
	r.got.WriteString(pid.ReplaceAllString(r.logd.next(), "assist[1]") + "\n")
	return err
}

// TestSystemGolden plays the whole session to either log.
func TestSystemGolden(t *testing.T) {
	for _, name := range []string{"journald", "syslog"} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{logd: listen(t)}
			s := &sockets{journald: r.logd.path}
			if name == "syslog" {
				s = &sockets{journald: r.logd.path + "-not", syslog: []string{r.logd.path + "-neither", r.logd.path}}
			}
			r.Sink = s
			if file := play(t, r); !bytes.Equal(file, golden(t)) {
				t.Errorf("with a log of the system the file is\n%s", file)
			}
			if s.conn != nil {
				t.Error("the socket was not closed")
			}
			path := filepath.Join("testdata", name+".txt")
			if *update {
				must(t, os.WriteFile(path, r.got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(path)
			must(t, err)
			if !bytes.Equal(r.got.Bytes(), want) {
				t.Errorf("the log got\n%s\nwant\n%s", r.got.Bytes(), want)
			}
		})
	}
}

// TestSystemHostileNames has names that would like to be a field, an entry or a line of their own.
func TestSystemHostileNames(t *testing.T) {
	native, old := listen(t), listen(t)
	for _, name := range append(hostile, "x\nASSIST_EVENT=190\nPRIORITY=0", "<0>Jan  1 00:00:00 kernel: x") {
		j := create(t, hostileSession(name), &sockets{journald: native.path}, &sockets{syslog: []string{old.path}})
		must(t, j.Connected(), j.Close())
		if got := native.all(); len(got) != 2 {
			t.Errorf("%.20q: %d entries of journald", name, len(got))
		} else if keys := fields(got[1]); keys != "MESSAGE PRIORITY SYSLOG_IDENTIFIER ASSIST_EVENT ASSIST_SESSION " ||
			!strings.Contains(got[1], "\nPRIORITY=6\n") || !strings.Contains(got[1], "\nASSIST_EVENT=101\nASSIST_SESSION=1\n") {
			t.Errorf("%.20q: journald got %q", name, got[1])
		}
		if got := old.all(); len(got) != 2 || strings.Contains(got[1], "\n") || !strings.HasPrefix(got[1], "<14>") {
			t.Errorf("%.20q: syslog got %q", name, got)
		}
		if l := lost(t, j); l != nil {
			t.Errorf("%.20q: %q", name, l)
		}
	}
}

// fields are the names of the fields in an entry of journald.
func fields(entry string) (keys string) {
	for line := range strings.Lines(entry) {
		key, _, _ := strings.Cut(line, "=")
		keys += key + " "
	}
	return keys
}

// TestSystemLogGone has the log go away in a session, and come back.
func TestSystemLogGone(t *testing.T) {
	log := listen(t)
	j := create(t, ada, &sockets{journald: log.path})
	must(t, j.Connected())
	if got := log.all(); len(got) != 2 {
		t.Fatalf("the log got %q", got)
	}
	log.stop()
	must(t, j.Level(session.ViewOnly), j.Paused(true))
	log.start()
	must(t, j.Paused(false), j.Ended(problem.CustomerEnded), Verify(j.Path()))
	got := log.all()
	if len(got) != 2 || !strings.Contains(got[0], "\nASSIST_EVENT=121\n") || !strings.Contains(got[1], "\nASSIST_EVENT=190\n") {
		t.Errorf("after it was back the log got %q", got)
	}
	if l := lost(t, j); len(l) != 1 || !strings.Contains(l[0], `event="level-first"`) {
		t.Errorf("the file says %q", l)
	}
}

// TestSystemLogBlocked has a log that reads nothing: no event waits for it longer than it may.
func TestSystemLogBlocked(t *testing.T) {
	log := listen(t)
	sink := &sockets{journald: log.path}
	defer sink.Close()
	var err error
	for range 10000 {
		if err = sink.Take(Entry{Number: 1, Session: "1", Text: strings.Repeat("x", 1000)}); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a log that is full: %v", err)
	}
	j := create(t, ada, sink)
	began := time.Now()
	must(t, j.Connected(), j.Level(session.SharedControl), j.Level(session.ChatOnly))
	if took := time.Since(began); took > 20*SinkTime {
		t.Errorf("three events took %v", took)
	}
	must(t, j.Ended(problem.CustomerEnded), Verify(j.Path()))
	if l := lost(t, j); len(l) != 1 || !strings.Contains(l[0], "i/o timeout") {
		t.Errorf("the file says %q", l)
	}
}

// TestNoSockets is a computer without a log, and one whose log cannot be reached.
func TestNoSockets(t *testing.T) {
	log := listen(t)
	if err := (&sockets{journald: log.path + "-not", syslog: []string{log.path + "-not"}}).Take(Entry{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("no log there: %v", err)
	}
	log.conn.Close() // which leaves the socket
	err := (&sockets{journald: log.path, syslog: []string{log.path + "-not"}}).Take(Entry{})
	if err == nil || errors.Is(err, ErrUnsupported) {
		t.Errorf("a log that does not listen: %v", err)
	}
	if s, ok := System().(*sockets); !ok || s.journald == "" || len(s.syslog) == 0 {
		t.Errorf("the log of this system is %v", System())
	}
}
