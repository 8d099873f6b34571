package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"assist/app/engineer"
	"assist/app/problem"
	uiconsole "assist/ui/console"
	"assist/ui/news"
	"assist/ui/text"

	"fyne.io/fyne/v2"
)

// consoleCmd is the engineer's program.
type consoleCmd struct {
	common
	Account string `help:"Account to sign in with."`
	SignIn  string `help:"File with account and password as JSON, to sign in with at once and make a code. For the demonstration." type:"existingfile" placeholder:"FILE" hidden:""`
}

// signIn is the content of the file that SignIn names.
type signIn struct {
	Account  string `json:"account"`
	Password string `json:"password"`
}

// Run shows the console until its window is closed.
func (c *consoleCmd) Run(ctx context.Context) error {
	log, err := c.open()
	if err != nil {
		return err
	}
	auto, err := c.readSignIn()
	if err != nil {
		return err
	}
	tlsConfig, err := c.tlsConfig()
	if err != nil {
		return err
	}
	who := newPerson()
	out, err := c.out(tlsConfig, log, who.question)
	if err != nil {
		return err
	}
	defer out.Close()
	w := wires{service: c.Service, tls: tlsConfig, out: out, log: log}
	if err := windowsThere(ctx); err != nil {
		return problem.New(problem.NoDisplay, err)
	}
	return c.desktop(ctx, log, text.L("console.title"), func(win fyne.Window, do show) func(context.Context) error {
		who.is(askInWindow(do))
		network, tested := out.panel(do)
		var view *uiconsole.View
		var console *engineer.Console
		window := news.New(do, func(ev engineer.Event) { view.Handle(ev) })
		console = engineer.New(engineer.Config{
			Dial:    func(ctx context.Context) (engineer.Desk, error) { return w.desk(ctx) },
			NewLink: w.newLink, Redial: w.redial, Program: version, System: systemName(), Log: log,
			Notify: func(ev engineer.Event) {
				if _, ok := ev.(engineer.SignedIn); ok && auto != nil {
					auto = nil // once
					console.NewCode()
				}
				window.Put(ev)
			},
		})
		view = uiconsole.New(win, signing{console, out}, uiconsole.Options{
			Service: c.Service, Account: c.Account, Network: network, Surface: nativeSurface(win, log)})
		console.ShowOn(view.Screen())
		if auto != nil {
			console.SignIn(auto.Account, auto.Password)
		}
		return func(ctx context.Context) error {
			defer tested()
			return console.Run(ctx)
		}
	})
}

// readSignIn reads the file of the demonstration, if there is one.
func (c *consoleCmd) readSignIn() (*signIn, error) {
	if c.SignIn == "" {
		return nil, nil
	}
	b, err := os.ReadFile(c.SignIn)
	if err != nil {
		return nil, fmt.Errorf("sign-in file: %w", err)
	}
	s := &signIn{}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("sign-in file: %w", err)
	}
	return s, nil
}
