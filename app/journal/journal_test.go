package journal

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestMain(m *testing.M) {
	flag.Parse()
	time.Local = time.FixedZone("JST", 9*60*60)
	os.Exit(m.Run())
}

var ada = Session{
	ID:       "00112233aabbccdd",
	Program:  "Assist 0.1.0",
	Engineer: identity.Engineer{Name: "Ada Löw", Organisation: "東京　サポート", Account: "ada", Verified: true},
}

// must fails the test if an event was refused.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, s Session, sinks ...Sink) *Journal {
	t.Helper()
	j, err := Create(filepath.Join(t.TempDir(), "assist"), s, sinks...)
	must(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

// play writes a journal with everything that can happen in a session, and returns what is in the file.
func play(t *testing.T, sinks ...Sink) []byte {
	t.Helper()
	var got []byte
	synctest.Test(t, func(t *testing.T) { // for the clock
		j := create(t, ada, sinks...)
		must(t, j.Connected(), j.Level(session.ViewOnly))
		time.Sleep(90 * time.Second)
		must(t, j.Asked(session.SharedControl), j.Answered(session.SharedControl, No))
		time.Sleep(time.Minute)
		must(t, j.Asked(session.SharedControl), j.Answered(session.SharedControl, Yes), j.Level(session.SharedControl))
		time.Sleep(1500 * time.Millisecond)
		must(t, j.Paused(true), j.Paused(false), j.Link(false), j.Link(true))
		must(t, j.Asked(session.SharedControl), j.Answered(session.SharedControl, Silence), j.Level(session.ChatOnly))
		time.Sleep(time.Hour)
		must(t, j.Ended(problem.CustomerEnded), j.Close(), Verify(j.Path()))
		if want := "journal-20000101-090000-00112233aabbccdd.log"; filepath.Base(j.Path()) != want {
			t.Errorf("file %s, want %s", j.Path(), want)
		}
		var err error
		got, err = os.ReadFile(j.Path())
		must(t, err)
	})
	return got
}

func TestGolden(t *testing.T) {
	const golden = "testdata/session.log"
	got := play(t)
	if *update {
		must(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("journal is\n%s\nwant\n%s", got, want)
	}
	must(t, Verify(golden))
}

// TestGoldenIsWhole holds that the session in the golden file has every event in it.
func TestGoldenIsWhole(t *testing.T) {
	p := string(golden(t))
	for ev, name := range eventNames {
		if there := strings.Contains(p, " "+strconv.Itoa(int(ev))+" "+name); there == (ev == sinkFailed) {
			t.Errorf("%d %s is in the file: %v", ev, name, there)
		}
	}
	for _, answer := range []Answer{No, Yes, Silence} {
		if !strings.Contains(p, `answer="`+string(answer)+`"`) {
			t.Errorf("no answer %s", answer)
		}
	}
}

func TestEventsAreNumbered(t *testing.T) {
	seen := map[string]bool{}
	for ev, name := range eventNames {
		if ev < 1 || ev > 1000 || name == "" || strings.ContainsAny(name, " \"=") || seen[name] {
			t.Errorf("event %d is called %q", ev, name)
		}
		seen[name] = true
	}
}

// hostile are names that would like to be more than a name.
var hostile = []string{
	"", "plain", "田中　太郎", "محمد", `"quoted" \ and = signs`,
	"two\nlines", "two\r\nlines", "two\u2028lines\u2029", "\x00\x07\x1b[31mred\x7f", "\u0085",
	"a\u202eb\u2066c\u2069", "\u200bnothing\ufeff\u00ad", "\u3164\u115f\ufe0f\U000e0041", "\xff\xfe broken \xe3\x81",
	"\u00a0\u2003", "\ufffd", "\U0001f600",
	"x\" chain=0123456789abcdef\n2026-01-01T00:00:00.000Z 190 disconnected reason=\"none",
	strings.Repeat("長", 5000), strings.Repeat("\U000e0041", 5000),
}

func TestHostileNames(t *testing.T) {
	for _, name := range hostile {
		checkName(t, name)
	}
}

func FuzzNames(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(checkName)
}

// checkName holds that a name is one visible value on one line, and says what it said.
func checkName(t *testing.T, name string) {
	line, _ := seal(begin, text(time.Unix(0, 0), connected, []string{"engineer", name, "organisation", name, "account", name}))
	if len(line) > maxLine {
		t.Errorf("%.20q: line of %d bytes", name, len(line))
	}
	entry := Entry{uint16(connected), "1", string(appendEvent(nil, connected, []string{"engineer", name}))}
	for _, r := range entry.String() {
		if !visible(r) {
			t.Errorf("%.20q: %U in entry %q", name, r, entry)
		}
	}
	value := string(quote(nil, name))
	for _, r := range strings.TrimSuffix(string(line), "\n") {
		if !visible(r) {
			t.Errorf("%.20q: %U in %q", name, r, line)
		}
	}
	back, err := strconv.Unquote(value)
	if err != nil {
		t.Fatalf("%.20q: written as %s: %v", name, value, err)
	}
	if cut, short := strings.CutSuffix(back, "…"); back != name && !(short && strings.HasPrefix(name, cut) && len(cut) >= maxValue) {
		t.Errorf("%.20q: written as %s", name, value)
	}
}

func TestHostileNamesInAFile(t *testing.T) {
	for _, name := range hostile {
		j := create(t, Session{ID: "1", Program: name, Engineer: identity.Engineer{Name: name, Organisation: name, Account: name}})
		must(t, j.Connected(), j.Ended(problem.Code(name)), Verify(j.Path()))
		p, err := os.ReadFile(j.Path())
		must(t, err)
		if n := bytes.Count(p, []byte("\n")); n != 3 {
			t.Errorf("%.20q: 3 events on %d lines", name, n)
		}
	}
}

func TestSessionIDs(t *testing.T) {
	for _, id := range []string{"", "a b", "../up", "a/b", `a\b`, "a:b", "a\n", strings.Repeat("a", 65)} {
		if _, err := Create(t.TempDir(), Session{ID: id}); err == nil {
			t.Errorf("a journal named by %q", id)
		}
	}
}

func TestNothingAfterTheEnd(t *testing.T) {
	j := create(t, ada)
	must(t, j.Ended(problem.EngineerEnded))
	for range 2 {
		if err := j.Paused(true); !errors.Is(err, os.ErrClosed) {
			t.Errorf("an event after the end: %v", err)
		}
		if err := j.Ended(problem.PanicKey); !errors.Is(err, os.ErrClosed) {
			t.Errorf("a second end: %v", err)
		}
		must(t, j.Close(), Verify(j.Path()))
	}
}

func TestManyAtOnce(t *testing.T) {
	j := create(t, ada)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 8 {
				if err := j.Asked(session.ViewOnly); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	must(t, j.Ended(problem.LinkLost), Verify(j.Path()))
}

// badDisk fails as its next writes say.
type badDisk struct {
	*os.File
	full, noSync, noTruncate bool
}

var errDisk = errors.New("no space left")

func (d *badDisk) WriteAt(p []byte, at int64) (int, error) {
	if d.full {
		n, _ := d.File.WriteAt(p[:len(p)/2], at)
		return n, errDisk
	}
	return d.File.WriteAt(p, at)
}

func (d *badDisk) Sync() error {
	if d.noSync {
		return errDisk
	}
	return d.File.Sync()
}

func (d *badDisk) Truncate(n int64) error {
	if d.noTruncate {
		return errDisk
	}
	return d.File.Truncate(n)
}

func TestDiskFull(t *testing.T) {
	for _, bad := range []badDisk{
		{full: true}, {noSync: true}, {full: true, noTruncate: true}, {noSync: true, noTruncate: true},
	} {
		j := create(t, ada)
		file := j.file.(*os.File)
		must(t, j.Connected(), j.Level(session.ViewOnly))
		bad.File = file
		j.file = &bad
		if err := j.Level(session.SharedControl); !errors.Is(err, errDisk) {
			t.Fatalf("%+v: an event on a full disk: %v", bad, err)
		}
		j.file = &badDisk{File: file, noTruncate: bad.noTruncate}
		if err := j.Paused(true); bad.noTruncate != errors.Is(err, errDisk) {
			t.Fatalf("%+v: the next event: %v", bad, err)
		}
		j.file = file
		must(t, j.Level(session.ChatOnly), j.Ended(problem.CustomerEnded), Verify(j.Path()))
		p, err := os.ReadFile(j.Path())
		must(t, err)
		if bytes.Contains(p, []byte("shared control")) {
			t.Errorf("%+v: the refused event is in the file:\n%s", bad, p)
		}
		if !bytes.Contains(p, []byte(`from="view only" access="chat only"`)) {
			t.Errorf("%+v: the change does not start from the level that held:\n%s", bad, p)
		}
	}
}

func TestFull(t *testing.T) {
	j := create(t, ada)
	whole := j.size
	j.size = MaxSize - maxLine
	if err := j.Asked(session.ViewOnly); !errors.Is(err, ErrFull) {
		t.Errorf("an event beyond the limit: %v", err)
	}
	j.size = whole
	must(t, j.Asked(session.ViewOnly))
	j.size = MaxSize - maxLine
	must(t, j.Ended(problem.SessionLimit))
}
