// Package journal writes the customer's own log of one session: a text file on the customer's computer, made when the
// customer ticked the box for it, that says who was connected and what they were allowed to do, and when. The same events
// go to the system's own log ([System]), as far as it takes them.
//
// # Format, version 1
//
// UTF-8 without a byte order mark, lines end in LF, one line an event:
//
//	time number name field="value" … chain=16 hex digits
//	2026-11-22T18:31:05.120+09:00 101 connected engineer="Ada" … chain=0f1e2d3c4b5a6978
//
// The time is local, with its zone. Numbers and names are never translated nor reused (event.go); the numbers fit the
// systems' own logs, too. A value is quoted: what a reader would not see as one plain
// character in its place (line ends, control, bidirectional and invisible characters, bytes that are not UTF-8) stands
// there as an escape of Go, so that an event is one line whatever the other end is called.
//
// The chain is the start of SHA-256(sum before || line up to " chain="); the sum goes on in full, from line to line, and
// begins with the hash of a label. The first line names the format and the session, the last one is the session's end.
// [Verify] finds a line that was changed, added, moved or left out, and an end cut off. The chain has no key: who
// writes the whole file anew, chain and all, is not found out here. That takes a signature by both ends.
//
// # What is in it
//
// Names, levels, times and reasons. Never chat, keys, codes, pictures or file contents. The package does not decide when
// there is a journal, does not show it, and does not delete it.
//
// A session writes its connection and end, the first level and every later one, the engineer's requests and their
// answers, pauses and interruptions. The numbers 150 to 159 belong to files (the name of each, sent or received, when it
// starts and when it is there whole) and 160 to 169 to requests for system information: they come with the parts of the
// program that do such things, and [Verify] takes them as it takes every number it does not know.
//
// # The file and the system's log
//
// The file is the one that counts: an event takes effect once it is in there. The system's log is told afterwards, is
// never waited for longer than [SinkTime], and where it does not take an event, the file says so, once.
package journal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"assist/app/identity"
	"assist/app/session"
)

// MaxSize is the length at which a journal takes no more events but the end, in bytes: the engineer's end can cause
// events, and must not be able to fill the disk.
const MaxSize = 8 << 20

// ErrFull is returned for an event beyond [MaxSize].
var ErrFull = errors.New("journal: full")

// Session is what a journal is about.
type Session struct {
	ID       string // names the session in records and in the file's name: 1 to 64 letters, digits and dashes
	Program  string // name and version of this program
	Engineer identity.Engineer
}

var validID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// Journal is the log of one session. Its methods may be called from any goroutine. A method that returns nil has its
// event on the disk; after an error the event is not in the file, and must not take effect.
type Journal struct {
	path string

	mu      sync.Mutex
	file    disk
	size    int64 // of the whole lines
	sum     [sha256.Size]byte
	torn    bool // part of a line may stand behind size
	ended   bool
	session Session
	began   time.Time
	access  session.Access
	sinks   []Sink
	noted   bool // that a sink failed
}

// disk is what a journal needs of its *os.File.
type disk interface {
	WriteAt([]byte, int64) (int, error)
	Truncate(int64) error
	Sync() error
	Close() error
}

// Create makes the journal of s in folder, and writes its first line. The folder is made if it is missing, and must be
// the customer's own and no link; nobody else may look into it afterwards (on Windows: nobody who may not look into what it is
// in). The folders above it are the customer's affair. A file that exists is never written to.
//
// The events go to the sinks as well. They are the journal's from now on: it closes them, also when Create fails.
func Create(folder string, s Session, sinks ...Sink) (*Journal, error) {
	j, err := start(folder, s, sinks)
	if err != nil {
		for _, to := range sinks {
			to.Close()
		}
	}
	return j, err
}

func start(folder string, s Session, sinks []Sink) (*Journal, error) {
	if !validID.MatchString(s.ID) {
		return nil, fmt.Errorf("journal: create: %q cannot name a session", s.ID)
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("journal: create: %w", err)
	}
	root, err := enter(folder)
	if err != nil {
		return nil, fmt.Errorf("journal: create: %w", err)
	}
	defer root.Close()
	now := time.Now()
	file, name, err := newFile(root, now, s.ID)
	if err != nil {
		return nil, fmt.Errorf("journal: create: %w", err)
	}
	j := &Journal{path: filepath.Join(folder, name), file: file, sum: begin, session: s, began: now, sinks: sinks}
	if err := j.add(opened, "format", version, "session", s.ID, "program", s.Program); err != nil {
		return nil, errors.Join(err, file.Close(), root.Remove(name))
	}
	keepName(root)
	return j, nil
}

// Path is where the journal is. It stays valid after Close.
func (j *Journal) Path() string { return j.path }

// Close closes the file and the sinks. A journal closed before its end says so when it is verified. Closing again does
// nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	if j.file == nil {
		return nil
	}
	for _, to := range j.sinks {
		to.Close() // what it took, it has
	}
	err := j.file.Close()
	j.file = nil
	if err != nil {
		return fmt.Errorf("journal: close: %w", err)
	}
	return nil
}

// add writes one event. The fields are names and values in turn.
func (j *Journal) add(ev event, fields ...string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.addLocked(ev, fields...)
}

func (j *Journal) addLocked(ev event, fields ...string) error {
	if err := j.write(ev, fields); err != nil {
		return err
	}
	j.tell(ev, fields)
	return nil
}

// write writes one event to the file.
func (j *Journal) write(ev event, fields []string) error {
	if j.ended {
		return fmt.Errorf("journal: %v: %w", ev, os.ErrClosed)
	}
	line, sum := seal(j.sum, text(time.Now(), ev, fields))
	if ev != disconnected && j.size+int64(len(line)) > MaxSize-maxLine {
		return ErrFull
	}
	if err := j.put(line); err != nil {
		return fmt.Errorf("journal: %v: %w", ev, err)
	}
	j.sum = sum
	j.ended = ev == disconnected
	return nil
}

// put appends line and has it on the disk when it returns, or leaves the file as it was.
func (j *Journal) put(line []byte) error {
	if j.torn {
		if err := j.file.Truncate(j.size); err != nil {
			return err
		}
		j.torn = false
	}
	_, err := j.file.WriteAt(line, j.size)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.torn = j.file.Truncate(j.size) != nil
		return err
	}
	j.size += int64(len(line))
	return nil
}
