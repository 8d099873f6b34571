// Package sign says in one sentence who can do what at the moment, for the places outside the customer's window where that
// must be read: the sign on each monitor, and the tray.
//
// It knows the session from its events and words; how and where the sentence is shown is not its business.
package sign

import (
	"time"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/session"
	"assist/ui/text"
)

// State is what is known of the session. The zero State is that there is none.
type State struct {
	Live     bool
	Engineer identity.Engineer
	Access   session.Access
	Since    time.Time
	Down     bool // the engineer cannot be reached at the moment
	PanicKey bool // it ends the session
}

// Take takes in what e says, and reports whether the state is another one now.
func (s *State) Take(e customer.Event) (changed bool) {
	before := *s
	switch e := e.(type) {
	case customer.Started:
		*s = State{Live: true, Engineer: e.Engineer, Access: e.Access, Since: e.At, PanicKey: e.PanicKey}
	case customer.AccessChanged:
		s.Access = e.Access
	case customer.LinkChanged:
		s.Down = !e.Up
	case customer.Ended:
		*s = State{}
	}
	if !s.Live {
		*s = State{}
	}
	return *s != before
}

// Text is the sentence, "" if nobody is there.
func (s State) Text() string {
	if !s.Live {
		return ""
	}
	who := "sign.who"
	if !s.Engineer.Verified {
		who = "sign.who-unverified"
	}
	name := text.F(who, map[string]any{
		"name": text.Plain(s.Engineer.Name), "organisation": text.Plain(s.Engineer.Organisation),
	})
	return text.F(s.key(), map[string]any{"who": name})
}

// Plate is what a sign says on a monitor where nothing else tells how to end it.
func (s State) Plate() string {
	if !s.Live || !s.PanicKey {
		return s.Text()
	}
	return text.F("sign.key", map[string]any{"what": s.Text()})
}

func (s State) key() string {
	switch {
	case s.Down:
		return "sign.down"
	case s.Access == session.SharedControl:
		return "sign.control"
	case s.Access == session.ViewOnly:
		return "sign.view"
	}
	return "sign.chat"
}
