//go:build !linux

package main

import "os"

// ownProgram is how this program starts itself once more.
func ownProgram() (string, error) { return os.Executable() }

// makeLess has nothing to do: what graphics drivers keep on these systems is theirs.
func makeLess() {}
