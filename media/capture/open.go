package capture

import (
	"errors"
	"fmt"
	"runtime"
)

// ErrLost says that the connection to the screen broke. A Source that returned it is of no more use.
var ErrLost = errors.New("capture: lost the screen")

// errFallback says that the system's own way does not work here, but the portable one may.
var errFallback = errors.New("not by the quick way")

var (
	openNative   func(Options) (Source, error) // set by x11.go, where there is one
	openPortable func(Options) (Source, error) // set by screenshot.go, where it works
)

// Open opens the quickest source that works on this desktop: X11 with damage reports where there is an X server, otherwise
// one that takes a screenshot several times a second. It returns ErrWayland on a Wayland desktop, also when the
// desktop runs X11 programs, and otherwise an error that wraps ErrUnsupported and says what is missing.
func Open(o Options) (Source, error) {
	var native error
	if openNative != nil {
		s, err := openNative(o)
		if err == nil || !errors.Is(err, errFallback) {
			return s, err
		}
		native = err
	}
	if openPortable == nil {
		return nil, fmt.Errorf("%w on %s", ErrUnsupported, runtime.GOOS)
	}
	s, err := openPortable(o)
	if err != nil {
		return nil, errors.Join(err, native)
	}
	return s, nil
}
