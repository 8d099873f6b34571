package customer

import (
	"context"
	"sync"
	"time"
)

// How much may be on the way to the engineer's window at once. A picture that does not fit waits in the
// screen itself: what is captured later is newer.
const (
	maxFrames = 4                      // frames that no answer came for
	minFlight = 24 << 10               // bytes, however slow the link looks
	queueTime = 250 * time.Millisecond // of link time
)

// window counts what is on the way, and from the answers how fast the link is.
type window struct {
	mu     sync.Mutex
	number uint32
	queue  []flight
	bytes  int
	speed  float64 // bytes a second, 0 until known
	freed  chan struct{}
}

// flight is one frame on the way.
type flight struct {
	number uint32
	bytes  int
	at     time.Time
}

func newWindow() *window { return &window{freed: make(chan struct{}, 1)} }

// sent counts a frame and gives it its number.
func (w *window) sent(bytes int) uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.number++
	w.queue = append(w.queue, flight{w.number, bytes, time.Now()})
	w.bytes += bytes
	return w.number
}

// seen takes the answer to a frame, which is an answer to all before it, too.
func (w *window) seen(number uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) > 0 && int32(number-w.queue[0].number) >= 0 {
		first := w.queue[0]
		w.queue = w.queue[1:]
		w.measure(first)
		w.bytes -= first.bytes
	}
	select {
	case w.freed <- struct{}{}:
	default:
	}
}

// measure learns the rate from a frame large enough to say something.
func (w *window) measure(f flight) {
	took := time.Since(f.at).Seconds()
	if f.bytes < minFlight/2 || took <= 0 {
		return
	}
	rate := float64(w.bytes) / took
	if w.speed == 0 {
		w.speed = rate
	}
	w.speed += (rate - w.speed) / 4
}

// full reports whether another frame must wait.
func (w *window) full() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return false
	}
	limit := max(minFlight, int(w.speed*queueTime.Seconds()))
	return len(w.queue) >= maxFrames || w.bytes >= limit
}

// room waits until another frame may be sent.
func (w *window) room(ctx context.Context) error {
	for w.full() {
		select {
		case <-w.freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// rate is how many bytes a second the link carries, 0 for unknown.
func (w *window) rate() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.speed)
}
