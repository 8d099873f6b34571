package peer

import (
	"slices"
	"time"
)

const (
	// Frames are kept for parts that the other end lacks: as many, so long and so many bytes of them, whichever is less.
	keptFrames = maxAhead
	keptTime   = 3 * time.Second
	keptBytes  = 1 << 20
	// maxTries is how often a part is sent again.
	maxTries = 4
	// packetCost is what stands around an RTP packet on its way, in bytes: SRTP 16, TURN 4, UDP and IP 28.
	packetCost = 48
	// paceSlack is how far ahead of the rate packets may be, so that a fast line needs no clock of its own.
	paceSlack = 2 * time.Millisecond
	// After a frame with nothing behind it the other end is told once that it was all, or a loss at its end would not be
	// noticed. That is after quietTime, or later where it would cost more than quietShare of the rate.
	quietTime  = 60 * time.Millisecond
	quietShare = 0.02
)

// outgo decides which packet of the motion frames goes next, and when. The zero value is ready. It is for one goroutine at a
// time.
type outgo struct {
	count uint32      // of frames so far
	kept  []*outFrame // oldest first; the newest may be under way
	again []place     // parts to be sent again, oldest first
	words []part      // of frames that are not kept any more
	rate  float64     // bytes a second, 0 for no limit
	free  time.Time   // when the line is free again
	quiet time.Time   // when nothing more was to be said; zero while the end of the last frame was told
	sent  uint64      // parts sent again
}

// outFrame is a frame that is sent or was.
type outFrame struct {
	number  uint32
	data    []byte
	born    time.Time
	out     int           // parts that were sent
	given   bool          // it was given up before its end
	tries   []uint8       // of each part: how often it was asked for
	waiting []bool        // of each part: it stands in again
	done    chan struct{} // closed when all of it was sent, or it was given up
}

// place is a part of a kept frame.
type place struct {
	frame *outFrame
	part  int
}

func (f *outFrame) parts() int { return partsOf(len(f.data)) }

// under reports whether parts of f are still to be sent.
func (f *outFrame) under() bool { return !f.given && f.out < f.parts() }

// cut returns a part of f.
func (f *outFrame) cut(i int) part {
	return part{kindPart, f.number, i, f.parts(), f.data[i*partSize : min((i+1)*partSize, len(f.data))]}
}

// put takes a frame in. The one before must not be under way any more.
func (o *outgo) put(data []byte, now time.Time) {
	o.count++
	f := &outFrame{number: o.count, data: slices.Clone(data), born: now, done: make(chan struct{})}
	f.tries, f.waiting = make([]uint8, f.parts()), make([]bool, f.parts())
	o.kept = append(o.kept, f)
	o.forget(now)
}

// last returns the newest frame that is kept, nil for none.
func (o *outgo) last() *outFrame {
	if len(o.kept) == 0 {
		return nil
	}
	return o.kept[len(o.kept)-1]
}

// forget lets go of frames that are too old.
func (o *outgo) forget(now time.Time) {
	size := 0
	for i := len(o.kept) - 1; i >= 0; i-- {
		f := o.kept[i]
		size += len(f.data)
		if f != o.last() && (len(o.kept)-i > keptFrames || size > keptBytes || now.Sub(f.born) > keptTime) {
			o.again = slices.DeleteFunc(o.again, func(p place) bool { return p.frame.number <= f.number })
			o.kept = slices.Delete(o.kept, 0, i+1)
			return
		}
	}
}

// giveUp leaves out what is still to be sent of the last frame.
func (o *outgo) giveUp() {
	f := o.last()
	if f == nil || !f.under() {
		return
	}
	f.given = true
	o.again = slices.DeleteFunc(o.again, func(p place) bool { return p.frame == f })
	o.words = append(o.words, part{kind: kindForget, frame: f.number})
	close(f.done)
}

// setRate sets the rate, and what it means for the packet that is on its way.
func (o *outgo) setRate(rate float64, now time.Time) {
	if wait := o.free.Sub(now); wait > 0 && rate > 0 && o.rate > 0 {
		o.free = now.Add(time.Duration(float64(wait) * o.rate / rate))
	} else {
		o.free = now
	}
	o.rate = rate
}

// lacks takes the other end's question. It fails for one that no honest end asks.
func (o *outgo) lacks(a ask) error {
	if a.frame > o.count {
		return errAsk
	}
	i := slices.IndexFunc(o.kept, func(f *outFrame) bool { return f.number == a.frame })
	if i < 0 || o.kept[i].given {
		if len(o.words) < maxAhead {
			o.words = append(o.words, part{kind: kindForget, frame: a.frame})
		}
		return nil
	}
	f := o.kept[i]
	for _, s := range a.spans {
		for n := s.first; n < min(s.first+s.count, f.out); n++ {
			if !f.waiting[n] && f.tries[n] < maxTries {
				f.waiting[n] = true
				f.tries[n]++
				o.again = append(o.again, place{f, n})
			}
		}
	}
	return nil
}

// next returns the packet that goes now. If there is none it returns when to look again: zero for not before something
// has changed.
func (o *outgo) next(now time.Time) (p part, ok bool, at time.Time) {
	p, take, at := o.choose(now)
	if take == nil {
		return part{}, false, at
	}
	if o.rate > 0 {
		if at := o.free.Add(-paceSlack); now.Before(at) {
			return part{}, false, at
		}
		if o.free.Before(now) {
			o.free = now
		}
		cost := float64(len(p.data) + rtpHeader + partHeader + packetCost)
		o.free = o.free.Add(time.Duration(cost / o.rate * float64(time.Second)))
	}
	take()
	return p, true, time.Time{}
}

// choose returns the packet that is next in line and what takes it out of there.
func (o *outgo) choose(now time.Time) (p part, take func(), at time.Time) {
	if len(o.words) > 0 {
		return o.words[0], func() { o.words = o.words[1:] }, at
	}
	if len(o.again) > 0 {
		w := o.again[0]
		return w.frame.cut(w.part), func() {
			o.again = o.again[1:]
			w.frame.waiting[w.part] = false
			o.sent++
		}, at
	}
	f := o.last()
	if f == nil {
		return p, nil, at
	}
	if f.under() {
		return f.cut(f.out), func() { o.went(f, now) }, at
	}
	if o.quiet.IsZero() {
		return p, nil, at
	}
	if at = o.quiet.Add(o.quietFor()); now.Before(at) {
		return p, nil, at
	}
	end := part{kind: kindEnd, frame: f.number, parts: f.parts()}
	if f.given {
		end = part{kind: kindForget, frame: f.number}
	}
	return end, func() { o.quiet = time.Time{} }, time.Time{}
}

// went notes that the next part of f was sent.
func (o *outgo) went(f *outFrame, now time.Time) {
	if f.out++; f.under() {
		return
	}
	o.quiet = now
	close(f.done)
}

// quietFor is how long after a frame its end is told.
func (o *outgo) quietFor() time.Duration {
	if o.rate == 0 {
		return quietTime
	}
	const cost = rtpHeader + partHeader + packetCost
	return max(quietTime, time.Duration(cost/(quietShare*o.rate)*float64(time.Second)))
}
