package exact

import (
	"encoding/binary"
	"fmt"
	"image"

	"github.com/klauspost/compress/zstd"

	"assist/media/frame"
)

// level was measured on text: lower ones take no less time and up to a third more bytes, higher ones several times the time.
const level = zstd.SpeedBetterCompression

// Encoder turns frames into messages. It starts no goroutine; one goroutine at a time uses it. It holds a copy of the
// picture and about four times Window of memory.
type Encoder struct {
	shown   *frame.Frame // what the decoder has after all messages so far
	grid    grid
	fresh   bool              // the next message starts a new picture
	tiles   []state           // of the message at hand
	owed    []image.Rectangle // in pixels: changed, but left out for want of room
	finder  finder
	palette palette
	regions []region
	payload []byte
	out     output
	stream  *zstd.Encoder
}

// state is what Encode knows of a tile.
type state uint8

const (
	unknown     state = iota // not dirty, so as the decoder has it
	same                     // dirty, but as the decoder has it
	changed                  // to be sent
	rawTile                  // to be sent raw
	paletteTile              // to be sent by palette
)

// region is a block of tiles sent with one code.
type region struct {
	tiles image.Rectangle
	code  byte
}

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
	var err error
	e.stream, err = zstd.NewWriter(&e.out, zstd.WithEncoderLevel(level), zstd.WithWindowSize(Window),
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("exact: zstd: %w", err)
	}
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
	e.fresh = true
	e.shown = frame.New(size.X, size.Y)
	e.grid = newGrid(size)
	e.tiles = make([]state, e.grid.cols*e.grid.rows)
	e.owed = nil
	e.palette.reset()
	e.stream.Reset(&e.out)
	return nil
}

// Restart makes the next message start a new, black picture, for a decoder that has none. That message is made even when
// nothing is dirty; whatever is not black must be named dirty again.
func (e *Encoder) Restart() error { return e.reset(e.grid.size) }

// Owed reports whether the last Encode left changes out because MaxPayload bytes were not room enough. The next
// Encode looks at them again, whatever its dirty says.
func (e *Encoder) Owed() bool { return len(e.owed) > 0 }

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
	e.classify(at0)
	e.payload = e.palette.flush(e.payload)
	e.split()
	for _, r := range e.regions {
		e.paint(at0, r)
	}
	return e.finish(dst)
}

// compare finds the tiles that differ from what the decoder has, and reports whether there are any.
func (e *Encoder) compare(f *frame.Frame, dirty []image.Rectangle, origin image.Point) bool {
	clear(e.tiles)
	some := false
	check := func(r image.Rectangle) {
		ts := e.grid.tiles(r)
		for ty := ts.Min.Y; ty < ts.Max.Y; ty++ {
			for tx := ts.Min.X; tx < ts.Max.X; tx++ {
				t := &e.tiles[ty*e.grid.cols+tx]
				if *t != unknown {
					continue
				}
				*t = same
				if !frame.SameIn(e.shown, f, e.grid.tile(tx, ty)) {
					*t, some = changed, true
				}
			}
		}
	}
	for _, r := range dirty {
		check(r.Sub(origin))
	}
	for _, r := range e.owed {
		check(r)
	}
	e.owed = e.owed[:0]
	return some
}

// move begins the payload with the moves that make the decoder's picture like f where they paint.
func (e *Encoder) move(f *frame.Frame) {
	var moves []move
	if !e.fresh { // in a black picture there is nothing to move
		moves = e.finder.find(e.grid, e.tiles, e.shown, f)
	}
	n := 0
	for _, m := range moves {
		if sameShifted(e.shown, f, m.to, m.by.Y) {
			e.shown.Move(m.to, m.by)
			moves[n] = m
			n++
		}
	}
	e.payload = binary.AppendUvarint(e.payload[:0], uint64(n))
	for _, m := range moves[:n] {
		e.payload = m.append(e.payload)
	}
	if n > 0 {
		e.recheck(f)
	}
}

