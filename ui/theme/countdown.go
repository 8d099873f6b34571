package theme

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Ticker calls a function again and again on Fyne's goroutine until it is stopped. Stop it there, too. Nothing runs
// between two calls.
type Ticker struct {
	timer *time.Timer
	over  bool
}

// Every calls f after each d.
func Every(d time.Duration, f func()) *Ticker {
	t := &Ticker{}
	t.timer = time.AfterFunc(d, func() {
		fyne.Do(func() {
			if t.over {
				return
			}
			f()
			if !t.over {
				t.timer.Reset(d)
			}
		})
	})
	return t
}

// After calls f once, after d.
func After(d time.Duration, f func()) *Ticker {
	t := &Ticker{}
	t.timer = time.AfterFunc(d, func() {
		fyne.Do(func() {
			if !t.over {
				f()
			}
		})
	})
	return t
}

// Stop ends the calls: after it f is not called any more. A nil Ticker is stopped already.
func (t *Ticker) Stop() {
	if t != nil {
		t.over = true
		t.timer.Stop()
	}
}

// Countdown is a text that tells how long until something, once a second.
type Countdown struct {
	*widget.Label
	format func(left time.Duration) string
	until  time.Time
	ticker *Ticker
}

// NewCountdown makes one that stands still and shows nothing. format writes the time left, never below zero.
func NewCountdown(format func(left time.Duration) string) *Countdown {
	return &Countdown{Label: Text(""), format: format}
}

// Start counts down to until.
func (c *Countdown) Start(until time.Time) {
	c.Stop()
	c.until = until
	c.show()
	c.ticker = Every(time.Second, c.show)
}

// Stop stands still. A countdown that was started must be stopped when its screen goes.
func (c *Countdown) Stop() {
	c.ticker.Stop()
	c.ticker = nil
}

func (c *Countdown) show() {
	left := max(0, time.Until(c.until))
	c.SetText(c.format(left))
	if left == 0 {
		c.Stop()
	}
}
