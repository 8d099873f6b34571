//go:build linux

package eye

import (
	"context"
	"image"
	"slices"
	"sync"
	"time"

	"assist/cmd/internal/marker"
	"assist/media/frame"
)

// Targets are the markers that Follow reads.
type Targets struct {
	// Offset is where the point 0,0 of the scene is on this display.
	Offset image.Point
	Marks  []image.Point
	// Lowest and Highest bound what can be there: anything else was misread.
	Lowest, Highest uint16
}

// rects are where the markers are on the display.
func (t Targets) rects() (list []image.Rectangle) {
	for _, at := range t.Marks {
		list = append(list, marker.Bounds(at.Add(t.Offset)))
	}
	return list
}

// Sightings are when which number was seen. It is safe for concurrent use.
type Sightings struct {
	mu      sync.Mutex
	reached []sighting
	whole   map[uint16]time.Time // all markers showed just this number
	changed chan struct{}
}

// sighting says that from at on all markers showed number or a later one.
type sighting struct {
	number uint16
	at     time.Time
}

// NewSightings returns empty ones.
func NewSightings() *Sightings {
	return &Sightings{whole: map[uint16]time.Time{}, changed: make(chan struct{})}
}

// add takes what all markers showed at one moment.
func (s *Sightings) add(at time.Time, shown []uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	low, high := slices.Min(shown), slices.Max(shown)
	fresh := len(s.reached) == 0 || low > s.reached[len(s.reached)-1].number
	if fresh {
		s.reached = append(s.reached, sighting{low, at})
	}
	if _, seen := s.whole[low]; low == high && !seen {
		s.whole[low] = at
		fresh = true
	}
	if fresh {
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

// When returns when all markers first showed n or a later number.
func (s *Sightings) When(n uint16) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, _ := slices.BinarySearchFunc(s.reached, n, func(r sighting, n uint16) int { return int(r.number) - int(n) })
	if i == len(s.reached) {
		return time.Time{}, false
	}
	return s.reached[i].at, true
}

// Last is the newest number that all markers showed, or a later one.
func (s *Sightings) Last() (n uint16, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.reached) == 0 {
		return 0, false
	}
	return s.reached[len(s.reached)-1].number, true
}

// At is the newest number that all markers had shown by a moment.
func (s *Sightings) At(t time.Time) (n uint16, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range slices.Backward(s.reached) {
		if !r.at.After(t) {
			return r.number, true
		}
	}
	return 0, false
}

// Whole counts the numbers from first to last that were seen as wholes, with all markers showing the same, by a moment.
func (s *Sightings) Whole(first, last uint16, by time.Time) (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, at := range s.whole {
		if n >= first && n <= last && !at.After(by) {
			count++
		}
	}
	return count
}

// Until waits until all markers have shown n or a later number.
func (s *Sightings) Until(ctx context.Context, n uint16) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if _, ok := s.When(n); ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Follow notes what the markers show, whenever something was painted, until ctx ends. Each part of into belongs to the
// targets of the same number. When the first targets show one step as a whole it calls whole, if that is not nil, which may
// Look again.
func (e *Eye) Follow(ctx context.Context, targets []Targets, into []*Sightings, whole func(number uint16) error) error {
	var rects []image.Rectangle
	for _, t := range targets {
		rects = append(rects, t.rects()...)
	}
	for {
		shots, err := e.Look(rects...)
		if err != nil {
			return err
		}
		now := time.Now()
		var first []uint16
		for i, t := range targets {
			shown, ok := t.read(shots[:len(t.Marks)])
			shots = shots[len(t.Marks):]
			if ok {
				into[i].add(now, shown)
			}
			if ok && i == 0 {
				first = shown
			}
		}
		if whole != nil && first != nil && slices.Min(first) == slices.Max(first) {
			if err := whole(first[0]); err != nil {
				return err
			}
		}
		if err := e.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// read reads all markers, or says that one of them cannot be read.
func (t Targets) read(shots []*frame.Frame) (shown []uint16, ok bool) {
	for _, shot := range shots {
		n, ok := marker.Read(shot, shot.Rect.Min)
		if !ok || n < t.Lowest || n > t.Highest {
			return nil, false
		}
		shown = append(shown, n)
	}
	return shown, len(shown) > 0
}
