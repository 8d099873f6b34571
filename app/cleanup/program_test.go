package cleanup

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// childEnv makes the test program a program that removes itself.
const childEnv = "ASSIST_TEST_REMOVES_ITSELF"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == HelperCommand {
		if err := Help(os.Args[2]); err != nil {
			panic(err)
		}
		return
	}
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	os.Exit(m.Run())
}

// child notes itself, says so, waits for a line, removes itself twice, says what came of it, and waits for the end of its
// input.
func child() {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	self := Program(exe)
	os.Stdout.WriteString("started\n")
	in := bufio.NewReader(os.Stdin)
	in.ReadString('\n')
	l := newList()
	l.AddProgram(self)
	json.NewEncoder(os.Stdout).Encode([]Report{l.Run(), l.Run()})
	io.Copy(io.Discard, in)
}

// copyProgram makes a program of this test at path.
func copyProgram(t *testing.T, path string) {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	from, err := os.Open(exe)
	must(t, err)
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(to, from)
	must(t, err, to.Close())
}

// runChild starts the program at path, does something before it cleans up and something after, both while it runs, and
// returns the reports of its two clean-ups.
func runChild(t *testing.T, path string, before, after func()) []Report {
	t.Helper()
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	var fault bytes.Buffer
	cmd.Stderr = &fault
	must(t, cmd.Start())
	said := bufio.NewReader(out)
	if line, err := said.ReadString('\n'); line != "started\n" {
		t.Errorf("the program says %q, %v", line, err)
	}
	before()
	io.WriteString(in, "now\n")
	var reports []Report
	err = json.NewDecoder(said).Decode(&reports)
	after()
	if err = errors.Join(err, in.Close(), cmd.Wait()); err != nil || len(reports) != 2 {
		t.Fatalf("%v: %s", err, fault.Bytes())
	}
	return reports
}

// TestProgramRemovesItself has a program in a folder of the customer's, and what may happen to it while it runs.
func TestProgramRemovesItself(t *testing.T) {
	nothing := func(*testing.T, place) {}
	for _, tt := range []struct {
		name              string
		before, meanwhile func(*testing.T, place)
		start             string
		left              Reason // nothing: the program is gone
		has               []string
	}{
		{"plain", nothing, nothing, "assist", "", []string{"theirs"}},
		{"started by a link", func(t *testing.T, p place) { p.link(t, "assist", "link") }, nothing, "link",
			Linked, []string{"assist", "link", "theirs"}},
		{"with a second name", func(t *testing.T, p place) { must(t, os.Link(p.at("assist"), p.at("second"))) }, nothing, "assist",
			Linked, []string{"assist", "second", "theirs"}},
		{"given a second name", nothing, func(t *testing.T, p place) { must(t, os.Link(p.at("assist"), p.at("second"))) }, "assist",
			Elsewhere, []string{"second", "theirs"}},
		{"replaced by a file", nothing, func(t *testing.T, p place) { must(t, os.Rename(p.at("theirs"), p.at("assist"))) }, "assist",
			Changed, []string{"assist"}},
		{"replaced by its like", nothing, func(t *testing.T, p place) {
			copyProgram(t, p.at("like"))
			must(t, os.Rename(p.at("like"), p.at("assist")))
		}, "assist", Changed, []string{"assist", "theirs"}},
		{"replaced by a link", nothing, func(t *testing.T, p place) {
			must(t, os.Remove(p.at("assist")))
			p.link(t, "theirs", "assist")
		}, "assist", Changed, []string{"assist", "theirs"}},
		{"replaced by a link to itself", nothing, func(t *testing.T, p place) {
			must(t, os.Rename(p.at("assist"), p.at("moved")))
			p.link(t, "moved", "assist")
		}, "assist", Changed, []string{"assist", "moved", "theirs"}},
		{"moved", nothing, func(t *testing.T, p place) { must(t, os.Rename(p.at("assist"), p.at("moved"))) }, "assist",
			Elsewhere, []string{"moved", "theirs"}},
		{"removed", nothing, func(t *testing.T, p place) { must(t, os.Remove(p.at("assist"))) }, "assist",
			"", []string{"theirs"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS != "linux" {
				t.Skip("what becomes of moved programs is Linux's; the other systems have tests of their own")
			}
			p := place(t.TempDir())
			p.write(t, "theirs")
			copyProgram(t, p.at("assist"))
			tt.before(t, p)
			for i, r := range runChild(t, p.at(tt.start), func() { tt.meanwhile(t, p) }, func() {}) {
				var removed []string
				var left []Note
				if tt.left == "" {
					removed = []string{p.at("assist")}
				} else {
					left = []Note{{p.at("assist"), tt.left}}
				}
				if !slices.Equal(r.Removed, removed) || !slices.Equal(r.Left, left) || r.Kept != nil {
					t.Errorf("run %d: %+v, want %v removed, %v left", i+1, r, removed, left)
				}
			}
			p.has(t, tt.has...)
		})
	}
}

