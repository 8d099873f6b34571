package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"assist/signaling/dial/pac"
)

// maxOutput is how much a program may write, in bytes.
const maxOutput = 64 << 10

// output runs a program of the system and returns what it writes.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	return collect(exec.CommandContext(ctx, name, args...))
}

// runScript runs a proxy script in a process of its own.
func runScript(ctx context.Context, job []byte) ([]byte, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe, "pac")
	cmd.Stdin = bytes.NewReader(job)
	return collect(cmd)
}

// collect returns what cmd writes, up to maxOutput.
func collect(cmd *exec.Cmd) ([]byte, error) {
	const patience = 100 * time.Millisecond // with a program that was told to end
	cmd.WaitDelay = patience
	var b bounded
	cmd.Stdout = &b
	err := cmd.Run()
	return b.text, err
}

// bounded takes maxOutput bytes.
type bounded struct{ text []byte }

var errTooMuch = errors.New("assist: too much output")

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if len(b.text)+len(p) > maxOutput {
		return 0, errTooMuch
	}
	b.text = append(b.text, p...)
	return len(p), nil
}

// pacCmd is the process that a proxy script runs in.
type pacCmd struct{}

// Run answers one question.
func (pacCmd) Run() error { return pac.Main(os.Stdin, os.Stdout) }
