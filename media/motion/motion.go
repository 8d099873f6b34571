// Package motion is the lossy plane of the picture: it turns what moves in one rectangle of the screen (video, photos, or
// anything while the link is slow) into an AV1 stream, and back.
//
// # Streams
//
// An [Encoder] makes one AV1 temporal unit (AV1 bitstream specification, section 7.5) of each frame: 8 bits, 4:2:0, BT.709, limited
// range, one picture of one size. The first one, and each one asked for with [Options].Key, is a key frame: it needs nothing before
// it. Each other needs all before it back to the key frame, or that alone ([Options].FromKey). The size that is coded is that of the
// rectangle, made even and at least 16: the last column and row are repeated. A [Decoder] for the same rectangle paints the
// picture.
//
// The units do not say where they belong, which number they have, or which parts of the rectangle count: whoever carries them does.
//
// # What goes into a stream
//
// Only pixels that were in an active rectangle do. In a key frame all else is grey; in other frames all else is what the decoder
// already has there, and costs next to no bytes, whatever the quantiser. It still costs time, about a third of that of an active
// part: a stream for a smaller rectangle is quicker.
//
// # What it owns
//
// The package owns the settings of libaom and dav1d, the conversion of pixels, and the bounds on what a hostile stream may cost. It
// decides neither what is active, nor the quantiser, nor when a key frame is due. Built without cgo, or for a system that the
// libraries were not built for, it says so by [Supported], and all that opens something returns [ErrUnsupported].
package motion

import (
	"errors"
	"fmt"
	"image"

	"assist/media/frame"
)

const (
	// MaxPixels is the largest rectangle: a decoder then holds at most about 64 MiB.
	MaxPixels = 1 << 23
	// MaxMessage is the longest temporal unit, in bytes.
	MaxMessage = 4 << 20
	// MinQuantizer and MaxQuantizer bound a quantiser: the first is the best picture, the second the smallest. On a page of text, 16
	// gives about 50 dB of brightness, 32 about 47, 40 about 45 and 50 about 39, on which people still read with ease; at 63, 29
	// dB, only large letters and black ones on white are left. On film, 16 gives about 40 dB, 32 about 37, 48 about 33.
	MinQuantizer, MaxQuantizer = 2, 63
)

// Speeds of an encoder, the cpu-used of libaom. A lower one takes longer for fewer bytes.
const (
	MinSpeed, MaxSpeed = 7, 10
)

var (
	// ErrUnsupported says that the program was built without the libraries.
	ErrUnsupported = errors.New("motion: not in this program")
	// ErrSize says that a rectangle is empty or larger than MaxPixels or frame.MaxSide, or does not lie in the frame.
	ErrSize = errors.New("motion: rectangle")
	// ErrCorrupt says that a message is not the next one that an Encoder made for the rectangle.
	ErrCorrupt = errors.New("motion: corrupt message")
	// ErrClosed says that an Encoder or Decoder was used after Close.
	ErrClosed = errors.New("motion: closed")
	// ErrTooLong says that a frame came out longer than MaxMessage. The next one must be a key frame.
	ErrTooLong = errors.New("motion: message too long")
)

// Settings are what an encoder is made with. The zero value is one thread at the highest speed.
type Settings struct {
	Threads int // 1 or 2; 0 is 1
	Speed   int // MinSpeed to MaxSpeed; 0 is MaxSpeed
}

// Options are what a frame is encoded with.
type Options struct {
	Key       bool // begin anew, for a decoder that has nothing
	FromKey   bool // need only the last key frame, for a decoder that missed something since
	Photo     bool // most of what is active is film or photos: a fifth fewer bytes for them, but far more for text
	Quantizer int  // MinQuantizer to MaxQuantizer; what lies outside is moved there
}

// source is what a frame is made from, and so what its decoder needs. The numbers are those of motion.h.
type source int

const (
	fromLast    source = iota // the frame before, and all that needs
	fromKey                   // the last key frame
	fromNothing               // a key frame
)

// check returns an ErrSize if a stream cannot have this rectangle.
func check(area image.Rectangle) error {
	s := area.Size()
	if area.Empty() || s.X > frame.MaxSide || s.Y > frame.MaxSide || s.X*s.Y > MaxPixels {
		return fmt.Errorf("%w %v", ErrSize, area)
	}
	return nil
}

// coded returns the size that is coded for a rectangle.
func coded(area image.Rectangle) image.Point {
	const least = 16 // smaller pictures are where encoders have their faults
	return image.Pt(max(least, (area.Dx()+1)&^1), max(least, (area.Dy()+1)&^1))
}

// quantizer moves q into its bounds.
func quantizer(q int) int { return min(max(q, MinQuantizer), MaxQuantizer) }
