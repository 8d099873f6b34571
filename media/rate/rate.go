// Package rate finds out what a link carries, and says when the next frame of the picture may leave, so that little
// waits in front of it: what has not been sent can still be replaced by something newer.
//
// A [Controller] is told what was sent and what was answered. It looks at the link as one queue that is served in order,
// and turns that around: what a frame took to be served, behind what went before it, says how fast the link is. Only
// delay and answers are looked at, no loss: over TURN/TCP and TLS there is none to see, and over UDP the layers below send
// again. The parts are known ones:
//
//   - Each answer gives a sample of the delivery rate. One taken while the program had little to send is only a least value
//     (draft-cheng-iccrg-delivery-rate-estimation, and BBR, draft-ietf-ccwg-bbr); so an idle session forgets nothing.
//   - A train of bytes that found the link empty spreads out by what the link takes for them (packet pair; Keshav, "A
//     control-theoretic approach to flow control", 1991): one large frame is enough to know a link.
//   - The delay without a queue is the least of the last seconds, as in LEDBAT (RFC 6817). Its known weakness, that a queue of
//     one's own comes to look like none, is met by letting the link run empty now and then (BBR's ProbeRTT).
//   - What may be under way is what the link holds by itself and a short queue, as in SCReAM (RFC 8298), and an answer that
//     is late counts at once, before it comes.
//
// Both planes of the picture share one Controller. It does no I/O, starts no goroutine and has no clock: times are passed in.
// It does not know what a frame is, nor decide what is in one; it gates before the screen is read. It may be used by
// one goroutine at a time.
package rate

import "time"

// How long what waits in the link may become, in the link's own time.
const (
	// QueueTime is the most that waits, if a single frame of MinTarget is not more already.
	QueueTime = 250 * time.Millisecond
	// A frame is to take no longer than shortSpan on a fast link, longSpan on a slow one: what is under way cannot be
	// called back when the link turns slow. Between the two it is to have spanBytes.
	shortSpan = 20 * time.Millisecond
	longSpan  = 100 * time.Millisecond
	spanBytes = 16 << 10
	// minLead is about how long a frame takes to be read and encoded.
	minLead = 15 * time.Millisecond
)

// Sizes of frames in bytes.
const (
	// MinTarget is the least that Target asks for: less is mostly headers.
	MinTarget = 512
	// MaxTarget is the most.
	MaxTarget = 2 << 20
	// firstTarget is what may leave at once while nothing is known of the link, and staleTarget after staleTime without a word
	// about it.
	firstTarget = 8 << 10
	staleTarget = 32 << 10
	staleTime   = 10 * time.Second
)

const (
	// maxFlights caps the frames under way: 600 ms of 60 frames a second, and some.
	maxFlights = 64
	// Patience is how long the controller waits for an answer at most, beyond what it expects, before it lets one more frame
	// through to ask again. It doubles up to maxPatience each time.
	minPatience = 250 * time.Millisecond
	maxPatience = 8 * time.Second
)

// Plane is a stream of frames. Its frames arrive in order; those of two planes may overtake each other.
type Plane uint8

// The planes.
const (
	Exact  Plane = iota // over a reliable channel
	Motion              // over RTP: a frame may be lost
)

// Ack is the other end's word about what has arrived.
type Ack struct {
	// Number is the frame that has arrived whole. It answers all frames of the same plane before it, too. One that was answered
	// already tells about the progress of the next.
	Number uint32
	// Received counts the bytes that have arrived so far, in the units of Sent; 0 if the other end does not tell.
	Received uint64
	// Stamp is the other end's clock in milliseconds, which may wrap around. It is used if Received is not 0.
	Stamp uint32
}

// flight is a frame under way.
type flight struct {
	number uint32
	plane  Plane
	left   int // bytes that are not known to have arrived
	at     time.Time
	alone  bool // nothing else was under way
	filled bool // the sender had more to send than the controller allowed

	// For the delivery rate: what had been delivered when it left, when the last of that was, and when that had been sent.
	delivered uint64
	since     time.Time
	sentSince time.Time
}

