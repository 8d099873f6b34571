package rate

import "time"

const (
	// baseTime is how long a least delay is kept: one to two of these. It is short, so that a queue that others keep in the link
	// is soon taken for a part of it; where it is not, a picture beside a TCP connection starves.
	baseTime = 2 * time.Second
	// drainTime is after how long without a frame alone under way the link must run empty, or drainTrips of its empty delay.
	drainTime  = 3 * time.Second
	drainTrips = 16
	// crowded is the delay that makes it run empty sooner: if that does not help, the queue is not the picture's.
	crowded = 250 * time.Millisecond
)

// floor is the least delay of the last seconds.
type floor struct {
	now, before low
	alone       time.Time // when the last frame alone under way arrived
	drain       bool      // the link must run empty for the next one
}

// low is a delay and the size of the frame that had it.
type low struct {
	delay time.Duration
	bytes int
	begun time.Time
	any   bool
}

// add takes the delay of a frame. One that was alone under way says how long the empty link takes; another one, only if it is
// less.
func (f *floor) add(delay time.Duration, bytes int, alone bool, now time.Time) {
	delay = max(delay, 0)
	lowest, known := f.lowest()
	switch {
	case !known:
		f.alone, f.now.begun = now, now
	case alone:
		f.alone = now
	case now.Sub(f.alone) > max(drainTime, drainTrips*lowest.delay), delay > 2*lowest.delay+crowded && now.Sub(f.alone) > baseTime/2:
		f.drain, f.alone = true, now
	}
	if alone && now.Sub(f.now.begun) > baseTime {
		f.before, f.now = f.now, low{begun: now}
	}
	if !known || delay < lowest.delay || alone && (!f.now.any || delay < f.now.delay) {
		f.now.delay, f.now.bytes, f.now.any = delay, bytes, true
	}
}

// lowest is the least delay that still counts.
func (f *floor) lowest() (low, bool) {
	switch {
	case !f.now.any:
		return f.before, f.before.any
	case f.before.any && f.before.delay < f.now.delay:
		return f.before, true
	}
	return f.now, true
}

// bytes is the size of the frame with the least delay.
func (f *floor) bytes() int {
	l, _ := f.lowest()
	return l.bytes
}

// empty is the least delay, without the time that the frame itself took at rate.
func (f *floor) empty(rate float64) time.Duration {
	l, _ := f.lowest()
	if rate == 0 {
		return l.delay
	}
	return l.delay - min(span(l.bytes, rate), l.delay/4*3)
}

// maxJump is by how much the other end's clock may differ from what it should be before it counts as set anew.
const maxJump = 5 * time.Second

// clock turns the other end's stamps into times here, as if answers took no longer on their way back than the fastest of
// the last seconds: a queue on the way back is not the picture's.
type clock struct {
	last        uint32
	at          time.Time     // when last came
	there       time.Duration // its time since the first stamp
	zero        time.Time     // when the first came
	now, before low           // of the difference between here and there
}

// local returns when what was stamped happened, never later than now.
func (k *clock) local(stamp uint32, now time.Time) time.Time {
	there := k.there + time.Duration(int32(stamp-k.last))*time.Millisecond
	if jump := there - k.there - now.Sub(k.at); k.zero.IsZero() || jump > maxJump || jump < -maxJump {
		*k = clock{zero: now}
		there = 0
	}
	k.last, k.at, k.there = stamp, now, there
	diff := now.Sub(k.zero) - there
	if k.now.begun.IsZero() {
		k.now.begun = now
	}
	if now.Sub(k.now.begun) > baseTime {
		k.before, k.now = k.now, low{begun: now}
	}
	if !k.now.any || diff < k.now.delay {
		k.now.delay, k.now.any = diff, true
	}
	least := k.now.delay
	if k.before.any {
		least = min(least, k.before.delay)
	}
	return k.zero.Add(there + least)
}
