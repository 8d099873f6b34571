package wire

import (
	"encoding/binary"
	"unicode/utf8"

	"assist/media/input"
)

// MaxChat is the length of the longest chat message, in characters (runes). Both ends' windows send no longer one.
const MaxChat = 2000

// Caps on typed text, in bytes.
const (
	maxChat = MaxChat * utf8.UTFMax
	maxText = 4096
)

// ChatText is one chat message.
type ChatText struct{ Text string }

func (*ChatText) Type() Type { return TChat }

func (m *ChatText) Append(b []byte) []byte {
	return appendString(append(b, byte(TChat)), firstRunes(m.Text, MaxChat), maxChat)
}

func (m *ChatText) parse(r *reader) {
	m.Text = r.string(maxChat)
	r.check(m.Text != "" && utf8.RuneCountInString(m.Text) <= MaxChat)
}

// firstRunes returns the first n characters of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Key is a key of the engineer's going down or up.
type Key struct{ Key input.Key }

func (*Key) Type() Type { return TKey }

func (m *Key) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(append(b, byte(TKey)), uint16(m.Key.Usage))
	return appendBool(b, m.Key.Down)
}

func (m *Key) parse(r *reader) { m.Key = input.Key{Usage: input.Usage(r.u16()), Down: r.bool()} }

// Point is a change of the engineer's buttons or wheel, and the place where it happened.
type Point struct{ Pointer input.Pointer }

func (*Point) Type() Type { return TPoint }

func (m *Point) Append(b []byte) []byte {
	p := m.Pointer
	b = append(b, byte(TPoint), p.Display)
	b = binary.BigEndian.AppendUint16(b, p.X)
	b = binary.BigEndian.AppendUint16(b, p.Y)
	return append(b, byte(p.Buttons), byte(p.WheelX), byte(p.WheelY))
}

func (m *Point) parse(r *reader) {
	m.Pointer = input.Pointer{
		Display: r.u8(), X: r.u16(), Y: r.u16(), Buttons: input.Buttons(r.u8()),
		WheelX: int8(r.u8()), WheelY: int8(r.u8()),
	}
	r.check(m.Pointer.Buttons < input.Forward<<1)
}

// Text is characters to type whatever the layout.
type Text struct{ Text string }

func (*Text) Type() Type { return TText }

func (m *Text) Append(b []byte) []byte { return appendString(append(b, byte(TText)), m.Text, maxText) }

func (m *Text) parse(r *reader) {
	m.Text = r.string(maxText)
	r.check(m.Text != "")
}

// Move is the engineer's pointer moving, buttons unchanged.
type Move struct {
	After   uint32 // input messages sent before this move
	Display uint8
	X, Y    uint16
}

func (*Move) Type() Type { return TMove }

func (m *Move) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TMove)), m.After)
	b = append(b, m.Display)
	b = binary.BigEndian.AppendUint16(b, m.X)
	return binary.BigEndian.AppendUint16(b, m.Y)
}

func (m *Move) parse(r *reader) { m.After, m.Display, m.X, m.Y = r.u32(), r.u8(), r.u16(), r.u16() }
