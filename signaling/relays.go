package signaling

import (
	"log/slog"
	"time"
)

// Relay is a way to a TURN relay, with credentials that end by themselves.
//
// URL is that of RFC 7065. Bytes are dear on slow lines, so a relay of ours, which takes every way at every one of its
// ports, is named by one URL that has the others in it; who does not know these two fields has a good URL all the same:
//
//	turn:relay.example.com:443?transport=udp&ways=tls,ws,tcp&ports=80,8200
//
// For a relay that is only reached by WebSocket there is turns:HOST:PORT?transport=ws. Several entries with one name lead to the same relay.
type Relay struct {
	URL        string `json:"url"`
	Username   string `json:"username"`
	Credential string `json:"credential"`
	Name       string `json:"name,omitempty"` // of the relay, plain ASCII; "" if there is only one
}

// LogValue keeps the credential out of every log.
func (r Relay) LogValue() slog.Value { return slog.StringValue(r.URL) }

// String keeps the credential out of every print.
func (r Relay) String() string { return r.URL }

// Measured says how far away relays are from this app. The answer is Order.
type Measured struct {
	Relays []RoundTrip `json:"relays"`
}

// RoundTrip is how long a relay takes to answer an app.
type RoundTrip struct {
	Name string        `json:"name"`
	Took time.Duration `json:"took"` // 0: it did not answer
}

// Order answers Measured: the relays' names, the one to use first in front. What is not named keeps its place behind.
type Order struct {
	Names []string `json:"names"`
}

// Arrange puts relays in the order of names; what is not named keeps its place behind.
func Arrange(list []Relay, names []string) []Relay {
	out := make([]Relay, 0, len(list))
	taken := make([]bool, len(list))
	take := func(wanted func(Relay) bool) {
		for i, r := range list {
			if !taken[i] && wanted(r) {
				out, taken[i] = append(out, r), true
			}
		}
	}
	for _, name := range names {
		take(func(r Relay) bool { return r.Name == name })
	}
	take(func(Relay) bool { return true })
	return out
}
