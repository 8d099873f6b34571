package measure

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	for _, tt := range []struct {
		line string
		id   int
		want stat
		ok   bool
	}{
		{"42 (a) b (c) S 7 0 0 0 0 0 0 0 0 0 11 12 13 14 20", 42, stat{7, 500 * time.Millisecond}, true},
		{"42 (a) S 7 0 0", 0, stat{}, false},
		{"x (a) S 7 0 0 0 0 0 0 0 0 0 11 12 13 14 20", 0, stat{}, false},
		{"42 (a) S 7 0 0 0 0 0 0 0 0 0 11 x 13 14 20", 0, stat{}, false},
		{"42 a", 0, stat{}, false},
		{"", 0, stat{}, false},
	} {
		id, s, err := parseStat(tt.line)
		if (err == nil) != tt.ok || id != tt.id || s != tt.want && tt.ok {
			t.Errorf("%q: %d, %+v, %v", tt.line, id, s, err)
		}
	}
}

// The work of a child counts, and so does that of a child's child.
func TestCPU(t *testing.T) {
	// The inner shell works until it is told to stop; the outer one only waits for it.
	cmd := exec.Command("sh", "-c", "sh -c 'while :; do :; done'; true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		for id, s := range mustStats(t) {
			if s.parent == cmd.Process.Pid {
				if p, err := os.FindProcess(id); err == nil {
					_ = p.Kill()
				}
			}
		}
		_ = cmd.Wait()
	}()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		used, err := CPU(cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if used >= 50*time.Millisecond {
			return
		}
	}
	t.Error("no work of the child is seen")
}

func mustStats(t *testing.T) map[int]stat {
	stats, err := readStats()
	if err != nil {
		t.Fatal(err)
	}
	return stats
}

func TestNoProcess(t *testing.T) {
	if _, err := CPU(1 << 30); err == nil {
		t.Error("a process that is not there has used time")
	}
}
