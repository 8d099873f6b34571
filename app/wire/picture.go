package wire

import (
	"encoding/binary"
	"image"
)

// Part is a piece of an exact-plane frame. The pieces of a frame come in order, the last one marked. Frames of both planes take
// their numbers from one count.
type Part struct {
	Frame uint32
	Last  bool
	Bytes []byte
}

func (*Part) Type() Type { return TPart }

func (m *Part) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TPart)), m.Frame)
	return append(appendBool(b, m.Last), m.Bytes...)
}

func (m *Part) parse(r *reader) {
	m.Frame, m.Last = r.u32(), r.bool()
	m.Bytes = r.b
	r.check(len(m.Bytes) <= PartSize)
}

// Seen says that the engineer's window has a frame, of either plane.
type Seen struct {
	Frame    uint32
	Received uint64 // bytes of pictures since the link came up, this frame's included
	Stamp    uint32 // when the frame was whole: milliseconds of a clock that only runs on, from any start
}

func (*Seen) Type() Type { return TSeen }

func (m *Seen) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TSeen)), m.Frame)
	b = binary.BigEndian.AppendUint64(b, m.Received)
	return binary.BigEndian.AppendUint32(b, m.Stamp)
}

func (m *Seen) parse(r *reader) { m.Frame, m.Received, m.Stamp = r.u32(), r.u64(), r.u32() }

// MaxTileRects is the most rectangles that a message names tiles with.
const MaxTileRects = 256

// maxTile is the largest coordinate of a rectangle of tiles.
const maxTile = 1 << 10

// Release gives tiles that the motion plane painted back to the exact plane, which has caught up with them.
type Release struct {
	Frame uint32            // the number of this change, as of a frame
	Tiles []image.Rectangle // in tiles of 32x32 pixels from the picture's corner
}

func (*Release) Type() Type { return TRelease }

func (m *Release) Append(b []byte) []byte {
	return appendTiles(binary.BigEndian.AppendUint32(append(b, byte(TRelease)), m.Frame), m.Tiles)
}

func (m *Release) parse(r *reader) { m.Frame, m.Tiles = r.u32(), r.tiles() }

// View says what the picture is of, from the next frame of the exact plane on: pointer events of an engineer who sees that
// frame, or a later one, name this display.
type View struct{ Display uint8 } // capture.All, or the ID of a display

func (*View) Type() Type { return TView }

func (m *View) Append(b []byte) []byte { return append(b, byte(TView), m.Display) }

func (m *View) parse(r *reader) { m.Display = r.u8() }

// Motion is a frame of the motion plane.
type Motion struct {
	Frame  uint32
	Stream uint32            // of AV1 (media/motion); of two, the higher one is newer
	Index  uint32            // the frame's place in its stream, from 0, the key frame
	Base   uint32            // the place of the frame that it is made from: the one before, or 0
	Rect   image.Rectangle   // what the frame covers, in pixels of the picture
	Tiles  []image.Rectangle // what of it is painted, in tiles of 32x32 pixels from the picture's corner
	Bytes  []byte
}

func (*Motion) Type() Type { return TMotion }

func (m *Motion) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TMotion)), m.Frame)
	b = binary.BigEndian.AppendUint32(b, m.Stream)
	b = binary.BigEndian.AppendUint32(b, m.Index)
	b = binary.BigEndian.AppendUint32(b, m.Base)
	b = appendRect(b, m.Rect)
	return append(appendTiles(b, m.Tiles), m.Bytes...)
}

func (m *Motion) parse(r *reader) {
	m.Frame, m.Stream, m.Index, m.Base = r.u32(), r.u32(), r.u32(), r.u32()
	r.check(m.Base < m.Index || m.Index == 0)
	m.Rect = r.rect(MaxPictureSide)
	r.check(!m.Rect.Empty())
	m.Tiles = r.tiles()
	m.Bytes = r.b
}

// MaxPictureSide is the largest width or height of a picture, in pixels.
const MaxPictureSide = 8192

// Plane is one of the two ways in which the picture travels.
type Plane uint8

// The planes, as in [Again].
const (
	ExactPlane Plane = iota
	MotionPlane
)

// Again asks for a new beginning of a plane: its data got lost, or its picture is not what the customer's end says it is.
type Again struct {
	Plane Plane
	Frame uint32 // the last that was right; for motion, the stream whose key frame is there, 0 for none
}

func (*Again) Type() Type { return TAgain }

func (m *Again) Append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(append(b, byte(TAgain), byte(m.Plane)), m.Frame)
}

func (m *Again) parse(r *reader) {
	m.Plane, m.Frame = Plane(r.u8()), r.u32()
	r.check(m.Plane <= MotionPlane)
}

// LinkReport is what only the customer's end knows of the link that the picture takes.
type LinkReport struct {
	Rate   uint32 // bytes a second that the link is thought to carry
	Queue  uint16 // milliseconds that pictures wait on their way
	Exact  uint64 // bytes sent by plane since the link came up
	Motion uint64
}

func (*LinkReport) Type() Type { return TLinkReport }

func (m *LinkReport) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TLinkReport)), m.Rate)
	b = binary.BigEndian.AppendUint16(b, m.Queue)
	b = binary.BigEndian.AppendUint64(b, m.Exact)
	return binary.BigEndian.AppendUint64(b, m.Motion)
}

func (m *LinkReport) parse(r *reader) {
	m.Rate, m.Queue, m.Exact, m.Motion = r.u32(), r.u16(), r.u64(), r.u64()
}

// appendTiles appends a list of rectangles, cut off after MaxTileRects.
func appendTiles(b []byte, tiles []image.Rectangle) []byte {
	tiles = tiles[:min(len(tiles), MaxTileRects)]
	b = binary.BigEndian.AppendUint16(b, uint16(len(tiles)))
	for _, t := range tiles {
		b = appendRect(b, t)
	}
	return b
}

func appendRect(b []byte, t image.Rectangle) []byte {
	for _, v := range []int{t.Min.X, t.Min.Y, t.Dx(), t.Dy()} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// tiles reads what appendTiles writes.
func (r *reader) tiles() []image.Rectangle {
	n := int(r.u16())
	r.check(n <= MaxTileRects)
	if r.bad || n == 0 {
		return nil
	}
	list := make([]image.Rectangle, n)
	for i := range list {
		list[i] = r.rect(maxTile)
		r.check(!list[i].Empty())
	}
	return list
}

// rect reads a rectangle that ends within most.
func (r *reader) rect(most int) image.Rectangle {
	x, y := int(r.u16()), int(r.u16())
	t := image.Rect(x, y, x+int(r.u16()), y+int(r.u16()))
	r.check(t.Max.X <= most && t.Max.Y <= most)
	return t
}
