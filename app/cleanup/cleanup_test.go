package cleanup

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// must fails the test at the first error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func newList() *List { return New(slog.New(slog.DiscardHandler)) }

// place is a folder for a test, whose paths are short in reports: all are below it.
type place string

func (p place) at(name string) string { return filepath.Join(string(p), name) }

// wants holds that a clean-up of l ends as said, twice. The notes are paths and reasons in turn.
func (p place) wants(t *testing.T, l *List, removed, kept, left []string) {
	t.Helper()
	for _, time := range []string{"first", "second"} {
		r := l.Run()
		var got []string
		for _, path := range r.Removed {
			got = append(got, p.short(path))
		}
		for _, tt := range []struct {
			what      string
			got, want []string
		}{{"removed", got, removed}, {"kept", p.notes(r.Kept), kept}, {"left", p.notes(r.Left), left}} {
			if !slices.Equal(tt.got, tt.want) {
				t.Errorf("%s run: %s %q, want %q", time, tt.what, tt.got, tt.want)
			}
		}
	}
}

func (p place) short(path string) string {
	rel, err := filepath.Rel(string(p), path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

func (p place) notes(notes []Note) (list []string) {
	for _, n := range notes {
		list = append(list, p.short(n.Path), string(n.Reason))
	}
	return list
}

// has holds that the place has these names in it, and nothing else.
func (p place) has(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	must(t, filepath.WalkDir(string(p), func(path string, _ fs.DirEntry, err error) error {
		if path != string(p) {
			got = append(got, p.short(path))
		}
		return err
	}))
	if !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
}

func (p place) write(t *testing.T, name string) string {
	t.Helper()
	must(t, os.WriteFile(p.at(name), []byte(name), 0o600))
	return p.at(name)
}

func (p place) mkdir(t *testing.T, name string) string {
	t.Helper()
	must(t, os.Mkdir(p.at(name), 0o700))
	return p.at(name)
}

func (p place) link(t *testing.T, to, name string) string {
	t.Helper()
	must(t, os.Symlink(p.at(to), p.at(name)))
	return p.at(name)
}

func TestEverythingGoes(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	p.write(t, "theirs")
	// The file is listed before its folder: the order does not matter.
	p.mkdir(t, "dir")
	must(t, l.Add(p.write(t, "dir/file"), File), l.Add(p.at("dir"), Folder))
	must(t, l.Add(p.mkdir(t, "dir/sub"), Folder), l.Add(p.write(t, "dir/sub/file"), File))
	must(t, l.Add(p.link(t, "theirs", "link"), Link))
	p.wants(t, l, []string{"dir/file", "dir", "dir/sub", "dir/sub/file", "link"}, nil, nil)
	p.has(t, "theirs")
}

func TestNothingListed(t *testing.T) {
	if r := newList().Run(); !reflect.DeepEqual(r, Report{}) {
		t.Errorf("report of nothing: %+v", r)
	}
}

func TestKeep(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.mkdir(t, "dir"), Folder), l.Add(p.write(t, "dir/temp"), File), l.Add(p.write(t, "dir/log"), File))
	must(t, l.Add(p.mkdir(t, "other"), Folder))
	l.Keep(p.at("dir/log"), "because")
	l.Keep(p.at("dir/log"), CustomerAsked)          // the last word
	l.Keep(p.write(t, "never listed"), "a")         //
	l.Keep(p.at("gone by now"), "not worth a word") //
	p.wants(t, l, []string{"dir/temp", "other"},
		[]string{"dir/log", "customer-asked", "never listed", "a", "dir", "customer-asked"}, nil)
	p.has(t, "dir", "dir/log", "never listed")
}

// TestKeepByAnotherPath keeps what is listed by a path that leads there through a link.
func TestKeepByAnotherPath(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	p.mkdir(t, "dir")
	p.link(t, "dir", "way")
	must(t, l.Add(p.write(t, "dir/log"), File))
	l.Keep(p.at("way/log"), CustomerAsked)
	p.wants(t, l, nil, []string{"way/log", "customer-asked", "dir/log", "customer-asked"}, nil)
	p.has(t, "dir", "dir/log", "way")
}

// TestForeign has something else in place of what was listed. None of it may be touched.
func TestForeign(t *testing.T) {
	for _, tt := range []struct {
		name  string
		plant func(*testing.T, place, string)
	}{
		{"file", func(t *testing.T, p place, name string) { p.write(t, name) }},
		{"folder", func(t *testing.T, p place, name string) { p.mkdir(t, name) }},
		{"link to a file", func(t *testing.T, p place, name string) { p.link(t, "theirs", name) }},
		{"link to a folder", func(t *testing.T, p place, name string) { p.link(t, "their folder", name) }},
		{"link to nowhere", func(t *testing.T, p place, name string) { p.link(t, "nowhere", name) }},
		{"second name", func(t *testing.T, p place, name string) { must(t, os.Link(p.at("theirs"), p.at(name))) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, l := place(t.TempDir()), newList()
			p.write(t, "theirs")
			p.mkdir(t, "their folder")
			must(t, l.Add(p.write(t, "a"), File), l.Add(p.mkdir(t, "b"), Folder), l.Add(p.link(t, "theirs", "c"), Link))
			for _, name := range []string{"a", "b", "c"} {
				must(t, os.Remove(p.at(name)))
				tt.plant(t, p, name)
			}
			p.wants(t, l, nil, nil, []string{"a", "foreign", "b", "foreign", "c", "foreign"})
			p.has(t, "a", "b", "c", "their folder", "theirs")
		})
	}
}

