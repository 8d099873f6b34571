package peer

import "time"

const (
	// queueTime is how much of the line's time may wait in front of a channel's next message, at most queueMost bytes.
	queueTime = 100 * time.Millisecond
	queueMost = 64 << 10
	// Few packets may wait longer: the other end may take 200 ms to acknowledge the last one (RFC 9260 section 6.2), and
	// the window must not shrink for that.
	fewTime    = 250 * time.Millisecond
	fewPackets = 8 * 1200
	// minWindow is two packets: the other end acknowledges every second one at once.
	minWindow = 2400
	maxWindow = 2 << 20
	// minSpan is the least time over which a rate is measured.
	minSpan = 50 * time.Millisecond
)

// pace finds a channel's window: what the line carries in one round trip, and a short queue. So a fast line is
// kept full, and on a slow one messages of other channels do not wait long.
type pace struct {
	window int
	fixed  bool
	since  time.Time     // start of the span that is being measured, zero for none
	acked  uint64        // bytes acknowledged up to then
	stuck  time.Duration // for how long of the span a message waited for room
	last   time.Time     // when look was called last
}

// look notes that a message is to be sent, with acked bytes acknowledged so far and trip the round trip of an
// empty line. With again, it has been waiting since the last look.
func (p *pace) look(now time.Time, acked uint64, trip time.Duration, again bool) {
	if again {
		p.stuck += now.Sub(p.last)
	}
	p.last = now
	span := now.Sub(p.since)
	if span < max(minSpan, trip) || acked == p.acked && again {
		return
	}
	// Only a span in which there was mostly something to send says what the line carries.
	if !p.fixed && p.stuck > span/2 {
		rate := float64(acked-p.acked) / span.Seconds()
		flight := rate * trip.Seconds()
		window := max(flight+min(rate*queueTime.Seconds(), queueMost), min(flight+rate*fewTime.Seconds(), fewPackets))
		p.window = int(min(max(window, minWindow), float64(2*p.window), maxWindow))
	}
	p.since, p.acked, p.stuck = now, acked, 0
}
