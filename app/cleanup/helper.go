package cleanup

import (
	"errors"
	"fmt"
	"runtime"
)

// HelperCommand is the program's command that is the helper, with one argument for [Help]. It is for the program itself,
// where [Program] cannot be removed while it runs.
const HelperCommand = "cleanup-helper"

// ErrUnsupported is returned where the program needs no helper to be removed.
var ErrUnsupported = errors.New("cleanup: no helper")

// help is the helper. It is set where later is.
var help func(errand string) error

// Help runs the errand that the program gave its helper: it waits for the program to end, and removes its file. Whoever
// writes an errand of their own can have nothing removed but a copy of this program.
func Help(errand string) error {
	if help == nil {
		return fmt.Errorf("%w on %s", ErrUnsupported, runtime.GOOS)
	}
	if err := help(errand); err != nil {
		return fmt.Errorf("cleanup: helper: %w", err)
	}
	return nil
}
