package exact

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/klauspost/compress/zstd"

	"assist/media/frame"
)

// Decoder rebuilds the picture from messages. Apart from the picture it holds about twice Window of memory, whatever
// the messages say. It starts no goroutine; one goroutine at a time uses it.
type Decoder struct {
	picture *frame.Frame
	grid    grid
	feed    feed
	stream  *zstd.Decoder // nil before the first picture
	limited io.LimitedReader
	payload *bufio.Reader
	palette [256]uint32
	row     []byte
	dirty   []image.Rectangle
	err     error // set for good by the first failure
}

// NewDecoder returns a decoder that waits for a new picture.
func NewDecoder() *Decoder {
	d := &Decoder{picture: frame.New(0, 0)}
	d.payload = bufio.NewReaderSize(&d.limited, 16<<10)
	return d
}

// Frame returns the picture, which Decode changes in place. It is empty before the first message and another one after
// a message that starts a new picture.
func (d *Decoder) Frame() *frame.Frame { return d.picture }

// Decode applies one message and returns the picture's size and what changed; dirty is valid until the next call. Every
// error is an ErrCorrupt or ErrSize and final: the picture may be half painted and all later calls fail alike.
func (d *Decoder) Decode(msg []byte) (size image.Point, dirty []image.Rectangle, err error) {
	if d.err == nil {
		d.dirty = d.dirty[:0]
		d.err = d.decode(msg)
	}
	if d.err != nil {
		return image.Point{}, nil, d.err
	}
	return d.grid.size, d.dirty, nil
}

func (d *Decoder) decode(msg []byte) error {
	if len(msg) > MaxMessage {
		return corrupt("%d bytes long", len(msg))
	}
	d.feed.msg = msg
	defer func() { d.feed.msg = nil }()
	kind, err := d.feed.ReadByte()
	switch {
	case err != nil:
		return corrupt("empty")
	case kind == kindNew:
		if err := d.start(); err != nil {
			return err
		}
	case kind != kindNext:
		return corrupt("kind %#x", kind)
	case d.stream == nil:
		return corrupt("no picture to go on with")
	}
	n, err := binary.ReadUvarint(&d.feed)
	if err != nil || n < 1 || n > MaxPayload {
		return corrupt("payload length")
	}
	d.limited = io.LimitedReader{R: d.stream, N: int64(n)}
	d.payload.Reset(&d.limited)
	if err := d.apply(); err != nil {
		return err
	}
	if len(d.feed.msg) > 0 {
		return corrupt("%d bytes too many", len(d.feed.msg))
	}
	return nil
}

// start reads the head of a new picture.
func (d *Decoder) start() error {
	var head [4]byte
	if _, err := io.ReadFull(&d.feed, head[:]); err != nil {
		return corrupt("short head")
	}
	size := image.Pt(int(binary.BigEndian.Uint16(head[:])), int(binary.BigEndian.Uint16(head[2:])))
	if err := checkSize(size); err != nil {
		return fmt.Errorf("%w %d x %d", err, size.X, size.Y)
	}
	d.grid, d.palette = newGrid(size), [256]uint32{}
	if d.picture.Rect.Size() == size {
		clear(d.picture.Pix)
	} else {
		d.picture = frame.New(size.X, size.Y)
	}
	d.row = make([]byte, size.X*rawBytes)
	d.dirty = append(d.dirty, d.picture.Rect)
	if d.stream != nil {
		return streamError(d.stream.Reset(&d.feed))
	}
	var err error
	// With a concurrency of 1 the stream is decoded inside Read, block by block, and a Read never asks for a block
	// that it does not need: what a flush sent is enough to read what was written before it.
	d.stream, err = zstd.NewReader(&d.feed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(Window), zstd.WithDecoderMaxMemory(Window))
	return streamError(err)
}

// apply carries out the payload.
func (d *Decoder) apply() error {
	if err := d.moves(); err != nil {
		return err
	}
	if err := d.colours(); err != nil {
		return err
	}
	for left := d.grid.size.X * d.grid.size.Y; ; {
		code, err := d.payload.ReadByte()
		if err == io.EOF && d.limited.N == 0 {
			return nil
		}
		if err != nil {
			return streamError(err)
		}
		r, err := d.rect(image.Pt(d.grid.cols, d.grid.rows))
		if err != nil {
			return err
		}
		if r = d.grid.pixels(r); r.Dx()*r.Dy() > left {
			return corrupt("more pixels than the picture has")
		}
		left -= r.Dx() * r.Dy()
		if err := d.paint(r, code); err != nil {
			return err
		}
		d.dirty = append(d.dirty, r)
	}
}

