package cleanup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// entry is one thing that is listed.
type entry struct {
	path string // absolute
	kind Kind
	info fs.FileInfo // which object it is; nil if that could not be read
	// pin keeps another object from getting the same identity once this one is gone; nil where identities are not given
	// twice.
	pin     *os.File
	program *Self // the running program, if it is that
	gone    bool
}

// note looks at what is at path. The entry is never nil. Here and below the folder is opened by a path that ends in a
// separator, so that nothing but a folder is, and a planted pipe does not make us wait.
func note(path string, kind Kind) (*entry, error) {
	e := &entry{path: path, kind: kind}
	dir, name := filepath.Split(path)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return e, err
	}
	defer root.Close()
	info, pin, err := pinned(root, name)
	if err != nil {
		return e, err
	}
	if info.Mode().Type() != types[kind] {
		pin.Close() // does nothing for nil
		return e, fmt.Errorf("%s is %v", path, info.Mode().Type())
	}
	e.info, e.pin = info, pin
	return e, nil
}

// close lets go of the object. The pin of a program is the program's.
func (e *entry) close() {
	if e.pin != nil && e.program == nil {
		e.pin.Close()
		e.pin = nil
	}
}

// remove removes what is listed and returns why it is still there, or nothing. The error is for the log.
func (e *entry) remove() (Reason, error) {
	dir, name := filepath.Split(e.path)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return e.reason(err)
	}
	defer root.Close()
	found, err := root.Lstat(name)
	if err != nil {
		return e.reason(err)
	}
	if e.program != nil && e.program.refusal != "" {
		return e.program.refusal, nil
	}
	if e.info == nil || !os.SameFile(found, e.info) {
		return e.replaced(), nil
	}
	if e.program != nil {
		if why, err := e.program.stays(root, name); why != "" {
			return why, err
		}
	}
	if err := root.Remove(name); err != nil {
		return e.reason(err)
	}
	return e.leave()
}

// replaced is the reason when another object is at the path.
func (e *entry) replaced() Reason {
	if e.program != nil {
		return Changed
	}
	return Foreign
}

// reason says what an error means for people. A thing that is not there is gone, too.
func (e *entry) reason(err error) (Reason, error) {
	switch {
	case isGone(err):
		return e.leave()
	case e.kind == Folder && errors.Is(err, fs.ErrExist):
		return NotEmpty, nil
	case busy(err):
		return InUse, err
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return Denied, err
	}
	return Failed, err
}

// leave lets go of something that is no longer at its path, unless it lives on somewhere else.
func (e *entry) leave() (Reason, error) {
	if e.kind == File && e.pin != nil && names(e.pin) > 0 {
		return Elsewhere, nil
	}
	e.gone = true
	e.close()
	return "", nil
}

// isGone reports whether err says that nothing is at a path.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
