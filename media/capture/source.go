// Package capture reads the customer's screen: which displays there are, what changed on
// them, and where the pointer is and what it looks like.
//
// One [Source] a system stands behind [Open]. The pointer is never part of a picture: its shape and
// position travel apart. Areas named by [Options.Mask] leave the package painted over, so no
// later part can send them. The package does not compress, send or decide who may see.
package capture

import (
	"context"
	"errors"
	"image"

	"assist/media/frame"
)

// ErrUnsupported says that this system's screen cannot be read by any source the program has.
var ErrUnsupported = errors.New("capture: unsupported")

// ErrWayland says that the desktop is a Wayland session, which shows X11 programs a black screen.
var ErrWayland = errors.New("capture: wayland session")

// ErrClosed is returned by Next after Close.
var ErrClosed = errors.New("capture: closed")

// Cursor is the shape of the pointer.
type Cursor struct {
	Serial uint32      // changes with the shape
	Size   image.Point // at most 256 x 256
	Hot    image.Point // the pixel that points
	Pix    []byte      // Size.X*Size.Y pixels of premultiplied BGRA
}

// Update is what changed since the Update before it.
type Update struct {
	// Frame is the whole picture of what is shown, its Rect starting at 0,0. It belongs to the
	// Source and is valid, and does not change, until the next call of Next that returns an Update: one whose ctx
	// ends leaves it alone.
	Frame *frame.Frame
	// Dirty lists the changed parts of Frame. The first Update, the first after Select and the first of another display hold
	// the whole frame; empty means only the pointer or the displays changed.
	Dirty []image.Rectangle
	// Displays is set when monitors came, went or moved, when Choice or Shown changed, and in the first Update.
	Displays []Display
	// Choice is what is selected: All, Follow or the ID of a display. It is the primary display from the start, and again
	// once the selected one has gone.
	Choice uint8
	// Shown is what Frame is a picture of: All, or the ID of a display.
	Shown uint8
	// Pointer is where the pointer is, relative to Frame; it may lie outside.
	Pointer image.Point
	// Cursor is set when the pointer's shape changed, and in the first Update.
	Cursor *Cursor
}

// Source is one way to read the screen. One goroutine calls Next; Select and Close may be
// called from another.
type Source interface {
	// Next waits until something changed, or ctx ends. Nothing changed costs nothing.
	Next(ctx context.Context) (Update, error)
	// Select chooses what to read: All, Follow or the ID of a display. The next Update holds all of it. An error, for a
	// display that is not there or when all are too large for one picture, changes nothing.
	Select(id uint8) error
	Close() error
}

// Options say what a Source must leave out.
type Options struct {
	// Mask returns the parts of the desktop, in desktop pixels, that must not be seen: this
	// program's own windows. It is called for every Update; nil hides nothing.
	Mask func() []image.Rectangle
	// Numbers gives the displays their IDs, so that they are the same in every Source of a session; nil for this Source's own.
	Numbers *Numbers
}

// numbers returns the numbers to use.
func (o Options) numbers() *Numbers {
	if o.Numbers == nil {
		return &Numbers{}
	}
	return o.Numbers
}
