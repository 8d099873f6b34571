package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"assist/cmd/internal/eye"
	"assist/cmd/internal/hand"
	"assist/cmd/internal/netlab"
	"assist/cmd/internal/play"
	"assist/cmd/internal/scene"
	"assist/cmd/internal/stage"
)

// engineerScreen has room for the customer's whole screen and all that the console has around it.
var engineerScreen = image.Pt(2304, 1248)

// seat is a display with somebody who looks at it and works there.
type seat struct {
	*stage.Display
	eye  *eye.Eye
	hand *hand.Hand
}

// theatre is where everything is measured: two displays, a painter on the customer's, and the lines between the computers.
type theatre struct {
	dir                string
	lab                *netlab.Lab // nil: everybody is on this computer's loopback
	labMissing         error
	cast               *play.Cast
	customer, engineer *seat
	painter            *painterProcess
	numbers            uint16 // the markers' next one
	assist             string
	log                func(format string, args ...any)
}

// open opens the theatre. Close ends every process of it.
func openTheatre(ctx context.Context, c *runCmd, log func(string, ...any)) (t *theatre, err error) {
	t = &theatre{log: log, numbers: 100}
	defer func(opened *theatre) {
		if err != nil {
			opened.close()
		}
	}(t)
	if t.dir, err = os.MkdirTemp("", "assist-bench-"); err != nil {
		return nil, err
	}
	if t.assist, err = program(c.Assist); err != nil {
		return nil, err
	}
	server, err := program(c.Server)
	if err != nil {
		return nil, err
	}
	// The lab before any process: its threads end, and what such a thread has started would end with it.
	t.lab, t.labMissing = netlab.New(context.WithoutCancel(ctx), netlab.Options{}) // the programs say goodbye over it
	if t.labMissing != nil && !errors.Is(t.labMissing, netlab.ErrUnsupported) {
		return nil, t.labMissing
	}
	t.cast = play.New(play.Config{Assist: t.assist, Server: server, Dir: t.dir})
	if t.customer, err = t.seat(ctx, scene.Size, true); err != nil {
		return nil, err
	}
	if t.engineer, err = t.seat(ctx, engineerScreen, false); err != nil {
		return nil, err
	}
	if err := errors.Join(t.customer.eye.Open(), t.engineer.eye.Open()); err != nil {
		return nil, err
	}
	if t.painter, err = startPainter(t.customer.Display, filepath.Join(t.dir, "painter.log")); err != nil {
		return nil, err
	}
	return t, t.serve(ctx)
}

// program returns the absolute path of a program that is there.
func program(file string) (string, error) {
	path, err := exec.LookPath(file)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return "", fmt.Errorf("the program to measure: %w", err)
	}
	return path, nil
}

// seat starts a display and sits down at it.
func (t *theatre) seat(ctx context.Context, size image.Point, customer bool) (*seat, error) {
	d, err := t.cast.NewDesk(ctx, size, customer)
	if err != nil {
		return nil, err
	}
	s := &seat{Display: d}
	for _, sit := range []func() error{
		func() error {
			conn, err := d.Connect()
			if err == nil {
				s.eye, err = eye.New(conn)
			}
			return err
		},
		func() error {
			conn, err := d.Connect()
			if err == nil {
				s.hand, err = hand.New(conn)
			}
			return err
		},
	} {
		if err := sit(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// serve starts the service.
func (t *theatre) serve(ctx context.Context) error {
	if t.lab == nil {
		return t.cast.StartService(ctx)
	}
	return t.cast.StartServiceIn(ctx, t.command("service"), t.lab.Host("service").Addr.String()+":443")
}

// command runs programs on one of the computers.
func (t *theatre) command(host string) play.Command {
	return func(name string, args ...string) *exec.Cmd {
		if t.lab == nil {
			return exec.Command(name, args...)
		}
		return t.lab.Host(host).Command(context.Background(), name, args...) // who starts it ends it
	}
}

// set makes the customer's line like l.
func (t *theatre) set(l line) {
	if t.lab != nil {
		t.lab.Link("customer").Set(netlab.Shape{Rate: l.Rate, Delay: l.Delay, Queue: l.Queue})
	}
}

// bytes are what has gone over the customer's line, to the others and from them.
func (t *theatre) bytes() (up, down uint64) {
	if t.lab == nil {
		return 0, 0
	}
	return t.lab.Link("customer").Bytes()
}

// reserve returns the first of n+1 numbers for markers.
func (t *theatre) reserve(n int) uint16 {
	first := t.numbers
	t.numbers += uint16(n) + 50 // a number from another scene is never one of this
	return first
}

// close ends everything.
func (t *theatre) close() {
	if t.painter != nil {
		t.painter.close()
	}
	for _, s := range []*seat{t.customer, t.engineer} {
		if s != nil && s.hand != nil {
			s.hand.Close()
		}
		if s != nil && s.eye != nil {
			s.eye.Close()
		}
	}
	if t.cast != nil {
		t.cast.Close()
	}
	if t.lab != nil {
		if err := t.lab.Close(); err != nil {
			t.log("lines: %v", err)
		}
	}
	if t.dir != "" {
		os.RemoveAll(t.dir)
	}
}

// keep saves logs, and pictures of both displays, in a folder.
func (t *theatre) keep(folder, name string) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.log("keep: %v", err)
		return
	}
	for role, s := range map[string]*seat{"customer": t.customer, "engineer": t.engineer} {
		if err := s.Save(filepath.Join(folder, name+"-"+role+".png")); err != nil {
			t.log("keep: %v", err)
		}
	}
	logs, _ := filepath.Glob(filepath.Join(t.dir, "*.log"))
	for _, file := range logs {
		b, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name+"-"+filepath.Base(file)), b, 0o644)
		}
		if err != nil {
			t.log("keep: %v", err)
		}
	}
}

// within calls f with a context that ends after d.
func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}
