package signaling

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Message is any of the messages of this package but Lost.
type Message interface {
	name() string
	// check holds the message against its limits.
	check() error
}

func (Hello) name() string        { return "hello" }
func (Renew) name() string        { return "renew" }
func (Ended) name() string        { return "ended" }
func (Measured) name() string     { return "measured" }
func (Order) name() string        { return "order" }
func (Join) name() string         { return "join" }
func (Confirm) name() string      { return "confirm" }
func (Reject) name() string       { return "reject" }
func (Leave) name() string        { return "leave" }
func (SignInStart) name() string  { return "sign-in-start" }
func (SignInFinish) name() string { return "sign-in-finish" }
func (OpenRoom) name() string     { return "open-room" }
func (ExtendRoom) name() string   { return "extend-room" }
func (ResumeRoom) name() string   { return "resume-room" }
func (CancelRoom) name() string   { return "cancel-room" }
func (BurnRoom) name() string     { return "burn-room" }
func (Answer) name() string       { return "answer" }
func (Accept) name() string       { return "accept" }
func (Welcome) name() string      { return "welcome" }
func (Relays) name() string       { return "relays" }
func (Reply) name() string        { return "reply" }
func (Challenge) name() string    { return "sign-in-challenge" }
func (SignedIn) name() string     { return "signed-in" }
func (Room) name() string         { return "room" }
func (Done) name() string         { return "done" }
func (Refused) name() string      { return "refused" }
func (Joined) name() string       { return "joined" }
func (Confirmed) name() string    { return "confirmed" }
func (Rejected) name() string     { return "rejected" }
func (CustomerLeft) name() string { return "customer-left" }
func (RoomGone) name() string     { return "room-gone" }
func (Accepted) name() string     { return "accepted" }
func (Revoked) name() string      { return "revoked" }
func (Meet) name() string         { return "meet" }
func (Pass) name() string         { return "pass" }
func (Passed) name() string       { return "passed" }

// Errors of check. They name the field, never its value.
var (
	errRoom    = errors.New("room is not three digits")
	errAttempt = errors.New("attempt is not 32 hexadecimal digits")
	errForm    = errors.New("form is not a JSON object within the limit")
	errBytes   = errors.New("bytes missing or beyond the limit")
	errText    = errors.New("text missing, beyond the limit or not plain")
	errTicket  = errors.New("ticket is not 32 hexadecimal digits")
	errToken   = errors.New("report is not 32 hexadecimal digits")
	errNumber  = errors.New("number out of range")
	errReason  = errors.New("unknown reason")
	errList    = errors.New("list beyond the limit")
)

func (m Hello) check() error {
	if m.Role != Customer && m.Role != Engineer && m.Role != Session {
		return errText
	}
	return nil
}

func (Renew) check() error { return nil }

func (m Measured) check() error {
	if len(m.Relays) > MaxRelays {
		return errList
	}
	for _, r := range m.Relays {
		if err := errors.Join(isName(r.Name), isLife(r.Took)); err != nil {
			return err
		}
	}
	return nil
}

func (m Ended) check() error {
	if len(m.Session) > 32 || !isHex(m.Session, len(m.Session)) {
		return errText
	}
	if err := isAttempt(m.Attempt); err != nil {
		return err
	}
	if m.Report != "" {
		if err := isToken(m.Report); err != nil {
			return err
		}
	}
	if len(m.Levels) > MaxLevels {
		return errList
	}
	for _, l := range m.Levels {
		if err := isText(l.Access); err != nil {
			return err
		}
	}
	return isText(m.Reason)
}

func (m Join) check() error {
	return errors.Join(isRoom(m.Room), isForm(m.Form), isBytes(m.M1, MaxHandshake))
}

func (m Confirm) check() error { return isBytes(m.M3, MaxConfirm) }
func (Reject) check() error    { return nil }
func (Leave) check() error     { return nil }

// The account is checked by the sign-in itself: a name no account can have fails like any other.
func (m SignInStart) check() error {
	return errors.Join(isText(m.Account), isBytes(m.KE1, maxOpaque))
}
func (m SignInFinish) check() error { return isBytes(m.KE3, maxOpaque) }

func (OpenRoom) check() error     { return nil }
func (m ExtendRoom) check() error { return isRoom(m.Room) }
func (m ResumeRoom) check() error { return isRoom(m.Room) }
func (m CancelRoom) check() error { return isRoom(m.Room) }
func (m BurnRoom) check() error   { return isRoom(m.Room) }
func (m Accept) check() error     { return isAttempt(m.Attempt) }
func (m Answer) check() error {
	return errors.Join(isAttempt(m.Attempt), isBytes(m.M2, MaxHandshake))
}

