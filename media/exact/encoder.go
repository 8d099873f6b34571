package exact

import (
	"encoding/binary"
	"fmt"
	"image"
	"slices"

	"github.com/klauspost/compress/zstd"

	"assist/media/frame"
)

const (
	level     = zstd.SpeedDefault // higher ones find hardly more in differences
	maxText   = 1 << 20           // bytes of steps after which the rest waits for the next message
	checkEach = 64                // messages from one check to the next
)

// Encoder turns frames into messages. It starts no goroutine; one goroutine at a time uses it. It holds a copy of the
// picture and about 24 MiB of memory.
type Encoder struct {
	// Hold, if not nil, is asked for each tile that pixels are about to be sent of, by a place in it, counted from the picture's
	// corner; photo says whether it looks like one. A tile that is held is left out: whoever held it
	// names it dirty again. Held tiles are not counted by Owed.
	Hold func(at image.Point, photo bool) bool

	// Room is about how many bytes of text a message may take, PhotoRoom how many of photos if it has no text; 0 for as many
	// as the format allows. One step always fits. What is left out is owed; what is named dirty goes before what was owed
	// already.
	Room, PhotoRoom int

	shown     *frame.Frame // what the decoder has after all messages so far; its unused bytes are 0
	grid      grid
	fresh     bool    // the next message starts a new picture
	unchecked int     // messages since the last check
	tiles     []state // of the message at hand
	owed      []debt  // changed, but left out for want of room
	finder    finder
	moves     []move
	shelf     shelf
	restored  []restored
	photos    []image.Rectangle
	texts     []image.Rectangle
	begun     int    // where the message at hand begins in its buffer
	pixels    []byte // of the photos
	model     *model
	out       output
	stream    *zstd.Encoder // of the photos; nil before the first
}

// state is what Encode knows of a tile.
type state uint8

const (
	unknown      state = iota // not dirty, so as the decoder has it
	same                      // dirty, but as the decoder has it
	changed                   // to be sent
	waiting                   // to be sent, and owed since an earlier message, for which moves were looked for
	waitingPhoto              // the same, of a photo
)

func (s state) differs() bool { return s >= changed }

// output collects what the zstd stream writes.
type output struct{ to []byte }

func (o *output) Write(p []byte) (int, error) {
	o.to = append(o.to, p...)
	return len(p), nil
}

// NewEncoder returns an encoder for pictures of this size, in pixels. A picture that is empty, or larger than MaxPixels or
// frame.MaxSide, is an ErrSize.
func NewEncoder(size image.Point) (*Encoder, error) {
	e := &Encoder{}
	if err := e.reset(size); err != nil {
		return nil, err
	}
	return e, nil
}

// reset starts a new, black picture.
func (e *Encoder) reset(size image.Point) error {
	if err := checkSize(size); err != nil {
		return fmt.Errorf("%w %d x %d", err, size.X, size.Y)
	}
	if e.model != nil && size == e.grid.size {
		clear(e.shown.Pix)
		e.model.reset()
	} else {
		e.shown = frame.New(size.X, size.Y)
		e.model = newModel(size)
	}
	e.fresh = true
	e.shelf.reset()
	e.grid = newGrid(size)
	e.tiles = make([]state, e.grid.cols*e.grid.rows)
	e.owed = nil
	e.stream = nil
	return nil
}

// Restart makes the next message start a new, black picture, for a decoder that has none. That message is made even when
// nothing is dirty; whatever is not black must be named dirty again.
func (e *Encoder) Restart() error { return e.reset(e.grid.size) }

// Owed reports whether the last Encode left changes out because a message had no more room. The next
// Encode looks at them again, whatever its dirty says.
func (e *Encoder) Owed() bool { return len(e.owed) > 0 }

// Owes reports whether any of what is owed lies in r, in pixels from the picture's corner.
func (e *Encoder) Owes(r image.Rectangle) bool {
	return slices.ContainsFunc(e.owed, func(d debt) bool { return d.r.Overlaps(r) })
}

