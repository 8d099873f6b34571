// Package chat is how much one end of a session takes of what the other one writes: so much at once, then so much a second,
// and what is beyond that not at all. Without it an end that does nothing but write would keep the other end's window too
// busy to be used.
//
// The package knows texts and times. It sends nothing, shows nothing, and does not know who may write: that is settled before.
package chat

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// What the other end may write how fast. A message that comes sooner waits.
const (
	Burst        = 16 << 10 // bytes at once
	Rate         = 4 << 10  // bytes a second
	MessageBurst = 20       // messages at once
	MessageRate  = 10       // messages a second
)

// How much may wait: enough for all that a person writes while the link is down for long. It comes at once when the link is back.
const (
	MaxWaiting = 64 << 10 // bytes
	maxCount   = 200      // messages
)

// tellPause is how long nothing more is said of messages that were left out, once it was said.
const tellPause = time.Minute

// Message is one message as it came.
type Message struct {
	Text string
	At   time.Time
}

// Intake takes the messages of a session's other end, in order. It is for one goroutine. Use [NewIntake].
type Intake struct {
	bytes, count *rate.Limiter
	waiting      []Message
	size         int       // of waiting, in bytes
	next         time.Time // when the first that waits may be shown
	told         time.Time // when it was last said that something was left out
	timer        *time.Timer
}

// NewIntake returns one at which nothing has come yet.
func NewIntake() *Intake {
	in := &Intake{bytes: rate.NewLimiter(Rate, Burst), count: rate.NewLimiter(MessageRate, MessageBurst), timer: time.NewTimer(0)}
	in.timer.Stop()
	return in
}

// Put takes a message that has come; [Intake.Take] returns it when its time is there. Where too much waits already, the message is
// left out, and tell says whether people are to be told so: not for each one.
func (in *Intake) Put(text string) (tell bool) {
	now := time.Now()
	if len(in.waiting) < maxCount && in.size+len(text) <= MaxWaiting {
		in.waiting = append(in.waiting, Message{text, now})
		in.size += len(text)
		return false
	}
	if tell = in.told.IsZero() || now.Sub(in.told) >= tellPause; tell {
		in.told = now
	}
	return tell
}

// Take removes and returns what is to be shown now, oldest first.
func (in *Intake) Take() (due []Message) {
	now := time.Now()
	for len(in.waiting) > 0 && !now.Before(in.next) {
		m := in.waiting[0]
		in.waiting = slices.Delete(in.waiting, 0, 1)
		in.size -= len(m.Text)
		in.next = now.Add(max(
			in.bytes.ReserveN(now, min(len(m.Text), Burst)).DelayFrom(now), in.count.ReserveN(now, 1).DelayFrom(now)))
		due = append(due, m)
	}
	if len(in.waiting) > 0 {
		in.timer.Reset(in.next.Sub(now))
	}
	return due
}

// Due yields a value when [Intake.Take] may have something to return, beyond what it returns right after a Put.
func (in *Intake) Due() <-chan time.Time { return in.timer.C }
