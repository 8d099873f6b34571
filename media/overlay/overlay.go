// Package overlay marks the screen while somebody else can see it: a coloured frame round each shared monitor, and a sign
// in words on every monitor where nothing else says who that is.
//
// Its windows stay on top of all others and are put back when they are covered, moved, hidden or closed by another program.
// They take no input: a click on them reaches what is beneath, and they never have the keyboard. They go with the process,
// however it ends. While nothing on the screen changes, nothing is done, except that the clock on a sign is drawn once a second.
//
// The package knows no session and no sentence: words and level are handed in. What a click on the frame would reach is not
// its business either: package window is told which windows are the overlay's, and leaves them out of what must not be clicked.
package overlay

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"runtime"
	"time"
)

// ErrUnsupported says that nothing can be laid over this system's screen without being in the way.
var ErrUnsupported = errors.New("overlay: unsupported")

// Level is how much of the screen somebody else has. It chooses the colours.
type Level uint8

// The levels.
const (
	Connected  Level = iota // nothing of the screen: a sign and no frame
	Seen                    // the picture: amber
	Controlled              // the picture, keys and pointer: red
)

// colours of a level. Words on a sign have a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3).
type colours struct{ ground, words color.RGBA }

func (l Level) colours() colours {
	white, black := color.RGBA{0xff, 0xff, 0xff, 0xff}, color.RGBA{0, 0, 0, 0xff}
	switch l {
	case Controlled:
		return colours{color.RGBA{0xc6, 0x1c, 0x1c, 0xff}, white}
	case Seen:
		return colours{color.RGBA{0xf0, 0xa0, 0x00, 0xff}, black}
	}
	return colours{color.RGBA{0x37, 0x47, 0x4f, 0xff}, white}
}

// Sign is what is to be seen.
type Sign struct {
	Level Level
	// Text says who can do what: one line of plain text. A long one is broken, and a very long one cut.
	Text string
	// Since is when the clock beside the text started; the zero time leaves the clock out.
	Since time.Time
	// Displays are the shared ones, in desktop pixels: the monitors they touch get a frame. Nil means all monitors.
	Displays []image.Rectangle
}

// Overlay is what lies over the screen. Its methods may be called from any goroutine and do not wait for the screen, but
// for Close.
type Overlay interface {
	// Show shows s from now on, on monitors that come later too.
	Show(s Sign)
	// Hide takes everything away until the next Show.
	Hide()
	// Rects are the places of the signs, in desktop pixels. Their clocks would be news in the picture every second, so they are
	// to be left out of it. The frames are not among them: whoever sees the picture shall see them, too.
	Rects() []image.Rectangle
	// Owns reports whether a window is one of the overlay's.
	Owns(window uintptr) bool
	// Close takes everything away for good.
	Close() error
}

// Options say what an overlay is made with. The zero value works.
type Options struct {
	// Fonts are fonts for the signs (TrueType or OpenType), tried in this order before those of the system.
	Fonts [][]byte
	// Bars returns the places of windows that say what a sign says, in desktop pixels. A monitor on which one of them can be seen
	// whole gets no sign. It is called often; nil means that there are none.
	Bars func() []image.Rectangle
	// Lost is told when other programs keep the overlay from being seen for several seconds. It must not wait; nil for nobody.
	Lost func()
	Log  *slog.Logger
}

// open is set by the file of a system that has an overlay.
var open func(Options) (Overlay, error)

// Open makes an overlay that shows nothing yet. Close it in the end.
func Open(o Options) (Overlay, error) {
	if open == nil {
		return nil, fmt.Errorf("%w on %s", ErrUnsupported, runtime.GOOS)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Bars == nil {
		o.Bars = func() []image.Rectangle { return nil }
	}
	if o.Lost == nil {
		o.Lost = func() {}
	}
	return open(o)
}
