package signaling

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// ErrMessage is in every error of Decode and Encode.
var ErrMessage = errors.New("signaling: bad message")

// envelope is what every frame holds.
type envelope struct {
	Type string          `json:"type"`
	ID   uint32          `json:"id,omitempty"`
	Body json.RawMessage `json:"body"`
}

// kinds decodes a body by its type: a type that is not listed is not understood.
var kinds = map[string]func([]byte) (Message, error){
	"hello":             decode[Hello],
	"renew":             decode[Renew],
	"relays":            decode[Relays],
	"measured":          decode[Measured],
	"order":             decode[Order],
	"ended":             decode[Ended],
	"join":              decode[Join],
	"confirm":           decode[Confirm],
	"reject":            decode[Reject],
	"leave":             decode[Leave],
	"sign-in-start":     decode[SignInStart],
	"sign-in-finish":    decode[SignInFinish],
	"open-room":         decode[OpenRoom],
	"extend-room":       decode[ExtendRoom],
	"resume-room":       decode[ResumeRoom],
	"cancel-room":       decode[CancelRoom],
	"burn-room":         decode[BurnRoom],
	"answer":            decode[Answer],
	"accept":            decode[Accept],
	"welcome":           decode[Welcome],
	"reply":             decode[Reply],
	"sign-in-challenge": decode[Challenge],
	"signed-in":         decode[SignedIn],
	"room":              decode[Room],
	"done":              decode[Done],
	"refused":           decode[Refused],
	"joined":            decode[Joined],
	"confirmed":         decode[Confirmed],
	"rejected":          decode[Rejected],
	"customer-left":     decode[CustomerLeft],
	"room-gone":         decode[RoomGone],
	"accepted":          decode[Accepted],
	"revoked":           decode[Revoked],
	"meet":              decode[Meet],
	"pass":              decode[Pass],
	"passed":            decode[Passed],
}

// Encode returns m as one frame. A message beyond its limits is an error: it would end the socket.
func Encode(id uint32, m Message) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMessage, m.name(), err)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMessage, m.name(), err)
	}
	frame, err := json.Marshal(envelope{m.name(), id, body})
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMessage, m.name(), err)
	}
	if len(frame) > MaxMessage {
		return nil, fmt.Errorf("%w: %s: %d bytes", ErrMessage, m.name(), len(frame))
	}
	return frame, nil
}

// Decode reads one frame from the other end. The error never repeats what was sent.
func Decode(frame []byte) (id uint32, m Message, err error) {
	if len(frame) > MaxMessage || !utf8.Valid(frame) {
		return 0, nil, fmt.Errorf("%w: too long or not UTF-8", ErrMessage)
	}
	if err := unique(frame); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	var e envelope
	if err := strict(frame, &e); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	decode, ok := kinds[e.Type]
	if !ok {
		return 0, nil, fmt.Errorf("%w: unknown type", ErrMessage)
	}
	if m, err = decode(e.Body); err != nil {
		return 0, nil, fmt.Errorf("%w: %s: %w", ErrMessage, e.Type, err)
	}
	return e.ID, m, nil
}

func decode[T Message](body []byte) (Message, error) {
	var m T
	if err := strict(body, &m); err != nil {
		return nil, err
	}
	return m, m.check()
}

// errJSON stands for every fault of syntax or type: those of encoding/json repeat parts of the text.
var errJSON = errors.New("not the JSON it should be")

// strict decodes one JSON object into the struct v points to. Names must be exactly those of v.
func strict(data []byte, v any) error {
	var names map[string]json.RawMessage
	if err := json.Unmarshal(data, &names); err != nil || names == nil {
		return errJSON
	}
	known := fields(reflect.TypeOf(v).Elem())
	for name := range names {
		if !known[name] {
			return errors.New("unknown field")
		}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // for the structs inside
	if err := d.Decode(v); err != nil {
		return errJSON
	}
	return nil
}

func fields(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}

// unique walks one JSON text and refuses a name twice in an object, nesting beyond maxDepth, and anything after the end.
func unique(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var open []map[string]bool // one for every object or array that is open; nil for arrays
	name := false              // the next token is a name
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errJSON
		}
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			if len(open) > maxDepth {
				return errors.New("nested too deep")
			}
		case string:
			if name {
				names := open[len(open)-1]
				if names[t] {
					return errors.New("a field twice")
				}
				names[t], name = true, false
				continue
			}
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
}
