package linktest

import (
	"errors"
	"fmt"
	"sync"

	"assist/app/link"
	"assist/media/peer"
)

// Track implements link.Track. Frames arrive at once, whatever the rate; [Network.TamperWith] loses them on request.
type Track struct {
	l     *Link
	mu    sync.Mutex
	rate  float64
	stats peer.MotionStats
}

// Track implements link.Carrier.
func (l *Link) Track() link.Track { return &l.track }

// SetRate implements link.Track.
func (t *Track) SetRate(bytesPerSecond float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rate = bytesPerSecond
}

// Rate is what was set last.
func (t *Track) Rate() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rate
}

// Abandon implements link.Track: nothing is ever under way here.
func (t *Track) Abandon() {}

// Stats implements link.Track.
func (t *Track) Stats() peer.MotionStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}

// fits takes a frame of n bytes as a real track does, or refuses it.
func (t *Track) fits(n int) error {
	t.l.mu.Lock()
	offers := t.l.offers
	t.l.mu.Unlock()
	switch {
	case n == 0 || n > peer.MaxMotion:
		return fmt.Errorf("linktest: %w: motion frame of %d bytes", peer.ErrTooLarge, n)
	case !offers:
		return errors.New("linktest: motion goes from the offering end to the other")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Frames++
	return nil
}
