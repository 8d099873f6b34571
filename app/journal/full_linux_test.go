package journal

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// TestCreateOnAFullDisk lets the system refuse every byte of a file, in a process of its own.
func TestCreateOnAFullDisk(t *testing.T) {
	const name = "ASSIST_TEST_FULL_DISK"
	if folder := os.Getenv(name); folder != "" {
		signal.Ignore(syscall.SIGXFSZ)
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{}))
		if _, err := Create(folder, ada); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("a journal where nothing can be written: %v", err)
		}
		return
	}
	folder := filepath.Join(t.TempDir(), "assist")
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), name+"="+folder)
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestPlantedPipe has a pipe where the folder would be: opening one waits for ever.
func TestPlantedPipe(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "assist")
	must(t, syscall.Mkfifo(folder, 0o600))
	if _, err := Create(folder, ada); err == nil {
		t.Error("a journal in a pipe")
	}
	if err := Verify(folder); err == nil {
		t.Error("a pipe is a whole journal")
	}
}