// Check appends a message that lets the decoder compare its whole picture, unless the last message did. It is
// for a picture that has come to rest.
func (e *Encoder) Check(dst []byte) ([]byte, error) {
	if e.unchecked == 0 && !e.fresh {
		return dst, nil
	}
	e.moves, e.restored, e.photos, e.texts = e.moves[:0], e.restored[:0], e.photos[:0], e.texts[:0]
	e.unchecked = checkEach
	return e.message(dst, e.shown)
}

// Encode appends the message that brings the decoder's picture up to f inside dirty, and returns the longer dst. What f
// shows elsewhere must not have changed, and is hardly looked at. Rectangles are pixels of f. When the decoder has
// all of it already, nothing is appended. A message once encoded must reach the decoder, in order.
//
// A frame of another size than the last starts a new, black picture: then dirty names all of it.
func (e *Encoder) Encode(dst []byte, f *frame.Frame, dirty []image.Rectangle) ([]byte, error) {
	if f.Rect.Size() != e.grid.size {
		if err := e.reset(f.Rect.Size()); err != nil {
			return dst, err
		}
	}
	at0 := &frame.Frame{Pix: f.Pix, Stride: f.Stride, Rect: image.Rectangle{Max: e.grid.size}}
	if !e.compare(at0, dirty, f.Rect.Min) && !e.fresh {
		return dst, nil
	}
	e.move(at0)
	e.restore(at0)
	e.sort(at0)
	if !e.fresh && len(e.moves)+len(e.restored)+len(e.photos)+len(e.texts) == 0 {
		return dst, nil // all of it is held, or owed
	}
	return e.message(dst, at0)
}

// compare finds the tiles that differ from what the decoder has, and reports whether there are any.
func (e *Encoder) compare(f *frame.Frame, dirty []image.Rectangle, origin image.Point) bool {
	clear(e.tiles)
	some := false
	check := func(r image.Rectangle, as state) {
		ts := e.grid.tiles(r)
		for ty := ts.Min.Y; ty < ts.Max.Y; ty++ {
			for tx := ts.Min.X; tx < ts.Max.X; tx++ {
				t := &e.tiles[ty*e.grid.cols+tx]
				if *t != unknown {
					continue
				}
				*t = same
				if !frame.SameIn(e.shown, f, e.grid.tile(tx, ty)) {
					*t, some = as, true
				}
			}
		}
	}
	for _, r := range dirty {
		check(r.Sub(origin), changed)
	}
	for _, d := range e.owed {
		as := waiting
		if d.photo {
			as = waitingPhoto
		}
		check(d.r, as)
	}
	e.owed = e.owed[:0]
	return some
}

// move makes the moves that bring the decoder's picture nearer to f, and notes them.
func (e *Encoder) move(f *frame.Frame) {
	e.moves = e.moves[:0]
	if e.fresh { // in a black picture there is nothing to move
		return
	}
	left := area(f.Rect)
	for _, m := range e.finder.find(e.grid, e.tiles, e.shown, f) {
		// The finder has compared; but an earlier move may have painted over the source.
		spoilt := func(before move) bool { return before.to.Overlaps(m.to.Add(m.by)) }
		if area(m.to) > left || slices.ContainsFunc(e.moves, spoilt) && !sameShifted(e.shown, f, m.to, m.by) {
			continue
		}
		left -= area(m.to)
		e.shown.Move(m.to, m.by)
		e.moves = append(e.moves, m)
		e.settle(m.to)
	}
}

// settle notes that the tiles inside r are as the decoder has them.
func (e *Encoder) settle(r image.Rectangle) {
	for ty := (r.Min.Y + frame.Tile - 1) / frame.Tile; ty < e.grid.rows; ty++ {
		for tx := (r.Min.X + frame.Tile - 1) / frame.Tile; tx < e.grid.cols && e.grid.tile(tx, ty).In(r); tx++ {
			if t := &e.tiles[ty*e.grid.cols+tx]; t.differs() {
				*t = same
			}
		}
	}
}

