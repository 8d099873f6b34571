package journal

import (
	"os"
	"path/filepath"
)

func home() (string, error) {
	base, err := os.UserCacheDir() // %LocalAppData%: of this computer, not taken along by roaming profiles
	return filepath.Join(base, "Assist"), err
}
