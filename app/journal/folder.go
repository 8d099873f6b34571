package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Folder is where journals are kept: "assist" in $XDG_STATE_HOME or ~/.local/state, "Assist" in %LocalAppData% on
// Windows and in ~/Library/Logs on macOS.
func Folder() (string, error) {
	folder, err := home()
	if err != nil {
		return "", fmt.Errorf("journal: folder: %w", err)
	}
	return folder, nil
}

// enter makes folder if it is missing, and opens it if it is a real folder of the customer's own.
func enter(folder string) (*os.Root, error) {
	parent, name := filepath.Split(folder)
	if name == "" {
		return nil, errors.New("no folder")
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, err
	}
	above, err := os.OpenRoot(parent)
	if err != nil {
		return nil, err
	}
	defer above.Close()
	if err := above.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	seen, err := above.Lstat(name)
	if err != nil {
		return nil, err
	}
	if seen.Mode().Type() != fs.ModeDir {
		return nil, fmt.Errorf("%s is a link, or no folder", folder)
	}
	root, err := above.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	if err := private(root, seen); err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// private makes sure that root is the folder that was seen, and the customer's alone.
func private(root *os.Root, seen fs.FileInfo) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	info, err := dir.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(info, seen) {
		return fmt.Errorf("%s was replaced by a link", root.Name())
	}
	return keepOthersOut(dir, info)
}

// newFile makes a file of a name that nothing in root has, not even a link to nowhere.
func newFile(root *os.Root, at time.Time, id string) (*os.File, string, error) {
	name := at.Format("journal-20060102-150405-") + id
	for n := 1; ; n++ {
		try := name + ".log"
		if n > 1 {
			try = fmt.Sprintf("%s-%d.log", name, n)
		}
		file, err := root.OpenFile(try, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if !errors.Is(err, fs.ErrExist) || n == 10 {
			return file, try, err
		}
	}
}

// keepName has the names in root on the disk, where the system can: Windows does it by itself.
func keepName(root *os.Root) {
	if dir, err := root.Open("."); err == nil {
		dir.Sync()
		dir.Close()
	}
}
