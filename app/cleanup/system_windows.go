package cleanup

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

func init() { running = runningPath }

// pinned looks at name in root. File ids of NTFS carry a count that makes them new for every file. [os.Root] reads the id
// at once; [os.Lstat] would read it only at the first comparison, and find whatever is there by then.
func pinned(root *os.Root, name string) (fs.FileInfo, *os.File, error) {
	info, err := root.Lstat(name)
	return info, nil, err
}

// names is not asked without a pin.
func names(*os.File) uint64 { return 0 }

// busy reports whether err says that something is in use.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
