package peer

import (
	"slices"
	"time"
)

const (
	// maxAhead is how many frames may be on their way at a time, and maxHeld what they may take, in bytes. Where there are
	// more, the oldest is given up.
	maxAhead = 64
	maxHeld  = 4 << 20
	// missedTime is how long parts are asked for at least, once it was seen that they are missing. A far line has
	// missedTrips round trips, within missedMost.
	missedTime  = 250 * time.Millisecond
	missedTrips = 2.5
	missedMost  = 2 * time.Second
)

// gather puts frames together from parts that may be lost, repeated and out of order. Its frames come in order; one that
// cannot be completed in time is left out. The zero value is not ready: see newGather. It is for one goroutine at a time.
type gather struct {
	next    uint32             // lowest frame that was neither taken nor left out
	frames  map[uint32]*puzzle // next and the ones behind it
	front   position           // behind the last part that was ever sent, as far as is known
	held    int                // bytes of all frames
	trip    time.Duration      // the round trip now
	skipped uint64             // frames left out
}

// position is a place in the order in which parts are sent first.
type position struct {
	frame uint32
	part  int
}

// puzzle is a frame that is not complete, or not taken.
type puzzle struct {
	pieces  [][]byte // by part, nil for a missing one; none while their number is not known
	left    int      // parts that are missing
	size    int      // bytes of those that are not
	forgot  bool
	noticed time.Time   // when it was first seen that something is missing
	due     []time.Time // of each missing part: when to ask for it, zero for not yet; none for no part at all
	all     time.Time   // when to ask for all parts, while their number is not known
}

func newGather() *gather {
	return &gather{next: 1, frames: make(map[uint32]*puzzle), front: position{1, 0}}
}

// whole reports whether a frame can be taken.
func (z *puzzle) whole() bool { return len(z.pieces) > 0 && z.left == 0 }

// patience is how long a missing part is waited for.
func (g *gather) patience() time.Duration {
	return min(max(missedTime, time.Duration(missedTrips*float64(g.trip))), missedMost)
}

// settle is how long a packet may be overtaken by others before it counts as lost.
func (g *gather) settle() time.Duration {
	return min(max(3*time.Millisecond, g.trip/16), 20*time.Millisecond)
}

// again is how long it takes at most until a question is answered.
func (g *gather) again() time.Duration { return g.trip*5/4 + 10*time.Millisecond }

// add takes a part. It fails for one that does not fit to those before.
func (g *gather) add(p part, now time.Time) error {
	if p.frame < g.next {
		return nil // late, or twice
	}
	g.reach(p.frame)
	z := g.puzzle(p.frame)
	if z.forgot {
		return nil
	}
	if p.kind == kindForget {
		g.advance(position{p.frame + 1, 0}, now)
		g.drop(z)
		z.forgot = true
		return nil
	}
	if z.pieces == nil {
		z.know(p.parts)
	}
	if len(z.pieces) != p.parts {
		return errPart
	}
	if p.kind == kindEnd {
		g.advance(position{p.frame + 1, 0}, now)
		return nil
	}
	g.fill(z, p)
	g.advance(position{p.frame, p.part + 1}, now)
	return nil
}

// fill puts a part into its place.
func (g *gather) fill(z *puzzle, p part) {
	if z.pieces[p.part] != nil {
		return
	}
	z.pieces[p.part] = slices.Clone(p.data)
	z.left--
	z.size += len(p.data)
	g.held += len(p.data)
	for g.held > maxHeld && g.next < p.frame {
		g.skip()
	}
}

// puzzle returns a frame from next on.
func (g *gather) puzzle(frame uint32) *puzzle {
	z := g.frames[frame]
	if z == nil {
		z = &puzzle{}
		g.frames[frame] = z
	}
	return z
}

// know notes how many parts the frame has.
func (z *puzzle) know(parts int) {
	z.pieces, z.left = make([][]byte, parts), parts
	if !z.all.IsZero() {
		z.due = slices.Repeat([]time.Time{z.all}, parts)
	}
}

// drop lets go of what a frame holds.
func (g *gather) drop(z *puzzle) {
	g.held -= z.size
	*z = puzzle{}
}

