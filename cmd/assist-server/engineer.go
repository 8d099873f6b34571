package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"assist/app/identity"
	"assist/signaling/account"
	"assist/signaling/store"
)

// where is what every command about accounts needs.
type where struct {
	Config string `required:"" type:"path" help:"Configuration file of the service."`
}

// send has o carried out: by the service if it runs, and otherwise here.
func (w *where) send(ctx context.Context, c config, o order) (report, error) {
	r, err := hand(ctx, c.Data, o)
	if errors.Is(err, errNotRunning) {
		r, err = direct(ctx, c, o)
	}
	if err != nil {
		return report{}, err
	}
	if r.Error != "" {
		return report{}, errors.New(r.Error)
	}
	return r, nil
}

// direct opens the data folder and does o.
func direct(ctx context.Context, c config, o order) (report, error) {
	r, err := openRecords(ctx, c, slog.New(slog.DiscardHandler))
	if errors.Is(err, store.ErrLocked) {
		return report{}, fmt.Errorf("the data folder %s is in use, but no service answers on %s: try again when it has started", c.Data, adminSocket(c.Data))
	}
	if err != nil {
		return report{}, err
	}
	done := r.carryOut(ctx, o)
	return done, r.store.Close()
}

// signing is what commands that sign a certificate need.
type signing struct {
	where
	OrganisationKey string `required:"" type:"path" help:"File with the organisation's key. It is read, never copied."`
	Account         string `required:"" help:"Name to sign in with: a-z, 0-9, '.', '_', '-', '@'."`
}

// register makes an account with a password asked for. name is the person's.
func (s *signing) register(ctx context.Context, c config, name string, t terminal) (account.Account, error) {
	if err := account.CheckName(s.Account); err != nil {
		return account.Account{}, err
	}
	root, err := readOrganisationKey(s.OrganisationKey)
	if err != nil {
		return account.Account{}, err
	}
	password, err := askPassword(ctx, t)
	if err != nil {
		return account.Account{}, err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return account.Account{}, err
	}
	keys, err := openKeys(c)
	if err != nil {
		return account.Account{}, err
	}
	return keys.Register(s.Account, password, certifier(root, identity.Account{
		Account: s.Account, Name: name, Organisation: c.Organisation, NotBefore: time.Now(),
	}))
}

// certifier returns a function that signs a for the key that only the password yields.
func certifier(root ed25519.PrivateKey, a identity.Account) func([]byte) ([]byte, error) {
	return func(exportKey []byte) ([]byte, error) {
		key := identity.AccountKey(exportKey)
		defer clear(key)
		a.Key = key.Public().(ed25519.PublicKey)
		return identity.SignAccount(root, a)
	}
}

// addCommand is engineer add.
type addCommand struct {
	signing
	Name string `required:"" help:"Name of the engineer, as customers see it."`
}

// Run makes the account.
func (a *addCommand) Run(ctx context.Context, t terminal) error {
	c, err := readConfig(a.Config)
	if err != nil {
		return err
	}
	made, err := a.register(ctx, c, a.Name, t)
	if err != nil {
		return err
	}
	if _, err := a.send(ctx, c, order{"add", made}); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Account %s is there.\n", a.Account)
	return nil
}

// resetCommand is engineer reset.
type resetCommand struct {
	signing
	Name string `help:"Name of the engineer, as customers see it; the old one if left out."`
}

// Run gives the account another password.
func (r *resetCommand) Run(ctx context.Context, t terminal) error {
	c, err := readConfig(r.Config)
	if err != nil {
		return err
	}
	name := r.Name
	if name == "" {
		if name, err = r.oldName(ctx, c); err != nil {
			return err
		}
	}
	made, err := r.register(ctx, c, name, t)
	if err != nil {
		return err
	}
	if _, err := r.send(ctx, c, order{"reset", made}); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Account %s has another password.\n", r.Account)
	return nil
}

func (r *resetCommand) oldName(ctx context.Context, c config) (string, error) {
	all, err := r.send(ctx, c, order{Do: "list"})
	if err != nil {
		return "", err
	}
	for _, a := range all.Accounts {
		if a.Name == r.Account {
			old, err := identity.ParseAccount(a.Certificate)
			return old.Name, err
		}
	}
	return "", account.ErrUnknown
}

// naming is what commands about one account need.
type naming struct {
	where
	Account string `required:"" help:"Name of the account."`
}

func (n *naming) order(ctx context.Context, t terminal, do, done string) error {
	c, err := readConfig(n.Config)
	if err != nil {
		return err
	}
	if _, err := n.send(ctx, c, order{do, account.Account{Name: n.Account}}); err != nil {
		return err
	}
	fmt.Fprintf(t.out, done+"\n", n.Account)
	return nil
}

// disableCommand is engineer disable, enableCommand engineer enable.
type (
	disableCommand struct{ naming }
	enableCommand  struct{ naming }
)

// Run closes the account.
func (d *disableCommand) Run(ctx context.Context, t terminal) error {
	return d.order(ctx, t, "disable", "Account %s is closed.")
}

// Run opens the account again.
func (e *enableCommand) Run(ctx context.Context, t terminal) error {
	return e.order(ctx, t, "enable", "Account %s is open.")
}

// listCommand is engineer list.
type listCommand struct{ where }

// Run prints a table.
func (l *listCommand) Run(ctx context.Context, t terminal) error {
	c, err := readConfig(l.Config)
	if err != nil {
		return err
	}
	all, err := l.send(ctx, c, order{Do: "list"})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tNAME\tSTATE\tCERTIFICATE UNTIL")
	for _, a := range all.Accounts {
		name, until, state := "?", "?", "open"
		if cert, err := identity.ParseAccount(a.Certificate); err == nil {
			name, until = cert.Name, cert.NotAfter.UTC().Format(time.DateOnly)
			if time.Now().After(cert.NotAfter) {
				state = "certificate ended"
			}
		}
		if a.Disabled {
			state = "closed"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.Name, name, state, until)
	}
	return w.Flush()
}

// errNoTerminal says that standard input is a file or a pipe.
var errNoTerminal = errors.New("not a terminal")

// askPassword reads a password twice from a terminal, which does not show it, or once from whatever else standard input is.
func askPassword(ctx context.Context, t terminal) (string, error) {
	restore, err := hideTyping(t.in)
	if errors.Is(err, errNoTerminal) {
		return readLine(t.in)
	}
	if err != nil {
		return "", err
	}
	defer restore()
	// Nothing else wakes a read from a terminal, and it must not stay as it is.
	stay := context.AfterFunc(ctx, func() {
		restore()
		os.Exit(1)
	})
	defer stay()
	var typed [2]string
	in := bufio.NewReader(t.in)
	for i, prompt := range []string{"Password: ", "Again: "} {
		fmt.Fprint(t.err, prompt)
		line, err := in.ReadString('\n')
		fmt.Fprintln(t.err)
		if err != nil {
			return "", fmt.Errorf("password: %w", err)
		}
		typed[i] = strings.TrimRight(line, "\r\n")
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ")
	}
	return checkPassword(typed[0])
}

func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, account.MaxPassword+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("password: %w", err)
	}
	return checkPassword(strings.TrimRight(line, "\r\n"))
}

func checkPassword(p string) (string, error) {
	if len(p) < account.MinPassword || len(p) > account.MaxPassword {
		return "", account.ErrPassword
	}
	return p, nil
}
