package dial

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"assist/signaling"
)

// TestSuspects has a link to a relay that falls silent: the next link begins with another one.
func TestSuspects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDialer(t, Config{}, nil)
		list := []signaling.Relay{{URL: "turn:a.test:443", Name: "a"}, {URL: "turn:b.test:443", Name: "b"}}
		first := func() string {
			t.Helper()
			r, err := d.Relays(list)
			if err != nil {
				t.Fatal(err)
			}
			return r.List()[0].Name
		}
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() {
			buf := make([]byte, 10)
			for answers := range 100 {
				if _, err := theirs.Read(buf); err != nil {
					return
				}
				if answers < 3 {
					_, _ = theirs.Write([]byte("pong"))
				}
			}
		}()
		c := d.feel(ours, "a.test:443")
		buf := make([]byte, 10)
		for range 3 {
			_, _ = c.Write([]byte("ping"))
			_, _ = c.Read(buf)
			time.Sleep(time.Minute) // at rest nothing is suspected
			if got := first(); got != "a" {
				t.Errorf("while it answers, %s is first", got)
			}
		}
		_, _ = c.Write([]byte("ping"))
		time.Sleep(quiet)
		if got := first(); got != "a" {
			t.Errorf("after %v, %s is first", quiet, got)
		}
		_, _ = c.Write([]byte("ping")) // another question does not start the wait anew
		time.Sleep(time.Millisecond)
		if got := first(); got != "b" {
			t.Errorf("when it is silent, %s is first", got)
		}
		_ = c.Close()
		_ = c.Close()
		if got := first(); got != "a" || len(d.felt) != 0 {
			t.Errorf("after the link's end %s is first; %d connections are kept", got, len(d.felt))
		}
	})
}
