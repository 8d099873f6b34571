//go:build linux

package stage

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Typist is somebody at a program that reads and writes lines.
type Typist struct {
	Process *Process
	keys    io.WriteCloser

	mu      sync.Mutex
	screen  []byte
	read    int           // of screen, by Until
	changed chan struct{} // closed when there is more
}

// NewTypist starts cmd with somebody at it. What the program writes to standard error is in the file log.
func NewTypist(cmd *exec.Cmd, log string) (*Typist, error) {
	t := &Typist{changed: make(chan struct{})}
	var err error
	if t.keys, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("stage: pipe: %w", err)
	}
	cmd.Stdout = t
	t.Process, err = Start(cmd, log)
	return t, err
}

// Write takes what the program writes.
func (t *Typist) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.screen = append(t.screen, p...)
	close(t.changed)
	t.changed = make(chan struct{})
	return len(p), nil
}

// Type types lines, each as soon as the program asks for one.
func (t *Typist) Type(ctx context.Context, lines ...string) error {
	for _, line := range lines {
		if _, err := t.Until(ctx, "> "); err != nil {
			return err
		}
		if _, err := io.WriteString(t.keys, line+"\n"); err != nil {
			return fmt.Errorf("stage: typist: %w", err)
		}
	}
	return nil
}

// HangUp ends the program's input.
func (t *Typist) HangUp() error { return t.keys.Close() }

// Until reads until the text comes, and returns what was before it.
func (t *Typist) Until(ctx context.Context, text string) (string, error) {
	for {
		t.mu.Lock()
		rest := string(t.screen[t.read:])
		before, _, found := strings.Cut(rest, text)
		if found {
			t.read += len(before) + len(text)
		}
		changed := t.changed
		t.mu.Unlock()
		if found {
			return before, nil
		}
		select {
		case <-changed:
		case <-t.Process.Done():
			if t.Process.Err() == nil && strings.Contains(t.Screen()[t.read:], text) {
				continue
			}
			return "", fmt.Errorf("stage: %q: the program ended: %v; it wrote\n%s", text, t.Process.Err(), t.Screen())
		case <-ctx.Done():
			return "", fmt.Errorf("stage: %q: %w; the program wrote\n%s", text, ctx.Err(), t.Screen())
		}
	}
}

// Screen is all that the program wrote.
func (t *Typist) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.screen)
}

// Close ends the program.
func (t *Typist) Close() { t.Process.Stop(5 * time.Second) }
