//go:build !unix

package cleanup

import (
	"io/fs"
	"os"
)

// here is this computer: the folders of Windows for programs and for itself.
var here = computer{places: environment("ProgramFiles", "ProgramFiles(x86)", "ProgramW6432", "ProgramData", "SystemRoot")}

func environment(names ...string) (values []string) {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			values = append(values, v)
		}
	}
	return values
}

// owned leaves the question to the system, which refuses what may not be removed.
func owned(fs.FileInfo) bool { return true }
