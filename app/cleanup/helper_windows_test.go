package cleanup

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// helperTime is how long a helper may take, on a busy computer.
const helperTime = 30 * time.Second

// until waits until the place has only these names in it.
func (p place) until(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for end := time.Now().Add(helperTime); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		got = nil
		list, err := os.ReadDir(string(p))
		must(t, err)
		for _, e := range list {
			got = append(got, e.Name())
		}
		if slices.Equal(got, want) {
			return
		}
	}
	t.Errorf("%s has %q, want %q", p, got, want)
}

// newPlace is a folder that is removed without the calls that some systems of this name lack.
func newPlace(t *testing.T) place {
	t.Helper()
	dir, err := os.MkdirTemp("", "cleanup")
	must(t, err)
	t.Cleanup(func() {
		list, _ := os.ReadDir(dir)
		for _, e := range list {
			os.Remove(place(dir).at(e.Name()))
		}
		os.Remove(dir)
	})
	return place(dir)
}

// TestProgramIsRemovedAtItsEnd has a program in a folder of the customer's, and the folder for temporary files beside it.
func TestProgramIsRemovedAtItsEnd(t *testing.T) {
	for _, tt := range []struct {
		name      string
		meanwhile func(*testing.T, place)
		left      Reason
		has       []string
	}{
		{"plain", func(*testing.T, place) {}, "", []string{"theirs"}},
		{"replaced by a file", func(t *testing.T, p place) {
			must(t, os.Rename(p.at("assist.exe"), p.at("moved.exe")), os.Rename(p.at("theirs"), p.at("assist.exe")))
		}, Changed, []string{"assist.exe", "moved.exe"}},
		{"replaced by its like", func(t *testing.T, p place) {
			must(t, os.Rename(p.at("assist.exe"), p.at("moved.exe")))
			copyProgram(t, p.at("assist.exe"))
		}, Changed, []string{"assist.exe", "moved.exe", "theirs"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, temp := newPlace(t), newPlace(t)
			t.Setenv("TMP", string(temp)) // which the child inherits
			p.write(t, "theirs")
			copyProgram(t, p.at("assist.exe"))
			for i, r := range runChild(t, p.at("assist.exe"), func() { tt.meanwhile(t, p) }, func() {}) {
				want := Report{Kept: []Note{{p.at("assist.exe"), AtEnd}}}
				if tt.left != "" {
					want = Report{Left: []Note{{p.at("assist.exe"), tt.left}}}
				}
				if r.Removed != nil || !slices.Equal(r.Kept, want.Kept) || !slices.Equal(r.Left, want.Left) {
					t.Errorf("run %d: %+v, want %+v", i+1, r, want)
				}
			}
			p.until(t, tt.has...)
			temp.until(t)
		})
	}
}

// TestReplacedBehindTheHelper has the program moved and another file put in its place once the helper has it: the helper leaves that.
func TestReplacedBehindTheHelper(t *testing.T) {
	p, temp := newPlace(t), newPlace(t)
	t.Setenv("TMP", string(temp))
	copyProgram(t, p.at("assist.exe"))
	runChild(t, p.at("assist.exe"), func() {}, func() {
		if list, err := os.ReadDir(string(temp)); err != nil || len(list) != 1 {
			t.Errorf("two clean-ups have these helpers: %v, %v", list, err)
		}
		must(t, os.Rename(p.at("assist.exe"), p.at("moved.exe")))
		copyProgram(t, p.at("assist.exe"))
	})
	temp.until(t)
	p.until(t, "assist.exe", "moved.exe")
}

// TestHelperRemovesOnlyItsLike holds what the helper removes against everything that it may not.
func TestHelperRemovesOnlyItsLike(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, "assist.exe")
	file, err := os.Open(path)
	must(t, err)
	id, _, err := identify(windows.Handle(file.Fd()))
	must(t, err)
	own, err := hashOf(windows.Handle(file.Fd()))
	must(t, err)
	e := errand{Path: path, File: id}
	if err := e.remove(own); !held(err) {
		t.Errorf("a file that is open: %v", err)
	}
	must(t, file.Close())

	other := id
	other.Low++
	for name, refused := range map[string]func() error{
		"other content": func() error { sum := own; sum[0]++; return e.remove(sum) },
		"other file":    func() error { return errand{Path: path, File: other}.remove(own) },
		"other volume":  func() error { return errand{Path: path, File: identity{id.Volume + 1, id.High, id.Low}}.remove(own) },
	} {
		if err := refused(); !errors.Is(err, errForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
	must(t, e.remove(own))
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	must(t, e.remove(own), errand{Path: p.at("none/assist.exe")}.remove(own))
}

// TestCloneVanishes holds that the copy is gone with the last handle to it, and that nobody changes it before.
func TestCloneVanishes(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, "copy.exe")
	h, err := openToVanish(path)
	must(t, err)
	if f, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
		f.Close()
		t.Error("the copy can be written to")
	}
	if os.Remove(path) == nil || os.Rename(path, p.at("other")) == nil {
		t.Error("the copy can be taken away")
	}
	if sum, err := hashOf(h); err != nil || bytes.Equal(sum[:], make([]byte, 32)) {
		t.Errorf("hash %x, %v", sum, err)
	}
	must(t, windows.CloseHandle(h))
	p.until(t)
}

func TestBadErrands(t *testing.T) {
	for _, bad := range []string{"", "{}", "!", base64.RawURLEncoding.EncodeToString([]byte("[]")), base64.RawURLEncoding.EncodeToString([]byte(`{"self":1}`))} {
		if err := Help(bad); err == nil {
			t.Errorf("errand %q was run", bad)
		}
	}
}
