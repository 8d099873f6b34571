package rate

import (
	"math"
	"time"
)

const (
	// minRate and maxRate bound every estimate, in bytes a second.
	minRate = 100
	maxRate = 1 << 30
	// plain is how long the link must have worked on something for that to say how fast it is.
	plain = 10 * time.Millisecond
	// memory is over how much of the link's work a rate is taken, and reaction how soon a lower one is believed.
	memory   = 200 * time.Millisecond
	reaction = 100 * time.Millisecond
	// forget is after how much of the link's work a high rate is no longer remembered.
	forget = 4 * time.Second
	// enough is how many bytes must have been measured before a link counts as known.
	enough = 8 << 10
)

// sample is what an answer says about the link.
type sample struct {
	bytes   int
	took    time.Duration // how long the link worked on them
	chained bool          // it had worked on something else right before
	small   bool          // too small to tell its own time from the empty link's
	noise   time.Duration // error of took
}

// estimate is how many bytes a second the link carries.
type estimate struct {
	rate  float64  // 0 for unknown
	high  float64  // the highest of late
	run   []sample // the last ones with the link at work between them
	known int      // bytes measured with the link at work
}

// add takes a sample.
func (e *estimate) add(s sample) {
	if !s.chained {
		e.run = e.run[:0]
	}
	e.run = append(e.run, s)
	bytes, took := e.recent()
	e.atLeast(bytes, took, s.noise)
	if took < plain || bytes <= 0 || s.small {
		return
	}
	measured := bytes / took.Seconds()
	e.known = min(e.known+s.bytes, enough)
	switch {
	case measured < e.rate:
		e.rate -= (e.rate - measured) * e.weight(s)
	case measured > e.rate:
		e.rate += (min(measured, 2*e.rate) - e.rate) / 2
	}
	e.rate = min(max(e.rate, minRate), maxRate)
	e.high = max(e.rate, e.high*math.Exp(-s.took.Seconds()/forget.Seconds()))
}

// weight is how much of a lower rate is believed: the more, the longer the link has worked on it. Next to no bytes
// that came late say little.
func (e *estimate) weight(s sample) float64 {
	w := 1 - math.Exp(-s.took.Seconds()/reaction.Seconds())
	if due := span(s.bytes, e.rate); due < s.noise && !s.chained {
		w *= float64(due) / float64(s.noise)
	}
	return w
}

// recent sums the run up over the last of the link's work.
func (e *estimate) recent() (bytes float64, took time.Duration) {
	for i := len(e.run) - 1; i >= 0; i-- {
		if took >= memory || len(e.run)-i > maxFlights {
			e.run = append(e.run[:0], e.run[i+1:]...)
			break
		}
		bytes += float64(e.run[i].bytes)
		took += e.run[i].took
	}
	return bytes, took
}

// atLeast notes that the link carried bytes in a time that may be short by noise. It may carry more.
func (e *estimate) atLeast(bytes float64, took, noise time.Duration) {
	least := bytes / max(took+noise, time.Millisecond).Seconds()
	if least <= e.rate || bytes <= 0 {
		return
	}
	if e.rate > 0 {
		least = min(least, 2*e.rate)
	}
	e.rate = min(max(least, minRate), maxRate)
}

// probe raises a rate that the frames are too small to tell. Larger ones, or the first two at once, tell.
func (e *estimate) probe() { e.rate = min(e.rate*1.25, maxRate) }

// halve is for silence.
func (e *estimate) halve() {
	if e.rate > 0 {
		e.rate = max(e.rate/2, minRate)
	}
}
