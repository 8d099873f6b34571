//go:build !linux && !windows

package cleanup

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// pinned looks at name in root. It holds nothing: APFS, the one that matters here, does not give the inode of a removed file to
// another one.
func pinned(root *os.Root, name string) (fs.FileInfo, *os.File, error) {
	info, err := root.Lstat(name)
	return info, nil, err
}

// names is not asked without a pin.
func names(*os.File) uint64 { return 0 }

// busy reports whether err says that something is in use.
func busy(err error) bool { return errors.Is(err, syscall.EBUSY) }
