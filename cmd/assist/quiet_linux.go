package main

import (
	"log/slog"
	"os"
)

// quietSystem gives the window library folders that pass where there is no home: it would put its settings where the program was
// started, and could show none of the system's fonts without a place for their list.
func quietSystem(log *slog.Logger) (done func()) {
	missing := []string{}
	if _, err := os.UserConfigDir(); err != nil {
		missing = append(missing, "XDG_CONFIG_HOME")
	}
	if _, err := os.UserCacheDir(); err != nil {
		missing = append(missing, "XDG_CACHE_HOME")
	}
	if len(missing) == 0 {
		return func() {}
	}
	dir, err := os.MkdirTemp("", "assist-")
	if err != nil {
		log.Warn("no home, and no place for files that pass", "error", err)
		return func() {}
	}
	for _, name := range missing {
		os.Setenv(name, dir)
	}
	return func() {
		if err := os.RemoveAll(dir); err != nil {
			log.Warn("a folder is left", "path", dir, "error", err)
		}
	}
}