func (m Welcome) check() error { return areRelays(m.Relays) }

func (m Relays) check() error { return areRelays(m.Relays) }
func (m Order) check() error {
	if len(m.Names) > MaxRelays {
		return errList
	}
	for _, name := range m.Names {
		if err := isName(name); err != nil {
			return err
		}
	}
	return nil
}
func (m Reply) check() error {
	return errors.Join(isAttempt(m.Attempt), isToken(m.Report), isBytes(m.M2, MaxHandshake), isLeft(m.Left), isLife(m.Remaining))
}
func (m Challenge) check() error { return isBytes(m.KE2, maxOpaque) }
func (m SignedIn) check() error {
	return errors.Join(isBytes(m.Certificate, MaxCertificate), areRelays(m.Relays))
}
func (m Room) check() error    { return errors.Join(isRoom(m.Digits), isLife(m.Remaining)) }
func (Done) check() error      { return nil }
func (m Refused) check() error { return isReason(m.Reason) }

func (m Joined) check() error {
	return errors.Join(isRoom(m.Room), isAttempt(m.Attempt), isForm(m.Form), isBytes(m.M1, MaxHandshake), isText(m.From),
		areRelays(m.Relays))
}
func (m Confirmed) check() error {
	return errors.Join(isAttempt(m.Attempt), isBytes(m.M3, MaxConfirm))
}
func (m Rejected) check() error     { return errors.Join(isAttempt(m.Attempt), isLeft(m.Left)) }
func (m CustomerLeft) check() error { return errors.Join(isAttempt(m.Attempt), isLeft(m.Left)) }
func (m RoomGone) check() error     { return errors.Join(isRoom(m.Room), isReason(m.Reason)) }
func (m Accepted) check() error     { return isAttempt(m.Attempt) }
func (m Revoked) check() error      { return isAttempt(m.Attempt) }

func (m Meet) check() error {
	if !isHex(m.Ticket, 32) {
		return errTicket
	}
	return nil
}
func (m Pass) check() error   { return isBytes(m.Bytes, MaxPass) }
func (m Passed) check() error { return isBytes(m.Bytes, MaxPass) }

// IsRoom reports whether s has the form of a room: three ASCII digits.
func IsRoom(s string) bool { return isRoom(s) == nil }

func isRoom(s string) error {
	if len(s) != 3 || slices.ContainsFunc([]byte(s), func(b byte) bool { return b < '0' || b > '9' }) {
		return errRoom
	}
	return nil
}

func isAttempt(s string) error {
	if !isHex(s, 32) {
		return errAttempt
	}
	return nil
}

func isToken(t Token) error {
	if !isHex(string(t), 32) {
		return errToken
	}
	return nil
}

func isHex(s string, n int) bool {
	return len(s) == n && !slices.ContainsFunc([]byte(s), func(b byte) bool {
		return (b < '0' || b > '9') && (b < 'a' || b > 'f')
	})
}

func isForm(raw json.RawMessage) error {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 || len(raw) > MaxForm || raw[0] != '{' || !json.Valid(raw) {
		return errForm
	}
	return nil
}

func isBytes(b []byte, most int) error {
	if len(b) == 0 || len(b) > most {
		return errBytes
	}
	return nil
}

func isText(s string) error {
	if s == "" || len(s) > maxText || !utf8.ValidString(s) {
		return errText
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return errText
		}
	}
	return nil
}

// IsName reports whether s can be the name of a relay: 1 to 32 of a-z, 0-9, - and _.
func IsName(s string) bool { return isName(s) == nil }

func isName(s string) error {
	bad := func(b byte) bool { return (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != '_' }
	if s == "" || len(s) > MaxName || slices.ContainsFunc([]byte(s), bad) {
		return errText
	}
	return nil
}

func isLeft(n int) error {
	if n < 0 || n > 100 {
		return errNumber
	}
	return nil
}

func isLife(d time.Duration) error {
	if d < 0 || d > 24*time.Hour {
		return errNumber
	}
	return nil
}

func isReason(r Reason) error {
	if !reasons[r] {
		return errReason
	}
	return nil
}

func areRelays(list []Relay) error {
	if len(list) > MaxRelays {
		return errList
	}
	for i, r := range list {
		if err := errors.Join(isText(r.URL), isText(r.Username), isText(r.Credential)); err != nil {
			return fmt.Errorf("relay %d: %w", i, err)
		}
		if r.Name != "" && isName(r.Name) != nil {
			return fmt.Errorf("relay %d: %w", i, errText)
		}
	}
	return nil
}
