package input

import "log/slog"

// HasRobot reports whether this build has the portable injector.
func HasRobot() bool { return openRobot != nil }

// OpenRobot opens the portable injector, whatever this system prefers.
func OpenRobot() (Injector, error) {
	return openRobot(InjectorOptions{Log: slog.New(slog.DiscardHandler)})
}
