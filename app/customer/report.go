package customer

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"assist/app/problem"
	"assist/signaling"
	"assist/signaling/client"
)

// How a report is tried again when the service is away, or the line to it was lost in the session.
const (
	endTime      = 20 * time.Minute     // for an ordinary end
	alarmTime    = signaling.ReportLife // for an alarm: as long as the service takes it
	acceptTime   = 30 * time.Second     // for the engineer's program to accept: before that the service knows of no session
	reportTry    = 15 * time.Second     // for one attempt
	firstPause   = time.Second          // between attempts; each is twice as long as the one before
	longestPause = 30 * time.Second
)

// reported is the command by which a report that went on in the background tells what became of it.
type reported struct{ Reported }

// tellService writes the session's line for the audit log, and returns what the customer is told of an alarm. When the line to the service
// is gone it goes on in the background, over lines of its own.
func (r *Runner) tellService(ctx context.Context, m *meeting, started time.Time, why problem.Code) Report {
	now := time.Now()
	line := signaling.Ended{
		Attempt: m.attempt, Report: m.token, Session: m.id, Started: started, Finished: now, Reason: string(why),
	}
	first, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	state := r.outcome(m.desk.Ended(first, line), now)
	alarm := why == problem.Alarm
	if state == ReportSending {
		r.later.Go(func() {
			if state := r.report(ctx, line, alarm); alarm && state != ReportSending {
				r.box.Put(reported{Reported{state}})
			}
		})
	}
	if !alarm {
		return NoReport
	}
	return state
}

// outcome is what an answer to a report means. ReportSending: to be tried again.
func (r *Runner) outcome(err error, ended time.Time) Report {
	switch {
	case err == nil, errors.Is(err, client.ErrUsed): // the answer to an earlier attempt was lost
		return ReportSent
	case errors.Is(err, client.ErrUnknown) && time.Since(ended) < acceptTime:
	case errors.Is(err, client.ErrUnknown), errors.Is(err, client.ErrVersion), errors.Is(err, signaling.ErrMessage):
		r.cfg.Log.Warn("session's end refused", "error", err)
		return ReportFailed
	}
	r.cfg.Log.Info("session's end not told yet", "error", err)
	return ReportSending
}

// report tries until the service has answered, ctx ends or it is too late. It returns ReportSending if ctx ended.
func (r *Runner) report(ctx context.Context, line signaling.Ended, alarm bool) Report {
	life := endTime
	if alarm {
		life = alarmTime
	}
	for pause := firstPause; time.Since(line.Finished) < life; pause = min(2*pause, longestPause) {
		select {
		case <-time.After(pause/2 + rand.N(pause)): // not all at once when a service is back
		case <-ctx.Done():
			return ReportSending
		}
		if state := r.outcome(r.deliver(ctx, line), line.Finished); state != ReportSending {
			return state
		}
	}
	return ReportFailed
}

// deliver tries once, over a connection of its own.
func (r *Runner) deliver(ctx context.Context, line signaling.Ended) error {
	ctx, cancel := context.WithTimeout(ctx, reportTry)
	defer cancel()
	desk, err := r.cfg.Dial(ctx)
	if err != nil {
		return err
	}
	p := &place{desk: desk, gone: make(chan struct{})}
	go p.listen(func() {})
	defer p.close()
	if _, err := desk.Hello(ctx); err != nil {
		return err
	}
	return desk.Ended(ctx, line)
}
