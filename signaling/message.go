// Package signaling is what the two apps and the service say to each other: the messages on the
// WebSocket an app holds, their limits and their order. It does no I/O; the client's end
// is signaling/client, the service's is signaling/server.
//
// Every WebSocket frame is one JSON text of at most [MaxMessage] bytes:
//
//	{"type":"join","id":3,"body":{…}}
//
// type names one of the messages below, id is chosen by the app for a request and repeated in its
// one answer; an event has none. A field nobody knows, a field twice, a text after the end or a value
// beyond its limit makes the whole message wrong, and a wrong message ends the socket it came by.
// Bytes are base64, durations whole nanoseconds, times RFC 3339.
//
// A customer's app:
//
//	app      hello {version, role "customer"}
//	service    welcome {version, relays}                 or refused
//	app      join {room, form, m1}
//	service    reply {attempt, report, m2, left, remaining} or refused
//	app      confirm {m3}                                 the engineer knows the secret
//	service    done                                      or refused
//	service    accepted {}                                event: so does the customer; the room is used
//	service    revoked {}                                 event, perhaps: the engineer's account was closed; the session has to end
//	app      reject {}                                    instead of confirm: the secret was wrong
//	service    done
//	app      leave {}                                     at any time after join
//	app      ended {attempt, report, …}                   after the session, for the audit log
//	service    done                                      or refused: unknown, or used if it was told before
//	app      renew {}                                     at any time after hello
//	service    relays {relays}
//	app      measured {relays}                            at any time after hello, where there are several relays
//	service    order {names}
//
// An engineer's app:
//
//	app      hello {version, role "engineer"}
//	service    welcome {version}
//	app      sign-in-start {account, ke1}                 OPAQUE, RFC 9807
//	service    sign-in-challenge {ke2}
//	app      sign-in-finish {ke3}                         also sent, with random bytes, when ke2 is no good
//	service    signed-in {certificate, relays}           or refused
//	app      open-room {}
//	service    room {digits, remaining, can_extend}      or refused
//	app      extend-room, resume-room, cancel-room, burn-room {room}
//	service    room or done                              or refused
//	service    joined {room, attempt, form, m1, from, relays} event
//	app      answer {attempt, m2}
//	service    done                                      or refused
//	service    confirmed {attempt, m3}                    event, or rejected, or customer-left
//	app      accept {attempt}                             m3 was right: the room is used
//	service    done                                      or refused
//	service    room-gone {room, reason}                   event: expired, burnt
//	app      ended {attempt, …}                           for an attempt that this account accepted
//	app      renew, measured                              as above
//
// An app of either side that has lost the link of a session, and makes another:
//
//	app      hello {version, role "session"}
//	service    welcome {version, relays}                 credentials for one more link
//	app      meet {ticket}                                first and once
//	service    done                                      or refused
//	app      pass {bytes}                                 to whoever else has met with the ticket, on any node
//	service    done                                      or refused; nobody there is no refusal
//	service    passed {bytes}                             event
//	app      ended                                        as a customer's app, at any time after hello
//
// How a session ended may be told over any connection, for [ReportLife] after the engineer accepted: the one that the session began
// with is often gone. What a customer's app needs for it is the attempt and its report token, 128 random bits from reply of which the
// service keeps no more than a hash; an engineer's app has to be signed in with the account that accepted. Each end is
// told once, and an alarm, which is an ended with the reason [Alarm], once besides. To a second one the answer is used: an app
// whose first answer was lost on the way knows by it that all is well.
//
// A customer's connection without a claim and without a session ends after ten minutes: the app makes another when it needs one.
// When the service is full, those give up theirs from whose network most have come; signed-in engineers and customers in a session
// keep theirs, a quarter of all places is for them, and up to half of that for sessions that resume.
//
// A ticket is 128 bits that both ends of a session derive from its keys, and what they pass is sealed with those
// keys. The service keeps neither: with the last connection that has met with a ticket, all trace of it is gone.
//
// Credentials of relays end after a quarter of an hour. A link made with them lives on; for a new one the app asks
// again.
//
// The service knows the first three digits of a code, the room. It never sees the other four: m1,
// m2 and m3 are the handshake of app/e2e and opaque here.
package signaling

import (
	"encoding/json"
	"log/slog"
	"time"
)

// Version is the version of these messages. The service refuses any other.
const Version = 1

// Path is where the service's WebSocket is.
const Path = "/v1/session"

// RelayPath is where a relay of ours speaks TURN in a WebSocket: binary messages carry the bytes of TURN/TCP, cut anywhere.
const RelayPath = "/v1/relay"

