package engineer

import (
	"sync/atomic"
	"time"

	"assist/app/wire"
)

const (
	// linkPause is how often the window is told how the link does at most.
	linkPause = time.Second
	// countTime is over how long pictures are counted at least.
	countTime = 900 * time.Millisecond
)

// tally counts what the picture's planes bring in a session, over all its links.
type tally struct {
	exact, motion atomic.Uint64 // bytes
	pictures      atomic.Uint64 // painted
	report        atomic.Pointer[wire.LinkReport]

	// The rest belongs to the loop.
	since  time.Time
	before uint64  // pictures until then
	second float64 // pictures a second in the time before
	told   LinkChanged
}

// newLink forgets what the customer's end said of a link that is no more.
func (c *tally) newLink() { c.report.Store(nil) }

// perSecond is how many pictures a second are painted now.
func (c *tally) perSecond(now time.Time) float64 {
	if c.since.IsZero() {
		c.since = now
	}
	if span := now.Sub(c.since); span >= countTime {
		painted := c.pictures.Load()
		c.second = float64(painted-c.before) / span.Seconds()
		c.since, c.before = now, painted
	}
	return c.second
}

// fill adds to ev what was counted, and what the customer's end says.
func (c *tally) fill(ev *LinkChanged, now time.Time) {
	ev.Exact, ev.Motion, ev.Pictures = c.exact.Load(), c.motion.Load(), c.perSecond(now)
	if r := c.report.Load(); r != nil {
		ev.Rate, ev.Queue = uint64(r.Rate), time.Duration(r.Queue)*time.Millisecond
	}
}

// steady is the round trip to tell: the one told before as long as the new one differs by little.
func steady(told, now time.Duration) time.Duration {
	now = now.Round(time.Millisecond / 10)
	if diff := max(now-told, told-now); now > 0 && told > 0 && diff <= max(told/8, time.Millisecond) {
		return told
	}
	return now
}

// tellLink tells how the link does, if that has changed.
func (t *talk) tellLink() {
	stats := t.turn.Stats()
	ev := LinkChanged{
		Up: t.linkUp, Until: t.until, RoundTrip: steady(t.tally.told.RoundTrip, stats.RoundTrip), Received: t.received + stats.Received, Sent: t.sent + stats.Sent,
	}
	t.tally.fill(&ev, time.Now())
	if ev != t.tally.told {
		t.tally.told = ev
		t.c.cfg.Notify(ev)
	}
}
