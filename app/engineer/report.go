package engineer

import (
	"context"
	"errors"
	"slices"
	"time"

	"assist/app/problem"
	"assist/signaling"
	"assist/signaling/client"
)

// maxUntold is how many sessions' ends are kept for a service that is away.
const maxUntold = 64

// untold is a line for the audit log that the service does not have yet.
type untold struct {
	account string // it takes the line from no other
	line    signaling.Ended
}

// tellEnded writes the session's line for the audit log. Without a service it waits for the next sign-in.
func (c *Console) tellEnded(ctx context.Context, t *talk, why problem.Code) {
	levels := make([]signaling.Level, 0, min(len(t.levels), signaling.MaxLevels))
	for _, l := range t.levels[:cap(levels)] {
		levels = append(levels, signaling.Level{Access: l.access.String(), At: l.at})
	}
	if len(c.untold) == maxUntold {
		c.untold = c.untold[1:]
	}
	c.untold = append(c.untold, untold{t.m.account, signaling.Ended{
		Attempt: t.m.attempt, Session: t.m.id, Started: t.started, Finished: time.Now(), Reason: string(why), Levels: levels,
	}})
	c.tellUntold(ctx)
}

// tellUntold tells the service what it does not have yet, as far as it answers.
func (c *Console) tellUntold(ctx context.Context) {
	if c.desk == nil {
		return
	}
	away := false
	c.untold = slices.DeleteFunc(c.untold, func(u untold) bool {
		switch {
		case time.Since(u.line.Finished) > signaling.ReportLife:
			return true
		case away || u.account != c.desk.name:
			return false
		}
		_, err := request(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, c.desk.Ended(ctx, u.line) })
		switch {
		case err == nil, errors.Is(err, client.ErrUsed): // the answer to an earlier attempt was lost
			return true
		case errors.Is(err, client.ErrUnknown), errors.Is(err, signaling.ErrMessage):
			c.cfg.Log.Warn("session's end refused", "session", u.line.Session, "error", err)
			return true
		}
		c.cfg.Log.Info("session's end not told yet", "session", u.line.Session, "error", err)
		away = true
		return false
	})
}
