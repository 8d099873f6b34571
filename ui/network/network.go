// Package network is the windows about the way to the service: which one is used and why, how it is looked for, a test of
// all of them with a report to save, and the question for a proxy's login.
//
// The windows open when somebody wants them, beside the program's own, and are the same for both ends. The package does
// not know how ways are found: [Way] does, which the program's wiring has.
//
// For package trace the windows' screens are called "network" and "proxy-login".
package network

import (
	"context"

	"assist/app/problem"
)

// Mode is how a way out is looked for.
type Mode uint8

// The modes.
const (
	Automatic Mode = iota // with and without the proxies that this computer is set up for
	NoProxy
	ThisProxy // and no other way
)

// Settings are what the person chooses.
type Settings struct {
	Mode  Mode
	Proxy string // host:port or socks5://host:port; of ThisProxy only
}

// Report is what a test has found.
type Report struct {
	Works bool
	Fault problem.Code   // if not Works
	Notes []problem.Code // what else is not as it should be
	Text  string         // the whole, as people read it
	// JSON is the same for programs.
	JSON []byte
}

// Way is the way out of this computer's network. Its methods may take long and are called from any goroutine.
type Way interface {
	Settings() Settings
	// Use looks for the way in another manner. An error says that the proxy's address makes no sense.
	Use(Settings) error
	// Used says which way is used and why, in the reader's language; "" if none has worked yet.
	Used() string
	// Test tries every way. It calls told with what is being looked at.
	Test(ctx context.Context, told func(what string)) Report
}

// Question is a proxy's wish for a login.
type Question struct {
	Proxy string // host:port
	Clear bool   // others may read the password
	Again bool   // the last login was refused
}
