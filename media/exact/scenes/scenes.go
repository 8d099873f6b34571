// Package scenes holds recordings of real desktops at work, for tests and benchmarks of whatever handles pictures: a log that
// scrolls, an editor, a web page, windows that are dragged, one that is written in, and windows that are switched.
//
// A recording is what a capture source delivered, at most [Rate] frames a second, for about five seconds. Only programs
// that measure or test import the package. It records nothing itself: its tests do, when asked to.
//
// # Format
//
// A recording is frames, each the following; uvarint is that of encoding/binary:
//
//	uvarint   tick
//	uvarint   n, and n times uvarint x0, y0, x1, y1: what changed, as the source said
//	uvarint   length of a message of the exact plane, and the message
//	uint32    CRC-32 (IEEE) of the picture's pixels, 3 bytes each: blue, green, red
//
// A change of the exact plane's format makes the recordings unreadable: they are then made again.
package scenes

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"io"

	"assist/media/exact"
	"assist/media/frame"
)

// Rate is how many ticks a second has.
const Rate = 15

// Names are the recordings there are.
var Names = []string{"log", "viewer", "page", "drag", "still", "switch"}

//go:embed testdata/*.scene
var files embed.FS

// ErrCorrupt says that a recording is not what was recorded.
var ErrCorrupt = errors.New("scenes: corrupt recording")

// Frame is a frame of a recording.
type Frame struct {
	Tick    int // when it was seen, in ticks since the first
	Picture *frame.Frame
	Dirty   []image.Rectangle // what changed since the frame before; the first one holds all
}

// Play calls each with every frame of the recording with this name. The frame is valid until each returns; the
// first error ends the recording and is returned.
func Play(name string, each func(Frame) error) error {
	b, err := files.ReadFile("testdata/" + name + ".scene")
	if err != nil {
		return fmt.Errorf("scenes: %w", err)
	}
	return Read(bytes.NewReader(b), each)
}

// Read does what Play does with a recording from elsewhere.
func Read(from io.Reader, each func(Frame) error) error {
	r := reader{in: bufio.NewReader(from), decoder: exact.NewDecoder()}
	for {
		f, err := r.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(f); err != nil {
			return err
		}
	}
}

// reader reads a recording.
type reader struct {
	in      *bufio.Reader
	decoder *exact.Decoder
	failed  error // of a part of the frame at hand
}

func (r *reader) number(most int) int {
	v, err := binary.ReadUvarint(r.in)
	if err == nil && v > uint64(most) {
		err = fmt.Errorf("%d where at most %d may stand", v, most)
	}
	if err != nil {
		r.failed = errors.Join(r.failed, err)
		return 0
	}
	return int(v)
}

// next returns the next frame, or io.EOF after the last one.
func (r *reader) next() (Frame, error) {
	if _, err := r.in.Peek(1); err == io.EOF {
		return Frame{}, io.EOF
	}
	f := Frame{Tick: r.number(1 << 20)}
	for n := r.number(1 << 16); n > 0 && r.failed == nil; n-- {
		x0, y0 := r.number(frame.MaxSide), r.number(frame.MaxSide)
		x1, y1 := r.number(frame.MaxSide), r.number(frame.MaxSide)
		f.Dirty = append(f.Dirty, image.Rect(x0, y0, x1, y1))
	}
	msg := make([]byte, r.number(exact.MaxMessage))
	_, err := io.ReadFull(r.in, msg)
	if err = errors.Join(r.failed, err); err != nil {
		return f, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if len(msg) > 0 {
		if _, _, err := r.decoder.Decode(msg); err != nil {
			return f, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
	}
	f.Picture = r.decoder.Frame()
	var want [4]byte
	if _, err := io.ReadFull(r.in, want[:]); err != nil || binary.BigEndian.Uint32(want[:]) != sum(f.Picture) {
		return f, fmt.Errorf("%w: another picture than was recorded", ErrCorrupt)
	}
	return f, nil
}

// Writer writes a recording.
type Writer struct {
	to      io.Writer
	encoder *exact.Encoder
}

// NewWriter returns a writer of a recording.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write adds a frame. All frames have one size.
func (w *Writer) Write(f Frame) error {
	if w.encoder == nil {
		var err error
		if w.encoder, err = exact.NewEncoder(f.Picture.Rect.Size()); err != nil {
			return fmt.Errorf("scenes: %w", err)
		}
	}
	msg, err := w.encoder.Encode(nil, f.Picture, f.Dirty)
	if err != nil {
		return fmt.Errorf("scenes: %w", err)
	}
	if w.encoder.Owed() {
		return errors.New("scenes: a frame larger than a message")
	}
	b := binary.AppendUvarint(nil, uint64(f.Tick))
	b = binary.AppendUvarint(b, uint64(len(f.Dirty)))
	for _, r := range f.Dirty {
		for _, v := range []int{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y} {
			b = binary.AppendUvarint(b, uint64(v))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(msg)))
	b = append(b, msg...)
	b = binary.BigEndian.AppendUint32(b, sum(f.Picture))
	if _, err := w.to.Write(b); err != nil {
		return fmt.Errorf("scenes: %w", err)
	}
	return nil
}

// sum returns a checksum of the colours of f.
func sum(f *frame.Frame) uint32 {
	s := uint32(0)
	line := make([]byte, 3*f.Rect.Dx())
	for y := f.Rect.Min.Y; y < f.Rect.Max.Y; y++ {
		row := f.Row(f.Rect.Min.X, f.Rect.Max.X, y)
		for i := range f.Rect.Dx() {
			copy(line[3*i:], row[i*frame.BytesPerPixel:][:3])
		}
		s = crc32.Update(s, crc32.IEEETable, line)
	}
	return s
}
