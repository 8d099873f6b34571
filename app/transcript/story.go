package transcript

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
	"time"

	"assist/app/problem"
	"assist/app/session"
)

// The events.
const (
	opened      = "opened"
	level       = "level"    // what the engineer may do from now on
	asked       = "asked"    // the engineer asks for a level, and the customer is asked
	answered    = "answered" // how that ended
	paused      = "paused"   // the customer paused picture and input
	resumed     = "resumed"
	interrupted = "link-interrupted"
	restored    = "link-restored"
	chat        = "chat" // how many messages each end has sent so far
	full        = "full" // what follows, but the end, is not in the transcript
	ended       = "ended"
)

// kinds lists the fields of every event, in their order. One that ends in "?" may be missing.
var kinds = map[string][]string{
	opened: {
		"format", "session", "program", "key", "identity", "engineer", "organisation", "account", "verified",
		"name", "customer-number?", "case?", "branch?", "country?", "product?",
	},
	level:       {"access"},
	asked:       {"id", "access"},
	answered:    {"id", "answer"},
	paused:      {},
	resumed:     {},
	interrupted: {},
	restored:    {},
	chat:        {"customer", "engineer"},
	full:        {},
	ended:       {"reason", "by"},
}

// fits reports whether the fields are those of the event.
func fits(fields []field, kind []string) bool {
	for _, name := range kind {
		name, optional := strings.CutSuffix(name, "?")
		switch {
		case len(fields) > 0 && fields[0].name == name:
			fields = fields[1:]
		case !optional:
			return false
		}
	}
	return len(fields) == 0
}

// errStory means an entry that cannot stand where it stands.
var errStory = errors.New("transcript: entry out of place")

// story is what the entries tell, one after the other. Both ends and every reader follow the same one.
type story struct {
	summary  Summary
	key      ed25519.PublicKey // the customer's
	identity string            // hash of the engineer's chain
	verified string
	id       string // of the open request, "" if there is none
	paused   bool
	down     bool
	full     bool
	ended    bool
	by       string // whose end wrote the end
}

// take follows one entry, or says that it cannot stand here.
func (s *story) take(e *entry) error {
	first := e.number == 1
	if e.number != s.summary.Entries+1 || s.ended || (e.name == opened) != first || s.full && e.name != ended {
		return errStory
	}
	if kind, known := kinds[e.name]; known {
		if !fits(e.fields, kind) || !s.tell(e) {
			return errStory
		}
	}
	s.summary.Entries++
	return nil
}

// tell takes what an event of a known kind says, and reports whether it makes sense.
func (s *story) tell(e *entry) bool {
	switch e.name {
	case opened:
		return s.open(e)
	case level:
		return s.level(e)
	case asked:
		return s.asked(e)
	case answered:
		return s.answered(e)
	case paused, resumed:
		return toggle(&s.paused, e.name == paused, &s.summary.Pauses, e.at)
	case interrupted, restored:
		return toggle(&s.down, e.name == interrupted, &s.summary.Interruptions, e.at)
	case chat:
		return s.chat(e)
	case full:
		s.full, s.summary.Full = true, true
		return true
	case ended:
		return s.end(e)
	}
	return false
}

func (s *story) open(e *entry) bool {
	key, err := encoding.DecodeString(e.get("key"))
	sum, sumErr := encoding.DecodeString(e.get("identity"))
	s.key, s.identity, s.verified = key, e.get("identity"), e.get("verified")
	s.summary.Session, s.summary.Started = e.get("session"), e.at
	s.summary.Levels, s.summary.Requests = []Level{}, []Request{} // empty in JSON, never null
	s.summary.Pauses, s.summary.Interruptions = []Span{}, []Span{}
	s.summary.Engineer = Engineer{
		Name: e.get("engineer"), Organisation: e.get("organisation"), Account: e.get("account"), Verified: s.verified == yes,
	}
	s.summary.Customer = Customer{
		Name: e.get("name"), Number: e.get("customer-number"), Case: e.get("case"),
		Branch: e.get("branch"), Country: e.get("country"), Product: e.get("product"),
	}
	return e.get("format") == version && err == nil && len(key) == ed25519.PublicKeySize &&
		sumErr == nil && len(sum) == sha256.Size && (s.verified == yes || s.verified == no)
}

func (s *story) level(e *entry) bool {
	access, ok := parseAccess(e.get("access"))
	if ok {
		s.summary.endLevel(e.at)
		s.summary.Levels = append(s.summary.Levels, Level{Access: access, From: e.at})
	}
	return ok
}

func (s *story) asked(e *entry) bool {
	access, ok := parseAccess(e.get("access"))
	if !ok || s.id != "" || !isCount(e.get("id")) {
		return false
	}
	s.id = e.get("id")
	s.summary.Requests = append(s.summary.Requests, Request{Access: access, Asked: e.at})
	return true
}

func (s *story) answered(e *entry) bool {
	how := Answer(e.get("answer"))
	if s.id == "" || e.get("id") != s.id || how != Yes && how != No && how != Silence {
		return false
	}
	s.id = ""
	r := &s.summary.Requests[len(s.summary.Requests)-1]
	r.Answered, r.Answer = e.at, how
	return true
}

func (s *story) chat(e *entry) bool {
	customer, engineer := e.get("customer"), e.get("engineer")
	if !isCount(customer) || !isCount(engineer) {
		return false
	}
	var now Chat
	now.Customer, _ = strconv.Atoi(customer)
	now.Engineer, _ = strconv.Atoi(engineer)
	if now.Customer < s.summary.Chat.Customer || now.Engineer < s.summary.Chat.Engineer {
		return false
	}
	s.summary.Chat = now
	return true
}

func (s *story) end(e *entry) bool {
	reason, by := e.get("reason"), e.get("by")
	if !validName.MatchString(reason) || by != byCustomer && by != byEngineer {
		return false
	}
	s.ended, s.by = true, by
	s.summary.Reason, s.summary.Ended = problem.Code(reason), e.at
	s.summary.endLevel(e.at)
	closeSpan(s.summary.Pauses, e.at)
	closeSpan(s.summary.Interruptions, e.at)
	return true
}

// Whose end wrote the end.
const (
	byCustomer = "customer"
	byEngineer = "engineer"
)

const (
	yes = "yes"
	no  = "no"
)

// toggle turns a state on or off, and keeps its time.
func toggle(state *bool, on bool, spans *[]Span, at time.Time) bool {
	if *state == on {
		return false
	}
	*state = on
	if on {
		*spans = append(*spans, Span{From: at})
	} else {
		closeSpan(*spans, at)
	}
	return true
}

// closeSpan ends the last span, if it is open.
func closeSpan(spans []Span, at time.Time) {
	if n := len(spans); n > 0 && spans[n-1].To.IsZero() {
		spans[n-1].To = at
	}
}

// parseAccess reads the name of a level that a session can have.
func parseAccess(s string) (session.Access, bool) {
	for _, a := range session.Levels {
		if a.String() == s {
			return a, true
		}
	}
	return session.NoAccess, false
}

// isCount reports whether s is a number from 0 on in its one form.
func isCount(s string) bool {
	n, err := strconv.ParseUint(s, 10, 32)
	return err == nil && strconv.FormatUint(n, 10) == s
}
