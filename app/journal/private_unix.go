//go:build unix

package journal

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// keepOthersOut refuses a folder of somebody else, and takes away everybody else's rights to one of our own.
func keepOthersOut(dir *os.File, info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to somebody else", dir.Name())
	}
	if info.Mode().Perm() == 0o700 {
		return nil
	}
	return dir.Chmod(0o700)
}
