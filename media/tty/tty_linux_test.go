package tty

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

func TestFind(t *testing.T) {
	const pts, vt, serial, other = 136<<8 | 3, 4<<8 | 2, 4<<8 | 64, 5 << 8
	for _, tt := range []struct {
		name  string
		procs map[int]stat
		want  int
		err   error
	}{
		{"a shell in a window", map[int]stat{10: {9, 7, pts}, 9: {7, 7, pts}, 7: {5, 7, pts}}, 5, nil},
		{"in a window, no shell", map[int]stat{10: {5, 10, pts}}, 5, nil},
		{"console", map[int]stat{10: {9, 7, vt}}, 0, nil},
		{"serial line", map[int]stat{10: {9, 7, serial}}, 0, nil},
		{"no terminal", map[int]stat{10: {9, 7, 0}}, 0, ErrHidden},
		{"another device", map[int]stat{10: {9, 7, other}}, 0, ErrHidden},
		{"emulator gone", map[int]stat{10: {9, 7, pts}, 7: {1, 7, pts}}, 0, ErrHidden},
		{"emulator outside of the container", map[int]stat{10: {9, 7, pts}, 7: {0, 7, pts}}, 0, ErrHidden},
		{"session unknown", map[int]stat{10: {9, 0, pts}}, 0, ErrHidden},
		{"nothing known", nil, 0, ErrHidden},
	} {
		got, err := find(func(pid int) (stat, error) {
			s, ok := tt.procs[pid]
			if !ok {
				return s, fs.ErrNotExist
			}
			return s, nil
		}, 10)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %d, %v", tt.name, got, err)
		}
	}
}

func TestParseStat(t *testing.T) {
	for in, want := range map[string]stat{
		"10 (a) S 9 10 7 34819 10 4194304 1":      {9, 7, 34819},
		"10 (x) S 1 (y) R 9 10 7 34819 10 0":      {9, 7, 34819},
		"10 (a) S 9 10 7 0 -1 4194304 1 2 3 4 5 ": {9, 7, 0},
	} {
		if got, err := parseStat([]byte(in)); err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "10 (a) S 9", "10 (a) S x y z w v"} {
		if got, err := parseStat([]byte(in)); err == nil {
			t.Errorf("%q: %+v", in, got)
		}
	}
	if s, err := readStat(os.Getpid()); err != nil || s.parent != os.Getppid() {
		t.Errorf("this process: %+v, %v", s, err)
	}
}

// TestNoTerminal runs where standard input is none.
func TestNoTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	stdin := os.Stdin
	os.Stdin = null
	defer func() { os.Stdin = stdin }()
	if There() || Open() {
		t.Error("there is a terminal")
	}
	if _, err := Emulator(); !errors.Is(err, ErrHidden) {
		t.Error(err)
	}
}