// skip leaves the next frame out.
func (g *gather) skip() {
	if z := g.frames[g.next]; z != nil {
		g.drop(z)
		delete(g.frames, g.next)
	}
	g.next++
	g.skipped++
}

// reach leaves out what is too far behind frame.
func (g *gather) reach(frame uint32) {
	if frame-g.next >= 2*maxAhead { // all of them, and what never came
		clear(g.frames)
		g.skipped += uint64(frame - g.next)
		g.held, g.next = 0, frame
	}
	for frame-g.next >= maxAhead {
		g.skip()
	}
	if g.front.frame < g.next {
		g.front = position{g.next, 0}
	}
}

// advance notes that all parts before to have been sent. Those of them that are not there have been overtaken.
func (g *gather) advance(to position, now time.Time) {
	if to.frame < g.front.frame || to.frame == g.front.frame && to.part <= g.front.part {
		return
	}
	from := g.front
	g.front = to
	due := now.Add(g.settle())
	for f := max(from.frame, g.next); f <= to.frame; f++ {
		first, end := 0, maxParts
		if f == from.frame {
			first = from.part
		}
		if f == to.frame {
			end = to.part
		}
		if first < end {
			g.overtaken(f, first, end, due, now)
		}
	}
}

// overtaken sets when the parts of a frame from first on are to be asked for.
func (g *gather) overtaken(frame uint32, first, end int, due, now time.Time) {
	z := g.puzzle(frame)
	if z.forgot {
		return
	}
	missing := z.pieces == nil
	if missing {
		z.all = due
	}
	for i := first; i < min(end, len(z.pieces)); i++ {
		if z.pieces[i] == nil {
			if z.due == nil {
				z.due = make([]time.Time, len(z.pieces))
			}
			z.due[i], missing = due, true
		}
	}
	if missing && z.noticed.IsZero() {
		z.noticed = now
	}
}

// take returns the next frame, if it is whole, after leaving out those that will not be.
func (g *gather) take(now time.Time) ([]byte, bool) {
	for {
		z := g.frames[g.next]
		switch {
		case z == nil:
			return nil, false
		case z.whole():
			frame := slices.Concat(z.pieces...)
			g.drop(z)
			delete(g.frames, g.next)
			g.next++
			return frame, true
		case z.forgot, g.late(z, now):
			g.skip()
		default:
			return nil, false
		}
	}
}

// late reports whether parts of z have been missing for too long.
func (g *gather) late(z *puzzle, now time.Time) bool {
	return !z.noticed.IsZero() && !z.whole() && now.Sub(z.noticed) >= g.patience()
}

// waits reports whether parts are missing that may still come in time.
func (g *gather) waits(now time.Time) bool {
	for _, z := range g.frames {
		if !z.noticed.IsZero() && !z.whole() && !g.late(z, now) {
			return true
		}
	}
	return false
}

// asks returns what to ask for now, at most so many spans.
func (g *gather) asks(now time.Time, most int) (out []ask) {
	again := now.Add(g.again())
	for f := g.next; f <= g.front.frame && most > 0; f++ {
		z := g.frames[f]
		if z == nil || z.noticed.IsZero() || z.forgot || g.late(z, now) {
			continue
		}
		a := ask{frame: f}
		if z.pieces == nil && !now.Before(z.all) {
			a.spans = []span{{0, wholeAsk}}
			z.all = again
		}
		a.spans = append(a.spans, z.missing(now, again, min(most, maxRanges))...)
		if len(a.spans) > 0 {
			out = append(out, a)
			most -= len(a.spans)
		}
	}
	return out
}

// missing returns the parts that are due, at most so many spans of them, and sets when they are due again.
func (z *puzzle) missing(now, again time.Time, most int) (spans []span) {
	for i, due := range z.due {
		if z.pieces[i] != nil || due.IsZero() || now.Before(due) {
			continue
		}
		if last := len(spans) - 1; last >= 0 && spans[last].first+spans[last].count == i {
			spans[last].count++
		} else if len(spans) == most {
			break
		} else {
			spans = append(spans, span{i, 1})
		}
		z.due[i] = again
	}
	return spans
}
