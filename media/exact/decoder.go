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

// Decoder rebuilds the picture from messages. Apart from the picture it holds about 20 MiB of memory, whatever
// the messages say. It starts no goroutine; one goroutine at a time uses it.
type Decoder struct {
	picture *frame.Frame // its unused bytes are 0
	grid    grid
	model   *model // nil before the first picture
	shelf   shelf
	photos  []image.Rectangle
	feed    feed
	stream  *zstd.Decoder // of the photos; nil before the first
	begun   bool          // the stream has the photos of this picture so far
	pixels  *bufio.Reader
	row     []byte
	dirty   []image.Rectangle
	err     error // set for good by the first failure
}

// NewDecoder returns a decoder that waits for a new picture.
func NewDecoder() *Decoder {
	return &Decoder{picture: frame.New(0, 0)}
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

// Begins reports whether a message starts a new picture, so that a new decoder can go on with it.
func Begins(msg []byte) bool { return len(msg) > 0 && msg[0]&hasSize != 0 }

// message is what stands before the steps.
type message struct {
	flags  byte
	size   image.Point
	check  uint32
	n      int    // bytes that the photos decompress to
	photos []byte // compressed
	steps  []byte
}

func parse(msg []byte) (m message, err error) {
	if len(msg) == 0 || len(msg) > MaxMessage {
		return m, corrupt("%d bytes long", len(msg))
	}
	m.flags = msg[0]
	if m.flags&versionMask != version || m.flags&^(versionMask|allFlags) != 0 {
		return m, corrupt("kind %#x", m.flags)
	}
	msg = msg[1:]
	if m.flags&hasSize != 0 {
		if len(msg) < 4 {
			return m, corrupt("short head")
		}
		m.size = image.Pt(int(binary.BigEndian.Uint16(msg)), int(binary.BigEndian.Uint16(msg[2:])))
		msg = msg[4:]
	}
	if m.flags&hasCheck != 0 {
		if len(msg) < 4 {
			return m, corrupt("short check")
		}
		m.check, msg = binary.BigEndian.Uint32(msg), msg[4:]
	}
	if m.flags&hasPhotos != 0 {
		n, a := binary.Uvarint(msg)
		l, b := binary.Uvarint(msg[max(a, 0):])
		if a <= 0 || b <= 0 || n < 1 || n > MaxPayload || l > uint64(len(msg)-a-b) {
			return m, corrupt("length of photos")
		}
		m.n, m.photos, msg = int(n), msg[a+b:a+b+int(l)], msg[a+b+int(l):]
	}
	m.steps = msg
	return m, nil
}

func (d *Decoder) decode(msg []byte) error {
	m, err := parse(msg)
	if err != nil {
		return err
	}
	if m.flags&hasSize != 0 {
		if err := d.start(m.size); err != nil {
			return err
		}
	} else if d.model == nil {
		return corrupt("no picture to go on with")
	}
	d.model.read(m.steps)
	if err := d.moves(); err != nil {
		return err
	}
	if err := d.tiles(); err != nil {
		return err
	}
	if err := d.paintPhotos(m); err != nil {
		return err
	}
	if err := d.texts(); err != nil {
		return err
	}
	if len(d.model.buf) > 0 || d.model.over() {
		return corrupt("%d bytes left, %d missing", len(d.model.buf), d.model.missing)
	}
	if m.flags&hasCheck != 0 && check(d.picture) != m.check {
		return corrupt("another picture than the encoder's")
	}
	return nil
}

// start starts a new, black picture.
func (d *Decoder) start(size image.Point) error {
	if err := checkSize(size); err != nil {
		return fmt.Errorf("%w %d x %d", err, size.X, size.Y)
	}
	if d.picture.Rect.Size() == size {
		clear(d.picture.Pix)
		d.model.reset()
	} else {
		d.picture = frame.New(size.X, size.Y)
		d.model = newModel(size)
	}
	d.shelf.reset()
	d.grid, d.begun = newGrid(size), false
	d.dirty = append(d.dirty, d.picture.Rect)
	return nil
}

// place reads a rectangle, not empty, that lies in the picture.
func (d *Decoder) place(step int) (image.Rectangle, error) {
	r := d.model.place(step, image.Rectangle{})
	if d.model.over() || r.Empty() || !r.In(d.picture.Rect) {
		return r, corrupt("rectangle %v", r)
	}
	return r, nil
}

func (d *Decoder) moves() error {
	left := area(d.picture.Rect)
	for n := 0; d.model.again(stepMove, false); n++ {
		to, err := d.place(stepMove)
		if err != nil {
			return err
		}
		by := d.model.source(image.Point{}).Sub(to.Min)
		if !to.Add(by).In(d.picture.Rect) {
			return corrupt("move from outside")
		}
		if left -= area(to); left < 0 || n == MaxMoves {
			return corrupt("more moved than the picture has")
		}
		d.picture.Move(to, by)
		d.dirty = append(d.dirty, to)
	}
	return nil
}

// tiles paints tiles from the shelf.
func (d *Decoder) tiles() error {
	d.shelf.begin()
	last := restored{-1, -1}
	for d.model.again(stepTile, false) {
		last = d.model.tile(last, restored{})
		if d.model.over() || last.tile >= d.grid.cols*d.grid.rows {
			return corrupt("tile %d", last.tile)
		}
		r := d.grid.tile(last.tile%d.grid.cols, last.tile/d.grid.cols)
		if r.Size() != wholeTile || !d.shelf.restore(d.picture, r, last.from) {
			return corrupt("tile %d from place %d", last.tile, last.from)
		}
		d.dirty = append(d.dirty, r)
	}
	return nil
}

// paintPhotos reads where the photos are, and paints them.
func (d *Decoder) paintPhotos(m message) error {
	d.photos = d.photos[:0]
	left := m.n
	for d.model.again(stepPhoto, false) {
		r, err := d.place(stepPhoto)
		if err != nil {
			return err
		}
		if left -= area(r) * rawBytes; left < 0 {
			return corrupt("photos larger than they say")
		}
		d.photos = append(d.photos, r)
	}
	if left != 0 {
		return corrupt("photos smaller than they say")
	}
	if m.n == 0 {
		return nil
	}
	d.feed.msg = m.photos
	defer func() { d.feed.msg = nil }()
	if err := d.begin(); err != nil {
		return err
	}
	d.pixels.Reset(io.LimitReader(d.stream, int64(m.n)))
	for _, r := range d.photos {
		d.shelf.keep(d.picture, r, true)
		if err := d.photo(r); err != nil {
			return err
		}
		d.dirty = append(d.dirty, r)
	}
	if len(d.feed.msg) > 0 {
		return corrupt("%d bytes of photos too many", len(d.feed.msg))
	}
	return nil
}

// begin makes the stream ready for the photos of a message.
func (d *Decoder) begin() error {
	switch {
	case d.begun:
		return nil
	case d.stream != nil:
		d.begun = true
		return streamError(d.stream.Reset(&d.feed))
	}
	d.begun = true
	d.pixels = bufio.NewReaderSize(nil, 16<<10)
	var err error
	// With a concurrency of 1 the stream is decoded inside Read, block by block, and a Read never asks for a block
	// that it does not need: what a flush sent is enough to read what was written before it.
	d.stream, err = zstd.NewReader(&d.feed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(Window), zstd.WithDecoderMaxMemory(Window))
	return streamError(err)
}

// photo paints r.
func (d *Decoder) photo(r image.Rectangle) error {
	n := r.Dx() * rawBytes
	if len(d.row) < n {
		d.row = make([]byte, n)
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if _, err := io.ReadFull(d.pixels, d.row[:n]); err != nil {
			return streamError(err)
		}
		unphoto(d.picture, r, y, d.row[:n])
	}
	return nil
}

func (d *Decoder) texts() error {
	left := 2 * area(d.picture.Rect)
	for d.model.again(stepText, false) {
		r, err := d.place(stepText)
		if err != nil {
			return err
		}
		if left -= area(r); left < 0 {
			return corrupt("more painted than the picture has")
		}
		d.shelf.keep(d.picture, r, false)
		if !d.model.rect(d.picture, nil, r) {
			return corrupt("message ends early")
		}
		d.dirty = append(d.dirty, r)
	}
	return nil
}

// feed is the input of the zstd stream: the photos of the message at hand, never more. Running dry is an error, and
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