// TestProgramOfSomebodyElse has root run the program of nobody.
func TestProgramOfSomebodyElse(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a file to somebody else")
	}
	p := place(t.TempDir())
	copyProgram(t, p.at("assist"))
	must(t, os.Chown(p.at("assist"), 65534, 65534))
	r := runChild(t, p.at("assist"), func() {}, func() {})[0]
	if want := []Note{{p.at("assist"), NotOwner}}; !slices.Equal(r.Left, want) {
		t.Errorf("left: %v, want %v", r.Left, want)
	}
	p.has(t, "assist")
}

// stays lists the program, and holds that it stays for a reason.
func stays(t *testing.T, s *Self, want Reason) {
	t.Helper()
	l := newList()
	l.AddProgram(s)
	r := l.Run()
	if s.Refusal() != want || len(r.Left) != 1 || r.Left[0].Reason != want || r.Removed != nil {
		t.Errorf("%s: refusal %q, report %+v, want %q", s.path, s.Refusal(), r, want)
	}
	if _, err := os.Lstat(s.path); err != nil {
		t.Error(err)
	}
}

func TestInstalledProgram(t *testing.T) {
	p := place(t.TempDir())
	exe := p.write(t, "assist")
	slash := filepath.ToSlash(exe)
	lists := func(content string) computer {
		must(t, os.WriteFile(p.at("pkg.list"), []byte(content), 0o600))
		return computer{lists: []string{p.at("none/*.list"), p.at("*.list")}}
	}
	for name, on := range map[string]computer{
		"folder":     {places: []string{p.at("elsewhere"), string(p)}},
		"above":      {places: []string{filepath.Dir(string(p))}},
		"only line":  lists(slash),
		"first line": lists(slash + "\n/usr/bin/other\n"),
		"last line":  lists("/.\n/usr\n" + slash + "\n"),
		"pacman":     lists("%FILES%\nusr/\n" + strings.TrimPrefix(slash, "/") + "\n\n%BACKUP%\n"),
		"pattern":    {lists: []string{"[]"}},
	} {
		t.Run(name, func(t *testing.T) { stays(t, inspect(exe, exe, on), Installed) })
	}
	unreadable := p.mkdir(t, "unreadable")
	stays(t, inspect(exe, exe, computer{lists: []string{unreadable}}), Installed)

	for _, on := range []computer{
		{places: []string{p.at("assist-not"), p.at("assist/below")}},
		lists(slash + "-not\n/also" + slash + "\n" + slash + "/below\n"),
		lists(""),
	} {
		if on.installed(exe) {
			t.Errorf("installed by %v", on)
		}
	}
}

// TestInstalledHere asks for programs that are installed on every computer.
func TestInstalledHere(t *testing.T) {
	name := "sh"
	if runtime.GOOS == "windows" {
		name = "cmd"
	}
	exe, err := exec.LookPath(name)
	must(t, err)
	real, err := filepath.EvalSymlinks(exe)
	must(t, err)
	stays(t, Program(real), Installed)
}

// TestNotTheRunningProgram asks for a file that is not the one that runs.
func TestNotTheRunningProgram(t *testing.T) {
	p := place(t.TempDir())
	want := Changed
	if running == nil {
		want = Unsupported
	}
	exe := p.write(t, "assist")
	stays(t, inspect(exe, exe, computer{}), want)
	stays(t, inspect(p.link(t, "assist", "link"), exe, computer{}), Linked)
	stays(t, inspect(p.mkdir(t, "dir"), exe, computer{}), Failed)
	p.has(t, "assist", "dir", "link")

	l := newList()
	l.AddProgram(inspect(p.at("missing"), exe, computer{}))
	p.wants(t, l, []string{"missing"}, nil, nil)
}

// TestUnsupported is a system where a running program cannot be removed.
func TestUnsupported(t *testing.T) {
	was := running
	running = nil
	defer func() { running = was }()
	p := place(t.TempDir())
	exe := p.write(t, "assist")
	stays(t, inspect(exe, exe, computer{}), Unsupported)
}

// TestBundle is a program in an application of macOS.
func TestBundle(t *testing.T) {
	p := place(t.TempDir())
	must(t, os.MkdirAll(p.at("Assist.app/Contents/MacOS"), 0o700))
	exe := p.write(t, "Assist.app/Contents/MacOS/assist")
	stays(t, inspect(exe, exe, computer{}), Unsupported)
}

// TestChangedContent has the file written over in place.
func TestChangedContent(t *testing.T) {
	was := running
	defer func() { running = was }()
	p := place(t.TempDir())
	exe := p.write(t, "assist")
	running = func() (fs.FileInfo, error) { return os.Lstat(exe) }
	s := inspect(exe, exe, computer{})
	if s.Refusal() != "" {
		t.Fatalf("refusal %q", s.Refusal())
	}
	must(t, os.WriteFile(exe, []byte("ASSIST"), 0o600))
	l := newList()
	l.AddProgram(s)
	p.wants(t, l, nil, nil, []string{"assist", "changed"})
	p.write(t, "assist")
	p.wants(t, l, []string{"assist"}, nil, nil)
	p.has(t)
}
