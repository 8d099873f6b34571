package link

import (
	"context"
	"time"

	"assist/signaling"
)

// LastWord tells the other end that the session is over, when there was no link to say so over. It holds no keys: the word was
// sealed before they were erased, and says nothing else.
type LastWord struct {
	finder *finder
	record []byte
	until  time.Time // the other end waits no longer
}

// Deliver passes the word on as soon as the other end comes to the service. It returns when that has happened, when it no
// longer matters, or when ctx ends. A nil LastWord is delivered at once.
func (w *LastWord) Deliver(ctx context.Context) {
	if w == nil {
		return
	}
	ctx, cancel := context.WithDeadline(ctx, w.until)
	defer cancel()
	for {
		p, err := w.finder.reach(ctx)
		if err != nil {
			return
		}
		done := w.at(ctx, p)
		p.Close()
		if done {
			return
		}
	}
}

// at says the word at one place, and again whenever the other end is heard there. It reports whether that has happened.
func (w *LastWord) at(ctx context.Context, p *place) bool {
	again := time.NewTimer(0)
	defer again.Stop()
	quiet := time.NewTimer(placeLife)
	defer quiet.Stop()
	heard := false
	for {
		select {
		case <-ctx.Done():
			return true
		case <-quiet.C:
			return heard
		case <-again.C:
			if pass(ctx, p, w.record) != nil {
				return heard
			}
		case ev, open := <-p.Events():
			if !open {
				return heard
			}
			if _, ok := ev.(signaling.Passed); ok {
				heard = true
				again.Reset(minRepeat)
				quiet.Reset(2 * repeatPause)
			}
		}
	}
}
