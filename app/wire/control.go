package wire

import (
	"encoding/binary"
	"image"

	"assist/media/capture"
	"assist/media/frame"
)

// Caps on what a message may hold.
const (
	maxName     = 64
	maxDisplays = 16
)

// Level is an access level as Level counts them: 1 chat only, 2 view only, 3 shared control.
type Level uint8

// valid reports whether l is one of the three.
func (l Level) valid() bool { return l >= 1 && l <= 3 }

// Hello is the first message of both ends, and again the first on every link that takes the place of one.
type Hello struct {
	Version uint16
	Program string // name and version of the program
	System  string // operating system, as people call it
	Heard   uint32 // how many chat messages came in this session, over the links before this one
	Motion  bool   // this end has the motion plane
}

func (*Hello) Type() Type { return THello }

func (m *Hello) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(append(b, byte(THello)), m.Version)
	b = appendString(b, m.Program, maxName)
	b = appendString(b, m.System, maxName)
	return appendBool(binary.BigEndian.AppendUint32(b, m.Heard), m.Motion)
}

func (m *Hello) parse(r *reader) {
	m.Version, m.Program, m.System, m.Heard, m.Motion = r.u16(), r.string(maxName), r.string(maxName), r.u32(), r.bool()
}

// Access announces the level that holds at the customer's from now on.
type Access struct{ Level Level }

func (*Access) Type() Type { return TAccess }

func (m *Access) Append(b []byte) []byte { return append(b, byte(TAccess), byte(m.Level)) }

func (m *Access) parse(r *reader) {
	m.Level = Level(r.u8())
	r.check(m.Level.valid())
}

// Ask is the engineer's wish for another level.
type Ask struct {
	ID    uint32
	Level Level
}

func (*Ask) Type() Type { return TAsk }

func (m *Ask) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TAsk)), m.ID)
	return append(b, byte(m.Level))
}

func (m *Ask) parse(r *reader) {
	m.ID, m.Level = r.u32(), Level(r.u8())
	r.check(m.Level.valid())
}

// Reply is an answer to Ask.
type Reply uint8

// The answers.
const (
	No Reply = iota
	Yes
	Silence
)

// AskAnswer tells the engineer how an Ask ended.
type AskAnswer struct {
	ID     uint32
	Answer Reply
}

func (*AskAnswer) Type() Type { return TAskAnswer }

func (m *AskAnswer) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(TAskAnswer)), m.ID)
	return append(b, byte(m.Answer))
}

func (m *AskAnswer) parse(r *reader) {
	m.ID, m.Answer = r.u32(), Reply(r.u8())
	r.check(m.Answer <= Silence)
}

// Displays lists the customer's monitors. It says what of them is chosen to be shown, and what that comes to. Which frames show it, View
// says.
type Displays struct {
	Shown  uint8 // capture.All, or the ID of a display
	List   []capture.Display
	Choice uint8 // capture.All, capture.Follow or the ID of a display
}

func (*Displays) Type() Type { return TDisplays }

func (m *Displays) Append(b []byte) []byte {
	list := m.List[:min(len(m.List), maxDisplays)]
	b = append(b, byte(TDisplays), m.Shown, byte(len(list)))
	for _, d := range list {
		b = append(b, d.ID)
		b = binary.BigEndian.AppendUint32(b, uint32(int32(d.Bounds.Min.X)))
		b = binary.BigEndian.AppendUint32(b, uint32(int32(d.Bounds.Min.Y)))
		b = binary.BigEndian.AppendUint16(b, uint16(d.Bounds.Dx()))
		b = binary.BigEndian.AppendUint16(b, uint16(d.Bounds.Dy()))
		b = appendBool(b, d.Primary)
		b = appendString(b, d.Name, maxName)
	}
	return append(b, m.Choice)
}

func (m *Displays) parse(r *reader) {
	m.Shown = r.u8()
	n := int(r.u8())
	r.check(n <= maxDisplays)
	for i := 0; i < n && !r.bad; i++ {
		d := capture.Display{ID: r.u8()}
		at := image.Pt(int(int32(r.u32())), int(int32(r.u32())))
		size := image.Pt(int(r.u16()), int(r.u16()))
		r.check(size.X <= frame.MaxSide && size.Y <= frame.MaxSide)
		d.Bounds = image.Rectangle{Min: at, Max: at.Add(size)}
		d.Primary, d.Name = r.bool(), r.string(maxName)
		m.List = append(m.List, d)
	}
	m.Choice = r.u8()
}

// Show is the engineer's wish to see another monitor, capture.All or capture.Follow.
type Show struct{ Display uint8 }

func (*Show) Type() Type { return TShow }

func (m *Show) Append(b []byte) []byte { return append(b, byte(TShow), m.Display) }

func (m *Show) parse(r *reader) { m.Display = r.u8() }

// InputState says whether the engineer's keys and pointer are let through.
type InputState struct{ State uint8 }

// maxInputState is the highest value of InputState.State.
const maxInputState = 4

func (*InputState) Type() Type { return TInput }

func (m *InputState) Append(b []byte) []byte { return append(b, byte(TInput), m.State) }

func (m *InputState) parse(r *reader) {
	m.State = r.u8()
	r.check(m.State <= maxInputState)
}

// Picture says that the customer paused the picture, or resumed it.
type Picture struct{ Paused bool }

func (*Picture) Type() Type { return TPicture }

func (m *Picture) Append(b []byte) []byte { return appendBool(append(b, byte(TPicture)), m.Paused) }

func (m *Picture) parse(r *reader) { m.Paused = r.bool() }

// MaxPad is the most bytes of a Ping that mean nothing.
const MaxPad = 4 << 10

// Ping asks for a Pong with the same stamp. With padding, the time until it comes tells how fast the link is.
type Ping struct {
	Stamp uint64
	Pad   int // bytes more, up to MaxPad; a receiver does not look at them
}

func (*Ping) Type() Type { return TPing }

func (m *Ping) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(append(b, byte(TPing)), m.Stamp)
	return append(b, make([]byte, min(max(m.Pad, 0), MaxPad))...)
}

func (m *Ping) parse(r *reader) { m.Stamp = r.u64() }

// Pong answers a Ping.
type Pong struct{ Stamp uint64 }

func (*Pong) Type() Type { return TPong }

func (m *Pong) Append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(append(b, byte(TPong)), m.Stamp)
}

func (m *Pong) parse(r *reader) { m.Stamp = r.u64() }

// Reason says why a session ends.
type Reason uint8

// The reasons an end gives the other.
const (
	ByPerson    Reason = iota // somebody ended it
	Declined                  // the customer said no
	NoAnswer                  // the customer said nothing
	Misbehaved                // the other end sent what no honest program sends
	Broken                    // a fault of the sender's own
	ByPanicKey                // the customer pressed the Pause key
	WrongFormat               // the versions differ
)

// End is the last message of either end. What comes behind it is not read, but for the Entry and the Head that end the
// transcript.
type End struct{ Reason Reason }

func (*End) Type() Type { return TEnd }

func (m *End) Append(b []byte) []byte { return append(b, byte(TEnd), byte(m.Reason)) }

func (m *End) parse(r *reader) {
	m.Reason = Reason(r.u8())
	r.check(m.Reason <= WrongFormat)
}
