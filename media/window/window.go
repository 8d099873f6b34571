// Package window knows where this program's own windows are on the desktop, and whether one of them has the
// keyboard: so that they are left out of the picture, and out of the reach of injected input.
//
// It finds windows by the process that made them, with their decorations. It does not make, move or look into windows.
package window

import (
	"errors"
	"fmt"
	"image"
	"os"
	"runtime"
	"slices"
)

// ErrUnsupported says that this system does not tell where windows are.
var ErrUnsupported = errors.New("window: unsupported")

// Finder finds windows. Its methods may be called from any goroutine, for every picture and every input event: they answer with
// what is true at the time of the call, and cost about 0.1 ms.
type Finder interface {
	// Rects returns the visible top-level windows with their decorations, in desktop pixels, in an order that changes only
	// with the windows. Windows that take no input, so that a click on them reaches what is beneath, are not among them. When the
	// system does not answer, it returns the last answer.
	Rects() []image.Rectangle
	// Focused reports whether one of the windows has the keyboard. When the system does not answer, it reports true.
	Focused() bool
	Close() error
}

// newFinder is set by the file of a system that has one.
var newFinder func(pids []int) (Finder, error)

// Own finds the windows of this process, and of others whose numbers are given.
func Own(others ...int) (Finder, error) {
	if newFinder == nil {
		return nil, fmt.Errorf("%w on %s", ErrUnsupported, runtime.GOOS)
	}
	return newFinder(append(slices.Clone(others), os.Getpid()))
}
