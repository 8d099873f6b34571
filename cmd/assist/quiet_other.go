//go:build !linux

package main

import "log/slog"

// quietSystem has nothing to do here.
func quietSystem(*slog.Logger) (done func()) { return func() {} }
