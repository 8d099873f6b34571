//go:build !linux && !freebsd && !netbsd && !openbsd

package tray

// there reports whether the desktop has a place for an icon: these systems always do.
func there() bool { return true }