func (d *Decoder) moves() error {
	n, err := d.uvarint(MaxMoves)
	if err != nil {
		return err
	}
	for left := d.grid.size.X * d.grid.size.Y; n > 0; n-- {
		to, err := d.rect(d.grid.size)
		if err != nil {
			return err
		}
		dx, errX := binary.ReadVarint(d.payload)
		dy, errY := binary.ReadVarint(d.payload)
		if err := errors.Join(errX, errY); err != nil {
			return streamError(err)
		}
		if dx < -frame.MaxSide || dx > frame.MaxSide || dy < -frame.MaxSide || dy > frame.MaxSide {
			return corrupt("move too far")
		}
		by := image.Pt(int(dx), int(dy))
		if !to.Add(by).In(d.picture.Rect) {
			return corrupt("move from outside")
		}
		if left -= to.Dx() * to.Dy(); left < 0 {
			return corrupt("more moved than the picture has")
		}
		d.picture.Move(to, by)
		d.dirty = append(d.dirty, to)
	}
	return nil
}

func (d *Decoder) colours() error {
	n, err := d.uvarint(uint64(len(d.palette)))
	if err != nil {
		return err
	}
	for ; n > 0; n-- {
		var c [1 + rawBytes]byte
		if _, err := io.ReadFull(d.payload, c[:]); err != nil {
			return streamError(err)
		}
		d.palette[c[0]] = uint32(c[1]) | uint32(c[2])<<8 | uint32(c[3])<<16
	}
	return nil
}

// paint reads the pixels of r.
func (d *Decoder) paint(r image.Rectangle, code byte) error {
	width := r.Dx()
	switch code {
	case codeRaw:
		width *= rawBytes
	case codePalette:
	default:
		return corrupt("code %d", code)
	}
	in := d.row[:width]
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if _, err := io.ReadFull(d.payload, in); err != nil {
			return streamError(err)
		}
		out := d.picture.Row(r.Min.X, r.Max.X, y)
		if code == codePalette {
			for i, c := range in {
				binary.LittleEndian.PutUint32(out[i*frame.BytesPerPixel:], d.palette[c])
			}
			continue
		}
		for i := 0; i < len(in); i += rawBytes {
			p := out[:frame.BytesPerPixel]
			p[0], p[1], p[2], p[3] = in[i], in[i+1], in[i+2], 0
			out = out[frame.BytesPerPixel:]
		}
	}
	return nil
}

// rect reads a rectangle, not empty, that lies in 0,0 to within.
func (d *Decoder) rect(within image.Point) (image.Rectangle, error) {
	var v [4]int
	for i := range v {
		n, err := d.uvarint(frame.MaxSide)
		if err != nil {
			return image.Rectangle{}, err
		}
		v[i] = n
	}
	if v[2] == 0 || v[3] == 0 || v[0]+v[2] > within.X || v[1]+v[3] > within.Y {
		return image.Rectangle{}, corrupt("rectangle outside")
	}
	return image.Rect(v[0], v[1], v[0]+v[2], v[1]+v[3]), nil
}

// uvarint reads a number from 0 to most.
func (d *Decoder) uvarint(most uint64) (int, error) {
	v, err := binary.ReadUvarint(d.payload)
	if err != nil {
		return 0, streamError(err)
	}
	if v > most {
		return 0, corrupt("%d where at most %d may stand", v, most)
	}
	return int(v), nil
}

// feed is the input of the zstd stream: the message at hand, never more. Running dry is an error, and
// because every message holds all it needs, one that ends the stream.
type feed struct{ msg []byte }

var errDry = errors.New("message ends early")

func (f *feed) Read(p []byte) (int, error) {
	if len(f.msg) == 0 {
		return 0, errDry
	}
	n := copy(p, f.msg)
	f.msg = f.msg[n:]
	return n, nil
}

func (f *feed) ReadByte() (byte, error) {
	if len(f.msg) == 0 {
		return 0, errDry
	}
	b := f.msg[0]
	f.msg = f.msg[1:]
	return b, nil
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// streamError returns err, from the zstd stream or a reader above it, as an ErrCorrupt.
func streamError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}
