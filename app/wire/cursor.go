package wire

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"image"
	"io"

	"assist/media/capture"
)

// maxCursorSide is the largest width or height of a pointer shape, in pixels.
const maxCursorSide = 128

// CursorShape is the look of the customer's pointer. A Size of 0,0 hides it.
type CursorShape struct{ Cursor capture.Cursor }

func (*CursorShape) Type() Type { return TCursorShape }

// Append appends the shape; one larger than the format allows becomes an empty one, and the viewer draws its own.
func (m *CursorShape) Append(b []byte) []byte {
	c := m.Cursor
	start := len(b)
	if c.Size.X > maxCursorSide || c.Size.Y > maxCursorSide || len(c.Pix) != c.Size.X*c.Size.Y*4 {
		c = capture.Cursor{Serial: c.Serial}
	}
	b = appendCursorHead(b, c)
	if len(c.Pix) == 0 {
		return b
	}
	packed := bytes.NewBuffer(b)
	w, err := flate.NewWriter(packed, flate.BestCompression)
	if err == nil {
		_, err = w.Write(c.Pix)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil || packed.Len()-start > MaxMessage {
		return appendCursorHead(b[:start], capture.Cursor{Serial: c.Serial})
	}
	return packed.Bytes()
}

func appendCursorHead(b []byte, c capture.Cursor) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TCursorShape)), c.Serial)
	for _, v := range []int{c.Size.X, c.Size.Y, c.Hot.X, c.Hot.Y} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

func (m *CursorShape) parse(r *reader) {
	m.Cursor.Serial = r.u32()
	m.Cursor.Size = image.Pt(int(r.u16()), int(r.u16()))
	m.Cursor.Hot = image.Pt(int(r.u16()), int(r.u16()))
	size := m.Cursor.Size
	r.check(size.X <= maxCursorSide && size.Y <= maxCursorSide)
	if r.bad || size.X*size.Y == 0 {
		m.Cursor.Size = image.Point{}
		return
	}
	r.check(m.Cursor.Hot.In(image.Rectangle{Max: size}))
	pix := make([]byte, size.X*size.Y*4)
	_, err := io.ReadFull(flate.NewReader(bytes.NewReader(r.b)), pix)
	r.check(err == nil)
	m.Cursor.Pix = pix
}

// CursorAt is where the customer's pointer is on the display being shown. Of two, the one with the higher
// Sequence holds.
type CursorAt struct {
	Sequence uint32
	At       image.Point
}

func (*CursorAt) Type() Type { return TCursorAt }

func (m *CursorAt) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TCursorAt)), m.Sequence)
	b = binary.BigEndian.AppendUint32(b, uint32(int32(m.At.X)))
	return binary.BigEndian.AppendUint32(b, uint32(int32(m.At.Y)))
}

func (m *CursorAt) parse(r *reader) {
	m.Sequence = r.u32()
	m.At = image.Pt(int(int32(r.u32())), int(int32(r.u32())))
}
