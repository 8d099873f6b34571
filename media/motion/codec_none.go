//go:build !(cgo && (linux || av1))

package motion

import (
	"image"

	"assist/media/frame"
)

// Supported reports whether the program can encode and decode.
func Supported() bool { return false }

// encoder stands for the one there is none of: it cannot be opened.
type encoder struct{}

func openEncoder(image.Rectangle, Settings) (*encoder, error) { return nil, ErrUnsupported }

func (*encoder) begin(_, _ bool) {}

func (*encoder) paint(*frame.Frame, image.Rectangle) {}

func (*encoder) encode(dst []byte, _ source, _ int) ([]byte, error) { return dst, ErrUnsupported }

func (*encoder) close() {}

// decoder stands for the one there is none of: it cannot be opened.
type decoder struct{}

func openDecoder(image.Rectangle) (*decoder, error) { return nil, ErrUnsupported }

func (*decoder) decode([]byte) error { return ErrUnsupported }

func (*decoder) paint(*frame.Frame, image.Rectangle) {}

func (*decoder) pictures() int { return 0 }

func (*decoder) close() {}
