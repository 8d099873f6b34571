package cleanup

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestOnWindows runs the tests of the helper as a Windows program.
func TestOnWindows(t *testing.T) {
	for _, tool := range []string{"wine", "x86_64-w64-mingw32-gcc", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: the helper that removes the program on Windows is not tried here", tool)
		}
	}
	w := newWine(t)
	tests := filepath.Join(w.dir, "cleanup.test.exe")
	build := exec.Command("go", "test", "-c", "-o", tests, ".")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	out := w.run(t, tests, "-test.v", "-test.run", "AtItsEnd|Helper|Clone|Errand")
	t.Logf("%s", out)
	for _, name := range []string{"ProgramIsRemovedAtItsEnd/plain", "ReplacedBehindTheHelper", "HelperRemovesOnlyItsLike", "CloneVanishes"} {
		if !bytes.Contains(out, []byte("--- PASS: Test"+name)) {
			t.Errorf("%s did not pass", name)
		}
	}
}

// wine is a computer with Windows, in a folder.
type wine struct {
	dir string
	env []string
}

func newWine(t *testing.T) *wine {
	t.Helper()
	dir, err := os.MkdirTemp("", "wine")
	must(t, err)
	w := &wine{dir: dir, env: append(os.Environ(), "HOME="+dir, "TMPDIR="+dir, "WINEPREFIX="+filepath.Join(dir, "prefix"), "WINEDEBUG=-all",
		"WINEDLLOVERRIDES=mscoree,mshtml=;winemenubuilder.exe=", "DISPLAY=")}
	t.Cleanup(w.end)
	w.run(t, "wineboot", "--init")
	prng := filepath.Join(dir, "prefix", "drive_c", "windows", "system32", "bcryptprimitives.dll")
	if _, err := os.Stat(prng); errors.Is(err, fs.ErrNotExist) {
		out, err := exec.Command("x86_64-w64-mingw32-gcc", "-shared", "-o", prng, "testdata/prng.c", "-ladvapi32").CombinedOutput()
		if err != nil {
			t.Fatalf("random numbers for wine: %v: %s", err, out)
		}
	}
	return w
}

// run runs a program on it, and returns what it prints.
func (w *wine) run(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "wine", args...)
	cmd.Env = w.env
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.WaitDelay = time.Second // what wine leaves running has our output open
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("%s: %v", args[0], err)
	}
	return out.Bytes()
}

// end switches it off.
func (w *wine) end() {
	off := exec.Command("wine", "wineboot", "--kill")
	off.Env = w.env
	off.Run()
	for range 100 {
		if os.RemoveAll(w.dir) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
