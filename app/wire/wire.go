// Package wire is the bytes of every message that the two ends of a session send each other once the link
// is sealed. It knows no keys, no levels and no link: app/e2e seals what Append makes, app/session says who may
// send what.
//
// # Format, version 1
//
// One message is one record of its channel; the record gives the length. The first byte is the type,
// the rest its fields in the order below. Integers are big-endian; a string is a two-byte length and that many bytes of
// UTF-8; a bool is one byte, 0 or 1. A receiver ignores bytes behind the fields it knows, so
// a later version may append fields; it refuses types it does not know, messages that end too early, and values
// out of range.
//
//	type  name         channel  fields
//	0x01  Hello        control  version u16, program string<=64, system string<=64, chat messages heard u32, has motion bool
//	0x02  Access       control  level u8
//	0x03  Ask          control  id u32, level u8
//	0x04  AskAnswer    control  id u32, answer u8 (0 no, 1 yes, 2 silence)
//	0x05  Displays     control  shown u8, count u8<=16, count times: id u8, x i32, y i32, width u16, height u16, primary bool, name string<=64; choice u8
//	0x06  Show         control  display u8 (0 all displays as one picture, 255 the one where the pointer is, else its id)
//	0x07  CursorShape  control  serial u32, width u16<=128, height u16<=128, hot x u16, hot y u16, unless 0 wide: DEFLATE (RFC 1951) of width*height BGRA pixels
//	0x08  Input        control  state u8 (0 off, 1 on, 2 local hand, 3 prompt, 4 paused)
//	0x09  Picture      control  paused bool
//	0x0a  Ping         control  stamp u64, perhaps padding
//	0x0b  Pong         control  stamp u64, as it came
//	0x0c  End          control  reason u8
//	0x0d  Entry        control  line of the transcript string<=8192, signature 64 bytes
//	0x0e  Head         control  number u32, not 0, signature 64 bytes
//	0x0f  Trouble      control  what u8 (0 screen, 1 screen on Wayland, 2 input)
//	0x10  Chat         chat     text string<=8000, of at most 2000 characters
//	0x20  Key          input    usage u16 (USB HID page 7), down bool
//	0x21  Point        input    display u8, x u16, y u16, buttons u8, wheel x i8, wheel y i8
//	0x22  Text         input    text string<=4096
//	0x28  Move         pointer  after u32, display u8, x u16, y u16
//	0x29  CursorAt     pointer  sequence u32, x i32, y i32
//	0x30  Part         exact    frame u32, last bool, bytes of an exact-plane frame
//	0x31  Seen         exact    frame u32, received u64, stamp u32
//	0x32  Release      exact    frame u32, tiles
//	0x33  Again        exact    plane u8 (0 exact, 1 motion), frame or stream u32
//	0x34  LinkReport   exact    rate u32, queue u16, exact u64, motion u64
//	0x35  View         exact    display u8
//	0x38  Motion       motion   frame u32, stream u32, index u32, base u32, rectangle, tiles, bytes of a motion-plane frame
//
// A rectangle is x u16, y u16, width u16, height u16; tiles are count u16<=256 and that many rectangles in units of 32 pixels.
// A tile shows the motion plane from a Motion that paints it on, and the exact plane again from a Release with a higher
// number that names it. Each Part's frame, Motion and Release has the next number, from 1 with each link.
//
// The id of a display is 1 to 254; where a picture is of all displays as one, it is 0. Places in Point and Move are those of the
// display, or of all, that View named before the frame that the engineer saw; so they mean the same pixel whatever is shown
// by the time they arrive.
//
// Move is a hint that may be lost: after is the count of input messages sent before it, and a receiver drops a Move
// older than the input it has already had. Golden vectors stand in testdata/messages.txt.
package wire

import (
	"errors"
	"fmt"
)

// Version is the version of the format that Hello carries. Two ends of different versions do not talk.
const Version = 1

// Channel is one of the link's message channels.
type Channel uint8

// The channels of a session. File, draw and tunnel have their number and no messages yet.
const (
	Control Channel = iota
	Input
	Pointer
	Exact
	Chat
	MotionChannel
)

// Channels lists the channels that carry messages.
var Channels = []Channel{Control, Input, Pointer, Exact, Chat, MotionChannel}

// String names the channel; the name is also the label of its keys.
func (c Channel) String() string {
	switch c {
	case Control:
		return "control"
	case Input:
		return "input"
	case Pointer:
		return "pointer"
	case Exact:
		return "exact"
	case Chat:
		return "chat"
	case MotionChannel:
		return "motion"
	}
	return "invalid"
}

// Type is the first byte of a message.
type Type uint8

