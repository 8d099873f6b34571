package customer

import (
	"context"
	"math"
	"sync"
	"time"

	"assist/app/session"
	"assist/app/wire"
	"assist/media/rate"
)

const (
	// tellLinkTime is how often the engineer is told how the link does at most, while that changes.
	tellLinkTime = 2 * time.Second
	// reportShare is the part by which a number must have changed to be worth a word, reportBytes and reportQueue the least.
	reportShare = 8
	reportBytes = 16 << 10
	reportQueue = 50 // milliseconds
)

// flow says when pictures may leave over a turn, and how large they had best be. Both planes share it, and the count
// of their frames. A picture that does not fit waits in the screen itself: what is captured later is newer.
type flow struct {
	mu            sync.Mutex
	link          rate.Controller
	number        uint32
	exact, motion uint64 // bytes sent
	freed         chan struct{}
	news          chan struct{} // something was sent or answered
}

// newFlow makes the flow of a link over which next to nothing takes trip to the other end and back; 0 for unknown.
func newFlow(trip time.Duration) *flow {
	f := &flow{freed: make(chan struct{}, 1), news: make(chan struct{}, 1)}
	f.link.Hint(0, trip, time.Now())
	return f
}

// sent counts a frame of the exact plane that is to leave now, and gives it its number.
func (f *flow) sent(bytes int) uint32 { return f.leave(bytes, rate.Exact, &f.exact) }

// rolled is sent for a frame of motion.
func (f *flow) rolled(bytes int) uint32 { return f.leave(bytes, rate.Motion, &f.motion) }

func (f *flow) leave(bytes int, p rate.Plane, count *uint64) uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	*count += uint64(bytes)
	f.link.Sent(f.number, bytes, p, time.Now())
	tell(f.news)
	return f.number
}

// seen takes the answer to a frame.
func (f *flow) seen(m *wire.Seen) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	f.link.Acked(rate.Ack{Number: m.Frame, Received: m.Received, Stamp: m.Stamp}, now)
	f.link.Slow(now)
	tell(f.news)
	tell(f.freed)
}

// room waits until the next frame may be begun. It does not wait for ever, whatever the other end answers.
func (f *flow) room(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait := f.wait()
		if wait == 0 {
			return nil
		}
		again := time.NewTimer(wait)
		select {
		case <-f.freed:
		case <-again.C:
		case <-ctx.Done():
		}
		again.Stop()
	}
}

func (f *flow) wait() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.link.Wait(time.Now())
}

// target is how many bytes the next frame had best have.
func (f *flow) target() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.link.Target(time.Now())
}

// rate is how many bytes of picture a second the link carries, 0 for unknown.
func (f *flow) rate() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.link.Rate(time.Now())
}

// hint tells what was measured otherwise: bytes a second, and the round trip of next to nothing; 0 for unknown.
func (f *flow) hint(rate int, trip time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.link.Hint(float64(rate), trip, time.Now())
}

// status is how the link does now.
func (f *flow) status() (report wire.LinkReport, slow, busy bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	return wire.LinkReport{
		Rate:  uint32(min(f.link.Rate(now), math.MaxUint32)),
		Queue: uint16(min(f.link.Queue(now).Milliseconds(), math.MaxUint16)),
		Exact: f.exact, Motion: f.motion,
	}, f.link.Slow(now), f.link.Busy()
}

func tell(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// worth reports whether b says something that a did not.
func worth(a, b wire.LinkReport) bool {
	far := func(a, b, least uint64) bool {
		return max(a, b)-min(a, b) > max(least, a/reportShare)
	}
	return far(uint64(a.Rate), uint64(b.Rate), 0) || far(uint64(a.Queue), uint64(b.Queue), reportQueue) ||
		far(a.Exact, b.Exact, reportBytes) || far(a.Motion, b.Motion, reportBytes)
}

// slowLine says that the link of a turn has become slow, or is no longer.
type slowLine struct {
	turn *turn
	on   bool
}

// reportLink tells the engineer and the customer how a turn's link does, while pictures go over it.
func (l *live) reportLink(t *turn) error {
	var told wire.LinkReport
	said := false
	pause := time.NewTimer(tellLinkTime)
	defer pause.Stop()
	for busy := false; ; {
		if !busy {
			select {
			case <-t.flow.news:
			case <-t.ctx.Done():
				return nil
			}
		}
		pause.Reset(tellLinkTime)
		select {
		case <-pause.C:
		case <-t.ctx.Done():
			return nil
		}
		t.flow.hint(0, t.Stats().RoundTrip)
		now, slow, more := t.flow.status()
		busy = more
		if slow != said {
			said = slow
			l.r.box.Put(slowLine{t, slow})
		}
		if l.level() < session.ViewOnly || !worth(told, now) {
			continue
		}
		told = now
		if err := t.Send(t.ctx, &now); err != nil {
			return err
		}
	}
}

// tellLine tells the customer whether the line is slow, unless it has been replaced meanwhile.
func (l *live) tellLine(s slowLine) {
	if s.turn == l.turn.Load() && s.on != s.turn.slow {
		s.turn.slow = s.on
		l.r.cfg.Notify(LineChanged{Slow: s.on})
	}
}
