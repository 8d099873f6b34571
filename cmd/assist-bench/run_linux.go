package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/jezek/xgb"
)

// Run measures, and prints what it measured.
func (c *runCmd) Run(ctx context.Context) error {
	list, err := c.choose()
	if err != nil {
		return err
	}
	began := time.Now()
	r, err := c.report(ctx, list, func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%6.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	})
	if err != nil {
		return err
	}
	if err := r.print(os.Stdout, list); err != nil {
		return err
	}
	if c.JSON != "" {
		if err := r.write(c.JSON); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// report measures over all lines.
func (c *runCmd) report(ctx context.Context, list []line, log func(string, ...any)) (*report, error) {
	xgb.Logger.SetOutput(io.Discard)
	r := &report{Began: time.Now(), NotRun: map[string]string{}}
	mine, theirs := results{}, results{}
	shown := slices.DeleteFunc(slices.Clone(list), func(l line) bool { return l.Name == here })
	if len(shown) > 0 {
		if err := c.reportShown(ctx, r, shown, mine, theirs, log); err != nil {
			return nil, err
		}
	}
	// Last, and without a theatre: nothing else runs then.
	if i := slices.IndexFunc(list, func(l line) bool { return l.Name == here }); i >= 0 && ctx.Err() == nil {
		notes, err := c.measureHere(ctx, list[i], mine, log)
		if err != nil {
			return nil, err
		}
		r.Notes = append(r.Notes, notes...)
	}
	r.Rows, r.Took = rows(list, mine, theirs), time.Since(r.Began).Seconds()
	return r, nil
}

// reportShown measures what is seen on displays.
func (c *runCmd) reportShown(ctx context.Context, r *report, list []line, mine, theirs results, log func(string, ...any)) error {
	t, err := openTheatre(ctx, c, log)
	if err != nil {
		return err
	}
	defer t.close()
	missing := errVNCOff
	if c.VNC {
		missing = vncThere()
	}
	if missing != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("TigerVNC: not run: %v", missing))
	}
	r.Notes = append(r.Notes, t.notes()...)
	for _, l := range list {
		if l.Rate > 0 && t.lab == nil {
			r.NotRun[l.Name] = t.labMissing.Error()
			continue
		}
		r.Notes = append(r.Notes, c.measure(ctx, t, l, "Assist", newOurs(t), mine)...)
		if missing == nil && l.Name != step && ctx.Err() == nil {
			r.Notes = append(r.Notes, c.measure(ctx, t, l.theirs(), "TigerVNC", newVNC(t), theirs)...)
		}
		if ctx.Err() != nil {
			break
		}
	}
	r.Notes = append(r.Notes, watched(mine, theirs))
	return nil
}

var errVNCOff = errors.New("not wanted")

// notes say what the theatre is like.
func (t *theatre) notes() []string {
	if t.lab != nil {
		return []string{"All lines go through a router of this program; the engineer's and the service's are perfect."}
	}
	return []string{fmt.Sprintf("Bytes: not counted: %v", t.labMissing)}
}

// measure measures one program over one line. What goes wrong is told, and costs only what it must.
func (c *runCmd) measure(ctx context.Context, t *theatre, l line, name string, who contender, out results) (notes []string) {
	t.log("%s, %s", l.Title, name)
	defer who.close()
	a := &stagehand{t: t, cmd: c, c: who, line: l, out: out}
	err := within(ctx, c.limit(), a.play)
	if err != nil && ctx.Err() == nil {
		t.log("%s, %s: %v", l.Title, name, err)
		notes = append(notes, fmt.Sprintf("%s, %s: %v", l.Title, name, err))
	}
	if c.Keep != "" {
		t.keep(c.Keep, l.Name+"-"+name)
	}
	return notes
}

// limit is how long one program may take over one line.
func (c *runCmd) limit() time.Duration {
	if c.Quick {
		return 80 * time.Second
	}
	return 110 * time.Second
}

// hereTime is how long one act without a line may take.
const hereTime = 3 * time.Minute

// watched says what watching costs.
func watched(all ...results) string {
	var sum, most float64
	n := 0
	for _, r := range all {
		for f, v := range r {
			if f.Kind == observer {
				sum, most, n = sum+v, max(most, v), n+1
			}
		}
	}
	return fmt.Sprintf("Watching both displays and passing packets on took %.3f of a core, %.3f at most; it is not in the figures above.", sum/float64(max(n, 1)), most)
}
