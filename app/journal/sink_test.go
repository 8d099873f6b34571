package journal

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
)

// fakeSink takes what it is given, unless it has a fault.
type fakeSink struct {
	took   []Entry
	fault  error
	closed int
}

func (f *fakeSink) Take(e Entry) error {
	if f.fault != nil {
		return f.fault
	}
	f.took = append(f.took, e)
	return nil
}

func (f *fakeSink) Close() error { f.closed++; return nil }

// lost returns the lines of a journal that say that a sink failed.
func lost(t *testing.T, j *Journal) (list []string) {
	t.Helper()
	p, err := os.ReadFile(j.Path())
	must(t, err)
	for line := range strings.Lines(string(p)) {
		if strings.Contains(line, " 180 system-log-failed ") {
			list = append(list, line)
		}
	}
	return list
}

// TestSinksGetEverything holds that a sink is given the events of the file, in their order and their words.
func TestSinksGetEverything(t *testing.T) {
	a, b := &fakeSink{}, &fakeSink{}
	file := play(t, a, b)
	if !slices.Equal(a.took, b.took) {
		t.Errorf("two sinks got %v and %v", a.took, b.took)
	}
	all := lines(file)
	if len(all) != len(a.took) || a.closed != 1 || b.closed != 1 {
		t.Fatalf("%d of %d events, closed %d and %d times", len(a.took), len(all), a.closed, b.closed)
	}
	for i, e := range a.took {
		if !strings.Contains(string(all[i]), " "+e.Text+" chain=") || e.Session != ada.ID || !strings.HasPrefix(e.Text, string(all[i][30:33])) {
			t.Errorf("line %d is %q, but the sink got %+v", i+1, all[i], e)
		}
	}
}

// TestSinkFails has a sink that takes nothing, for some time: the session goes on, and the file says so once.
func TestSinkFails(t *testing.T) {
	bad, good := &fakeSink{fault: errors.New("two\nlines")}, &fakeSink{}
	j := create(t, ada, bad, good)
	must(t, j.Connected(), j.Level(session.ViewOnly))
	bad.fault = nil
	must(t, j.Level(session.ChatOnly))
	bad.fault = errors.New("again")
	must(t, j.Paused(true), j.Ended(problem.CustomerEnded), Verify(j.Path()))
	if l := lost(t, j); len(l) != 1 || !strings.Contains(l[0], `event="opened" cause="two\nlines"`) {
		t.Errorf("the file says %q", l)
	}
	if len(bad.took) != 1 || bad.took[0].Number != uint16(levelChanged) {
		t.Errorf("the bad sink took %v", bad.took)
	}
	if len(good.took) != 6 {
		t.Errorf("the good sink took %v", good.took)
	}
}

// TestSinkLearnsNothingUntrue has a full disk: what is not in the file, no sink may say.
func TestSinkLearnsNothingUntrue(t *testing.T) {
	sink := &fakeSink{}
	j := create(t, ada, sink)
	file := j.file.(*os.File)
	j.file = &badDisk{File: file, full: true}
	if err := j.Level(session.SharedControl); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	j.file = file
	must(t, j.Level(session.ChatOnly))
	if len(sink.took) != 2 || !strings.Contains(sink.took[1].Text, "chat only") {
		t.Errorf("the sink took %v", sink.took)
	}
}

func TestSinksAreClosed(t *testing.T) {
	sink := &fakeSink{}
	j := create(t, ada, sink)
	must(t, j.Close(), j.Close())
	if sink.closed != 1 {
		t.Errorf("closed %d times", sink.closed)
	}
	sink = &fakeSink{}
	if _, err := Create(t.TempDir(), Session{ID: "no/name"}, sink); err == nil || sink.closed != 1 {
		t.Errorf("refused journal: %v, closed %d times", err, sink.closed)
	}
}

// TestNoSystemLog is a system whose log nobody knows: the file says so.
func TestNoSystemLog(t *testing.T) {
	was := newSystem
	newSystem = nil
	defer func() { newSystem = was }()
	j := create(t, ada, System())
	must(t, j.Connected(), j.Ended(problem.LinkLost), Verify(j.Path()))
	if l := lost(t, j); len(l) != 1 || !strings.Contains(l[0], `cause="journal: no system log known on `) {
		t.Errorf("the file says %q", l)
	}
}

// hostileSession is a session with somebody who is called name.
func hostileSession(name string) Session {
	return Session{ID: "1", Program: name, Engineer: identity.Engineer{Name: name, Organisation: name, Account: name}}
}
