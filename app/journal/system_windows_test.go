package journal

import (
	"testing"
	"time"

	"assist/app/problem"
	"assist/app/session"
)

// TestEventLog writes a session into the event log of this computer.
func TestEventLog(t *testing.T) {
	j := create(t, ada, System())
	must(t, j.Connected(), j.Level(session.ViewOnly), j.Ended(problem.CustomerEnded), j.Close(), Verify(j.Path()))
	if l := lost(t, j); l != nil {
		t.Errorf("the file says %q", l)
	}
}

// TestEventLogHangs has a call that does not come back.
func TestEventLogHangs(t *testing.T) {
	out := make(chan error, 1)
	l := &eventLog{late: out}
	began := time.Now()
	for range 100 {
		if err := l.Take(Entry{Number: 1, Session: "1", Text: "1 test"}); err == nil {
			t.Fatal("an event was written beside a call that is out")
		}
	}
	if took := time.Since(began); took > SinkTime {
		t.Errorf("100 events took %v", took)
	}
	out <- nil
	if err := l.Take(Entry{Number: 1, Session: "1", Text: "1 test"}); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