// Controller is the state of one link. The zero value is ready for use.
type Controller struct {
	flights   []flight // those not answered, in the order of sending
	link      estimate
	base      floor // delay of a frame that finds the link empty
	clock     clock
	trip      time.Duration // the last round trip, smoothed
	delivered uint64
	received  uint64    // the highest Ack.Received
	last      time.Time // when the last delivery was, as far as known
	lastSent  time.Time // when what was delivered last had been sent
	heard     time.Time // when the last answer came
	sentAt    time.Time // when the last frame was sent
	waited    bool      // the next frame had to wait
	begged    uint      // frames let through without an answer since heard
	pace      pace
}

// Hint gives the controller a first idea of the link: the rate in bytes a second as measured elsewhere, and the round
// trip of next to nothing over an empty link; 0 for unknown. What it measures itself counts more.
func (c *Controller) Hint(rate float64, trip time.Duration, now time.Time) {
	if rate > 0 && c.link.rate == 0 {
		c.link.rate = min(max(rate, minRate), maxRate)
	}
	if trip > 0 {
		c.base.add(trip, 0, false, now)
		if c.trip == 0 {
			c.trip = trip
		}
	}
}

// Sent notes that a frame of so many bytes leaves. Numbers grow; bytes may be 0.
func (c *Controller) Sent(number uint32, bytes int, p Plane, now time.Time) {
	if c.begging(now) {
		c.begged++
		if c.heard.Before(c.flights[0].at) {
			c.link.halve() // nothing at all has been heard of what is under way
		}
	}
	if c.last.IsZero() {
		c.last, c.lastSent = now, now
	}
	f := flight{
		number: number, plane: p, left: max(bytes, 0), at: now, delivered: c.delivered,
		alone: len(c.flights) == 0, filled: c.waited && bytes >= c.Target(now)/2,
	}
	f.since, f.sentSince = c.last, c.lastSent
	if f.alone {
		f.since, f.sentSince = now, now
		c.base.drain = false
	}
	if len(c.flights) == maxFlights {
		c.flights = append(c.flights[:0], c.flights[1:]...)
	}
	c.flights = append(c.flights, f)
	c.sentAt, c.waited = now, false
}

// Lost notes that a frame will not arrive.
func (c *Controller) Lost(number uint32) {
	for i, f := range c.flights {
		if f.number == number {
			c.flights = append(c.flights[:i], c.flights[i+1:]...)
			return
		}
	}
}

// Rate is what the link carries, in bytes of picture a second, as far as known: 0 for not at all. While answers are
// late it sinks.
func (c *Controller) Rate(now time.Time) int { return int(c.rate(now)) }

// rate is the estimate, less if the first frame under way takes longer than it should: then nobody knows how slow the
// link is, but it is not faster than that.
func (c *Controller) rate(now time.Time) float64 {
	r := c.link.rate
	if r == 0 || len(c.flights) == 0 {
		return r
	}
	head := &c.flights[0]
	begun := later(c.last, head.at.Add(c.empty()))
	due := begun.Add(span(head.left, r) + c.slack())
	if now.Before(due) {
		return r
	}
	return min(r, max(float64(max(head.left, MinTarget))/now.Sub(begun).Seconds(), minRate))
}

// Queue is how long a byte sent now would wait in the link for those before it.
func (c *Controller) Queue(now time.Time) time.Duration {
	r := c.rate(now)
	if r == 0 || len(c.flights) == 0 {
		return 0
	}
	empty := c.empty()
	t := c.last
	for i := range c.flights {
		f := &c.flights[i]
		t = later(t, f.at.Add(empty)).Add(span(f.left, r))
		if i == 0 {
			t = later(t, now)
		}
	}
	return max(t.Sub(now)-empty, 0)
}

