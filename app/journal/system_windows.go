package journal

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows/svc/eventlog"
)

// source is the name that the entries stand under in the Application log. It is not registered, because that takes the
// rights of an administrator and would leave something behind: Windows takes the entries of an unknown source all the
// same, and shows their text below a remark that it has no description for the number. An administrator who minds can
// register it with the system's own eventcreate, whose descriptions are for the numbers 1 to 1000 and just the text.
const source = "Assist"

func init() {
	newSystem = func() Sink { return &eventLog{} }
}

// eventLog is the Application log. Every call to it goes to a service of the system, which may hang: it is made on a
// goroutine of its own, and no other one before that one has come back.
type eventLog struct {
	log  *eventlog.Log // nil until opened
	late chan error    // of a call that did not come back in time
}

func (l *eventLog) Take(e Entry) error {
	if !l.back() {
		return fmt.Errorf("journal: event log: %w", os.ErrDeadlineExceeded)
	}
	done := make(chan error, 1)
	go func() { done <- l.write(e) }()
	select {
	case err := <-done:
		return err
	case <-time.After(SinkTime):
		l.late = done
		return fmt.Errorf("journal: event log: %w", os.ErrDeadlineExceeded)
	}
}

// back reports whether no call is out any more.
func (l *eventLog) back() bool {
	if l.late == nil {
		return true
	}
	select {
	case <-l.late:
		l.late = nil
		return true
	default:
		return false
	}
}

func (l *eventLog) write(e Entry) (err error) {
	if l.log == nil {
		if l.log, err = eventlog.Open(source); err != nil {
			l.log = nil
			return fmt.Errorf("journal: event log: %w", err)
		}
	}
	if err = l.log.Info(uint32(e.Number), e.String()); err != nil {
		l.log.Close()
		l.log = nil
		return fmt.Errorf("journal: event log: %w", err)
	}
	return nil
}

// Close closes the log, unless a call is out: then the system does, when the program ends.
func (l *eventLog) Close() error {
	if !l.back() || l.log == nil {
		return nil
	}
	err := l.log.Close()
	l.log = nil
	return err
}
