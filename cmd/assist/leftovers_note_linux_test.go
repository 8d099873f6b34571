package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"assist/app/cleanup"
	"assist/app/journal"

	"github.com/alecthomas/kong"
)

// home is a home folder in which nothing is yet.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, "")
	}
	return dir
}

// start notes a home as the program does, without the program: that is the one that tests.
func start() *leftovers {
	l := noteThings(slog.New(slog.DiscardHandler))
	close(l.program)
	return l
}

// write makes a file, and the folders it is in.
func write(t *testing.T, elem ...string) string {
	t.Helper()
	path := filepath.Join(elem...)
	must(t, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600))
	return path
}

// everything makes all that the program may make.
func everything(t *testing.T, home string) {
	t.Helper()
	write(t, home, ".config/fyne", appID, "preferences.json")
	write(t, home, ".cache", fontIndex)
	must(t, os.MkdirAll(filepath.Join(home, ".cache/fyne", appID), 0o700), os.MkdirAll(filepath.Join(home, ".local/state/assist"), 0o700))
}

// paths are the paths of notes.
func paths(notes []cleanup.Note) (list []string) {
	for _, n := range notes {
		list = append(list, n.Path)
	}
	return list
}

func wantReport(t *testing.T, r cleanup.Report, removed int, kept, left []string) {
	t.Helper()
	if len(r.Removed) != removed || !slices.Equal(paths(r.Kept), kept) || !slices.Equal(paths(r.Left), left) {
		t.Errorf("report %+v, want %d removed, %q kept, %q left", r, removed, kept, left)
	}
}

func wantHome(t *testing.T, home string, want ...string) {
	t.Helper()
	if list := has(t, home); !slices.Equal(list, want) {
		t.Errorf("in the home folder: %q, want %q", list, want)
	}
}

func TestFreshHome(t *testing.T) {
	home := home(t)
	temp := filepath.Join(home, "tmp")
	t.Setenv("TMPDIR", temp)
	write(t, temp, "systray_temp_icon_theirs")
	l := start()
	everything(t, home)
	write(t, temp, "systray_temp_icon_ours")
	wantReport(t, l.cleanUp(""), 12, nil, nil)
	wantHome(t, home, "tmp", "tmp/systray_temp_icon_theirs")

	// The window library writes once more on its way out.
	everything(t, home)
	write(t, temp, "systray_temp_icon_ours")
	l.sweep()
	wantHome(t, home, "tmp", "tmp/systray_temp_icon_theirs")
}

// TestUsedHome has everything there before, of another program or an earlier run.
func TestUsedHome(t *testing.T) {
	home := home(t)
	everything(t, home)
	before := has(t, home)
	l := start()
	wantReport(t, l.cleanUp(""), 0, nil, nil)
	wantHome(t, home, before...)
}

// TestSharedFolders has others put things into the folders that this program made first.
func TestSharedFolders(t *testing.T) {
	home := home(t)
	l := start()
	everything(t, home)
	write(t, home, ".cache/other")
	theirs := write(t, home, ".config/fyne", appID, "theirs")
	wantReport(t, l.cleanUp(""), 7, nil, []string{filepath.Dir(theirs)})
	wantHome(t, home, ".cache", ".cache/other", ".config", ".config/fyne", ".config/fyne/"+appID, ".config/fyne/"+appID+"/theirs")
}

// TestNobodyAsked has no clean-up: then the end of the windows removes nothing either.
func TestNobodyAsked(t *testing.T) {
	home := home(t)
	l := start()
	everything(t, home)
	before := has(t, home)
	l.sweep()
	wantHome(t, home, before...)
}

// TestJournalsStay has two sessions: one with a journal, the next with a clean-up.
func TestJournalsStay(t *testing.T) {
	home := home(t)
	l := start()
	j, err := l.openJournal(journal.Session{ID: "1", Program: version})
	must(t, err, j.Close())
	everything(t, home)
	wantReport(t, l.cleanUp(""), 8, []string{j.Path()}, nil)
	wantHome(t, home, ".local", ".local/state", ".local/state/assist", ".local/state/assist/"+filepath.Base(j.Path()))
	wantReport(t, l.cleanUp(j.Path()), 8, []string{j.Path()}, nil)
}

func TestHelperCommand(t *testing.T) {
	var c cli
	parser, err := kong.New(&c)
	must(t, err)
	command, err := parser.Parse([]string{cleanup.HelperCommand, "errand"})
	must(t, err)
	if c.Cleanup.Errand != "errand" || command.Command() != cleanup.HelperCommand+" <errand>" {
		t.Errorf("the helper is %q, %+v", command.Command(), c.Cleanup)
	}
}
