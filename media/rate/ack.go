package rate

import "time"

// Acked takes the other end's word. Words about frames that are not under way, late ones and lies are harmless: they
// are cut down to what can be.
func (c *Controller) Acked(a Ack, now time.Time) {
	at, known := c.find(a.Number)
	arrived := c.arrived(a)
	if !known && arrived == 0 || len(c.flights) == 0 {
		return
	}
	when := now
	if a.Received > 0 {
		when = c.clock.local(a.Stamp, now)
	}
	when = later(when, c.last)
	if !known {
		c.progress(arrived, when, now)
		return
	}
	f := c.flights[at]
	took, chained := c.served(at, when)
	bytes := c.take(at)
	if a.Received > 0 {
		c.credit(arrived - bytes)
		bytes = min(bytes, arrived) // the rest was lost
	}
	c.trip = smooth(c.trip, now.Sub(f.at))
	c.base.add(when.Sub(f.at), f.left, f.alone, now)
	c.account(bytes, f.at, when, now)
	small := f.alone && f.left < 2*c.base.bytes()
	if small && f.filled {
		c.link.probe()
	}
	c.link.add(sample{bytes: bytes, took: took, chained: chained, small: small, noise: c.noise()})
	c.link.atLeast(float64(c.delivered-f.delivered), max(when.Sub(f.since), f.at.Sub(f.sentSince)), c.noise())
	c.dropLost(f)
}

// find returns the place of a frame among those under way.
func (c *Controller) find(number uint32) (int, bool) {
	for i := range c.flights {
		if c.flights[i].number == number {
			return i, true
		}
	}
	return 0, false
}

// arrived is how many bytes have arrived since the last word.
func (c *Controller) arrived(a Ack) int {
	if a.Received <= c.received {
		return 0
	}
	n := min(a.Received-c.received, uint64(c.underWay()))
	c.received = a.Received
	return int(n)
}

// take takes the frame at its place out, with those of its plane before it, and returns how many bytes that is.
func (c *Controller) take(at int) (bytes int) {
	plane, kept := c.flights[at].plane, c.flights[:0]
	for i, f := range c.flights {
		if i <= at && f.plane == plane {
			bytes += f.left
		} else {
			kept = append(kept, f)
		}
	}
	c.flights = kept
	return bytes
}

// credit notes that bytes of the first frames under way have arrived. What is left of a frame is never nothing: it
// has not arrived whole.
func (c *Controller) credit(bytes int) {
	for i := range c.flights {
		if bytes <= 0 {
			return
		}
		f := &c.flights[i]
		n := max(min(bytes, f.left-1), 0)
		f.left -= n
		bytes -= n
	}
}

// progress takes the word that a part of the first frame has arrived.
func (c *Controller) progress(bytes int, when, now time.Time) {
	took, chained := c.served(0, when)
	sent := c.flights[0].at
	c.credit(bytes)
	c.account(bytes, sent, when, now)
	c.link.add(sample{bytes: bytes, took: took, chained: chained, noise: c.noise()})
}

// served is how long the link worked on the frame at its place and those of its plane before it, which arrived when, and
// whether it had worked on something else right before. Where one of them left late, the link had nothing to do until it came.
func (c *Controller) served(at int, when time.Time) (took time.Duration, chained bool) {
	empty, plane := c.empty(), c.flights[at].plane
	t, idle := c.last, time.Duration(0)
	for i, f := range c.flights[:at+1] {
		if f.plane != plane && i > 0 {
			continue
		}
		if gap := f.at.Add(empty).Sub(t); f.plane == plane && gap > c.noise() {
			idle += gap
			t = t.Add(gap)
		} else {
			chained = chained || i == 0
		}
		if c.link.rate > 0 {
			t = t.Add(span(f.left, c.link.rate))
		}
	}
	return max(when.Sub(c.last)-idle, 0), chained
}

// account notes a delivery.
func (c *Controller) account(bytes int, sent, when, now time.Time) {
	c.delivered += uint64(bytes)
	c.last, c.lastSent, c.heard, c.begged = when, later(sent, c.lastSent), now, 0
}

// dropLost gives up motion frames sent so long before f, which has arrived, that they must be lost.
func (c *Controller) dropLost(f flight) {
	limit := f.at.Add(-c.empty() - time.Second)
	kept := c.flights[:0]
	for _, g := range c.flights {
		if g.plane == Exact || g.at.After(limit) {
			kept = append(kept, g)
		}
	}
	c.flights = kept
}

// noise is by how much an answer may come early or late with nothing in its way.
func (c *Controller) noise() time.Duration {
	return min(2*time.Millisecond+c.empty()/16, 10*time.Millisecond)
}

// smooth moves a mean an eighth of the way, as TCP does (RFC 6298).
func smooth(mean, d time.Duration) time.Duration {
	if mean == 0 {
		return d
	}
	return mean + (d-mean)/8
}
