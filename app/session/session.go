// Package session is the life of one support session as both ends see it: who may do what, from the
// moment a code is entered until the session is closed and cannot come back.
//
//	Idle --code--> Joining --peer--> Verifying --keys--> Asking --consent--> Live
//
// Hang-up, a lost link and the Pause key end every state in Closed, except that an attempt with a wrong code goes
// back to Idle. The customer alone starts a session and alone raises [Access].
//
// The package does no I/O, starts no goroutine and knows no texts.
package session

import "fmt"

// State is where a session is in its life.
type State uint8

// The states of a session.
const (
	Idle      State = iota // no code yet
	Joining                // the code is on its way, nobody has answered
	Verifying              // an engineer answered; the keys are not proved yet
	Asking                 // keys proved; the customer is being asked
	Live                   // the customer allowed a level
	Closed                 // over for good
)

var stateNames = [...]string{"idle", "joining", "verifying", "asking", "live", "closed"}

// String names the state, for logs.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "invalid"
}

// Event is something that can move a session on.
type Event uint8

// The events of a session's life.
const (
	CodeEntered Event = iota // the customer sent the form
	PeerJoined               // the other end answered
	KeyRefused               // the code was wrong, or the attempt was given up
	KeyAgreed                // both ends proved the code
	Granted                  // the customer allowed a level, or changed it
	HungUp                   // somebody ended it, or the link is gone for good
)

var eventNames = [...]string{"code entered", "peer joined", "key refused", "key agreed", "granted", "hung up"}

// String names the event, for logs.
func (e Event) String() string {
	if int(e) < len(eventNames) {
		return eventNames[e]
	}
	return "invalid"
}

// moves lists every legal move. A pair that is absent is a protocol error.
var moves = map[State]map[Event]State{
	Idle:      {CodeEntered: Joining, HungUp: Closed},
	Joining:   {PeerJoined: Verifying, KeyRefused: Idle, HungUp: Closed},
	Verifying: {KeyAgreed: Asking, KeyRefused: Idle, HungUp: Closed},
	Asking:    {Granted: Live, HungUp: Closed},
	Live:      {Granted: Live, HungUp: Closed}, // the level changed
}

// Next returns the state that follows s when ev happens.
func Next(s State, ev Event) (State, error) {
	if to, ok := moves[s][ev]; ok {
		return to, nil
	}
	return s, fmt.Errorf("session: %v while %v", ev, s)
}
