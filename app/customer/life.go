package customer

import (
	"log/slog"

	"assist/app/session"
)

// life is the state of one session: the guard against doing things out of order.
type life struct {
	state session.State
	log   *slog.Logger
}

// move moves the session on, and reports whether the move was legal.
func (l *life) move(ev session.Event) bool {
	to, err := session.Next(l.state, ev)
	if err != nil {
		l.log.Error("illegal move", "error", err)
		return false
	}
	l.log.Debug("session moves", "from", l.state, "to", to)
	l.state = to
	return true
}
