package terminal

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"assist/ui/text"
)

// command is a line as a command: plain small letters and digits, also when they were typed as wide ones.
func command(line string) string {
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(line)))
}

// yes reports whether a line is a yes. Everything else is a no.
func yes(line string) bool {
	switch command(line) {
	case "y", "yes", "はい":
		return true
	}
	return false
}

// digitsOf are the digits in a line, whatever is between them.
func digitsOf(line string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, norm.NFKC.String(line))
}

// twoDigits draws two digits.
func twoDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(100))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return fmt.Sprintf("%02d", n)
}

// columns is how wide the other end's lines may be, so that none is broken by the terminal and goes on without a bar.
const columns = 70

// quote puts what the other end wrote behind a bar.
func quote(s string) []string {
	var out []string
	for line := range strings.SplitSeq(text.Lines(s), "\n") {
		var b strings.Builder
		wide := 0
		for _, r := range line {
			w := 1
			if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth || k == width.EastAsianAmbiguous {
				w = 2
			}
			if wide += w; wide > columns {
				out = append(out, "  | "+b.String())
				b.Reset()
				wide = w
			}
			b.WriteRune(r)
		}
		out = append(out, "  | "+b.String())
	}
	return out
}

// countdown says now and then how long there is to answer. The zero countdown is at rest.
type countdown struct {
	until time.Time
	text  string // with a field for the time
	timer *time.Timer
}

// warnings are the times before the end at which it is said.
var warnings = []time.Duration{30 * time.Second, 10 * time.Second}

// start begins a countdown to until.
func (c *countdown) start(until time.Time, text string) {
	c.stop()
	c.until, c.text = until, text
	c.next()
}

func (c *countdown) next() {
	c.timer = nil
	for _, w := range warnings {
		if wait := time.Until(c.until) - w; wait > 0 {
			c.timer = time.NewTimer(wait)
			return
		}
	}
}

// due yields when there is something to say.
func (c *countdown) due() <-chan time.Time {
	if c.timer == nil {
		return nil
	}
	return c.timer.C
}

// tell says how long there still is.
func (c *countdown) tell(d *Dialogue) {
	d.say(c.left())
	c.next()
}

func (c *countdown) left() string {
	return text.F(c.text, map[string]any{"time": text.Clock(time.Until(c.until))})
}

func (c *countdown) stop() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}
