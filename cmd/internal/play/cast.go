//go:build linux

// Package play is a support session with everybody in it: the service, the engineer's console and the customer's
// program as processes of their own, on real X displays, moved by a robot as people would.
//
// The demonstration plays the whole of it; tests play parts. The package knows the programs from outside only:
// their flags, their windows and what is on the screens.
package play

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"assist/cmd/internal/stage"
)

// readyTime is how long a program may take to show its first window, also on a busy machine.
const readyTime = 60 * time.Second

// Config says what to play with.
type Config struct {
	Assist, Server string // the two programs
	Dir            string // an empty folder for logs, keys and homes
	Language       string // of both windows; "" for English
	Nested         bool   // show the customer's computer as a window of the display that the caller sees
	NoOpenGL       bool   // the customer's computer has no OpenGL
}

// Service is what a service of the demonstration says about itself.
type Service struct {
	Address      string `json:"service"`
	CA           string `json:"ca"`
	Organisation string `json:"organisation_key"`
	Account      string `json:"account"`
	Password     string `json:"password"`
	// CAFile and SignInFile hold CA, and account with password.
	CAFile, SignInFile string `json:"-"`
}

// Actor is one program on its display.
type Actor struct {
	stage.Robot
	Process *stage.Process
	trace   *os.File
}

// Cast is everybody in a session.
type Cast struct {
	Config
	Service  Service
	server   *stage.Process
	Engineer *Actor // nil until started
	Customer *Actor
	desks    []*stage.Display
	homes    map[*stage.Display]string // where a terminal from the menu of a desk starts
	extras   []*stage.Process
}

// Open starts the service. Close ends everything.
func Open(ctx context.Context, cfg Config) (*Cast, error) {
	c := &Cast{Config: cfg, homes: map[*stage.Display]string{}}
	if err := c.StartService(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// StartService starts a service of the demonstration: when one was started before, the same at the same address.
func (c *Cast) StartService(ctx context.Context) error {
	ready := filepath.Join(c.Dir, "service.json")
	if err := os.Remove(ready); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("play: %w", err)
	}
	args := []string{"demo", "--ready-file", ready, "--data", filepath.Join(c.Dir, "service")}
	if c.Service.Address != "" {
		args = append(args, "--listen", c.Service.Address)
	}
	cmd := exec.Command(c.Server, args...)
	cmd.Env = append(os.Environ(), "HOME="+c.Dir)
	var err error
	if c.server, err = stage.Start(cmd, filepath.Join(c.Dir, "service.log")); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for {
		b, err := os.ReadFile(ready)
		if err == nil && json.Unmarshal(b, &c.Service) == nil {
			return c.writeFiles()
		}
		select {
		case <-c.server.Done():
			return fmt.Errorf("play: the service ended: %w\n%s", c.server.Err(), c.server.Log())
		case <-ctx.Done():
			return fmt.Errorf("play: the service is not ready: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// writeFiles puts what the programs read into files.
func (c *Cast) writeFiles() error {
	c.Service.CAFile, c.Service.SignInFile = filepath.Join(c.Dir, "ca.pem"), filepath.Join(c.Dir, "sign-in.json")
	in, err := json.Marshal(map[string]string{"account": c.Service.Account, "password": c.Service.Password})
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(c.Service.CAFile, []byte(c.Service.CA), 0o600), os.WriteFile(c.Service.SignInFile, in, 0o600))
}

// ServiceProcess is the service's process.
func (c *Cast) ServiceProcess() *stage.Process { return c.server }

// NewEngineerDesk starts a display for the engineer, with a window manager.
func (c *Cast) NewEngineerDesk(ctx context.Context) (*stage.Display, error) {
	d, err := stage.NewDisplay(c.Dir, EngineerDesk)
	if err != nil {
		return nil, err
	}
	c.desks = append(c.desks, d)
	return d, c.furnish(ctx, d, engineerKeys)
}

// NewCustomerDesk starts the customer's display, with a window manager: as a window of this display if Config says so.
func (c *Cast) NewCustomerDesk(ctx context.Context) (*stage.Display, error) {
	start := func() (*stage.Display, error) { return stage.NewDisplay(c.Dir, CustomerDesk) }
	if c.NoOpenGL {
		start = func() (*stage.Display, error) { return stage.NewPlainDisplay(c.Dir, CustomerDesk) }
	}
	if c.Nested {
		start = func() (*stage.Display, error) { return stage.NewNested(c.Dir, CustomerDesk, "The customer's computer") }
	}
	d, err := start()
	if err != nil {
		return nil, err
	}
	c.desks = append(c.desks, d)
	return d, c.furnish(ctx, d, customerKeys)
}

// StartConsole starts the engineer's console on a display, signed in and with a code.
func (c *Cast) StartConsole(ctx context.Context, d *stage.Display, env []string, more ...string) error {
	args := append([]string{"console", "--service", c.Service.Address, "--service-ca", c.Service.CAFile,
		"--sign-in", c.Service.SignInFile, "--log", filepath.Join(c.Dir, "console-program.log"), "--verbose"}, more...)
	var err error
	c.Engineer, err = c.start(d, env, "console", args...)
	return err
}

// StartCustomer starts the customer's program on a display, with the form filled in but for the code.
func (c *Cast) StartCustomer(ctx context.Context, d *stage.Display, more ...string) error {
	args := append([]string{"--service", c.Service.Address, "--service-ca", c.Service.CAFile,
		"--organisation=" + c.Service.Organisation, "--name", "Cleo Customer", "--customer-number", "4711-08",
		"--case", "TS012345", "--branch", "724", "--country", "JP", "--product", "Storage Server 8",
		"--log", filepath.Join(c.Dir, "customer-program.log"), "--verbose"}, more...)
	var err error
	c.Customer, err = c.start(d, d.Env(), "customer", args...)
	return err
}

// start starts the program in one of its roles, with a trace of its windows.
func (c *Cast) start(d *stage.Display, env []string, role string, args ...string) (*Actor, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("play: pipe: %w", err)
	}
	defer write.Close()
	home := filepath.Join(c.Dir, "home-"+role)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("play: %w", err)
	}
	language := c.Language
	if language == "" {
		language = "en"
	}
	cmd := exec.Command(c.Assist, append(args, "--language", language, "--trace", "3")...)
	cmd.Env = append(env, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_STATE_HOME="+home)
	cmd.ExtraFiles = []*os.File{write}
	p, err := stage.Start(cmd, filepath.Join(c.Dir, role+".log"))
	if err != nil {
		read.Close()
		return nil, err
	}
	return &Actor{
		Robot:   stage.Robot{Display: d, Windows: stage.ReadWindows(read), Pid: p.Pid()},
		Process: p, trace: read,
	}, nil
}

// Close ends everything that was started, by number.
func (c *Cast) Close() {
	for _, a := range []*Actor{c.Customer, c.Engineer} {
		if a != nil {
			a.Process.Stop(5 * time.Second)
			a.trace.Close()
		}
	}
	if c.server != nil {
		c.server.Stop(5 * time.Second)
	}
	for _, p := range c.extras {
		p.Kill()
	}
	for _, d := range c.desks {
		d.Close()
	}
}
