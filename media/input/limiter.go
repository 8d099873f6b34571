package input

import (
	"time"
	"unicode/utf8"
)

// What an engineer can send. A hand stays far below it.
const (
	Rate  = 500 // events a second
	Burst = 200 // events at once

	maxNotches    = 20 // wheel notches in one event
	runesPerEvent = 8  // characters that count as one event
)

// Limiter is a Sink that lets [Rate] events a second through. Over it, the last move waits for its
// turn, so the pointer ends where it should; presses, notches and text are dropped. Releases cost nothing.
type Limiter struct {
	next    Sink
	held    held
	tokens  float64
	last    time.Time
	waiting *Pointer // the move that waits
}

// NewLimiter returns a Limiter in front of next.
func NewLimiter(next Sink) *Limiter {
	return &Limiter{next: next, tokens: Burst, last: time.Now()}
}

// take takes n events out of the allowance, or none and reports false.
func (l *Limiter) take(n float64) bool {
	now := time.Now()
	l.tokens = min(Burst, l.tokens+now.Sub(l.last).Seconds()*Rate)
	l.last = now
	if l.tokens < n {
		return false
	}
	l.tokens -= n
	return true
}

// Tick sends the move that waits, if its turn has come.
func (l *Limiter) Tick() error {
	if l.waiting == nil || !l.take(1) {
		return nil
	}
	return l.flush()
}

// Reset forgets the move that waits.
func (l *Limiter) Reset() { l.waiting = nil }

// flush sends the move that waits. It goes before the event that follows it.
func (l *Limiter) flush() error {
	if l.waiting == nil {
		return nil
	}
	p := *l.waiting
	l.waiting = nil
	p.Buttons = l.held.buttons // they may have changed since
	return l.next.Pointer(p)
}

// Key implements Sink.
func (l *Limiter) Key(k Key) error {
	if k.Down && !l.take(1) || !l.held.key(k) {
		return nil
	}
	if err := l.flush(); err != nil && k.Down {
		return err
	}
	return l.next.Key(k)
}

// Pointer implements Sink.
func (l *Limiter) Pointer(p Pointer) error {
	p.WheelX = min(maxNotches, max(-maxNotches, p.WheelX))
	p.WheelY = min(maxNotches, max(-maxNotches, p.WheelY))
	before := l.held.buttons
	if !l.take(max(1, float64(abs(p.WheelX))+float64(abs(p.WheelY)))) {
		l.held.blocked |= p.Buttons &^ before
		p.WheelX, p.WheelY = 0, 0
		p = l.held.pass(p)
		if p.Buttons == before && !p.Stay {
			l.waiting = &p
			return nil
		}
	} else {
		p = l.held.pass(p)
	}
	if p.Stay {
		if err := l.flush(); err != nil && p.Buttons != 0 {
			return err
		}
	}
	l.waiting = nil
	return l.next.Pointer(p)
}

// Text implements Sink.
func (l *Limiter) Text(s string) error {
	n := utf8.RuneCountInString(s)
	if n == 0 || n > MaxText || !l.take(float64(n)/runesPerEvent) {
		return nil
	}
	if err := l.flush(); err != nil {
		return err
	}
	return l.next.Text(s)
}

func abs(n int8) int8 { return max(n, -n) }
