// Package diag finds out what is wrong with the network between this computer and the service, and writes it down as a
// report that the network's own people can work with.
//
//	settings -> names -> addresses -> ways to the service -> service -> ways to its relays -> verdict
//
// Every way is tried by itself, whatever became of the others, and stands in the report in the order in which it was
// tried, with how it ended and how long that took. What it all comes to is one [Fault], whose id is also that of a
// problem that people read about, and notes about what else is not as it should be.
//
// A report holds no secrets: no logins, no codes, no credentials, and of scripts' addresses the host alone. The package
// shows and stores nothing, and knows no language: the texts belong to whoever shows the report. Nobody but the
// service, its relays and this computer's own resolver and proxies is contacted.
package diag

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"time"

	"assist/signaling"
	"assist/signaling/client"
	"assist/signaling/dial"
)

// Network is what a report is made with. *dial.Dialer is one.
type Network interface {
	Ways(context.Context) []dial.Way
	RelayWays(context.Context, signaling.Relay) []dial.Way
	Try(context.Context, dial.Way) dial.Attempt
	TryRelay(context.Context, dial.Way, signaling.Relay) dial.Attempt
	Found() []dial.Found
	DialTLS(ctx context.Context, network, addr string) (net.Conn, error)
}

var _ Network = (*dial.Dialer)(nil)

// Config says what to look at.
type Config struct {
	Service string // host or host:port, as the network's own
	Network Network
	// OwnRoots says that the service has an authority of its own, which the network checks: then no other one can be
	// taken for it.
	OwnRoots bool
	// Patient says that somebody may be asked for a login, and may take their time.
	Patient bool
	// Program and System stand in the report.
	Program, System string
	// Told is called before each step, from the same goroutine as Run, for whoever waits. May be nil.
	Told func(Kind)

	// doors to this computer, which tests replace
	lookup    func(context.Context, string) ([]netip.Addr, error)
	addresses func() ([]net.Addr, error)
	connect   func(ctx context.Context, network, addr string) (net.Conn, error)
	greet     func(context.Context) (relays []signaling.Relay, bye func(), err error)
	now       func() time.Time
}

// Kind is what a step looked at.
type Kind string

// The kinds, in the order of a report.
const (
	Settings  Kind = "settings"  // who names a proxy
	Addresses Kind = "addresses" // of this computer
	Names     Kind = "names"     // the service's addresses
	Family    Kind = "family"    // IPv4 or IPv6 by itself
	ToService Kind = "service"   // a way to the service
	Page      Kind = "page"      // who answers in plain HTTP
	Clock     Kind = "clock"
	Hello     Kind = "hello"    // the service's own word
	ToRelay   Kind = "to-relay" // a way to a relay
)

// Step is one thing that was looked at.
type Step struct {
	Kind Kind `json:"kind"`
	// What says which one, in technical English: "port 443, direct".
	What string `json:"what"`
	// Took is how long it took.
	Took time.Duration `json:"took_ns"`
	// Fault is what is wrong, None if nothing is.
	Fault Fault `json:"fault,omitempty"`
	// Detail is what was found, in technical English.
	Detail string `json:"detail,omitempty"`
}

// Report is what was found.
type Report struct {
	Program string        `json:"program,omitempty"`
	System  string        `json:"system,omitempty"`
	Service string        `json:"service"`
	Began   time.Time     `json:"began"`
	Took    time.Duration `json:"took_ns"`
	Steps   []Step        `json:"steps"`
	// Works says that a session can be set up.
	Works bool `json:"works"`
	// Way is the first way to the service that worked, in technical English.
	Way string `json:"way,omitempty"`
	// Fault is what keeps a session from being set up; None if Works.
	Fault Fault `json:"fault,omitempty"`
	// Detail is that of the step that Fault comes from.
	Detail string `json:"detail,omitempty"`
	// Notes are what else is wrong, each once, in the order of the steps.
	Notes []Fault `json:"notes,omitempty"`
}

// How long things may take.
const (
	lookupTime  = 8 * time.Second
	tryTime     = 10 * time.Second // a way
	againTime   = 3 * time.Second  // a way to a port that did not answer before
	udpTime     = 4 * time.Second  // an answer by UDP: it is asked for more than once
	askTime     = 2 * time.Minute  // a way on which somebody may be asked for a login
	connectTime = 4 * time.Second  // a family, a page
	helloTime   = 15 * time.Second
	hangTime    = 3 * time.Second // after which ways that have not answered are taken for ways that will not
	// atOnce is how many ways are tried at the same time.
	atOnce = 8
	// maxWays and maxRelays bound a report.
	maxWays   = 96
	maxRelays = 8
)

// Run makes a report. It takes half a minute at most where everything is blocked, unless ctx ends before: then the report is of
// what was done by then.
func Run(ctx context.Context, cfg Config) *Report {
	cfg.complete()
	r := &run{cfg: cfg, report: &Report{
		Program: cfg.Program, System: cfg.System, Service: clean(cfg.Service), Began: cfg.now(),
	}}
	r.host, r.port = split(cfg.Service)
	began := time.Now()
	r.all(ctx)
	r.judge()
	r.report.Took = time.Since(began)
	r.scrub()
	return r.report
}

func (c *Config) complete() {
	if c.Told == nil {
		c.Told = func(Kind) {}
	}
	if c.lookup == nil {
		c.lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if c.addresses == nil {
		c.addresses = net.InterfaceAddrs
	}
	if c.connect == nil {
		c.connect = (&net.Dialer{}).DialContext
	}
	if c.greet == nil {
		c.greet = c.hello
	}
	if c.now == nil {
		c.now = time.Now
	}
}

// hello asks the service for its relays, as an app does that has no code yet. What the relays want to see is good until
// bye is called.
func (c *Config) hello(ctx context.Context) (relays []signaling.Relay, bye func(), err error) {
	conn, err := client.Dial(ctx, client.Config{
		Service: c.Service, Dial: c.Network.DialTLS, DialTLS: c.Network.DialTLS, TLS: &tls.Config{MinVersion: tls.VersionTLS13},
	})
	if err != nil {
		return nil, func() {}, err
	}
	w, err := conn.Hello(ctx)
	return w.Relays, func() { _ = conn.Close() }, err
}
