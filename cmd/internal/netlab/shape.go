package netlab

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Shape is what one direction of a line is like. The zero value is a perfect line.
type Shape struct {
	Rate  int           // bits a second, IP headers included; 0: no bound
	Delay time.Duration // one way
	// Queue is how much may wait for the line, as the time it takes to send. What comes when the queue is full is
	// dropped. 0: [DefaultQueue].
	Queue time.Duration
	Loss  float64 // of all packets, 0 to 1
}

// DefaultQueue is the queue of a line with a rate.
const DefaultQueue = 500 * time.Millisecond

// lane is one direction of a line. Packets leave it in the order in which they came.
type lane struct {
	next func(packet)
	stop chan struct{}

	mu      sync.Mutex
	shape   Shape
	dice    *rand.Rand
	free    time.Time // when the line has sent what is queued
	last    time.Time // when the packet queued last arrives
	queue   []queued
	busy    bool // a packet is on its way out of the queue
	wake    chan struct{}
	bytes   uint64
	dropped uint64
}

// queued is a packet and when it arrives.
type queued struct {
	packet packet
	at     time.Time
}

func newLane(seed uint64, next func(packet)) *lane {
	return &lane{
		next: next, stop: make(chan struct{}), wake: make(chan struct{}, 1), dice: rand.New(rand.NewPCG(seed, 1)),
	}
}

// send puts a packet on the line. It does not wait.
func (l *lane) send(p packet) {
	l.mu.Lock()
	at, ok := l.arrival(len(p), time.Now())
	if !ok {
		l.dropped++
		l.mu.Unlock()
		return
	}
	if at.IsZero() && len(l.queue) == 0 && !l.busy {
		l.mu.Unlock()
		l.next(p)
		return
	}
	l.queue = append(l.queue, queued{p, at})
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// arrival returns when a packet of n bytes is at the other end, the zero time for at once, and false if it gets lost.
// l.mu is locked.
func (l *lane) arrival(n int, now time.Time) (time.Time, bool) {
	s := l.shape
	start := now
	if s.Rate > 0 {
		if l.free.After(now) {
			start = l.free
		}
		limit := s.Queue
		if limit == 0 {
			limit = DefaultQueue
		}
		if start.Sub(now) > limit {
			return time.Time{}, false
		}
		start = start.Add(time.Duration(n) * 8 * time.Second / time.Duration(s.Rate))
		l.free = start
	}
	l.bytes += uint64(n)
	if s.Loss > 0 && l.dice.Float64() < s.Loss {
		return time.Time{}, false // it took its time on the line all the same
	}
	at := start.Add(s.Delay)
	if !at.After(now) && !l.last.After(now) {
		return time.Time{}, true
	}
	if at.Before(l.last) {
		at = l.last
	}
	l.last = at
	return at, true
}

// run delivers what is queued, until stop is closed.
func (l *lane) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		l.mu.Lock()
		waiting := len(l.queue) > 0
		var at time.Time
		if waiting {
			at = l.queue[0].at
		}
		l.mu.Unlock()
		if !waiting {
			select {
			case <-l.stop:
				return
			case <-l.wake:
			}
			continue
		}
		if wait := time.Until(at); wait > 0 {
			timer.Reset(wait)
			select {
			case <-l.stop:
				return
			case <-timer.C:
			}
		}
		l.deliver()
	}
}

// deliver takes the first packet out of the queue and passes it on.
func (l *lane) deliver() {
	l.mu.Lock()
	p := l.queue[0].packet
	l.queue[0] = queued{}
	l.queue = l.queue[1:]
	if len(l.queue) == 0 {
		l.queue = nil
	}
	l.busy = true
	l.mu.Unlock()
	l.next(p)
	l.mu.Lock()
	l.busy = false
	l.mu.Unlock()
}

// set changes the shape for what comes from now on.
func (l *lane) set(s Shape) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shape, l.free = s, time.Time{}
}

// count returns the bytes that the line has taken, and how many packets it has not.
func (l *lane) count() (bytes, dropped uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes, l.dropped
}

// Link is a host's line to the router.
type Link struct {
	router   *router
	dev      device
	up, down *lane

	mu   sync.Mutex
	wall *wall // nil: none
}

// Set makes both directions of the line so.
func (l *Link) Set(s Shape) { l.SetBoth(s, s) }

// SetBoth sets the directions from and to the host apart.
func (l *Link) SetBoth(up, down Shape) {
	l.up.set(up)
	l.down.set(down)
}

// Bytes returns the bytes that have gone up (from the host) and down (to it) since the lab began, IP headers included.
// Names that were asked for are among them; packets that the queue or the firewall dropped are not.
func (l *Link) Bytes() (up, down uint64) {
	up, _ = l.up.count()
	down, _ = l.down.count()
	return up, down
}

// Dropped returns how many packets were lost or found the queue full, since the lab began.
func (l *Link) Dropped() (up, down uint64) {
	_, up = l.up.count()
	_, down = l.down.count()
	return up, down
}
