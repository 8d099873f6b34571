package main

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/app/journal"
	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
)

// visit is a session of a downloaded program on a computer that has never seen it.
type visit struct {
	*play.Session
	program           string // the downloaded file
	home, downloads   string
	temporary, daemon string // folder for temporary files; file that a bus would make when started
}

// visited brings a visit to the consent question.
func visited(t *testing.T) (context.Context, *visit) {
	t.Helper()
	ctx, s := scene(t)
	v := &visit{Session: s, home: filepath.Join(s.Dir, "home-customer"), downloads: filepath.Join(s.Dir, "Downloads"),
		temporary: filepath.Join(s.Dir, "temporary"), daemon: filepath.Join(s.Dir, "bus-started")}
	tools := filepath.Join(s.Dir, "tools")
	for _, dir := range []string{v.home, v.downloads, v.temporary, tools} {
		must(t, os.Mkdir(dir, 0o700))
	}
	must(t, os.WriteFile(filepath.Join(tools, "dbus-launch"), []byte("#!/bin/sh\ntouch '"+v.daemon+"'\n"), 0o700))
	e, err := s.NewEngineerDesk(ctx)
	must(t, err)
	c, err := s.NewCustomerDesk(ctx)
	must(t, err, s.StartConsole(ctx, e, e.Env()))
	v.program = filepath.Join(v.downloads, "assist")
	download(t, s.Assist, v.program)
	s.Assist = v.program
	t.Setenv("TMPDIR", v.temporary)
	t.Setenv("PATH", tools+string(filepath.ListSeparator)+os.Getenv("PATH"))
	must(t, s.StartCustomer(ctx, c))
	code, err := s.Code(ctx)
	must(t, err, s.Join(ctx, code))
	return ctx, v
}

// download copies the program, as a browser does.
func download(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	must(t, err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	must(t, err)
	_, err = io.Copy(out, in)
	must(t, err, out.Close())
}

// has lists everything in a folder.
func has(t *testing.T, dir string) (list []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if path != dir {
			list = append(list, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	}))
	return list
}

// processes lists those that run from the downloaded file.
func (v *visit) processes(t *testing.T) (list []string) {
	t.Helper()
	images, err := filepath.Glob("/proc/[0-9]*/exe")
	must(t, err)
	for _, image := range images {
		if at, err := os.Readlink(image); err == nil && strings.HasPrefix(at, v.program) {
			list = append(list, filepath.Base(filepath.Dir(image)))
		}
	}
	return list
}

// stop ends the session, and holds that the customer reads about the clean-up, if there was to be one.
func (v *visit) stop(ctx context.Context, t *testing.T, cleaned bool) {
	t.Helper()
	must(t, v.Stop(ctx))
	line, err := v.Customer.Windows.Screen(ctx, "ended")
	must(t, err)
	text := strings.TrimSpace(line.Elements["clean-up"].Text)
	if (text != "") != cleaned {
		t.Errorf("of the clean-up the customer reads %q", text)
	}
	if line.Elements["left"].Visible {
		t.Errorf("%s There is a list, too: %s", text, line.Elements["left"].Text)
	}
	t.Log("the customer reads:", text)
	must(t, stage.Pause(ctx, time.Second)) // for the windows of the session to go
}

// closed closes the ended screen, and waits for the end of the program.
func (v *visit) closed(ctx context.Context, t *testing.T) {
	t.Helper()
	must(t, v.Customer.Click(ctx, "ended", "close"))
	select {
	case <-v.Customer.Process.Done():
	case <-ctx.Done():
		t.Fatal("the program did not end")
	}
}

// isClean holds that nothing is left but what was to be kept, and only one process, if the program is to be there still.
func (v *visit) isClean(t *testing.T, when string, kept []string, running int) {
	t.Helper()
	if list := has(t, v.home); !slices.Equal(list, kept) {
		t.Errorf("%s, in the home folder: %q, want %q", when, list, kept)
	}
	if list := append(has(t, v.downloads), has(t, v.temporary)...); list != nil {
		t.Errorf("%s: %q", when, list)
	}
	if list := v.processes(t); len(list) != running {
		t.Errorf("%s, %d processes of the program: %q", when, len(list), list)
	}
	if _, err := os.Stat(v.daemon); err == nil {
		t.Errorf("%s: a message bus was started", when)
	}
}

// TestLeavesNothing has the customer tick the clean-up box: nothing is left, not even the program, which still holds another
// session, whose keys are watched over.
func TestLeavesNothing(t *testing.T) {
	ctx, v := visited(t)
	must(t, v.Customer.Click(ctx, "consent", "clean-up"), v.Allow(ctx, "shared-control"))
	if len(has(t, v.home)) == 0 || len(v.processes(t)) != 2 {
		t.Errorf("in the session there are %q and the processes %q: this test looks in the wrong place", has(t, v.home), v.processes(t))
	}
	v.stop(ctx, t, true)
	v.isClean(t, "at the end of the session", nil, 1)

	must(t, v.Engineer.Click(ctx, "ended", "new-code"), v.Customer.Click(ctx, "ended", "new-code"))
	code, err := v.Code(ctx)
	must(t, err, v.Join(ctx, code), v.Allow(ctx, "shared-control"))
	if list := v.processes(t); len(list) != 2 {
		t.Errorf("in the second session there are the processes %q, without one that releases keys", list)
	}
	v.stop(ctx, t, false)
	v.closed(ctx, t)
	v.isClean(t, "after the program", nil, 0)
}

// TestLeavesTheJournal has the customer tick both boxes.
func TestLeavesTheJournal(t *testing.T) {
	ctx, v := visited(t)
	must(t, v.Customer.Click(ctx, "consent", "journal"), v.Customer.Click(ctx, "consent", "clean-up"), v.Allow(ctx, "view-only"))
	v.stop(ctx, t, true)
	logs, err := filepath.Glob(filepath.Join(v.home, "assist", "journal-*.log"))
	must(t, err)
	if len(logs) != 1 {
		t.Fatalf("journals: %q", logs)
	}
	must(t, journal.Verify(logs[0]))
	kept := []string{"assist"}
	for _, name := range has(t, filepath.Join(v.home, "assist")) {
		if !strings.HasPrefix(name, "journal-") {
			t.Errorf("beside the journal there is %s", name)
		}
		kept = append(kept, "assist/"+name)
	}
	v.closed(ctx, t)
	v.isClean(t, "after the program", kept, 0)
}

// TestLeavesEverything has no box ticked: what was downloaded stays.
func TestLeavesEverything(t *testing.T) {
	ctx, v := visited(t)
	must(t, v.Allow(ctx, "view-only"))
	v.stop(ctx, t, false)
	v.closed(ctx, t)
	if list := has(t, v.downloads); !slices.Equal(list, []string{"assist"}) {
		t.Errorf("in the folder for downloads: %q", list)
	}
	if len(has(t, v.home)) == 0 {
		t.Error("something was removed")
	}
}
