package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/load"
	"assist/cmd/internal/measure"
	"assist/cmd/internal/play"
	"assist/signaling/room"
)

func TestParseRollup(t *testing.T) {
	for _, tt := range []struct {
		text string
		want uint64
		ok   bool
	}{
		{"5576 - 7ffd ---p 0 [rollup]\nRss:  900 kB\nPss:    812 kB\nPss_Anon: 7 kB\n", 812 << 10, true},
		{"Rss: 900 kB\nPss_Anon: 7 kB\n", 0, false},
		{"Pss: many kB\n", 0, false},
		{"Pss: 12 MB\n", 0, false},
		{"", 0, false},
	} {
		if got, err := parseRollup(tt.text); got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%q: %d, %v", tt.text, got, err)
		}
	}
}

// TestMemory holds what is read of this process against what it surely has.
func TestMemory(t *testing.T) {
	before, err := memoryOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const size = 64 << 20
	ballast := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		ballast[i] = 1
	}
	after, err := memoryOf(os.Getpid())
	if err != nil || after < before+size/2 {
		t.Errorf("%d bytes, then %d with %d more: %v", before, after, len(ballast), err)
	}
	if _, err := memoryOf(-1); err == nil {
		t.Error("a process that cannot be has memory")
	}
}

// TestWatchProcess finds the most memory there was, not the last, and the error of what was watched.
func TestWatchProcess(t *testing.T) {
	sentinel := errors.New("no")
	u, err := watchProcess(t.Context(), os.Getpid(), func() error {
		for began := time.Now(); time.Since(began) < 50*time.Millisecond; {
		}
		return sentinel
	})
	if !errors.Is(err, sentinel) || u.memory == 0 || u.cores <= 0 {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := watchProcess(t.Context(), -1, func() error { return nil }); err == nil {
		t.Error("a process that cannot be was watched")
	}
}

// TestCrowds holds the crowds against what the rooms of a service allow: of those that can be used within ten minutes some must be
// left, or finding one is all that is measured.
func TestCrowds(t *testing.T) {
	for _, w := range []crowd{wholeCrowd, tenthCrowd} {
		turns := int(w.rate * w.work.Seconds())
		if used := w.Sessions + w.Codes*w.engineers + turns; used > room.Count-20 {
			t.Errorf("%v: %d rooms", w, used)
		}
		if w.Codes >= room.PerAccount {
			t.Errorf("%v: %d codes wait at each engineer, none is left for a new session", w, w.Codes)
		}
		if w.rate*w.work.Seconds() < 40 {
			t.Errorf("%v: too few calls for a late one", w)
		}
	}
	if wholeCrowd.Forms != 1000 || wholeCrowd.Sessions+wholeCrowd.Resuming != 1000 {
		t.Error("the whole crowd is not that of the goal")
	}
}

func TestNoteCalls(t *testing.T) {
	calls := load.Calls{load.Connect: {time.Second}, load.Join: nil}
	for i := range 100 {
		calls[load.Join] = append(calls[load.Join], time.Duration(i+1)*time.Millisecond)
	}
	got := map[kind]float64{}
	words := noteCalls(calls, func(k kind, v float64) { got[k] = v })
	if got[callMiddle] != 50 || got[callLate] != 99 || got[connectLate] != 1000 {
		t.Errorf("%v", got)
	}
	if len(words) != 1 || !strings.Contains(words[0], "connect 1: 1000.0 / 1000.0, join 100: 50.0 / 99.0") {
		t.Errorf("%q", words)
	}
	if noteCalls(load.Calls{load.Connect: measure.Times{time.Second}}, nil) != nil {
		t.Error("something was noted of no calls")
	}
}

func TestXZ(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := xz(t.Context(), file)
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("xz is not installed")
	}
	if err != nil || n == 0 || n > 10_000 {
		t.Errorf("a megabyte of nothing is %d bytes: %v", n, err)
	}
	if _, err := xz(t.Context(), file+"-not"); err == nil {
		t.Error("a file that is not there has a size")
	}
}

// TestMeasureHere measures a service, and holds the figures against what cannot be.
func TestMeasureHere(t *testing.T) {
	dir := buildHere(t)
	c := &runCmd{
		Links: []string{here}, Scenes: []string{service}, Quick: true,
		Assist: filepath.Join(dir, "assist"), Server: filepath.Join(dir, "assist-server"),
	}
	list, err := c.choose()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r, err := c.report(ctx, list, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(strings.Join(r.Notes, "\n"))
	within := map[kind][2]float64{ // wide: other programs run here too
		callMiddle: {0.01, 500}, callLate: {0.05, 5000}, connectLate: {0.1, 10_000}, memory: {10, 300}, serviceCores: {0.001, 2},
	}
	for _, row := range r.Rows {
		bounds, ok := within[row.Kind]
		if !ok {
			continue
		}
		delete(within, row.Kind)
		if row.Act != serviceTenth || row.Ours == nil || *row.Ours < bounds[0] || *row.Ours > bounds[1] {
			t.Errorf("%s, %s: %s, not within %v", row.Act, row.Kind, number(row.Ours), bounds)
		}
	}
	for k := range within {
		t.Errorf("%s was not measured", k)
	}
}

// TestProgram builds a program without symbols, and starts the customer's a few times.
func TestProgram(t *testing.T) {
	dir := buildHere(t)
	server := filepath.Join(dir, "assist-server")
	stripped, err := strip(t.Context(), server, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	before, after := fileSize(t, server), fileSize(t, stripped)
	if after >= before || after < before/4 {
		t.Errorf("%d bytes, without symbols %d", before, after)
	}
	if _, err := strip(t.Context(), filepath.Join(dir, "nothing"), dir); err == nil {
		t.Error("a program that is not there was built")
	}
	cast := play.New(play.Config{Assist: filepath.Join(dir, "assist"), Server: server, Dir: t.TempDir()})
	defer cast.Close()
	took, err := windowTimes(t.Context(), cast, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	if first := took.Quantile(0); len(took) != starts || first < 20*time.Millisecond || took.Quantile(1) > startTime {
		t.Errorf("starts took %v", took)
	}
}

func buildHere(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	out, err := exec.Command("go", "build", "-tags", "x11", "-o", dir+"/", "assist/cmd/assist", "assist/cmd/assist-server").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return dir
}

func fileSize(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