// The message types.
const (
	THello       Type = 0x01
	TAccess      Type = 0x02
	TAsk         Type = 0x03
	TAskAnswer   Type = 0x04
	TDisplays    Type = 0x05
	TShow        Type = 0x06
	TCursorShape Type = 0x07
	TInput       Type = 0x08
	TPicture     Type = 0x09
	TPing        Type = 0x0a
	TPong        Type = 0x0b
	TEnd         Type = 0x0c
	TEntry       Type = 0x0d
	THead        Type = 0x0e
	TTrouble     Type = 0x0f
	TChat        Type = 0x10
	TKey         Type = 0x20
	TPoint       Type = 0x21
	TText        Type = 0x22
	TMove        Type = 0x28
	TCursorAt    Type = 0x29
	TPart        Type = 0x30
	TSeen        Type = 0x31
	TRelease     Type = 0x32
	TAgain       Type = 0x33
	TLinkReport  Type = 0x34
	TView        Type = 0x35
	TMotion      Type = 0x38
)

// MaxMessage is the size of the largest message in bytes, before sealing.
const MaxMessage = 60 << 10

// MaxMotion is the size of the largest message on the motion channel, before sealing.
const MaxMotion = 256 << 10

// most is the size of the channel's largest message.
func (c Channel) most() int {
	if c == MotionChannel {
		return MaxMotion
	}
	return MaxMessage
}

// PartSize is how many bytes of an exact-plane frame go into one Part at most.
const PartSize = 16 << 10

// ErrMalformed says that the bytes are no message of this version.
var ErrMalformed = errors.New("malformed message")

// Message is one message. The concrete types are the structs of this package.
type Message interface {
	Type() Type
	// Append appends the message's bytes, type first, and returns the longer slice.
	Append(b []byte) []byte
	// parse reads the fields behind the type.
	parse(r *reader)
}

// makers makes an empty message of each type: the registry that Types, Parse and the permission table hang on.
var makers = map[Type]func() Message{
	THello:       func() Message { return &Hello{} },
	TAccess:      func() Message { return &Access{} },
	TAsk:         func() Message { return &Ask{} },
	TAskAnswer:   func() Message { return &AskAnswer{} },
	TDisplays:    func() Message { return &Displays{} },
	TShow:        func() Message { return &Show{} },
	TCursorShape: func() Message { return &CursorShape{} },
	TInput:       func() Message { return &InputState{} },
	TPicture:     func() Message { return &Picture{} },
	TPing:        func() Message { return &Ping{} },
	TPong:        func() Message { return &Pong{} },
	TEnd:         func() Message { return &End{} },
	TEntry:       func() Message { return &Entry{} },
	THead:        func() Message { return &Head{} },
	TTrouble:     func() Message { return &Trouble{} },
	TChat:        func() Message { return &ChatText{} },
	TKey:         func() Message { return &Key{} },
	TPoint:       func() Message { return &Point{} },
	TText:        func() Message { return &Text{} },
	TMove:        func() Message { return &Move{} },
	TCursorAt:    func() Message { return &CursorAt{} },
	TPart:        func() Message { return &Part{} },
	TSeen:        func() Message { return &Seen{} },
	TRelease:     func() Message { return &Release{} },
	TAgain:       func() Message { return &Again{} },
	TLinkReport:  func() Message { return &LinkReport{} },
	TView:        func() Message { return &View{} },
	TMotion:      func() Message { return &Motion{} },
}

// Types lists every message type there is.
func Types() []Type {
	ts := make([]Type, 0, len(makers))
	for t := range makers {
		ts = append(ts, t)
	}
	return ts
}

// Channel is the channel that messages of type t travel on. It is what the sender uses and the receiver insists on.
func (t Type) Channel() Channel {
	switch {
	case t < 0x10:
		return Control
	case t < 0x20:
		return Chat
	case t < 0x28:
		return Input
	case t < 0x30:
		return Pointer
	}
	if t < 0x38 {
		return Exact
	}
	return MotionChannel
}

// Parse reads one message that came over channel ch. The message keeps no reference to b, but for Part and Motion,
// whose bytes are part of b.
func Parse(ch Channel, b []byte) (Message, error) {
	if len(b) == 0 || len(b) > ch.most() {
		return nil, fmt.Errorf("wire: %d bytes: %w", len(b), ErrMalformed)
	}
	t := Type(b[0])
	newMessage := makers[t]
	if newMessage == nil || t.Channel() != ch {
		return nil, fmt.Errorf("wire: type %#x on %v: %w", b[0], ch, ErrMalformed)
	}
	m := newMessage()
	r := &reader{b: b[1:]}
	m.parse(r)
	if r.bad {
		return nil, fmt.Errorf("wire: type %#x: %w", b[0], ErrMalformed)
	}
	return m, nil
}
