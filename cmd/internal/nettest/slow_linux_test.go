package nettest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"assist/cmd/internal/netlab"
)

// most is how many bytes a set-up may take in one direction before the picture begins, with IP headers and whatever is sent again,
// whichever way leads to the relay.
const most = 12_000

// TestSlowLine counts the bytes of a set-up on the slowest line, from the typed code to the first part of the picture, and how
// long it takes.
func TestSlowLine(t *testing.T) {
	t.Parallel()
	transports := []string{"", "ws"} // the dearest, too
	if os.Getenv(allEnv) != "" {
		transports = []string{"", "udp", "tcp", "tls", "ws"}
	}
	w := newWorld(t)
	w.startService()
	engineer := w.engineer()
	line := w.Link("customer")
	line.Set(netlab.Shape{Rate: 28_800, Delay: 60 * time.Millisecond, Queue: 4 * time.Second})
	for _, transport := range transports {
		typed, err := engineer.code()
		if err != nil {
			t.Fatal(err)
		}
		up0, down0 := line.Bytes()
		count := func() string {
			up, down := line.Bytes()
			return fmt.Sprintf("%6d bytes up, %6d down", up-up0, down-down0)
		}
		a := w.act("customer", "customer", person{Transport: transport, Code: typed, Picture: true})
		for _, event := range []string{"asked", "live"} {
			said, err := a.hear(event, patience)
			if err != nil {
				t.Fatalf("%s: %v", name(transport), err)
			}
			t.Logf("%-4s %-7s %s after %4.1f s", name(transport), event, count(), said.After.Seconds())
		}
		if up, down := line.Bytes(); max(up-up0, down-down0) > most {
			t.Errorf("%s: %s before the picture begins, want %d each way", name(transport), count(), most)
		}
		seen, err := engineer.hear("picture", patience)
		if err != nil {
			t.Fatalf("%s: %v", name(transport), err)
		}
		t.Logf("%-4s picture %s after %4.1f s: %s", name(transport), count(), seen.After.Seconds(), seen.Text)
		if _, err := engineer.hear("ended", patience); err != nil {
			t.Fatalf("%s: %v", name(transport), err)
		}
		a.end()
		time.Sleep(2 * time.Second) // what is left on the line
	}
}

// patience is how long any step may take on such a line.
const patience = 25 * time.Second

func name(transport string) string {
	if transport == "" {
		return "any"
	}
	return transport
}
