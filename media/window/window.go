// Package window knows where this program's own windows are on the desktop, and whether one of them has the
// keyboard: so that they are left out of the picture, and out of the reach of injected input. It also keeps one of them in sight,
// whatever other programs do to it.
//
// It finds windows by the process that made them, with their decorations. What has once been ours stays ours until it is
// destroyed: names, shapes and parents of a window are what any program of the desktop may change. It does not make windows
// or look into them.
package window

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"runtime"
	"slices"
)

// ErrUnsupported says that this system does not tell where windows are.
var ErrUnsupported = errors.New("window: unsupported")

// Everywhere is larger than any desktop: the place of our windows when nobody tells where they are.
var Everywhere = image.Rect(-1<<20, -1<<20, 1<<20, 1<<20)

// Finder finds windows. Its methods may be called from any goroutine, for every picture and every input event: they answer with
// what is true at the time of the call, and cost about 0.1 ms.
type Finder interface {
	// Rects returns the visible top-level windows with their decorations, in desktop pixels, in an order that changes only
	// with the windows. Windows that Through names are not among them. When the system does not answer any more, it returns
	// Everywhere.
	Rects() []image.Rectangle
	// Focused reports whether one of the windows has the keyboard. When the system does not answer, it reports true.
	Focused() bool
	// Through says which windows of ours other programs' windows are seen and clicked through; nil for none. What looks the same on
	// other windows was done by somebody else.
	Through(func(window uintptr) bool)
	// Keep keeps a window of ours in sight until ctx ends, when it returns nil. It returns once the window is gone, too.
	Keep(ctx context.Context, window uintptr, k Keeping) error
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
