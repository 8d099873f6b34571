//go:build windows || darwin

package cleanup

import (
	"io/fs"
	"os"
)

// runningPath is the file at the path that the program was started from: these systems do not say which file it was that
// they started. What is there when the program notes itself is what is noted; Windows lets nobody put another one there
// without renaming the one that runs.
func runningPath() (fs.FileInfo, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Stat(exe)
}
