// Package audit is the service's record of what happened: who signed in or failed to, which rooms were opened, who joined
// them, how sessions went. Records are only ever added, and each carries the SHA-256 of the one before, so that a
// changed, lost or added one is found by [Verify].
//
// The package decides what a record looks like; where it is kept is the caller's ([Log]). Codes, keys, passwords and what
// people say or show never are in a record: no field is meant for them.
package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

// Type says what happened.
type Type string

// The types of events.
const (
	ServiceStarted Type = "service-started"
	ServiceStopped Type = "service-stopped"

	AccountAdded    Type = "account-added"
	AccountDisabled Type = "account-disabled"
	AccountEnabled  Type = "account-enabled"
	AccountReset    Type = "account-reset"

	SignedIn     Type = "signed-in"
	SignInFailed Type = "sign-in-failed"

	RoomOpened    Type = "room-opened"
	RoomExtended  Type = "room-extended"
	RoomResumed   Type = "room-resumed"
	RoomCancelled Type = "room-cancelled"
	RoomExpired   Type = "room-expired"
	RoomBurnt     Type = "room-burnt"

	Joined      Type = "joined"       // a customer claimed a room
	JoinRefused Type = "join-refused" // Reason says why
	GuessFailed Type = "guess-failed" // a claim ended without a session; Reason says how

	SessionStarted Type = "session-started" // both sides have proved the code
	SessionEnded   Type = "session-ended"   // as one of the apps tells it
)

// Event is one record. Fields that do not apply are left out.
type Event struct {
	Number   uint64          `json:"number"` // from 1, without gaps
	Time     time.Time       `json:"time"`
	Type     Type            `json:"type"`
	Account  string          `json:"account,omitempty"` // as typed, for sign-ins that failed
	Address  string          `json:"address,omitempty"` // where it came from
	Role     string          `json:"role,omitempty"`    // who tells, for SessionEnded
	Room     string          `json:"room,omitempty"`
	Attempt  string          `json:"attempt,omitempty"`
	Session  string          `json:"session,omitempty"`
	Customer json.RawMessage `json:"customer,omitempty"` // what the customer wrote into the form
	Reason   string          `json:"reason,omitempty"`
	Started  time.Time       `json:"started,omitzero"`
	Finished time.Time       `json:"finished,omitzero"`
	Levels   []Level         `json:"levels,omitempty"`
	Missed   uint64          `json:"missed,omitempty"` // events like this one that were too many to be recorded before it
	Previous string          `json:"previous"`         // SHA-256 of the record before, in hexadecimal; of nothing for the first
}

// Level is one change of the access level.
type Level struct {
	Access string    `json:"access"`
	At     time.Time `json:"at"`
}

// Log is where records are kept: numbered from 1, and only ever added to. Append succeeds only if the last record still has
// the number last.
type Log interface {
	Append(ctx context.Context, record []byte, last uint64) (ok bool, err error)
	Last(ctx context.Context) (record []byte, number uint64, err error)
	Records(ctx context.Context, first uint64) iter.Seq2[[]byte, error]
}

// Trail writes events. Its methods may be called from any goroutine; several services may write to one log.
type Trail struct {
	log Log
	now func() time.Time

	mu   sync.Mutex
	last uint64
	head string // hash of record last
}

// Open continues the trail in log. now may be nil.
func Open(ctx context.Context, log Log, now func() time.Time) (*Trail, error) {
	if now == nil {
		now = time.Now
	}
	t := &Trail{log: log, now: now}
	return t, t.read(ctx)
}

// read looks for the end of the trail.
func (t *Trail) read(ctx context.Context) error {
	record, number, err := t.log.Last(ctx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	t.last, t.head = number, hash(record)
	return nil
}

func hash(record []byte) string {
	sum := sha256.Sum256(record)
	return hex.EncodeToString(sum[:])
}

// Record writes e, filling in Number, Time and Previous. When it returns nil the record is kept for good.
func (t *Trail) Record(ctx context.Context, e Event) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		e.Number, e.Time, e.Previous = t.last+1, t.now().UTC().Round(time.Millisecond), t.head
		record, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		ok, err := t.log.Append(ctx, record, t.last)
		if err != nil {
			// It may be there all the same: the next one must look.
			return errors.Join(fmt.Errorf("audit: %w", err), t.read(context.WithoutCancel(ctx)))
		}
		if ok {
			t.last, t.head = e.Number, hash(record)
			return nil
		}
		if err := t.read(ctx); err != nil { // another service was first
			return err
		}
	}
}

// ErrBroken says that a log is not what was written.
var ErrBroken = errors.New("audit: the chain is broken")

// Events goes through the events of log from number first, without checking the chain.
func Events(ctx context.Context, log Log, first uint64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for record, err := range log.Records(ctx, first) {
			var e Event
			if err == nil {
				e, err = decode(record)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Verify walks the whole log and returns the number of records and the hash of the last, which somebody who
// kept an earlier one can compare. The error is ErrBroken if a record was changed, lost or added.
func Verify(ctx context.Context, log Log) (records uint64, head string, err error) {
	head = hash(nil)
	for record, err := range log.Records(ctx, 1) {
		if err != nil {
			return records, head, fmt.Errorf("audit: %w", err)
		}
		e, err := decode(record)
		if err != nil {
			return records, head, fmt.Errorf("%w: record %d: %w", ErrBroken, records+1, err)
		}
		if e.Number != records+1 || e.Previous != head {
			return records, head, fmt.Errorf("%w: at record %d", ErrBroken, records+1)
		}
		records, head = e.Number, hash(record)
	}
	return records, head, nil
}

func decode(record []byte) (e Event, err error) {
	d := json.NewDecoder(bytes.NewReader(record))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return Event{}, fmt.Errorf("audit: record: %w", err)
	}
	return e, nil
}
