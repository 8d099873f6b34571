package journal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

func TestFolder(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		got, err := Folder()
		must(t, err)
		if !filepath.IsAbs(got) || filepath.Base(got) != "Assist" {
			t.Errorf("folder %s", got)
		}
		return
	}
	for _, tt := range []struct{ state, home, want string }{
		{"/s", "/h", "/s/assist"},
		{"", "/h", "/h/.local/state/assist"},
		{"relative", "/h", "/h/.local/state/assist"},
		{"", "", ""},
	} {
		t.Setenv("XDG_STATE_HOME", tt.state)
		t.Setenv("HOME", tt.home)
		got, err := Folder()
		if (err != nil) != (tt.want == "") || err == nil && got != tt.want {
			t.Errorf("state %q, home %q: %s, %v; want %s", tt.state, tt.home, got, err, tt.want)
		}
	}
}

// mode fails the test if path has other rights than want.
func mode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	if got := info.Mode(); runtime.GOOS != "windows" && got != want {
		t.Errorf("%s is %v, want %v", path, got, want)
	}
}

func TestNobodyElseReadsIt(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "assist")
	j, err := Create(folder, ada)
	must(t, err)
	defer j.Close()
	mode(t, folder, fs.ModeDir|0o700)
	mode(t, filepath.Dir(folder), fs.ModeDir|0o700)
	mode(t, j.Path(), 0o600)

	wide := filepath.Join(t.TempDir(), "assist")
	must(t, os.Mkdir(wide, 0o700), os.Chmod(wide, 0o777))
	k, err := Create(wide, ada)
	must(t, err)
	defer k.Close()
	mode(t, wide, fs.ModeDir|0o700)
}

func TestNotInAPlantedFolder(t *testing.T) {
	for _, tt := range []struct {
		name  string
		plant func(foreign, folder string) error
	}{
		{"link", os.Symlink},
		{"link inside", func(foreign, folder string) error { return os.Symlink(filepath.Base(foreign), folder) }},
		{"link to nowhere", func(foreign, folder string) error { return os.Symlink(foreign+"-not", folder) }},
		{"file", func(_, folder string) error { return os.WriteFile(folder, nil, 0o600) }},
	} {
		above := t.TempDir()
		foreign, folder := filepath.Join(above, "foreign"), filepath.Join(above, "assist")
		must(t, os.Mkdir(foreign, 0o755), tt.plant(foreign, folder))
		if _, err := Create(folder, ada); err == nil {
			t.Errorf("%s: a journal was made", tt.name)
		}
		mode(t, foreign, fs.ModeDir|0o755)
		inside, err := os.ReadDir(foreign)
		must(t, err)
		outside, err := os.ReadDir(above)
		must(t, err)
		if len(inside) != 0 || len(outside) != 2 {
			t.Errorf("%s: files in %v and %v", tt.name, inside, outside)
		}
	}
	if _, err := Create(string(filepath.Separator), ada); err == nil {
		t.Error("a journal in the root")
	}
}

// TestNotInAFolderOfSomebodyElse takes one of root's, or as root one of nobody's.
func TestNotInAFolderOfSomebodyElse(t *testing.T) {
	folder := "/usr"
	switch {
	case runtime.GOOS == "windows":
		t.Skip("Windows folders inherit their rights")
	case os.Geteuid() == 0:
		folder = filepath.Join(t.TempDir(), "assist")
		must(t, os.Mkdir(folder, 0o777), os.Chown(folder, 65534, 65534))
	}
	if _, err := Create(folder, ada); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("a journal in the folder of somebody else: %v", err)
	}
}

// TestPlantedFiles has links and files where the journal would be.
func TestPlantedFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock makes the name known
		folder := t.TempDir()
		foreign := filepath.Join(t.TempDir(), "foreign")
		must(t, os.WriteFile(foreign, []byte("mine"), 0o644))
		name := filepath.Join(folder, "journal-20000101-090000-"+ada.ID)
		must(t, os.Symlink(foreign, name+".log"), os.Symlink(foreign+"-not", name+"-2.log"), os.Link(foreign, name+"-3.log"))

		j, err := Create(folder, ada)
		must(t, err)
		must(t, j.Connected(), j.Close())
		if j.Path() != name+"-4.log" {
			t.Errorf("journal is %s", j.Path())
		}
		for range 6 {
			j, err := Create(folder, ada)
			must(t, err)
			must(t, j.Close())
		}
		if _, err := Create(folder, ada); !errors.Is(err, fs.ErrExist) {
			t.Errorf("an eleventh file: %v", err)
		}
		if p, err := os.ReadFile(foreign); err != nil || string(p) != "mine" {
			t.Errorf("foreign file is %q, %v", p, err)
		}
		if _, err := os.Stat(foreign + "-not"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file was made through a link to nowhere: %v", err)
		}
	})
}

// TestRacingLinks swaps folder and link while journals are made: none may end up behind the link.
func TestRacingLinks(t *testing.T) {
	above := t.TempDir()
	foreign, folder, aside := filepath.Join(above, "foreign"), filepath.Join(above, "assist"), filepath.Join(above, "aside")
	must(t, os.Mkdir(foreign, 0o755), os.Mkdir(folder, 0o700))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			os.Rename(folder, aside)
			os.Symlink(foreign, folder)
			os.Remove(folder)
			os.Rename(aside, folder)
		}
	}()
	made := 0
	for range 100 {
		if j, err := Create(folder, ada); err == nil {
			made++
			j.Close()
			os.RemoveAll(filepath.Join(aside, filepath.Base(j.Path())))
			os.RemoveAll(filepath.Join(folder, filepath.Base(j.Path())))
		}
	}
	close(stop)
	<-stopped
	t.Logf("%d of 100 journals were made", made)
	files, err := os.ReadDir(foreign)
	must(t, err)
	if len(files) != 0 {
		t.Errorf("made behind the link: %v", files)
	}
	mode(t, foreign, fs.ModeDir|0o755)
}

// TestReplacedFolder has another folder opened than the one that was looked at.
func TestReplacedFolder(t *testing.T) {
	seen, err := os.Lstat(t.TempDir())
	must(t, err)
	root, err := os.OpenRoot(t.TempDir())
	must(t, err)
	defer root.Close()
	if err := private(root, seen); err == nil || !strings.Contains(err.Error(), "replaced") {
		t.Errorf("another folder: %v", err)
	}
}
