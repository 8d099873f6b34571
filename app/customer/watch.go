package customer

import (
	"time"

	"assist/app/session"
)

// ConfirmTime is how long shared control lasts before the customer is asked whether somebody is still there.
const ConfirmTime = 30 * time.Minute

// watch asks now and then, while control is shared, whether somebody is at the computer. It belongs to the session's loop.
type watch struct {
	timer  *time.Timer // nil while control is not shared
	asking bool
	until  time.Time // when silence is no, while it asks
}

// due yields when there is something to do.
func (w *watch) due() <-chan time.Time {
	if w.timer == nil {
		return nil
	}
	return w.timer.C
}

// stop ends the watch.
func (w *watch) stop() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}

// level takes the level that holds now.
func (w *watch) level(l *live, level session.Access) {
	switch {
	case level < session.SharedControl:
		w.stop()
		w.answered(l)
	case w.timer == nil:
		w.timer = time.NewTimer(l.r.cfg.confirmTime())
	}
}

// ring asks, and takes silence as no.
func (w *watch) ring(l *live) {
	if w.asking {
		l.setLevel(session.ViewOnly)
		return
	}
	w.asking, w.until = true, time.Now().Add(AnswerTime)
	w.timer.Reset(AnswerTime)
	l.prompt(true)
	w.tell(l)
}

// tell shows the question, if it is open, with the digits that answer it now.
func (w *watch) tell(l *live) {
	if w.asking {
		l.r.cfg.Notify(StillThere{Until: w.until, Digits: l.m.raise.digits})
	}
}

// here takes the answer that somebody is there. It has to come from a person: whatever the engineer left behind on this computer
// would say yes, too.
func (w *watch) here(l *live, p Proof) {
	if !w.asking {
		return
	}
	person := l.m.raise.person(p)
	if person {
		w.timer.Reset(l.r.cfg.confirmTime())
		w.answered(l)
	}
	l.tellDigits()
	if !person {
		l.tellBlocked()
	}
}

// answered closes the question.
func (w *watch) answered(l *live) {
	if !w.asking {
		return
	}
	w.asking = false
	l.prompt(l.request != nil)
	l.r.cfg.Notify(StillThereGone{})
}
