package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/media/gl"
	"assist/media/input"
	"assist/media/tty"
	"assist/ui/terminal"
)

// probeCmd is the second process that tries whether there is OpenGL.
type probeCmd struct{}

// Run makes the trial.
func (probeCmd) Run() error { return gl.ProbeMain(os.Stdout) }

// windowsThere reports why no window can be shown here, if so: the window library would show nothing and say nothing, or end the program.
func windowsThere(ctx context.Context) error {
	exe, err := ownProgram()
	if err != nil {
		return err
	}
	return gl.Probe(ctx, exec.Command(exe, "probe-gl"))
}

// dialogue is the customer's side in the terminal until it is closed: because somebody asked for it, or because there are no windows, for
// the reason why.
func (c *customerCmd) dialogue(ctx context.Context, w wires, trusted *identity.Organisation, who *person, why error) error {
	options := terminal.Options{Form: c.form(), Service: c.Service, Hide: func() (func(), error) { return hideTyping(os.Stdin) }}
	if why != nil {
		w.log.Warn("no windows", "error", why)
		if !tty.Open() {
			err := problem.New(problem.NoDisplay, why)
			notice(sentence(err))
			return err
		}
		options.Problem = problem.New(problem.WindowsMissing, why)
	}
	var d *terminal.Dialogue
	runner, run := visibly(nil, func(func()) {}, w.sight, customer.Config{
		Doors: w.terminalDoors(), Trusted: trusted, Program: version, System: systemName(), Log: w.log,
		Notify: func(ev customer.Event) { d.Handle(ev) },
	})
	d = terminal.New(os.Stdout, joining{runner, w.out}, options)
	who.is(askInDialogue(d))

	behind, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { run(behind) })
	err := d.Run(ctx, os.Stdin)
	cancel()
	ended := make(chan struct{})
	go func() { defer close(ended); wg.Wait() }()
	select {
	case <-ended:
	case <-time.After(goodbyeTime):
	}
	return err
}

// terminalDoors are the doors of a customer in a terminal. The window that shows the terminal is treated as one of our own, so that the engineer
// neither sees it nor types in it; where it is not known which one that is, there is no control.
func (w wires) terminalDoors() customer.Doors {
	pid, hidden := tty.Emulator()
	var others []int
	if pid != 0 {
		others = append(others, pid)
	}
	d := w.doors(others...)
	there, open := d.ControlThere, d.OpenControl
	d.ControlThere = func() error {
		if err := there(); err != nil {
			return err
		}
		if hidden == nil && pid != 0 && len(d.OwnWindows()) == 0 {
			hidden = fmt.Errorf("process %d shows no window here: %w", pid, tty.ErrHidden)
		}
		if hidden != nil {
			return problem.New(problem.InputTerminal, errors.Join(hidden, input.ErrUnsupported))
		}
		return nil
	}
	d.OpenControl = func(onState func(input.State)) (customer.Control, error) {
		if err := d.ControlThere(); err != nil {
			return nil, err
		}
		return open(onState)
	}
	return d
}
