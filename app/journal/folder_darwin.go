package journal

import (
	"os"
	"path/filepath"
)

func home() (string, error) {
	base, err := os.UserHomeDir()
	return filepath.Join(base, "Library", "Logs", "Assist"), err
}
