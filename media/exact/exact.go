// Package exact is the lossless plane of the picture: it turns a frame and its changed rectangles into
// one message, and messages back into a frame that shows the same colours, pixel by pixel.
//
// # Messages
//
// Messages are decoded in the order they were encoded in, and none may be missing. Numbers are big endian; uvarint and
// varint (zigzag) are those of encoding/binary. The picture starts black.
//
//	byte      0x10: the picture goes on; 0x11: a new picture
//	uint16    width  (new picture only), 1 to 8192
//	uint16    height (new picture only), 1 to 8192; width*height is at most MaxPixels
//	uvarint   n, 1 to MaxPayload
//	bytes     the next bytes of the zstd stream (RFC 8878), which decompress to n bytes of payload
//
// There is one zstd stream for all messages of a picture; it is flushed at the end of each message, its window is at most
// Window, and a new picture begins a new stream, an empty palette and a black picture. The payload:
//
//	uvarint   number of moves, at most MaxMoves, and that many times
//	  uvarint   x, y, width, height: the place that is painted
//	  varint    dx, dy: it becomes what stands at x+dx, y+dy
//	uvarint   number of changed colours of the palette, at most 256, and that many times
//	  byte      index
//	  3 bytes   blue, green, red
//	until the payload ends
//	  byte      0: raw, 1: palette
//	  uvarint   x, y, width, height, in tiles of 32x32 pixels; cut off at the picture's right and lower edge
//	  bytes     the pixels row by row: raw 3 bytes blue, green, red; palette 1 byte index
//
// Steps happen in this order, each on the result of the one before; a move whose two places overlap works as if through
// a copy. The moves of one message paint no more pixels than the picture has, and neither do its tiles.
//
// # What it owns
//
// The encoder keeps its own copy of what the decoder has, and compares tiles with it: naming an unchanged rectangle
// costs time, not bytes. It finds vertical moves (scrolling); the format also carries moves in
// other directions. The package does not decide what goes lossless, how fast, or when: the caller does, by
// the rectangles it passes.
package exact

import (
	"encoding/binary"
	"errors"
	"image"

	"assist/media/frame"
)

const (
	// MaxPixels is the largest picture: 64 MiB of memory at each end.
	MaxPixels = 1 << 24
	// MaxPayload is the most bytes that one message decompresses to.
	MaxPayload = 8 << 20
	// MaxMessage is the longest message: a payload that zstd cannot shrink, and the heads of its blocks. Whoever puts
	// messages together from pieces may refuse more.
	MaxMessage = MaxPayload + 64<<10
	// MaxMoves is the most moves in a message.
	MaxMoves = 1024
	// Window is how far back, in bytes of payload, the zstd stream may refer.
	Window = 8 << 20
)

// ErrCorrupt says that a message is not one that an Encoder made, or not the next one.
var ErrCorrupt = errors.New("exact: corrupt message")

// ErrSize says that a picture is empty or larger than the format carries.
var ErrSize = errors.New("exact: picture size")

// First bytes of messages.
const (
	kindNext = 0x10
	kindNew  = 0x11
)

// Coding of a region.
const (
	codeRaw     = 0
	codePalette = 1
)

// rawBytes is the size of a raw pixel.
const rawBytes = 3

// grid is the tiles of a picture.
type grid struct {
	size       image.Point // of the picture, in pixels
	cols, rows int
}

func newGrid(size image.Point) grid {
	return grid{size, (size.X + frame.Tile - 1) / frame.Tile, (size.Y + frame.Tile - 1) / frame.Tile}
}

// pixels returns the part of the picture that the tiles in r cover.
func (g grid) pixels(r image.Rectangle) image.Rectangle {
	return image.Rect(r.Min.X*frame.Tile, r.Min.Y*frame.Tile,
		min(r.Max.X*frame.Tile, g.size.X), min(r.Max.Y*frame.Tile, g.size.Y))
}

// tile returns the pixels of one tile.
func (g grid) tile(tx, ty int) image.Rectangle {
	return g.pixels(image.Rect(tx, ty, tx+1, ty+1))
}

// tiles returns the tiles that r, in pixels, touches.
func (g grid) tiles(r image.Rectangle) image.Rectangle {
	r = r.Intersect(image.Rectangle{Max: g.size})
	if r.Empty() {
		return image.Rectangle{}
	}
	return image.Rect(r.Min.X/frame.Tile, r.Min.Y/frame.Tile,
		(r.Max.X+frame.Tile-1)/frame.Tile, (r.Max.Y+frame.Tile-1)/frame.Tile)
}

// checkSize returns ErrSize for a picture that the format does not carry.
func checkSize(size image.Point) error {
	if size.X < 1 || size.Y < 1 || size.X > frame.MaxSide || size.Y > frame.MaxSide || size.X*size.Y > MaxPixels {
		return ErrSize
	}
	return nil
}

// move is a part of the picture that becomes what stands elsewhere in it.
type move struct {
	to image.Rectangle
	by image.Point // from to to where it is copied from
}

func (m move) append(dst []byte) []byte {
	for _, v := range []int{m.to.Min.X, m.to.Min.Y, m.to.Dx(), m.to.Dy()} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	dst = binary.AppendVarint(dst, int64(m.by.X))
	return binary.AppendVarint(dst, int64(m.by.Y))
}

// pixel returns a pixel as a number, its unused byte 0.
func pixel(p []byte) uint32 { return binary.LittleEndian.Uint32(p) & 0xffffff }
