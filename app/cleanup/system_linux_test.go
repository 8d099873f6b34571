package cleanup

import (
	"os"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSameInode removes a listed file and makes others until the system would give one the same inode.
func TestSameInode(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.write(t, "file"), File))
	must(t, os.Remove(p.at("file")))
	p.write(t, "file")
	p.wants(t, l, nil, nil, []string{"file", "foreign"})
	p.has(t, "file")
}

// TestElsewhere has files that live on under another name: said, and left.
func TestElsewhere(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.write(t, "moved"), File), l.Add(p.write(t, "doubled"), File))
	must(t, os.Rename(p.at("moved"), p.at("m")), os.Link(p.at("doubled"), p.at("d")))
	p.wants(t, l, nil, nil, []string{"moved", "elsewhere", "doubled", "elsewhere"})
	p.has(t, "d", "m")
	must(t, os.Remove(p.at("m")), os.Remove(p.at("d")))
	p.wants(t, l, []string{"moved", "doubled"}, nil, nil)
}

// TestPipe has a pipe where a folder was: opening one waits for ever.
func TestPipe(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.mkdir(t, "dir"), Folder), l.Add(p.write(t, "dir/file"), File), os.RemoveAll(p.at("dir")))
	must(t, syscall.Mkfifo(p.at("dir"), 0o600))
	p.wants(t, l, []string{"dir/file"}, nil, []string{"dir", "foreign"})
}

// TestHandlesAreGivenBack holds that what is removed is not held, or its space on the disk would not be free.
func TestHandlesAreGivenBack(t *testing.T) {
	p, l := place(t.TempDir()), newList()
	must(t, l.Add(p.mkdir(t, "dir"), Folder), l.Add(p.write(t, "dir/file"), File), l.Add(p.at("dir/file"), File))
	before := openFiles(t)
	p.wants(t, l, []string{"dir", "dir/file"}, nil, nil)
	if after := openFiles(t); after != before-2 {
		t.Errorf("%d files are open after the clean-up, %d before", after, before)
	}
}

func openFiles(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(list)
}

// TestReadOnlyFolder has a folder that nothing can be removed from. For root there is none: its thread becomes nobody.
func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		runtime.LockOSThread() // and never unlocked: the thread ends with the test
		must(t, unix.Setfsuid(65534))
		defer unix.Setfsuid(0)
	}
	dir, err := os.MkdirTemp("", "cleanup")
	must(t, err)
	defer os.RemoveAll(dir)
	p, l := place(dir), newList()
	must(t, l.Add(p.mkdir(t, "dir"), Folder), l.Add(p.write(t, "dir/file"), File), os.Chmod(p.at("dir"), 0o500))
	p.wants(t, l, nil, nil, []string{"dir", "not-empty", "dir/file", "denied"})
	p.has(t, "dir", "dir/file")
	must(t, os.Chmod(p.at("dir"), 0o700))
	p.wants(t, l, []string{"dir", "dir/file"}, nil, nil)
	p.has(t)
}
