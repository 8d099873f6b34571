//go:build !windows && !darwin

package journal

import (
	"os"
	"path/filepath"
)

// home follows the XDG Base Directory Specification 0.8, which wants a relative path ignored.
func home() (string, error) {
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "assist"), nil
	}
	base, err := os.UserHomeDir()
	return filepath.Join(base, ".local", "state", "assist"), err
}
