package customer

import (
	"time"

	"assist/app/journal"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/app/wire"
)

// setLevel makes level hold, and tells both ends. Shared control without a way in for input becomes view only.
func (l *live) setLevel(level session.Access) {
	if trouble := l.tryLevel(level); trouble != nil {
		l.tellTrouble(trouble)
	}
}

// tryLevel is setLevel, and returns why it is a lower one.
func (l *live) tryLevel(level session.Access) *problem.Error {
	if !l.linkUp {
		if level = min(level, l.level()); !level.Valid() { // nothing rises while nobody is there
			return nil
		}
	}
	trouble := l.m.able.refuses(level)
	if trouble != nil {
		level = l.m.able.most()
	}
	if level == session.SharedControl {
		if trouble = l.openControl(); trouble != nil {
			level = session.ViewOnly
		}
	}
	write := func(j *journal.Journal) error { return j.Level(level) }
	if level > l.announced && !l.note(write) {
		return nil // nothing is raised that the log does not know
	}
	l.mu.Lock()
	l.access.Store(uint32(level))
	l.gate()
	l.mu.Unlock()
	if level < l.announced {
		l.note(write)
	}
	if l.request != nil && l.request.level <= level {
		l.closeRequest(wire.Yes)
	}
	l.m.raise.granted(level)
	if level != l.announced {
		l.announced = level
		l.send(&wire.Access{Level: wire.Level(level)})
		l.entry(func(a *transcript.Author) error { return a.Level(level) })
		l.tellLevel()
	}
	l.watch.level(l, level)
	l.runPicture()
	l.tellInput()
	return trouble
}

// tellLevel tells the customer which level holds and what a higher one needs.
func (l *live) tellLevel() {
	l.r.cfg.Notify(AccessChanged{Access: l.announced, At: time.Now(), Needs: l.m.raise.needs(session.SharedControl)})
}

// openControl opens the way in, once. It returns why it could not.
func (l *live) openControl() *problem.Error {
	if l.control != nil {
		return nil
	}
	control, err := l.r.cfg.OpenControl(l.states.Put)
	if err != nil {
		return inputProblem(err)
	}
	l.mu.Lock()
	l.control = control
	l.mu.Unlock()
	control.SetDisplays(l.bounds())
	return nil
}

// pause stops picture and input, or lets them go on.
func (l *live) pause(on bool) {
	write := func(j *journal.Journal) error { return j.Paused(on) }
	if !on && !l.note(write) {
		return
	}
	l.mu.Lock()
	l.paused.Store(on)
	l.gate()
	l.mu.Unlock()
	if on {
		l.note(write)
	}
	if l.level() >= session.ViewOnly {
		l.send(&wire.Picture{Paused: on})
	}
	l.entry(func(a *transcript.Author) error { return a.Paused(on) })
	l.runPicture()
	l.tellInput()
}

// runPicture starts or stops the picture as level and pause demand.
func (l *live) runPicture() {
	want := l.level() >= session.ViewOnly && !l.paused.Load() && l.linkUp
	switch {
	case want && l.picture == nil:
		l.picture = l.startPicture()
	case !want && l.picture != nil:
		l.picture.stop()
		l.picture = nil
	}
}

// tellInput tells both ends whether input is let through, when that changed.
func (l *live) tellInput() {
	state := InputOn
	switch {
	case l.level() < session.SharedControl || !l.linkUp:
		state = InputOff
	case l.paused.Load():
		state = InputPaused
	case l.request != nil || l.watch.asking:
		state = InputPrompt
	case l.localHand:
		state = InputLocalHand
	}
	if state == l.told {
		return
	}
	l.told = state
	l.send(&wire.InputState{State: uint8(state)})
	l.r.cfg.Notify(InputChanged{State: state})
}
