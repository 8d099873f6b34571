package main

import (
	"log/slog"
	"os"
)

// quietSystem gives the window library a home that passes where there is none: it would put its settings into the folder that the
// program was started in.
func quietSystem(log *slog.Logger) (done func()) {
	_, err1 := os.UserConfigDir()
	_, err2 := os.UserCacheDir()
	if err1 == nil && err2 == nil {
		return func() {}
	}
	dir, err := os.MkdirTemp("", "assist-")
	if err != nil {
		log.Warn("no home, and no place for files that pass", "error", err)
		return func() {}
	}
	os.Setenv("XDG_CONFIG_HOME", dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	return func() {
		if err := os.RemoveAll(dir); err != nil {
			log.Warn("a folder is left", "path", dir, "error", err)
		}
	}
}
