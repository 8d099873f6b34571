package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"assist/cmd/internal/play"
)

// demoTime bounds a session that the robot plays.
const demoTime = 5 * time.Minute

// Run plays the session: for people if there is a display, else by a robot.
func (d *demoCmd) Run(ctx context.Context) (err error) {
	cfg, err := d.config()
	if err != nil {
		return err
	}
	if d.Keep {
		fmt.Println("files of the programs:", cfg.Dir)
	} else {
		defer os.RemoveAll(cfg.Dir)
	}
	cast, err := play.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer cast.Close()
	if cfg.Nested {
		return d.invite(ctx, cast)
	}
	return d.watch(ctx, cast)
}

func (d *demoCmd) config() (play.Config, error) {
	exe, err := os.Executable()
	if err != nil {
		return play.Config{}, fmt.Errorf("demo: %w", err)
	}
	server, err := exec.LookPath(d.Server)
	if err != nil {
		return play.Config{}, fmt.Errorf("demo: the service's program: %w", err)
	}
	if server, err = filepath.Abs(server); err != nil {
		return play.Config{}, fmt.Errorf("demo: %w", err)
	}
	dir, err := os.MkdirTemp("", "assist-demo-")
	if err != nil {
		return play.Config{}, fmt.Errorf("demo: %w", err)
	}
	nested := !d.Headless && displayThere() == nil
	return play.Config{Assist: exe, Server: server, Dir: dir, Language: d.Language, Nested: nested}, nil
}

// watch lets the robot play, and prints what it saw.
func (d *demoCmd) watch(ctx context.Context, cast *play.Cast) error {
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	if err := os.MkdirAll(d.Out, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	began := time.Now()
	s := &play.Session{Cast: cast, Out: d.Out, Tell: func(step string) {
		fmt.Printf("%6.1f s  %s\n", time.Since(began).Seconds(), step)
	}}
	if err := s.Play(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	fmt.Printf(`
The session went as it should. Pictures of both ends are in %s.
  code to consent question    %5.0f ms
  allow to picture            %5.0f ms
  typed to done over there    %5.0f ms
  link, before the end        %s
  processor time, customer    %5.1f s
  processor time, engineer    %5.1f s
`, d.Out, ms(s.CodeToQuestion), ms(s.AllowToPicture), ms(s.TypedToFile), s.Link, s.CustomerCPU.Seconds(), s.EngineerCPU.Seconds())
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// invite sets the stage for people: the engineer's console on this display, the customer's computer as a window in it.
func (d *demoCmd) invite(ctx context.Context, cast *play.Cast) error {
	desk, err := cast.NewCustomerDesk(ctx)
	if err != nil {
		return err
	}
	if _, err := cast.Terminal(desk, "78x14+40+360"); err != nil {
		return err
	}
	if err := cast.StartConsole(ctx, nil, os.Environ()); err != nil {
		return err
	}
	if err := cast.StartCustomer(ctx, desk); err != nil {
		return err
	}
	fmt.Print(`You are both people now. The console shows a code; type it into the form in the window
"The customer's computer", accept the terms and press Connect. Close both windows, or press Ctrl-C, to end.
`)
	for _, p := range []*play.Actor{cast.Customer, cast.Engineer} {
		select {
		case <-p.Process.Done():
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}
