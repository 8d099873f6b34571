package journal

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// SinkTime is the longest that a sink may take for one event: a customer who lowers the level does not wait for a log.
const SinkTime = 50 * time.Millisecond

// ErrUnsupported is returned for an event where no log of the system is known.
var ErrUnsupported = errors.New("journal: no system log")

// Entry is one event as a [Sink] gets it.
type Entry struct {
	Number  uint16 // 1 to 1000
	Session string // id of the session
	Text    string // number, name and fields, as in the file: one line of visible characters
}

// String is the entry for a log that has other things in it, too.
func (e Entry) String() string { return "session " + e.Session + ": " + e.Text }

// Sink takes a journal's events besides its file. Its methods are called one after the other, and return within
// [SinkTime]. An event that it does not take is lost to it; it gets the next one all the same.
type Sink interface {
	Take(Entry) error
	Close() error
}

// tell gives an event that is in the file to the sinks. That one did not take it is noted in the file, the first time:
// whoever looks for the event there in vain shall know why.
func (j *Journal) tell(ev event, fields []string) {
	e := Entry{Number: uint16(ev), Session: j.session.ID, Text: string(appendEvent(nil, ev, fields))}
	for _, to := range j.sinks {
		if err := to.Take(e); err != nil && !j.noted {
			j.noted = j.write(sinkFailed, []string{"event", ev.String(), "cause", err.Error()}) == nil
		}
	}
}

// newSystem makes the sink of this system's log. It is set by system_GOOS.go, where there is one.
var newSystem func() Sink

// System is the log of the operating system: journald where it runs, else syslog; on Windows the event log. It is opened
// with the first event, and anew after one that it did not take: the log may be back by then.
func System() Sink {
	if newSystem == nil {
		return noSystem{}
	}
	return newSystem()
}

// noSystem is a system whose log nobody knows.
type noSystem struct{}

func (noSystem) Take(Entry) error { return fmt.Errorf("%w known on %s", ErrUnsupported, runtime.GOOS) }
func (noSystem) Close() error     { return nil }
