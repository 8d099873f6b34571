//go:build linux

package play

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"assist/cmd/internal/stage"
)

// Command makes the command that runs a program somewhere, for instance in another network.
type Command func(name string, args ...string) *exec.Cmd

// New returns a cast without a service; see [Cast.StartServiceIn].
func New(cfg Config) *Cast { return &Cast{Config: cfg, homes: map[*stage.Display]string{}} }

// StartServiceIn starts a lasting service somewhere, at an address that others there can reach, and makes an account for the
// engineer.
func (c *Cast) StartServiceIn(ctx context.Context, where Command, address string) error {
	dir := filepath.Join(c.Dir, "service")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("play: %w", err)
	}
	config, key := filepath.Join(dir, "service.toml"), filepath.Join(dir, "organisation.key")
	text := fmt.Sprintf("listen = %q\ndata = \"data\"\norganisation = \"Demo Organisation\"\n", address)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return fmt.Errorf("play: %w", err)
	}
	organisation, err := exec.CommandContext(ctx, c.Server, "organisation", "init", "--name", "Demo Organisation", "--out", key).Output()
	if err != nil {
		return fmt.Errorf("play: organisation: %w", err)
	}
	random := make([]byte, 15)
	rand.Read(random)
	c.Service = Service{
		Address: address, Organisation: strings.TrimSpace(string(organisation)),
		Account: "engineer", Password: base64.RawURLEncoding.EncodeToString(random),
	}
	add := exec.CommandContext(ctx, c.Server, "engineer", "add", "--config", config, "--organisation-key", key,
		"--account", c.Service.Account, "--name", "Alex Engineer")
	add.Stdin = strings.NewReader(c.Service.Password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		return fmt.Errorf("play: account: %w: %s", err, out)
	}
	if c.server, err = stage.Start(where(c.Server, "run", "--config", config), filepath.Join(c.Dir, "service.log")); err != nil {
		return err
	}
	return c.waitService(ctx, filepath.Join(dir, "data", "tls-certificate.pem"))
}

// waitService waits until the service says that it serves, and reads its certificate.
func (c *Cast) waitService(ctx context.Context, certificate string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for !strings.Contains(c.server.Log(), `"serving"`) {
		select {
		case <-c.server.Done():
			return fmt.Errorf("play: the service ended: %w\n%s", c.server.Err(), c.server.Log())
		case <-ctx.Done():
			return fmt.Errorf("play: the service is not ready: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	pem, err := os.ReadFile(certificate)
	if err != nil {
		return fmt.Errorf("play: %w", err)
	}
	c.Service.CA = string(pem)
	return c.writeFiles()
}

// Elsewhere makes a program of its own that runs program somewhere: to put in the place of Config.Assist before an actor
// starts. Its process is that of program.
func (c *Cast) Elsewhere(where Command, program string) (script string, err error) {
	cmd := where(program)
	line := "exec"
	for _, arg := range cmd.Args {
		line += " '" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	f, err := os.CreateTemp(c.Dir, "elsewhere-")
	if err != nil {
		return "", fmt.Errorf("play: %w", err)
	}
	_, err = f.WriteString("#!/bin/sh\n" + line + ` "$@"` + "\n")
	if err = errors.Join(err, f.Chmod(0o700), f.Close()); err != nil {
		return "", fmt.Errorf("play: %w", err)
	}
	return f.Name(), nil
}

// NewDesk starts a display of a size, with a window manager: the customer's or the engineer's.
func (c *Cast) NewDesk(ctx context.Context, size image.Point, customer bool) (*stage.Display, error) {
	d, err := stage.NewDisplay(c.Dir, fmt.Sprintf("%dx%d", size.X, size.Y))
	if err != nil {
		return nil, err
	}
	c.desks = append(c.desks, d)
	keys := engineerKeys
	if customer {
		keys = customerKeys
	}
	return d, c.furnish(ctx, d, keys)
}

// Leave ends both programs, and keeps service and displays for others.
func (c *Cast) Leave() {
	for _, a := range []**Actor{&c.Customer, &c.Engineer} {
		if *a != nil {
			(*a).Process.Stop(5 * time.Second)
			(*a).trace.Close()
			*a = nil
		}
	}
}

// OwnWindows returns where the customer's program has its windows, with room for their frames.
func (s *Session) OwnWindows(ctx context.Context) ([]image.Rectangle, error) {
	return s.ownWindows(ctx)
}
