package transcript

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf16"

	"assist/app/problem"
	"assist/app/session"
)

// Summary is what happened, for people who were there. Its texts are what the two ends said of themselves: plain text only.
type Summary struct {
	Session  string   `json:"session"`
	Customer Customer `json:"customer"`
	Engineer Engineer `json:"engineer"`

	Started time.Time `json:"started"` // when the customer allowed it
	Ended   time.Time `json:"ended"`
	// Reason is why it ended; EndedBy says who decided that.
	Reason  problem.Code `json:"reason"`
	EndedBy Person       `json:"ended_by"`

	Levels        []Level   `json:"levels"`
	Requests      []Request `json:"requests"`
	Pauses        []Span    `json:"pauses"`
	Interruptions []Span    `json:"link_interruptions"`
	Chat          Chat      `json:"chat_messages"`

	// Full says that the transcript was full before the end: something is missing.
	Full bool `json:"full"`
	// Entries is how many entries there are, Signed how many of them, from the first on, both ends signed.
	Entries int `json:"entries"`
	Signed  int `json:"signed_by_both"`
}

// Engineer is who the engineer's certificate names.
type Engineer struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	Account      string `json:"account"`
	// Verified says whether the organisation's signature was checked: by the customer's program when the session began, or in
	// a [Report] by the reader.
	Verified bool `json:"verified"`
}

// Person is one of the two, or nobody.
type Person string

// Who ended a session.
const (
	TheCustomer Person = "customer"
	TheEngineer Person = "engineer"
	Nobody      Person = "nobody" // a fault, or silence
)

// Level is a level and how long it held.
type Level struct {
	Access session.Access
	From   time.Time
	To     time.Time // zero while it holds
}

// Answer is how a request ended.
type Answer string

// The answers.
const (
	Unanswered Answer = "" // the session ended first
	No         Answer = no
	Yes        Answer = yes
	Silence    Answer = "silence" // no answer in time, which is no
)

// Request is a level that the engineer asked for.
type Request struct {
	Access   session.Access
	Asked    time.Time
	Answer   Answer
	Answered time.Time // zero for Unanswered
}

// Span is from when to when something lasted.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"` // zero while it lasts
}

// Chat counts messages by who sent them.
type Chat struct {
	Customer int `json:"customer"`
	Engineer int `json:"engineer"`
}

// Lasted is how long the session was, by the customer's clock; 0 for a clock that was turned back.
func (s *Summary) Lasted() time.Duration { return max(0, s.Ended.Sub(s.Started)) }

// endLevel says until when the last level held.
func (s *Summary) endLevel(at time.Time) {
	if n := len(s.Levels); n > 0 && s.Levels[n-1].To.IsZero() {
		s.Levels[n-1].To = at
	}
}

// endedBy says who decides an end for the reason.
func endedBy(why problem.Code) Person {
	switch why {
	case problem.CustomerEnded, problem.PanicKey:
		return TheCustomer
	case problem.EngineerEnded:
		return TheEngineer
	}
	return Nobody
}

// MarshalJSON names the level as the transcript does.
func (l Level) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Access string    `json:"access"`
		From   time.Time `json:"from"`
		To     time.Time `json:"to,omitzero"`
	}{l.Access.String(), l.From, l.To})
}

// MarshalJSON names the level as the transcript does.
func (r Request) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Access   string    `json:"access"`
		Asked    time.Time `json:"asked"`
		Answer   Answer    `json:"answer,omitempty"`
		Answered time.Time `json:"answered,omitzero"`
	}{r.Access.String(), r.Asked, r.Answer, r.Answered})
}

// marshal is v as JSON that can be shown: what a reader does not see as a character in its place is an escape.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("transcript: summary: %w", err)
	}
	out := make([]byte, 0, b.Len())
	for _, r := range b.String() {
		switch {
		case r == '\n' || visible(r):
			out = append(out, string(r)...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out, nil
}