// TestFolderReplacedByLink leads to a folder with the same names in it.
func TestFolderReplacedByLink(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	p.mkdir(t, "theirs")
	p.write(t, "theirs/file")
	must(t, l.Add(p.mkdir(t, "ours"), Folder), l.Add(p.write(t, "ours/file"), File))
	must(t, os.Rename(p.at("ours"), p.at("aside")))
	p.link(t, "theirs", "ours")
	p.wants(t, l, nil, nil, []string{"ours", "foreign", "ours/file", "foreign"})
	p.has(t, "aside", "aside/file", "ours", "theirs", "theirs/file")
}

func TestNotEmpty(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.mkdir(t, "dir"), Folder), l.Add(p.write(t, "dir/ours"), File))
	p.write(t, "dir/theirs")
	p.wants(t, l, []string{"dir/ours"}, nil, []string{"dir", "not-empty"})
	p.has(t, "dir", "dir/theirs")

	// Left is not given up: once it can go, it goes.
	must(t, os.Remove(p.at("dir/theirs")))
	p.wants(t, l, []string{"dir", "dir/ours"}, nil, nil)
	p.has(t)
}

// TestSecondLook has a thing made again, by whomever, after it was removed.
func TestSecondLook(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.write(t, "file"), File))
	p.wants(t, l, []string{"file"}, nil, nil)
	p.write(t, "file")
	p.wants(t, l, nil, nil, []string{"file", "foreign"})
	must(t, l.Add(p.at("file"), File)) // and now it is ours
	p.wants(t, l, []string{"file"}, nil, nil)
}

// TestAddRefuses lists what is not what it is said to be: an error, and left alone.
func TestAddRefuses(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	p.write(t, "file")
	for _, tt := range []struct {
		path string
		kind Kind
	}{
		{p.link(t, "file", "link"), File},
		{p.link(t, "file", "link2"), Folder},
		{p.write(t, "file2"), Link},
		{p.write(t, "file3"), Folder},
		{p.mkdir(t, "dir"), File},
		{p.at("missing"), File},
		{p.at("file/inside"), File},
	} {
		if err := l.Add(tt.path, tt.kind); err == nil {
			t.Errorf("%s was listed as %d", tt.path, tt.kind)
		}
	}
	p.wants(t, l, []string{"missing", "file/inside"}, nil,
		[]string{"link", "foreign", "link2", "foreign", "file2", "foreign", "file3", "foreign", "dir", "foreign"})
	p.has(t, "dir", "file", "file2", "file3", "link", "link2")
}

// TestGoneByItself has somebody else tidy up first.
func TestGoneByItself(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.mkdir(t, "dir"), Folder), l.Add(p.write(t, "dir/file"), File), os.RemoveAll(p.at("dir")))
	p.write(t, "dir") // a file, where the folder was
	p.wants(t, l, []string{"dir/file"}, nil, []string{"dir", "foreign"})
	p.has(t, "dir")
}

// TestRacingLinks runs 100 clean-ups while somebody swaps files and folders for links and files of their own. What they
// have must be as it was, and nothing of it may be called removed that is there.
func TestRacingLinks(t *testing.T) {
	p := place(t.TempDir())
	p.mkdir(t, "theirs")
	p.write(t, "theirs/file")
	p.write(t, "theirs/more")
	removed, left := 0, 0
	for range 100 {
		l := newList()
		must(t, l.Add(p.mkdir(t, "ours"), Folder), l.Add(p.write(t, "ours/file"), File))
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for range 20 {
				os.Remove(p.at("ours/file"))
				os.Symlink(p.at("theirs/file"), p.at("ours/file"))
				os.Rename(p.at("ours"), p.at("aside"))
				os.Symlink(p.at("theirs"), p.at("ours"))
				os.Remove(p.at("ours"))
				os.Rename(p.at("aside"), p.at("ours"))
			}
		}()
		r := l.Run()
		<-stopped
		removed, left = removed+len(r.Removed), left+len(r.Left)
		for _, name := range []string{"theirs/file", "theirs/more"} {
			if got, err := os.ReadFile(p.at(name)); err != nil || string(got) != name {
				t.Fatalf("%s is %q, %v", name, got, err)
			}
		}
		must(t, os.RemoveAll(p.at("ours")), os.RemoveAll(p.at("aside")))
	}
	t.Logf("%d removed, %d left", removed, left)
	if removed+left != 200 {
		t.Errorf("%d of 200 things are in the reports", removed+left)
	}
	p.has(t, "theirs", "theirs/file", "theirs/more")
}
