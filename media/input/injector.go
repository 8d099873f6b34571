package input

import (
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"runtime"
)

// ErrClosed is returned by an injector after Close, or after it lost the system.
var ErrClosed = errors.New("input: closed")

// Injector is the end of the chain: what it takes happens. Close releases whatever is still down; no key or
// button stays down after it. Its methods may be called from any goroutine.
type Injector interface {
	Sink
	io.Closer
	// SetDisplays says where the displays are, by capture.Display.ID, in desktop pixels. A pointer on a display
	// that is not there moves and presses nothing.
	SetDisplays([]image.Rectangle)
}

// InjectorOptions say how to reach the system. The zero value is good.
type InjectorOptions struct {
	Display string       // X11: the display, $DISPLAY if empty
	Watch   *Watchdog    // is told what is down; nil: nobody
	Log     *slog.Logger // nil: nothing is logged
}

// openInjector opens the best injector of this system; an injector_*.go of the system sets it.
var openInjector func(InjectorOptions) (Injector, error)

// openRobot opens the portable injector; injector_robotgo.go sets it where it can be built.
var openRobot func(InjectorOptions) (Injector, error)

// NewInjector opens the system's keyboard and pointer. The error is ErrUnsupported, with the
// reason, if that cannot be done here.
func NewInjector() (Injector, error) {
	return OpenInjector(InjectorOptions{})
}

// OpenInjector is NewInjector with options.
func OpenInjector(o InjectorOptions) (Injector, error) {
	if openInjector == nil {
		return nil, fmt.Errorf("%w on %s", ErrUnsupported, runtime.GOOS)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return openInjector(o)
}
