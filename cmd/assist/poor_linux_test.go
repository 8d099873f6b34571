package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"assist/cmd/internal/stage"
)

// TestPoorDesktop starts the customer's program where things are missing that a desktop has: it opens its window, says nothing on
// standard error, and leaves nothing where it was started or among the files that pass. None of them has a message bus.
func TestPoorDesktop(t *testing.T) {
	d, err := stage.NewDisplay(t.TempDir(), "1024x768")
	must(t, err)
	defer d.Close()
	for name, env := range map[string][]string{
		"no home":               nil,
		"a home that is not":    {"HOME=/nonexistent/home"},
		"a home not to be used": {"HOME=/proc"},
		"no place for settings": {"HOME=" + t.TempDir(), "XDG_CONFIG_HOME=/proc/x", "XDG_CACHE_HOME=/proc/y", "XDG_STATE_HOME=/proc/z"},
		"a bus that is not":     {"HOME=" + t.TempDir(), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"},
		"no PATH":               {"HOME=" + t.TempDir(), "PATH="},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			here, passing := t.TempDir(), t.TempDir()
			base := without(d.Env(), "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "LANG")
			read, write, err := os.Pipe()
			must(t, err)
			defer read.Close()
			cmd := exec.Command(filepath.Join(programs, "assist"), "--service", "localhost:1", "--language", "ja", "--trace", "3")
			cmd.Env = append(append(base, "TMPDIR="+passing), env...)
			cmd.Dir = here
			cmd.ExtraFiles = []*os.File{write}
			p, err := stage.Start(cmd, filepath.Join(t.TempDir(), "log"))
			write.Close()
			must(t, err)
			defer p.Kill()
			_, err = stage.ReadWindows(read).Screen(ctx, "form")
			must(t, err, stage.Pause(ctx, 300*time.Millisecond))
			p.Stop(10 * time.Second)
			if p.Err() != nil {
				t.Errorf("ended with %v", p.Err())
			}
			if log := p.Log(); log != "" {
				t.Errorf("it says\n%s", log)
			}
			for _, dir := range []string{here, passing} {
				if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
					t.Errorf("in %s is left: %v, %v", dir, list, err)
				}
			}
		})
	}
}
