package signaling

import (
	"log/slog"
	"time"
)

// Alarm is the reason in Ended that says that something felt wrong to the customer.
const Alarm = "alarm"

// ReportLife is for how long after accept it can be told how a session ended.
const ReportLife = 24 * time.Hour

type (
	// Ended tells the audit log how a session went, as this app saw it. Attempt is the one that was accepted, Report the customer's
	// token for it. Session is the public id both apps have, up to 32 hexadecimal digits.
	Ended struct {
		Attempt  string    `json:"attempt"`
		Report   Token     `json:"report,omitempty"`
		Session  string    `json:"session,omitempty"`
		Started  time.Time `json:"started,omitzero"`  // zero if it never was live
		Finished time.Time `json:"finished,omitzero"` // zero: when it is told
		Reason   string    `json:"reason"`            // a fault's id, see app/problem
		Levels   []Level   `json:"levels,omitempty"`
	}

	// Level is one change of the access level in Ended.
	Level struct {
		Access string    `json:"access"`
		At     time.Time `json:"at"`
	}
)

// Token is 32 hexadecimal digits that let a customer's app tell how its session ended. It hides itself.
type Token string

// LogValue keeps the token out of every log.
func (Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// String keeps the token out of every print.
func (Token) String() string { return "[token]" }

// GoString keeps the token out of every print.
func (Token) GoString() string { return "[token]" }