// restore takes tiles from the shelf, and notes them.
func (e *Encoder) restore(f *frame.Frame) {
	e.restored = e.restored[:0]
	e.shelf.begin()
	if len(e.shelf.hashes) == 0 {
		return
	}
	for i, t := range e.tiles {
		tile := e.grid.tile(i%e.grid.cols, i/e.grid.cols)
		if t != changed || tile.Size() != wholeTile || frame.SameIn(e.shown, f, tile) {
			continue
		}
		if from, ok := e.shelf.find(f, tile); ok {
			e.shelf.restore(e.shown, tile, from)
			e.restored = append(e.restored, restored{i, from})
			e.tiles[i] = same
		}
	}
}

// message appends the message of the steps that were found.
func (e *Encoder) message(dst []byte, f *frame.Frame) ([]byte, error) {
	begin := len(dst)
	e.begun = begin
	flags := byte(version)
	dst = append(dst, 0)
	if e.fresh {
		flags |= hasSize
		dst = binary.BigEndian.AppendUint16(dst, uint16(e.grid.size.X))
		dst = binary.BigEndian.AppendUint16(dst, uint16(e.grid.size.Y))
	}
	checkAt := len(dst)
	if e.unchecked++; e.fresh || e.unchecked >= checkEach {
		flags |= hasCheck
		dst = append(dst, 0, 0, 0, 0)
		e.unchecked = 0
	}
	e.fresh = false
	if len(e.photos) > 0 {
		flags |= hasPhotos
		var err error
		if dst, err = e.compress(dst, f); err != nil {
			return dst, err
		}
	}
	dst[begin] = flags
	e.model.write(dst)
	e.steps(f)
	dst = e.model.finish()
	if flags&hasCheck != 0 {
		binary.BigEndian.PutUint32(dst[checkAt:], check(e.shown))
	}
	return dst, nil
}

// compress appends the pixels of the photos.
func (e *Encoder) compress(dst []byte, f *frame.Frame) ([]byte, error) {
	if e.stream == nil {
		var err error
		e.stream, err = zstd.NewWriter(&e.out, zstd.WithEncoderLevel(level), zstd.WithWindowSize(Window),
			zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
		if err != nil {
			return dst, fmt.Errorf("exact: zstd: %w", err)
		}
	}
	e.pixels = e.pixels[:0]
	for _, r := range e.photos {
		e.pixels = photo(e.pixels, f, r)
	}
	e.out.to = e.out.to[:0]
	_, err := e.stream.Write(e.pixels)
	if err == nil {
		err = e.stream.Flush()
	}
	if err != nil {
		return dst, fmt.Errorf("exact: zstd: %w", err)
	}
	dst = binary.AppendUvarint(dst, uint64(len(e.pixels)))
	dst = binary.AppendUvarint(dst, uint64(len(e.out.to)))
	return append(dst, e.out.to...), nil
}

// steps writes the steps, and notes that the decoder has their pixels.
func (e *Encoder) steps(f *frame.Frame) {
	m := e.model
	for _, v := range e.moves {
		m.again(stepMove, true)
		m.place(stepMove, v.to)
		m.source(v.to.Min.Add(v.by))
	}
	m.again(stepMove, false)
	last := restored{-1, -1}
	for _, r := range e.restored {
		m.again(stepTile, true)
		last = m.tile(last, r)
	}
	m.again(stepTile, false)
	for _, r := range e.photos {
		m.again(stepPhoto, true)
		m.place(stepPhoto, r)
		e.shelf.keep(e.shown, r, true)
		copyClean(e.shown, f, r)
	}
	m.again(stepPhoto, false)
	e.writeTexts(f)
	m.again(stepText, false)
}

// copyClean copies r from src to dst, the unused bytes as 0.
func copyClean(dst, src *frame.Frame, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		to, from := dst.Row(r.Min.X, r.Max.X, y), src.Row(r.Min.X, r.Max.X, y)
		for i := 0; i+4 <= len(to); i += frame.BytesPerPixel {
			binary.LittleEndian.PutUint32(to[i:], pixel(from[i:]))
		}
	}
}
