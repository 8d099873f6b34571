// Package cleanup leaves nothing behind. Whatever the program makes on the customer's computer is listed as soon as it is
// there; at the end everything listed is removed, looked for again, and reported.
//
// Only what was listed is removed: at its path, and only while it is still the same object that was listed (os.SameFile),
// so that a file or link which somebody put in its place stays, untouched and reported. A link is never followed. A
// folder is removed when it is empty, never with what is in it.
//
// Between the last look and the removal somebody with write access to the folder could still put a file of theirs
// there, and lose it. They gain nothing: with the same access they could remove it themselves.
//
// The package removes the running program, too, where it may ([Program]). It does not ask and shows no text: the reports
// carry reasons for a window to put into words. Entries of a registry, a firewall or an autostart are not listed here,
// because the program makes none.
package cleanup

import (
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
)

// Kind is what something listed is.
type Kind uint8

// The kinds.
const (
	File Kind = iota
	Folder
	Link // a symbolic link: the link, not where it leads
)

// types are the file types of the kinds.
var types = [...]fs.FileMode{File: 0, Folder: fs.ModeDir, Link: fs.ModeSymlink}

// Reason says why something is kept or left. It is an id: never translated, never reused.
type Reason string

// Why something is kept.
const (
	CustomerAsked Reason = "customer-asked" // the customer ticked a box for it
	AtEnd         Reason = "at-end"         // the program, where it cannot go while it runs: a helper waits for its end
)

// Why something is left.
const (
	Foreign   Reason = "foreign"   // something else is at its path now
	Elsewhere Reason = "elsewhere" // it was moved, or has another name besides
	NotEmpty  Reason = "not-empty" // a folder with things in it that are not listed
	InUse     Reason = "in-use"    // another program has it open
	Denied    Reason = "denied"    // the system does not let us
	Failed    Reason = "failed"    // any other fault; the log has it
)

// Why the program is left.
const (
	Unsupported Reason = "unsupported" // a running program cannot be removed on this system
	Installed   Reason = "installed"   // it is in a place for installed programs, or a package manager's
	NotOwner    Reason = "not-owner"   // it belongs to somebody else
	Linked      Reason = "linked"      // it was started through a link, or has a second name
	Changed     Reason = "changed"     // it is not the file any more that was started
)

// Note is something that is still there, and why.
type Note struct {
	Path   string
	Reason Reason
}

// Report is what came of a clean-up. Everything listed is in one of the three.
type Report struct {
	Removed []string // no longer there
	Kept    []Note   // there on purpose
	Left    []Note   // there, although it should not be
}

// List is everything the program made. Its methods may be called from any goroutine.
type List struct {
	log *slog.Logger

	mu      sync.Mutex
	entries []*entry // no two of one path
	kept    []Note
}

// New returns an empty list.
func New(log *slog.Logger) *List { return &List{log: log} }

// Add lists something that the program has just made. When it cannot be read, or is no such thing, Add says so, and what
// is at the path at the end will be reported as left. Something made anew at a path is added anew.
func (l *List) Add(path string, kind Kind) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("cleanup: add: %w", err)
	}
	e, err := note(path, kind)
	l.put(e)
	if err != nil {
		return fmt.Errorf("cleanup: add: %w", err)
	}
	return nil
}

// Keep says that path stays, listed or not, and why.
func (l *List) Keep(path string, why Reason) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(slices.DeleteFunc(l.kept, func(n Note) bool { return n.Path == path }), Note{path, why})
}

// put lists e in place of what had its path before.
func (l *List) put(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = slices.DeleteFunc(l.entries, func(old *entry) bool {
		if old.path != e.path {
			return false
		}
		old.close()
		return true
	})
	l.entries = append(l.entries, e)
}
