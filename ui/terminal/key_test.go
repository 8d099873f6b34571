package terminal

import (
	"strings"
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/session"
)

// The dialogue names the Pause key only where that works.
func TestPanicKey(t *testing.T) {
	for _, on := range []bool{false, true} {
		play(t, Options{}, func(r *rig) {
			r.feed(customer.Asked{Engineer: ada, CheckNumber: "482913", Until: time.Now().Add(time.Minute)},
				customer.Started{Engineer: ada, Access: session.ViewOnly, At: time.Now(), PanicKey: on})
			for _, when := range []string{"at first", "when asked"} {
				if got := strings.Contains(r.says("s  Stop", "Anything else"), "Pause key"); got != on {
					r.t.Errorf("%s, the key works: %v, is named: %v", when, on, got)
				}
				r.line("?")
			}
		})
	}
}
