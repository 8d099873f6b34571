package journal

import (
	"time"

	"assist/app/problem"
	"assist/app/session"
)

// event is the number of what happened. All are from 1 to 1000, the only ones that the Windows event log has texts for
// without an installation.
type event uint16

// The events. A number keeps its meaning for good.
const (
	opened          event = 100 // the first line
	connected       event = 101
	levelFirst      event = 110
	levelChanged    event = 111
	paused          event = 120
	resumed         event = 121
	levelAsked      event = 130 // the engineer asks for a level
	levelAnswered   event = 131
	linkInterrupted event = 140
	linkRestored    event = 141
	sinkFailed      event = 180 // the system's log did not take an event: the first one only, and only in the file
	disconnected    event = 190 // the last line
)

var eventNames = map[event]string{
	opened:          "opened",
	connected:       "connected",
	levelFirst:      "level-first",
	levelChanged:    "level-changed",
	paused:          "paused",
	resumed:         "resumed",
	levelAsked:      "level-asked",
	levelAnswered:   "level-answered",
	linkInterrupted: "link-interrupted",
	linkRestored:    "link-restored",
	sinkFailed:      "system-log-failed",
	disconnected:    "disconnected",
}

func (e event) String() string { return eventNames[e] }

// Answer is how the engineer's request for a level ended.
type Answer string

// The answers.
const (
	No      Answer = "no"
	Yes     Answer = "yes"
	Silence Answer = "silence" // no answer in time, which is no
)

// Connected says that the engineer is there and the customer said yes.
func (j *Journal) Connected() error {
	e := j.session.Engineer
	verified := "no"
	if e.Verified {
		verified = "yes"
	}
	return j.add(connected, "engineer", e.Name, "organisation", e.Organisation, "account", e.Account, "verified", verified)
}

// Level says what the engineer may do from now on: the first time as what the customer allowed at the start, then as a
// change.
func (j *Journal) Level(access session.Access) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	if j.access == session.NoAccess {
		err = j.addLocked(levelFirst, "access", access.String())
	} else {
		err = j.addLocked(levelChanged, "from", j.access.String(), "access", access.String())
	}
	if err == nil {
		j.access = access
	}
	return err
}

// Paused says that the customer paused picture and input, or let them go on.
func (j *Journal) Paused(on bool) error {
	if on {
		return j.add(paused)
	}
	return j.add(resumed)
}

// Asked says that the engineer asks for a level.
func (j *Journal) Asked(access session.Access) error {
	return j.add(levelAsked, "access", access.String())
}

// Answered says how the request for a level ended. A yes is followed by Level.
func (j *Journal) Answered(access session.Access, how Answer) error {
	return j.add(levelAnswered, "access", access.String(), "answer", string(how))
}

// Link says that the link to the engineer is interrupted, or is back.
func (j *Journal) Link(up bool) error {
	if up {
		return j.add(linkRestored)
	}
	return j.add(linkInterrupted)
}

// Ended is the last event: why the session is over, and how long it lasted. No event is taken after it.
func (j *Journal) Ended(why problem.Code) error {
	return j.add(disconnected, "reason", string(why), "lasted", time.Since(j.began).Round(time.Second).String())
}
