package customer

import (
	"context"
	"time"

	"assist/app/problem"
	"assist/signaling"
)

// How long a report of an alarm is tried to be delivered when the service is away.
const (
	reportTime  = 20 * time.Minute
	reportPause = 5 * time.Second
)

// tellService writes the session's line for the audit log, if the service is still there. An alarm is worth
// more: it is tried again until the service is back.
func (r *Runner) tellService(ctx context.Context, m *meeting, started time.Time, why problem.Code) {
	line := signaling.Ended{Session: m.id, Started: started, Finished: time.Now(), Reason: string(why)}
	now, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	err := m.desk.Ended(now, line)
	if err == nil {
		return
	}
	r.cfg.Log.Info("end not recorded", "error", err)
	if why == problem.Alarm {
		r.later.Go(func() { r.report(ctx, line) })
	}
}

// report delivers the line over a connection of its own.
func (r *Runner) report(ctx context.Context, line signaling.Ended) {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	for {
		if r.deliver(ctx, line) == nil {
			return
		}
		select {
		case <-time.After(reportPause):
		case <-ctx.Done():
			r.cfg.Log.Warn("alarm not reported", "session", line.Session)
			return
		}
	}
}

func (r *Runner) deliver(ctx context.Context, line signaling.Ended) error {
	desk, err := r.cfg.Dial(ctx)
	if err != nil {
		return err
	}
	p := &place{desk: desk, gone: make(chan struct{})}
	go p.listen()
	defer p.close()
	if _, err := desk.Hello(ctx); err != nil {
		return err
	}
	return desk.Ended(ctx, line)
}
