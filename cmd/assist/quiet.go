package main

import (
	"log"
	"log/slog"
)

// quiet sends what the window library would write to standard error into our log, and keeps it from leaving things on this computer
// that nobody asked for. The returned function is called when the windows are closed.
func quiet(to *slog.Logger) (done func()) {
	makeLess()
	log.SetFlags(0)
	log.SetOutput(slog.NewLogLogger(to.Handler(), slog.LevelWarn).Writer())
	return quietSystem(to)
}
