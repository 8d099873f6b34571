package main

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"assist/cmd/internal/measure"
	"assist/cmd/internal/stage"
)

// meter counts bytes and processor time from when it was made.
type meter struct {
	a        *stagehand
	began    time.Time
	up, down uint64
	used     map[kind]time.Duration
}

func (a *stagehand) meter() (*meter, error) {
	m := &meter{a: a, began: time.Now()}
	m.up, m.down = a.t.bytes()
	var err error
	m.used, err = a.used()
	return m, err
}

// used is the processor time of all that takes part.
func (a *stagehand) used() (map[kind]time.Duration, error) {
	c, e := a.c.processes()
	used := map[kind]time.Duration{}
	for _, p := range []struct {
		kind kind
		pids []int
	}{
		{customer, []int{c}}, {engineer, []int{e}},
		{displays, []int{a.t.customer.Server().Pid(), a.t.engineer.Server().Pid()}},
	} {
		for _, pid := range p.pids {
			d, err := measure.CPU(pid)
			if err != nil {
				return nil, err
			}
			used[p.kind] += d
		}
	}
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		return nil, fmt.Errorf("processor time: %w", err)
	}
	used[observer] = time.Duration(own.Utime.Nano() + own.Stime.Nano())
	return used, nil
}

// read returns what was used since the meter was made.
func (m *meter) read() (results, error) {
	seconds := time.Since(m.began).Seconds()
	r := results{}
	put := func(k kind, v float64) { r[figure{Kind: k}] = v }
	if m.a.t.lab != nil {
		up, down := m.a.t.bytes()
		out, in := float64(up-m.up)/1000/seconds, float64(down-m.down)/1000/seconds
		put(upload, out)
		put(download, in)
		put(total, out+in)
	}
	used, err := m.a.used()
	for k, d := range used {
		put(k, (d-m.used[k]).Seconds()/seconds)
	}
	return r, err
}

// later reads the meter after a while, when the function that it returns is called, or before.
func (m *meter) later(d time.Duration) func() (results, error) {
	type reading struct {
		r   results
		err error
	}
	done := make(chan reading, 1)
	time.AfterFunc(d, func() {
		r, err := m.read()
		done <- reading{r, err}
	})
	return func() (results, error) {
		r := <-done
		return r.r, r.err
	}
}

// note notes a reading for an act.
func (a *stagehand) note(act string, r results, err error) error {
	for f, v := range r {
		a.put(act, f.Kind, v)
	}
	return err
}

// What is quiet: so few bytes in such a time.
const (
	quietTime  = 600 * time.Millisecond
	quietBytes = 500
)

// quiet waits, for a while, until nothing comes over the line: what is improved after the end of a scene is no part of the
// next one.
func (a *stagehand) quiet(ctx context.Context) error {
	for end := time.Now().Add(a.line.Patience); time.Now().Before(end); {
		before, _ := a.t.bytes()
		if err := stage.Pause(ctx, quietTime); err != nil {
			return err
		}
		if now, _ := a.t.bytes(); now-before < quietBytes {
			return nil
		}
	}
	return nil
}
