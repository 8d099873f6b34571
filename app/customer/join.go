package customer

import (
	"context"

	"assist/app/session"
	"assist/app/task"
)

// joining is what becomes of the codes that the customer types, one attempt at a time.
type joining struct {
	r       *Runner
	life    *life
	ready   *task.Task[*place]   // what the next attempt uses
	attempt *task.Task[*meeting] // nil while the form is shown
	left    bool                 // attempt has been given up and is still ending
	next    *join                // what comes after it
}

// meet shows the form until a code led to an engineer. It fails only when ctx ends or the customer closes the form.
func (r *Runner) meet(ctx context.Context, life *life) (*meeting, error) {
	j := &joining{r: r, life: life, ready: task.Start(ctx, r.prepare)}
	defer j.close()
	for {
		var done <-chan struct{}
		if j.attempt != nil {
			done = j.attempt.Done
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-r.box.Ready():
			for _, cmd := range r.box.Take() {
				if _, ok := cmd.(stop); ok {
					return nil, errClosed
				}
				j.take(ctx, cmd)
			}
		case <-done:
			if m, err := j.over(ctx); m != nil || err != nil {
				return m, err
			}
		}
	}
}

// take does what the customer wants.
func (j *joining) take(ctx context.Context, cmd command) {
	switch cmd := cmd.(type) {
	case join:
		if j.attempt == nil {
			j.try(ctx, cmd)
		} else if j.left {
			j.next = &cmd
		}
	case leave:
		if j.attempt != nil {
			j.attempt.Cancel()
			j.left, j.next = true, nil
		}
	case reported:
		j.r.cfg.Notify(cmd.Reported)
	}
}

// try begins an attempt.
func (j *joining) try(ctx context.Context, code join) {
	if !j.life.move(session.CodeEntered) {
		return
	}
	j.r.cfg.Notify(Connecting{})
	ready := j.ready
	j.ready, j.left, j.next = nil, false, nil
	j.attempt = task.Start(ctx, func(ctx context.Context) (*meeting, error) { return j.r.attempt(ctx, j.life, ready, code) })
}

// over takes what came of an attempt. Without a meeting or an error the form is shown again.
func (j *joining) over(ctx context.Context) (*meeting, error) {
	m, err := j.attempt.Value, j.attempt.Err
	j.attempt = nil
	switch {
	case err == nil && j.left: // it came about just as it was given up
		m.close()
		if j.next != nil {
			j.r.box.Put(*j.next)
		}
		return nil, errClosed
	case err == nil:
		return m, nil
	}
	j.life.move(session.KeyRefused)
	j.ready = j.r.refused(ctx, err)
	if j.next != nil {
		j.try(ctx, *j.next)
	}
	return nil, nil
}

func (j *joining) close() {
	if j.attempt != nil {
		if m, _ := j.attempt.Stop(); m != nil {
			m.close()
		}
	}
	if j.ready != nil {
		p, _ := j.ready.Stop()
		p.close()
	}
}