// Limits, in bytes unless they say otherwise.
const (
	MaxMessage     = 64 << 10 // a whole frame
	MaxForm        = 4 << 10  // the customer's form as JSON
	MaxHandshake   = 20 << 10 // m1 and m2: keys and an offer or answer
	MaxConfirm     = 4 << 10  // m3
	MaxAccount     = 64       // an account's name
	MaxCertificate = 8 << 10  // an engineer's certificate
	MaxRelays      = 16       // ways to relays named to one app
	MaxName        = 32       // a relay's name
	MaxLevels      = 256      // changes of level told in ended
	MaxPass        = 12 << 10 // what one end of a session passes to the other
	maxOpaque      = 512      // one OPAQUE message
	maxText        = 256      // an address, a reason, a relay's URL or credential
	maxDepth       = 8        // nesting of JSON
)

// Role is whose app is talking.
type Role string

// The roles. Session is either of the two, in the middle of a session.
const (
	Customer Role = "customer"
	Engineer Role = "engineer"
	Session  Role = "session"
)

// Reason is why something was refused or is over. It is an id, never shown as it is.
type Reason string

// The reasons.
const (
	Unknown        Reason = "unknown"        // no such room
	Expired        Reason = "expired"        // its time is over
	Used           Reason = "used"           // it already led to a session
	Burnt          Reason = "burnt"          // too many wrong guesses
	Cancelled      Reason = "cancelled"      // the engineer took it back
	Claimed        Reason = "claimed"        // somebody else is connecting with it this moment
	TooManyTries   Reason = "too-many-tries" // from this address; nothing else is said
	EngineerGone   Reason = "engineer-gone"  // the engineer's app is not connected
	EngineerSilent Reason = "engineer-silent"
	CustomerGone   Reason = "customer-gone"
	TooSlow        Reason = "too-slow"       // nothing was heard in time
	RoomsFull      Reason = "rooms-full"     // no room is free, or the account has its share
	Extended       Reason = "extended"       // a room's life is extended once only
	SignInFailed   Reason = "sign-in-failed" // and nothing more, whatever the cause
	SignInRequired Reason = "sign-in-required"
	AccountClosed  Reason = "account-closed" // disabled or reset while signed in
	BadVersion     Reason = "version"
	Internal       Reason = "internal" // the service cannot do its work now
)

var reasons = map[Reason]bool{
	Unknown: true, Expired: true, Used: true, Burnt: true, Cancelled: true, Claimed: true, TooManyTries: true,
	EngineerGone: true, EngineerSilent: true, CustomerGone: true, TooSlow: true, RoomsFull: true, Extended: true,
	SignInFailed: true, SignInRequired: true, AccountClosed: true, BadVersion: true, Internal: true,
}

// Reasons lists every reason, for tests that hold tables against it.
func Reasons() []Reason {
	all := make([]Reason, 0, len(reasons))
	for r := range reasons {
		all = append(all, r)
	}
	return all
}

// Requests of both roles, with Ended.
type (
	// Hello is the first message of every app.
	Hello struct {
		Version int  `json:"version"`
		Role    Role `json:"role"`
	}
)

// Renew asks for relays with fresh credentials.
type Renew struct{}

// Requests of a customer's app.
type (
	// Join claims a room. Form is a JSON object of what the customer wrote, for the audit log.
	Join struct {
		Room string          `json:"room"`
		Form json.RawMessage `json:"form"`
		M1   []byte          `json:"m1"`
	}

	// Confirm says that m2 was right and carries m3 to the engineer.
	Confirm struct {
		M3 []byte `json:"m3"`
	}

	// Reject says that m2 shows another secret: a wrong guess.
	Reject struct{}

	// Leave gives up a join.
	Leave struct{}
)

// Requests of an engineer's app.
type (
	// SignInStart and SignInFinish are the first and third message of OPAQUE.
	SignInStart struct {
		Account string `json:"account"`
		KE1     []byte `json:"ke1"`
	}
	SignInFinish struct {
		KE3 []byte `json:"ke3"`
	}

	// OpenRoom asks for a free room.
	OpenRoom struct{}

	// ExtendRoom makes a room's life longer, once.
	ExtendRoom struct {
		Room string `json:"room"`
	}

	// ResumeRoom takes a room that the same account opened over an earlier connection.
	ResumeRoom struct {
		Room string `json:"room"`
	}

	// CancelRoom takes a room back.
	CancelRoom struct {
		Room string `json:"room"`
	}

	// BurnRoom ends a room because the handshake with a customer was tampered with.
	BurnRoom struct {
		Room string `json:"room"`
	}

	// Answer carries m2 to the customer.
	Answer struct {
		Attempt string `json:"attempt"`
		M2      []byte `json:"m2"`
	}

	// Accept says that m3 was right: the room is used.
	Accept struct {
		Attempt string `json:"attempt"`
	}
)

