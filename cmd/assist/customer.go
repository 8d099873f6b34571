package main

import (
	"context"
	"fmt"
	"time"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/invite"
	"assist/app/problem"
	uicustomer "assist/ui/customer"
	"assist/ui/news"
	"assist/ui/text"

	"fyne.io/fyne/v2"
)

// customerCmd is the customer's program. Its flags fill in the form.
type customerCmd struct {
	common
	Link           string        `arg:"" optional:"" help:"Link that the engineer sent: assist://…" placeholder:"LINK"`
	Organisation   string        `help:"Public key of the support organisation, to verify its engineers." placeholder:"KEY" env:"ASSIST_ORGANISATION"`
	Name           string        `help:"Your name."`
	CustomerNumber string        `help:"Customer number."`
	Case           string        `help:"Case number."`
	Branch         string        `help:"Branch of the case."`
	Country        string        `help:"Country of the case: two letters or three digits."`
	Product        string        `help:"Product that needs help."`
	HangWindow     bool          `hidden:"" help:"Let the window hang once the session has begun, for tests of what must work all the same."`
	ConfirmAfter   time.Duration `hidden:"" help:"Ask sooner whether somebody is there while control is shared, for tests of that question."`
	Terminal       bool          `help:"Ask in this terminal instead of in windows, as is done by itself where no window can be shown."`
}

// Run shows the customer's window until it is closed.
func (c *customerCmd) Run(ctx context.Context) error {
	log, err := c.open()
	if err != nil {
		return err
	}
	trusted, err := c.invitation()
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
	left := newLeftovers(log)
	defer left.sweep()
	w := wires{service: c.Service, tls: tlsConfig, out: out, log: log, left: left, sight: &sight{log: log}}
	if c.Terminal {
		return c.dialogue(ctx, w, trusted, who, nil)
	}
	if err := windowsThere(ctx); err != nil {
		return c.dialogue(ctx, w, trusted, who, err)
	}
	follow := hideSettings()
	return c.desktop(ctx, log, text.L("app.title"), func(win fyne.Window, do show) func(context.Context) error {
		follow(fyne.CurrentApp().Lifecycle())
		who.is(askInWindow(do))
		network, tested := out.panel(do)
		var view *uicustomer.View
		runner, run := visibly(func() { view.Raise() }, do, w.sight, customer.Config{
			Doors: w.doors(), Trusted: trusted, Program: version, System: systemName(), Log: log,
			Confirm: c.ConfirmAfter,
			Notify: news.New(do, func(ev customer.Event) {
				view.Handle(ev)
				if _, live := ev.(customer.Started); live && c.HangWindow {
					select {}
				}
			}).Put,
		})
		view = uicustomer.New(win, joining{runner, out}, c.form(), uicustomer.Options{Service: c.Service, Network: network, Bar: w.sight.barIs})
		return func(ctx context.Context) error {
			defer tested()
			return run(ctx)
		}
	})
}

// invitation reads the link, if there is one, and returns the organisation to trust, if it is known. What flags say
// comes before what the link says.
func (c *customerCmd) invitation() (*identity.Organisation, error) {
	var i invite.Invite
	if c.Link != "" {
		var err error
		if i, err = invite.Parse(c.Link); err != nil {
			return nil, problem.New(problem.LinkSyntax, err)
		}
	}
	if c.Service == "" {
		c.Service = i.Service
	}
	if c.Organisation == "" {
		return i.Organisation, nil
	}
	org, err := identity.ParseOrganisation(c.Organisation)
	if err != nil {
		return nil, fmt.Errorf("organisation: %w", err)
	}
	return &org, nil
}

// form is what the flags fill in.
func (c *customerCmd) form() customer.Form {
	return customer.Form{
		Name: c.Name, CustomerNumber: c.CustomerNumber, CaseNumber: c.Case, Branch: c.Branch, Country: c.Country, Product: c.Product,
	}
}
