// Package exact is the lossless plane of the picture: it turns a frame and its changed rectangles into
// one message, and messages back into a frame that shows the same colours, pixel by pixel.
//
// # Messages
//
// Messages are decoded in the order they were encoded in, and none may be missing. The first byte holds the version of the format, 2,
// in its upper half, and says in its lower half what follows:
//
//	uint16    width, uint16 height   bit 0, a new picture: each 1 to 8192, width*height at most MaxPixels
//	uint32    check                  bit 1: the picture after this message, see below
//	uvarint   n, uvarint m, m bytes  bit 2, photos: the next m bytes of the zstd stream (RFC 8878), which decompress to n bytes
//	bytes     the steps, to the end of the message
//
// Numbers are big endian; uvarint is that of encoding/binary. The picture starts black. A new picture also begins a new zstd stream
// and a new model. The stream is flushed at the end of each message, and its window is at most Window.
//
// The steps are bits of an adaptive arithmetic coder, [coder], with the chances that [model] holds:
//
//	moves     while a bit says so: x, y, width, height of the place that is painted, and where in the
//	          picture what it becomes stands, its x and y
//	tiles     while a bit says so: a tile that stands on the [shelf] is painted again
//	photos    while a bit says so: x, y, width, height of a rectangle
//	text      while a bit says so: x, y, width, height of a rectangle, and its pixels, coded one by one by the model
//
// Steps happen in this order, each on the result of the one before; a move whose two places overlap works as if through a copy. The
// pixels of the photos stand in the n bytes, row by row: first the row's green bytes, then red, then blue, each as the
// difference from what [between] predicts, that of green taken from red and blue.
// The moves of one message paint no more pixels than the picture has, the photos no more than n allows, and the texts no more
// than twice the picture.
//
// Tiles are 32x32 pixels. The shelf has those that were painted over, as long as they were whole: [shelf.keep] says which.
//
// The model and the shelf are a part of the format: the same pixels are the same bits only if both ends guess and keep alike.
//
// The check is the CRC-32C of the picture's pixels row by row, 4 bytes each: blue, green, red, 0. The encoder adds it to a new picture, to
// every 64th message, and to those of [Encoder.Check]. A decoder whose picture is another fails with ErrCorrupt: whoever
// feeds it must begin a new picture.
//
// # What it owns
//
// The encoder keeps its own copy of what the decoder has, and compares tiles with it: naming an unchanged rectangle
// costs time, not bytes. It finds moves, of several parts in several directions: scrolling, dragged windows. The package does
// not decide what goes lossless, how fast, or when: the caller does, by the rectangles it passes.
package exact

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"

	"assist/media/frame"
)

const (
	// MaxPixels is the largest picture: 64 MiB of memory at each end.
	MaxPixels = 1 << 24
	// MaxPayload is the most bytes that the photos of a message decompress to.
	MaxPayload = 2 << 20
	// MaxMessage is the longest message. Whoever puts messages together from pieces may refuse more.
	MaxMessage = 8<<20 + 64<<10
	// MaxMoves is the most moves in a message.
	MaxMoves = 1024
	// Window is how far back, in bytes of photos, the zstd stream may refer.
	Window = 1 << 20
)

// ErrCorrupt says that a message is not one that an Encoder made, or not the next one.
var ErrCorrupt = errors.New("exact: corrupt message")

// ErrSize says that a picture is empty or larger than the format carries.
var ErrSize = errors.New("exact: picture size")

// First byte of messages.
const (
	version     = 0x20
	versionMask = 0xf0
	hasSize     = 1 << 0
	hasCheck    = 1 << 1
	hasPhotos   = 1 << 2
	allFlags    = hasSize | hasCheck | hasPhotos
)

// wholeTile is the size of a tile that is not cut off at the picture's edge.
var wholeTile = image.Pt(frame.Tile, frame.Tile)

// rawBytes is the size of a photo's pixel.
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

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// check returns the check of a picture whose unused bytes are 0.
func check(f *frame.Frame) uint32 {
	sum := uint32(0)
	for y := f.Rect.Min.Y; y < f.Rect.Max.Y; y++ {
		sum = crc32.Update(sum, castagnoli, f.Row(f.Rect.Min.X, f.Rect.Max.X, y))
	}
	return sum
}

// pixel returns a pixel as a number, its unused byte 0.
func pixel(p []byte) uint32 { return binary.LittleEndian.Uint32(p) & 0xffffff }
