package customer

import (
	"time"

	"assist/app/journal"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/app/wire"
)

// setLevel makes level hold unless a lower one does, and tells both ends.
func (l *live) setLevel(level session.Access) {
	now, holds := l.mark()
	l.raiseTo(min(level, holds), now)
}

// raiseTo makes level hold, which was asked for at a mark, as far as nothing has taken it back since. It tells both ends what
// holds. Shared control without a way in for input becomes view only.
func (l *live) raiseTo(level session.Access, since mark) {
	if trouble := l.tryLevel(level, since); trouble != nil {
		l.tellTrouble(trouble)
	}
}

// tryLevel is raiseTo, and returns what does not work on this computer.
func (l *live) tryLevel(level session.Access, since mark) *problem.Error {
	if !l.linkUp { // nothing rises while nobody is there
		level = min(level, l.level())
	}
	if !level.Valid() {
		return nil // the session is being stopped
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
	written := l.announced
	if level > written {
		if !l.noteLevel(level) {
			return nil // nothing is raised that the log does not know
		}
		written = level
	}
	if level = l.rise(level, since); !level.Valid() {
		return trouble
	}
	if level != written {
		l.noteLevel(level)
	}
	l.announce(level)
	return trouble
}

// noteLevel writes the level into the customer's log.
func (l *live) noteLevel(level session.Access) bool {
	return l.note(func(j *journal.Journal) error { return j.Level(level) })
}

// announce tells both ends that a level holds, and starts and stops what depends on it.
func (l *live) announce(level session.Access) {
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
}

// tellLevel tells the customer which level holds and what a higher one needs.
func (l *live) tellLevel() {
	l.r.cfg.Notify(AccessChanged{Access: l.announced, At: time.Now(), Needs: l.m.raise.needs(session.SharedControl)})
}

// tellDigits tells the customer the digits that are needed next, if any are: they are good for one use.
func (l *live) tellDigits() {
	if l.m.raise.hadControl {
		l.tellLevel()
	}
	l.watch.tell(l)
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

// pause stops picture and input.
func (l *live) pause() {
	l.mu.Lock()
	l.paused.Store(true)
	l.gate()
	l.mu.Unlock()
	l.note(func(j *journal.Journal) error { return j.Paused(true) })
	l.tellPause(true)
}

// unpause lets picture and input go on. Once the engineer has had control a person has to ask for it, not something left behind on
// this computer: what was hidden behind the pause is not for the engineer.
func (l *live) unpause(again resume) {
	if !l.paused.Load() {
		return
	}
	person := l.m.raise.person(again.proof)
	if person && l.note(func(j *journal.Journal) error { return j.Paused(false) }) && l.release(again.since) {
		l.tellPause(false)
	}
	l.tellDigits()
	if !person {
		l.tellBlocked()
	}
}

// tellPause tells both ends whether picture and input are paused, and starts or stops them.
func (l *live) tellPause(on bool) {
	if l.level() >= session.ViewOnly {
		l.send(&wire.Picture{Paused: on})
	}
	l.entry(func(a *transcript.Author) error { return a.Paused(on) })
	l.r.cfg.Notify(PauseChanged{Paused: on})
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
