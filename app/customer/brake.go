package customer

import (
	"math"

	"assist/app/session"
)

// mark is a moment of a session: what was asked for at a mark counts less than what was taken back after it.
type mark uint64

// brake remembers what was taken back and when, so that nothing that was asked for before can undo it, however long that took to
// come about. The zero brake has taken back nothing. live.mu guards it.
type brake struct {
	now    mark
	left   [session.SharedControl]mark // when no more than that level was left last
	hushed mark                        // when picture and input were paused last
}

// lower notes that no more than a is left of what was asked for until now.
func (b *brake) lower(a session.Access) {
	if a < session.SharedControl {
		b.now++
		b.left[a] = b.now
	}
}

// hush notes that picture and input are paused.
func (b *brake) hush() {
	b.now++
	b.hushed = b.now
}

// stop takes everything back, and whatever will be asked for.
func (b *brake) stop() { b.left[session.NoAccess] = math.MaxUint64 }

// most is the highest level that may come of what was asked for at a mark.
func (b *brake) most(since mark) session.Access {
	for a, at := range b.left {
		if at > since {
			return session.Access(a)
		}
	}
	return session.SharedControl
}

// lower takes back what a forbids, at once, and for everything asked for before. It never raises.
func (l *live) lower(a session.Access) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.brake.lower(a)
	if a < l.level() {
		l.access.Store(uint32(a))
	}
	l.gate()
}

// hush stops picture and input until the customer lets them go on.
func (l *live) hush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.brake.hush()
	l.paused.Store(true)
	l.gate()
}

// cut stops everything for good.
func (l *live) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.brake.stop()
	l.access.Store(uint32(session.NoAccess))
	l.gate()
}

// mark is the present moment, and the level that holds at it.
func (l *live) mark() (mark, session.Access) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.brake.now, l.level()
}

// rise makes level hold, or what is left of it since it was asked for. It returns what holds.
func (l *live) rise(level session.Access, since mark) session.Access {
	l.mu.Lock()
	defer l.mu.Unlock()
	level = min(level, l.brake.most(since))
	l.access.Store(uint32(level))
	l.gate()
	return level
}

// release ends a pause, unless there was another since that was asked for. It reports whether picture and input may go on.
func (l *live) release(since mark) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.brake.hushed > since {
		return false
	}
	l.paused.Store(false)
	l.gate()
	return true
}

// gate opens the way in if nothing speaks against it, and shuts it otherwise. l.mu is held.
func (l *live) gate() {
	if l.control == nil {
		return
	}
	if l.level() == session.SharedControl && !l.paused.Load() && l.linkUp {
		l.control.Open()
	} else if err := l.control.Shut(); err != nil {
		l.r.cfg.Log.Warn("input not shut cleanly", "error", err)
	}
}