// recheck looks, after moves, for tiles that the moves have made right.
func (e *Encoder) recheck(f *frame.Frame) {
	for i, t := range e.tiles {
		if t == changed && frame.SameIn(e.shown, f, e.grid.tile(i%e.grid.cols, i/e.grid.cols)) {
			e.tiles[i] = same
		}
	}
}

// classify chooses the code of every changed tile, as far as there is room, and owes the rest.
func (e *Encoder) classify(f *frame.Frame) {
	const regionHead = 1 + 4*2 // bytes at most: no coordinate in tiles is longer than 2
	e.palette.begin()
	room := MaxPayload - len(e.payload) - maxFlush
	for i, t := range e.tiles {
		if t != changed {
			continue
		}
		r := e.grid.tile(i%e.grid.cols, i/e.grid.cols)
		size := r.Dx() * r.Dy()
		if room < regionHead+size*rawBytes {
			e.tiles[i] = same
			e.owed = append(e.owed, r)
			continue
		}
		e.tiles[i] = paletteTile
		if !e.palette.take(f, r) {
			e.tiles[i] = rawTile
			size *= rawBytes
		}
		room -= regionHead + size
	}
}

// split joins tiles of one code to regions as large as a greedy search finds, and clears the tiles.
func (e *Encoder) split() {
	e.regions = e.regions[:0]
	cols := e.grid.cols
	for i, t := range e.tiles { // t is read when i is reached
		if t != rawTile && t != paletteTile {
			continue
		}
		x, y := i%cols, i/cols
		x1 := x + 1
		for x1 < cols && e.tiles[y*cols+x1] == t {
			x1++
		}
		y1 := y + 1
		for y1 < e.grid.rows && all(e.tiles[y1*cols+x:y1*cols+x1], t) {
			y1++
		}
		for ty := y; ty < y1; ty++ {
			clear(e.tiles[ty*cols+x : ty*cols+x1])
		}
		code := byte(codeRaw)
		if t == paletteTile {
			code = codePalette
		}
		e.regions = append(e.regions, region{image.Rect(x, y, x1, y1), code})
	}
}

func all(ts []state, want state) bool {
	for _, t := range ts {
		if t != want {
			return false
		}
	}
	return true
}

// paint writes the pixels of a region and notes that the decoder has them.
func (e *Encoder) paint(f *frame.Frame, r region) {
	e.payload = append(e.payload, r.code)
	for _, v := range []int{r.tiles.Min.X, r.tiles.Min.Y, r.tiles.Dx(), r.tiles.Dy()} {
		e.payload = binary.AppendUvarint(e.payload, uint64(v))
	}
	px := e.grid.pixels(r.tiles)
	for y := px.Min.Y; y < px.Max.Y; y++ {
		row := f.Row(px.Min.X, px.Max.X, y)
		if r.code == codePalette {
			e.payload = e.palette.append(e.payload, row)
			continue
		}
		for i := 0; i < len(row); i += frame.BytesPerPixel {
			e.payload = append(e.payload, row[i], row[i+1], row[i+2])
		}
	}
	e.shown.CopyRect(f, px)
}

// finish puts the head before the payload and sends both.
func (e *Encoder) finish(dst []byte) ([]byte, error) {
	if e.fresh {
		dst = append(dst, kindNew)
		dst = binary.BigEndian.AppendUint16(dst, uint16(e.grid.size.X))
		dst = binary.BigEndian.AppendUint16(dst, uint16(e.grid.size.Y))
		e.fresh = false
	} else {
		dst = append(dst, kindNext)
	}
	dst = binary.AppendUvarint(dst, uint64(len(e.payload)))
	e.out.to = dst
	_, err := e.stream.Write(e.payload)
	if err == nil {
		err = e.stream.Flush()
	}
	dst, e.out.to = e.out.to, nil
	if err != nil {
		return dst, fmt.Errorf("exact: zstd: %w", err)
	}
	return dst, nil
}
