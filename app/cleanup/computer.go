package cleanup

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// computer is what installed programs are known by.
type computer struct {
	places []string // folders for them
	// lists are the file lists of package managers: one path a line, with a slash before it or not. The data bases of
	// others are not read: what they install is in places.
	lists []string // patterns of filepath.Glob
}

// installed reports whether path is an installed program's. When a list cannot be read, it may be.
func (c computer) installed(path string) bool {
	for _, place := range c.places {
		if rel, err := filepath.Rel(place, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	line := []byte("\n" + strings.TrimPrefix(filepath.ToSlash(path), "/") + "\n")
	for _, pattern := range c.lists {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return true
		}
		for _, file := range files {
			list, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed meanwhile
			}
			if err != nil {
				return true
			}
			list = bytes.ReplaceAll(append([]byte("\n"), list...), []byte("\n/"), []byte("\n"))
			if bytes.Contains(append(list, '\n'), line) {
				return true
			}
		}
	}
	return false
}
