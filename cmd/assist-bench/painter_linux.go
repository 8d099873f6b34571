package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"assist/cmd/internal/painter"
	"assist/cmd/internal/stage"
)

// Run plays scenes on the display of the environment, as package painter says.
func (*paintCmd) Run(ctx context.Context) error { return painter.Run(ctx, os.Stdin, os.Stdout) }

// painterProcess is this program as a painter.
type painterProcess struct {
	process *stage.Process
	orders  io.WriteCloser
	answers chan painter.Answer
	owed    int // answers that nobody waited for
}

func startPainter(d *stage.Display, log string) (*painterProcess, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("painter: %w", err)
	}
	cmd := exec.Command(exe, "paint")
	cmd.Env = d.Env()
	p := &painterProcess{answers: make(chan painter.Answer, 1)}
	if p.orders, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("painter: %w", err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("painter: %w", err)
	}
	defer write.Close()
	cmd.Stdout = write
	if p.process, err = stage.Start(cmd, log); err != nil {
		read.Close()
		return nil, err
	}
	go func() {
		defer close(p.answers)
		defer read.Close()
		lines := bufio.NewScanner(read)
		for lines.Scan() {
			var a painter.Answer
			if json.Unmarshal(lines.Bytes(), &a) == nil {
				p.answers <- a
			}
		}
	}()
	return p, nil
}

// do has an order carried out, and waits until it is.
func (p *painterProcess) do(ctx context.Context, o painter.Order) (painter.Answer, error) {
	b, err := json.Marshal(o)
	if err != nil {
		return painter.Answer{}, err
	}
	if _, err := p.orders.Write(append(b, '\n')); err != nil {
		return painter.Answer{}, fmt.Errorf("painter: %w", err)
	}
	for p.owed++; ; {
		select {
		case a, ok := <-p.answers:
			if !ok {
				return a, errors.New("painter: ended: " + p.process.Log())
			}
			if p.owed--; p.owed == 0 {
				return a, nil
			}
		case <-ctx.Done():
			return painter.Answer{}, ctx.Err()
		}
	}
}

func (p *painterProcess) close() { p.process.Stop(time.Second) }
