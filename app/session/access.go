package session

// Access is what the customer lets the engineer do. Levels are ordered: each includes the ones before it.
type Access uint8

// The access levels.
const (
	NoAccess      Access = iota // not allowed anything, the state before consent
	ChatOnly                    // messages
	ViewOnly                    // messages and the picture
	SharedControl               // messages, picture, keys and pointer
)

// Levels are the levels a customer can choose from, lowest first.
var Levels = []Access{ChatOnly, ViewOnly, SharedControl}

// Valid reports whether a is a level a session can have after consent.
func (a Access) Valid() bool { return a >= ChatOnly && a <= SharedControl }

// String names the level in English, for logs and records.
func (a Access) String() string {
	switch a {
	case NoAccess:
		return "none"
	case ChatOnly:
		return "chat only"
	case ViewOnly:
		return "view only"
	case SharedControl:
		return "shared control"
	}
	return "invalid"
}
