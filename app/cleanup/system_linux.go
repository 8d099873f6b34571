package cleanup

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func init() {
	running = func() (fs.FileInfo, error) { return os.Stat("/proc/self/exe") }
}

// pinned looks at name in root and holds it: Linux file systems give the inode of a removed file to the next one. A link
// is held itself.
func pinned(root *os.Root, name string) (fs.FileInfo, *os.File, error) {
	pin, err := root.OpenFile(name, unix.O_PATH, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := pin.Stat()
	if err != nil {
		pin.Close()
		return nil, nil, err
	}
	return info, pin, nil
}

// names is how many names a pinned file has left, as far as its file system says.
func names(pin *os.File) uint64 {
	info, err := pin.Stat()
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return uint64(stat.Nlink)
}

// busy reports whether err says that something is in use.
func busy(err error) bool { return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.ETXTBSY) }