// Requests of an app in the middle of a session.
type (
	// Meet waits for the other end of the session that Ticket, 32 hexadecimal digits, is derived from.
	Meet struct {
		Ticket string `json:"ticket"`
	}

	// Pass gives Bytes to the other end, if it is there.
	Pass struct {
		Bytes []byte `json:"bytes"`
	}
)

// LogValue keeps the ticket out of every log: who has it can meet with it.
func (Meet) LogValue() slog.Value { return slog.StringValue("[meet]") }

// String keeps the ticket out of every print.
func (Meet) String() string { return "[meet]" }

// GoString keeps the ticket out of every print.
func (Meet) GoString() string { return "[meet]" }

// Answers of the service.
type (
	// Welcome answers Hello. An engineer gets relays in SignedIn instead.
	Welcome struct {
		Version int     `json:"version"`
		Relays  []Relay `json:"relays,omitempty"`
	}

	// Relays answers Renew.
	Relays struct {
		Relays []Relay `json:"relays"`
	}

	// Reply answers Join with the engineer's m2. Left is how many guesses remain should this
	// one be wrong, Remaining how long the room lives. Report is for Ended, should it become a session.
	Reply struct {
		Attempt   string        `json:"attempt"`
		Report    Token         `json:"report"`
		M2        []byte        `json:"m2"`
		Left      int           `json:"left"`
		Remaining time.Duration `json:"remaining"`
	}

	// Challenge is the second message of OPAQUE.
	Challenge struct {
		KE2 []byte `json:"ke2"`
	}

	// SignedIn ends a good sign-in.
	SignedIn struct {
		Certificate []byte  `json:"certificate"`
		Relays      []Relay `json:"relays,omitempty"`
	}

	// Room answers OpenRoom, ExtendRoom and ResumeRoom.
	Room struct {
		Digits    string        `json:"digits"`
		Remaining time.Duration `json:"remaining"`
		CanExtend bool          `json:"can_extend"`
	}

	// Done answers what needs no more than a yes.
	Done struct{}

	// Refused answers any request with a no.
	Refused struct {
		Reason Reason `json:"reason"`
	}
)

// Event is something the service, or the connection itself, tells an app unasked.
type Event interface{ event() }

type (
	// Joined says that a customer typed the room. From is the address the customer comes from.
	Joined struct {
		Room    string          `json:"room"`
		Attempt string          `json:"attempt"`
		Form    json.RawMessage `json:"form"`
		M1      []byte          `json:"m1"`
		From    string          `json:"from"`
		Relays  []Relay         `json:"relays,omitempty"` // for the link of this session
	}

	// Confirmed carries m3 to the engineer.
	Confirmed struct {
		Attempt string `json:"attempt"`
		M3      []byte `json:"m3"`
	}

	// Rejected says that the customer typed another secret. Left is how many guesses the room has left.
	Rejected struct {
		Attempt string `json:"attempt"`
		Left    int    `json:"left"`
	}

	// CustomerLeft says that the customer gave up, fell silent or lost the connection before Accept. It
	// counts as a guess.
	CustomerLeft struct {
		Attempt string `json:"attempt"`
		Left    int    `json:"left"`
	}

	// RoomGone says that a room no longer leads anywhere. The engineer's app gets it when a room expires or
	// burns, the customer's when what it was connecting to is gone.
	RoomGone struct {
		Room   string `json:"room"`
		Reason Reason `json:"reason"`
	}

	// Accepted tells the customer's app that the engineer has accepted: the room is used.
	Accepted struct {
		Attempt string `json:"attempt"`
	}

	// Revoked tells the customer's app that the account of the engineer who accepted was closed since. What it does is to end
	// the session, whatever it thinks of the service.
	Revoked struct {
		Attempt string `json:"attempt"`
	}

	// Passed is what the other end of the session passed.
	Passed struct {
		Bytes []byte `json:"bytes"`
	}

	// Lost is the last event of a connection: it is over. It never is on the wire.
	Lost struct{ Err error }
)

func (Joined) event()       {}
func (Confirmed) event()    {}
func (Rejected) event()     {}
func (CustomerLeft) event() {}
func (RoomGone) event()     {}
func (Accepted) event()     {}
func (Revoked) event()      {}
func (Passed) event()       {}
func (Lost) event()         {}
