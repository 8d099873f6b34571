//go:build cgo && (linux || av1)

package motion

// #cgo pkg-config: --static aom dav1d
// #cgo CFLAGS: -O3
// #cgo windows LDFLAGS: -static -lpthread
// #include "motion.h"
import "C"

import (
	"fmt"
	"image"
	"unsafe"

	"assist/media/frame"
)

// Supported reports whether the program can encode and decode.
func Supported() bool { return true }

// encoder is libaom's. It is used by one goroutine at a time.
type encoder struct {
	c    *C.motion_encoder
	area image.Rectangle
}

func openEncoder(area image.Rectangle, s Settings) (*encoder, error) {
	size := coded(area)
	settings := C.motion_settings{
		width: C.int(area.Dx()), height: C.int(area.Dy()),
		coded_width: C.int(size.X), coded_height: C.int(size.Y),
		threads: C.int(s.Threads), speed: C.int(s.Speed),
	}
	var reason C.int
	c := C.motion_encoder_open(&settings, &reason)
	if c == nil {
		return nil, fmt.Errorf("motion: open encoder: %s", C.GoString(C.motion_encoder_reason(reason)))
	}
	return &encoder{c, area}, nil
}

// begin starts a frame.
func (e *encoder) begin(key, photo bool) { C.motion_encoder_begin(e.c, flag(key), flag(photo)) }

// paint adds the part r of f, which lies in both, to the frame.
func (e *encoder) paint(f *frame.Frame, r image.Rectangle) {
	C.motion_encoder_paint(e.c, origin(f, e.area), C.ptrdiff_t(f.Stride), rect(r.Sub(e.area.Min)))
}

// encode ends the frame and appends its temporal unit to dst.
func (e *encoder) encode(dst []byte, from source, quantizer int) ([]byte, error) {
	var data *C.uint8_t
	var size C.size_t
	if err := C.motion_encoder_encode(e.c, C.int(from), C.int(quantizer), &data, &size); err != 0 {
		return dst, fmt.Errorf("motion: encode: %s", C.GoString(C.motion_encoder_reason(err)))
	}
	if size > MaxMessage {
		return dst, ErrTooLong
	}
	return append(dst, unsafe.Slice((*byte)(data), int(size))...), nil
}

func (e *encoder) close() { C.motion_encoder_close(e.c) }

// decoder is dav1d's. It is used by one goroutine at a time.
type decoder struct {
	c       *C.motion_decoder
	area    image.Rectangle
	picture C.motion_picture // of the last message
}

func openDecoder(area image.Rectangle) (*decoder, error) {
	size := coded(area)
	c := C.motion_decoder_open(C.int(size.X), C.int(size.Y))
	if c == nil {
		return nil, fmt.Errorf("motion: open decoder: no memory")
	}
	return &decoder{c: c, area: area}, nil
}

// decode takes the next message.
func (d *decoder) decode(msg []byte) error {
	switch C.motion_decoder_decode(d.c, (*C.uint8_t)(unsafe.SliceData(msg)), C.size_t(len(msg)), &d.picture) {
	case 0:
		return nil
	case C.MOTION_NO_MEMORY:
		return fmt.Errorf("motion: decode: no memory")
	default:
		return ErrCorrupt
	}
}

// paint copies the part r of the picture, which lies in both, to f.
func (d *decoder) paint(f *frame.Frame, r image.Rectangle) {
	C.motion_to_bgrx(origin(f, d.area), C.ptrdiff_t(f.Stride), d.picture, rect(r.Sub(d.area.Min)))
}

// pictures returns the most pictures that the decoder has held at a time.
func (d *decoder) pictures() int { return int(C.motion_decoder_most(d.c)) }

func (d *decoder) close() { C.motion_decoder_close(d.c) }

// origin returns the pixel of f at the corner of area, which lies in f. It panics if f is shorter than it says: C would not notice.
func origin(f *frame.Frame, area image.Rectangle) *C.uint8_t {
	_ = f.Row(area.Min.X, area.Max.X, area.Max.Y-1)
	return (*C.uint8_t)(&f.Row(area.Min.X, area.Max.X, area.Min.Y)[0])
}

func rect(r image.Rectangle) C.motion_rect {
	return C.motion_rect{C.int(r.Min.X), C.int(r.Min.Y), C.int(r.Max.X), C.int(r.Max.Y)}
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