// Wait is how long the next frame is to wait if no answer comes; 0 means that it may leave now.
func (c *Controller) Wait(now time.Time) time.Duration {
	if len(c.flights) == 0 {
		return 0
	}
	patience := c.patienceLeft(now)
	r := c.rate(now)
	switch {
	case patience <= 0:
		return 0
	case c.base.drain:
		left := c.sentAt.Add(max(c.expected()+c.slack(), 2*c.trip)).Sub(now)
		if left <= 0 {
			c.base.drain = false // an answer is missing: another time
			return c.Wait(now)
		}
		return min(left, patience)
	case len(c.flights) >= maxFlights-1, r == 0 && c.underWay() >= firstTarget:
		return patience
	case r == 0:
		return 0
	}
	if wait := c.Queue(now) - lead(r); wait > 0 {
		c.waited = true
		return min(max(wait, time.Millisecond), patience)
	}
	return 0
}

// Budget is how many bytes may leave now without more than QueueTime waiting, at least MinTarget.
func (c *Controller) Budget(now time.Time) int {
	r := c.rate(now)
	if r == 0 {
		return max(firstTarget-c.underWay(), MinTarget)
	}
	return int(min(max((QueueTime-c.Queue(now)).Seconds()*r, MinTarget), MaxTarget))
}

// Target is how many bytes the next frame had best have: a short time of the link's.
func (c *Controller) Target(now time.Time) int {
	r := c.rate(now)
	if r == 0 {
		return c.Budget(now)
	}
	target := min(int(r*frameSpan(r).Seconds()), c.Budget(now), MaxTarget)
	if now.Sub(c.heard) > staleTime {
		target = min(target, staleTarget)
	}
	return max(target, MinTarget)
}

// RoundTrip is how long an answer takes now, the frame's own time included; 0 for unknown.
func (c *Controller) RoundTrip() time.Duration { return c.trip }

// Empty is how long an answer takes over an empty link; 0 for unknown.
func (c *Controller) Empty() time.Duration { return c.empty() }

// Slow reports whether the link is so slow that people notice it at the picture. It takes a while to change.
func (c *Controller) Slow(now time.Time) bool { return c.pace.look(c, now) }

// Busy reports whether anything is under way.
func (c *Controller) Busy() bool { return len(c.flights) > 0 }

// underWay is how many bytes are not answered.
func (c *Controller) underWay() (bytes int) {
	for i := range c.flights {
		bytes += c.flights[i].left
	}
	return bytes
}

// empty is the delay of an answer to next to nothing over an empty link. It had better be too long than too short: too short, it
// makes small frames look slow, and these the link; too long, it makes frames overlap, and then they show how fast it is.
func (c *Controller) empty() time.Duration { return c.base.empty(max(c.link.rate, c.link.high)) }

// slack is how late an answer may be without meaning anything.
func (c *Controller) slack() time.Duration { return max(10*time.Millisecond, c.empty()/8) }

// begging reports whether a frame that is sent now goes only because answers did not come.
func (c *Controller) begging(now time.Time) bool {
	return len(c.flights) > 0 && c.patienceLeft(now) <= 0
}

// patienceLeft is how long to wait yet before one frame goes whatever is under way.
func (c *Controller) patienceLeft(now time.Time) time.Duration {
	patience := min(2*c.expected()+minPatience, maxPatience)
	patience = min(patience<<min(c.begged, 8), maxPatience)
	return min(later(c.heard, c.sentAt).Add(patience).Sub(now), patience)
}

// expected is how long the answer to all that is under way takes.
func (c *Controller) expected() time.Duration {
	if c.link.rate == 0 {
		return c.empty()
	}
	return c.empty() + span(c.underWay(), c.link.rate)
}

// frameSpan is how long a frame is to take on a link of rate r.
func frameSpan(r float64) time.Duration {
	return min(max(span(spanBytes, r), shortSpan), longSpan)
}

// lead is how much may wait when a frame is begun, so that the link does not run empty meanwhile: half a frame, and less where
// the least frame takes long.
func lead(r float64) time.Duration {
	return max(min(frameSpan(r)/2, QueueTime/2-span(MinTarget, r)), minLead)
}

// span is how long a link of rate r takes for bytes.
func span(bytes int, r float64) time.Duration {
	return time.Duration(float64(bytes) / r * float64(time.Second))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
