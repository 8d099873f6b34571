package nettest

import (
	"testing"
	"time"

	"assist/cmd/internal/netlab"
)

// most is how many bytes a whole set-up may take in one direction before the first part of the picture is seen.
const most = 12_000

// TestSlowLine counts the bytes of a set-up on the slowest line, from the typed code to the first part of the picture, and how
// long it takes.
func TestSlowLine(t *testing.T) {
	w := newWorld(t)
	w.startService()
	engineer := w.engineer()
	line := w.Link("customer")
	line.Set(netlab.Shape{Rate: 28_800, Delay: 60 * time.Millisecond, Queue: 4 * time.Second})
	for _, transport := range []string{"", "udp", "tcp", "tls", "ws"} {
		typed, err := engineer.code()
		if err != nil {
			t.Fatal(err)
		}
		up0, down0 := line.Bytes()
		a := w.act("customer", "customer", person{Transport: transport, Code: typed, Picture: true})
		seen, err := engineer.hear("picture", time.Minute)
		up, down := line.Bytes()
		up, down = up-up0, down-down0
		if err != nil {
			t.Errorf("%q: %v", transport, err)
		} else {
			t.Logf("%-4s %6d bytes up, %6d down, first part of the picture after %.1f s %s", name(transport), up, down, seen.After.Seconds(), seen.Text)
		}
		for said := range a.words {
			t.Logf("     %6.2f s %s %s", said.After.Seconds(), said.Event, said.Text)
		}
		if _, err := engineer.hear("ended", time.Minute); err != nil {
			t.Error(err)
		}
	}
}

func name(transport string) string {
	if transport == "" {
		return "any"
	}
	return transport
}
