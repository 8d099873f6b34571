// Package surface is a window of the system's own inside a window of the widget library, for a picture that changes all
// the time: it draws what has changed and nothing else, and hears keys and pointer when they happen, both without the
// library's loop in between.
//
//	picture --Changed--> [ one put under way at most ] --> display
//	keys, pointer  ----------------------------------> Listener
//
// The package scales the picture and draws a pointer over it. It keeps no copy of the picture: it reads the owner's. It
// knows nothing of widgets, sessions or codecs; what lies over the picture is the owner's, who is told a place and
// leaves holes in it.
package surface

import (
	"errors"
	"fmt"
	"image"
	"log/slog"
	"runtime"

	"assist/media/frame"
)

// ErrUnsupported says that there is no such window here: the system has none, or the display is on another machine.
var ErrUnsupported = errors.New("surface: unsupported")

// Read calls do with the picture as it is now, or nil if there is none, and keeps it from changing meanwhile. It may
// be called from any goroutine.
type Read func(do func(*frame.Frame))

// Listener hears what is done in the window, and what is typed while the window that it stands in has the
// keyboard. Its methods are called one after the other, on the goroutine that reads from the display: they must return at
// once and must not call the Surface.
type Listener interface {
	// Key is called when the key that the system numbers code goes down or up, and for a key that repeats with down again.
	Key(code int, down bool)
	// Pointer is called when the pointer moved to at, in pixels from the window's top left corner; beyond its edges
	// while a button is down.
	Pointer(at image.Point)
	// Button is called for buttons as X numbers them: 1 left, 2 middle, 3 right, 8 back, 9 forward.
	Button(number int, down bool, at image.Point)
	// Wheel is called for notches, right and down positive.
	Wheel(x, y int, at image.Point)
	// Blur is called when the keyboard went to another window.
	Blur()
	// Elsewhere is called before Key when a button was pressed outside the window meanwhile: the keyboard may be for
	// something else now, which the program hears in its own time.
	Elsewhere()
	// Gone is called once, last, when the display or the window around has gone, unless Close was called.
	Gone()
}

// Surface is the window. Its methods may be called from any goroutine and return at once, but for Close.
type Surface interface {
	// Place shows the part window of the surrounding window, in which the whole picture, of size pixels, takes the
	// room picture; what of that lies outside window is not seen. In holes the surrounding window is seen, and clicked on.
	// A picture that has another size by then is shown as black.
	Place(window, picture image.Rectangle, size image.Point, holes []image.Rectangle)
	// Hide shows the surrounding window again.
	Hide()
	// Changed says which parts of the picture are not what they were.
	Changed(parts []image.Rectangle)
	// Pointer draws a pointer over the picture, or none for nil. Its colours are premultiplied; hot is the pixel that points.
	Pointer(shape *image.RGBA, hot image.Point)
	// PointerAt moves it, in pixels of the picture. One outside the picture is not drawn.
	PointerAt(at image.Point)
	// OwnPointer says whether the system's own pointer is seen over the window.
	OwnPointer(seen bool)
	// Close takes the window away. When it returns, the Listener is called no more.
	Close()
}

// open is set by the file of a system that has one.
var open func(parent uintptr, read Read, l Listener, log *slog.Logger) (Surface, error)

// Open makes a window, not shown yet, in the window that the system numbers parent.
func Open(parent uintptr, read Read, l Listener, log *slog.Logger) (Surface, error) {
	if open == nil {
		return nil, fmt.Errorf("%w on %s", ErrUnsupported, runtime.GOOS)
	}
	return open(parent, read, l, log)
}
