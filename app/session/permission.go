package session

import "assist/app/wire"

// Side is one end of a session.
type Side uint8

// The two ends.
const (
	Customer Side = iota
	Engineer
)

// rule says who may send a message, and from which level on.
type rule struct {
	customer, engineer bool
	from               Access
}

// rules is the permission table: one row for every message type of app/wire. A type without a row is
// refused, and a test fails as long as one is missing. [Allowed] is asked for every message that arrives, on both
// sides; on the customer's side it is what stands between the engineer and the computer.
var rules = map[wire.Type]rule{
	wire.THello: {customer: true, engineer: true, from: NoAccess},
	wire.TPing:  {customer: true, from: NoAccess},
	wire.TPong:  {engineer: true, from: NoAccess},
	wire.TEnd:   {customer: true, engineer: true, from: NoAccess},

	wire.TEntry: {customer: true, from: NoAccess},
	wire.THead:  {engineer: true, from: NoAccess}, // the end is signed when no level holds any more

	wire.TAccess:    {customer: true, from: NoAccess},
	wire.TTrouble:   {customer: true, from: ChatOnly},
	wire.TAsk:       {engineer: true, from: ChatOnly},
	wire.TAskAnswer: {customer: true, from: ChatOnly},
	wire.TChat:      {customer: true, engineer: true, from: ChatOnly},

	wire.TDisplays:    {customer: true, from: ViewOnly},
	wire.TShow:        {engineer: true, from: ViewOnly},
	wire.TCursorShape: {customer: true, from: ViewOnly},
	wire.TCursorAt:    {customer: true, from: ViewOnly},
	wire.TPicture:     {customer: true, from: ViewOnly},
	wire.TPart:        {customer: true, from: ViewOnly},
	wire.TRelease:     {customer: true, from: ViewOnly},
	wire.TMotion:      {customer: true, from: ViewOnly},
	wire.TLinkReport:  {customer: true, from: ViewOnly},
	wire.TView:        {customer: true, from: ViewOnly},
	wire.TSeen:        {engineer: true, from: ViewOnly},
	wire.TAgain:       {engineer: true, from: ViewOnly},

	wire.TInput: {customer: true, from: ChatOnly}, // also says that input is off
	wire.TKey:   {engineer: true, from: SharedControl},
	wire.TPoint: {engineer: true, from: SharedControl},
	wire.TMove:  {engineer: true, from: SharedControl},
	wire.TText:  {engineer: true, from: SharedControl},
}

// Allowed reports whether a message of type t from the end by may take effect while level holds.
func Allowed(t wire.Type, by Side, level Access) bool {
	r, ok := rules[t]
	if !ok || level < r.from {
		return false
	}
	if by == Customer {
		return r.customer
	}
	return by == Engineer && r.engineer
}
