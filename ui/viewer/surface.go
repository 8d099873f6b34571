package viewer

import (
	"image"

	"assist/app/engineer"
)

// Surface is a window of the system's own over the picture, which draws and hears without waiting for the window
// library. Its methods return at once, but for Close; package surface in media has them.
type Surface interface {
	// Place shows the part window of the engineer's window, in which the whole picture, of size pixels, takes the room
	// picture. Through holes the window library's drawing is seen, and clicked on.
	Place(window, picture image.Rectangle, size image.Point, holes []image.Rectangle)
	Hide()
	// Changed says which parts of the picture are not what they were.
	Changed(parts []image.Rectangle)
	// Pointer draws the customer's pointer, or none for nil. PointerAt moves it, in pixels of the picture.
	Pointer(shape *image.RGBA, hot image.Point)
	PointerAt(at image.Point)
	// OwnPointer says whether the engineer's own pointer is seen over the window.
	OwnPointer(seen bool)
	// Close takes the window away. When it returns, the Listener is called no more.
	Close()
}

// Listener hears what the engineer does in a Surface, and the keys of the window around it. Its methods are called one after
// the other, on a goroutine of the Surface's, and return at once.
type Listener interface {
	Key(code int, down bool)
	Pointer(at image.Point)
	Button(number int, down bool, at image.Point)
	Wheel(x, y int, at image.Point)
	Blur()
	Elsewhere()
	Gone()
}

// OpenSurface makes a Surface in the engineer's window. read calls its argument with the picture as it is then, which does not
// change meanwhile, or with nil.
type OpenSurface func(read func(func(*engineer.Frame)), l Listener) (Surface, error)
