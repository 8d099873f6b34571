package cleanup

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// running is the file of the running program. It is set by system_GOOS.go where the program can have its own file removed:
// elsewhere it is nil, and the program is left as Unsupported.
var running func() (fs.FileInfo, error)

// later has the program removed once it has ended. It is set where that cannot be done before: on Windows.
var later func(s *Self, root *os.Root, name string) error

// Self is the running program's file, as it was when the program started.
type Self struct {
	path    string
	info    fs.FileInfo
	pin     *os.File
	sum     [sha256.Size]byte
	refusal Reason
	handed  bool // to the helper that removes it at the end
}

// Program notes the running program, whose path is exe (os.Executable), so that it can be removed at the end. It is
// called once, soon after the start; it reads the whole file, so beside the start rather than before it.
//
// Linux and macOS remove a program while it runs. Windows does not: there a copy of the program, which removes itself, waits
// for the end (helper_windows.go).
//
// A program is not removed when it was installed (it is in a place of the system, or known to a package manager), when it
// belongs to somebody else than the one who runs it, and when a link leads to it: then somebody put it there to stay. The
// program of a macOS application is not either: the rest of the application would stay.
func Program(exe string) *Self {
	return inspect(exe, os.Args[0], here)
}

// Refusal says why the program may not be removed, or nothing.
func (s *Self) Refusal() Reason { return s.refusal }

// AddProgram lists the program. What speaks against its removal is found in the report.
func (l *List) AddProgram(s *Self) {
	l.put(&entry{path: s.path, kind: File, info: s.info, pin: s.pin, program: s})
}

// inspect looks at exe, started as arg0, by the rules of a computer.
func inspect(exe, arg0 string, on computer) *Self {
	s := &Self{path: exe}
	abs, err := filepath.Abs(exe)
	if err != nil {
		s.refusal = Failed
		return s
	}
	s.path = abs
	if isLink(abs) {
		s.refusal = Linked
		return s
	}
	e, err := note(abs, File)
	if err != nil {
		s.refusal = Failed
		return s
	}
	s.info, s.pin = e.info, e.pin
	s.refusal = s.judge(arg0, on)
	return s
}

// judge says why the file may not be removed. The order is that of what people can make sense of.
func (s *Self) judge(arg0 string, on computer) Reason {
	real, err := filepath.EvalSymlinks(s.path)
	switch {
	case err != nil:
		return Failed
	case on.installed(s.path) || on.installed(real):
		return Installed
	case !owned(s.info):
		return NotOwner
	case startedByLink(arg0) || s.pin != nil && names(s.pin) != 1:
		return Linked
	case running == nil || bundled(s.path):
		return Unsupported
	}
	image, err := running()
	if err != nil || !os.SameFile(image, s.info) {
		return Changed
	}
	dir, name := filepath.Split(s.path)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Failed
	}
	defer root.Close()
	if s.sum, err = s.hash(root, name); err != nil {
		return Failed
	}
	return ""
}

// startedByLink reports whether the program was started through a link as its last step. The system has followed it already
// in the path it tells us.
func startedByLink(arg0 string) bool {
	path, err := exec.LookPath(arg0)
	return err == nil && isLink(path)
}

// bundled reports whether path is the program in an application of macOS: a folder, which would stay without it.
func bundled(path string) bool {
	return strings.Contains(filepath.ToSlash(path), ".app/Contents/MacOS/")
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// stays says why the program cannot be removed now, or nothing. Where it can go only at its end, a helper has it from then on.
func (s *Self) stays(root *os.Root, name string) (Reason, error) {
	if s.handed {
		return AtEnd, nil
	}
	if err := s.check(root, name); err != nil {
		return Changed, err
	}
	if later == nil {
		return "", nil
	}
	if err := later(s, root, name); err != nil {
		return Failed, err
	}
	s.handed = true
	return AtEnd, nil
}

// check is nil if name in root is the file that was started, and has the same content.
func (s *Self) check(root *os.Root, name string) error {
	sum, err := s.hash(root, name)
	if err == nil && sum != s.sum {
		err = errors.New("the content is another one")
	}
	return err
}

// hash reads the file, if it is ours.
func (s *Self) hash(root *os.Root, name string) (sum [sha256.Size]byte, err error) {
	return s.copyTo(io.Discard, root, name)
}

// copyTo copies the file, if it is ours, and returns the hash of what was copied.
func (s *Self) copyTo(to io.Writer, root *os.Root, name string) (sum [sha256.Size]byte, err error) {
	file, err := root.Open(name)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !os.SameFile(info, s.info) {
		err = errors.New("another file is at the path")
	}
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(h, to), file); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}
