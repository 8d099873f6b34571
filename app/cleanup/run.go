package cleanup

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Run removes everything listed that is not kept, looks for it again, and says what is no longer there and what is. It
// may be run again: what was left is tried once more, and nothing else is touched.
func (l *List) Run() Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.keepers()
	left := map[*entry]Reason{}
	for _, e := range l.inside() {
		if why := kept.of(e); why == "" && !e.gone {
			left[e] = l.remove(e)
		}
	}
	var r Report
	for _, e := range l.entries {
		switch why := kept.of(e); {
		case why != "":
			kept.add(e.path, why)
		case left[e] == AtEnd:
			kept.add(e.path, AtEnd)
		case left[e] != "":
			r.Left = append(r.Left, Note{e.path, left[e]})
		case exists(e.path):
			r.Left = append(r.Left, Note{e.path, e.replaced()})
		default:
			r.Removed = append(r.Removed, e.path)
		}
	}
	r.Kept = kept
	l.log.Info("clean-up", "removed", len(r.Removed), "kept", len(r.Kept), "left", len(r.Left))
	return r
}

// inside lists the entries, what is in a folder before the folder, and else what came last first.
func (l *List) inside() []*entry {
	list := slices.Clone(l.entries)
	slices.Reverse(list)
	depth := func(e *entry) int { return strings.Count(e.path, string(filepath.Separator)) }
	slices.SortStableFunc(list, func(a, b *entry) int { return cmp.Compare(depth(b), depth(a)) })
	return list
}

// remove removes e and tells the log.
func (l *List) remove(e *entry) Reason {
	why, err := e.remove()
	switch {
	case why == AtEnd:
		l.log.Info("a helper waits for the end", "path", e.path)
	case err != nil:
		l.log.Warn("left behind", "path", e.path, "reason", why, "error", err)
	case why != "":
		l.log.Warn("left behind", "path", e.path, "reason", why)
	default:
		l.log.Debug("removed", "path", e.path)
	}
	return why
}

// keepers are the things that stay.
type keepers []Note

// keepers are those of l that are there.
func (l *List) keepers() keepers {
	return slices.DeleteFunc(slices.Clone(l.kept), func(n Note) bool { return !exists(n.Path) })
}

// of says why e stays: because it is kept itself, by whatever path, or is a folder that something kept is in.
func (k keepers) of(e *entry) Reason {
	for _, n := range k {
		if n.Path == e.path {
			return n.Reason
		}
		if rel, err := filepath.Rel(e.path, n.Path); e.kind == Folder && err == nil && filepath.IsLocal(rel) {
			return n.Reason
		}
		if info, err := os.Lstat(n.Path); err == nil && e.info != nil && os.SameFile(info, e.info) {
			return n.Reason
		}
	}
	return ""
}

// add names one more thing that stays.
func (k *keepers) add(path string, why Reason) {
	if !slices.ContainsFunc(*k, func(n Note) bool { return n.Path == path }) {
		*k = append(*k, Note{path, why})
	}
}

// exists reports whether anything is at path. What cannot be looked at may be there.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil || !isGone(err)
}
