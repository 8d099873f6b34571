package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"assist/signaling/account"
	"assist/signaling/audit"
	"assist/signaling/server"
)

// order is one thing to do with the accounts, and report its outcome. Commands carry orders out themselves while the service does
// not run, and hand them to the service, over a socket in the data folder that only the service's user can open, while it does.
type order struct {
	Do      string          `json:"do"` // add, reset, disable, enable, list
	Account account.Account `json:"account"`
}

type report struct {
	Accounts []account.Account `json:"accounts,omitempty"` // without what sign-in needs
	Error    string            `json:"error,omitempty"`
}

// maxOrder is the size of the largest order, in bytes; maxReport that of a report.
const (
	maxOrder  = 256 << 10
	maxReport = 64 << 20
	orderTime = 10 * time.Second
)

// carryOut does o.
func (r *records) carryOut(ctx context.Context, o order) report {
	accounts, err := r.do(ctx, o)
	if err != nil {
		return report{Error: err.Error()}
	}
	return report{Accounts: accounts}
}

func (r *records) do(ctx context.Context, o order) ([]account.Account, error) {
	name := o.Account.Name
	switch o.Do {
	case "list":
		all, err := r.accounts.List(ctx)
		for i := range all {
			all[i].Record = nil
		}
		return all, err
	case "add":
		if err := r.accounts.Add(ctx, o.Account); err != nil {
			return nil, err
		}
		return nil, r.trail.Record(ctx, audit.Event{Type: audit.AccountAdded, Account: name})
	case "reset":
		return nil, r.change(ctx, name, audit.AccountReset, func(a *account.Account) {
			a.Record, a.Certificate = o.Account.Record, o.Account.Certificate
		})
	case "disable":
		return nil, r.change(ctx, name, audit.AccountDisabled, func(a *account.Account) { a.Disabled = true })
	case "enable":
		return nil, r.change(ctx, name, audit.AccountEnabled, func(a *account.Account) { a.Disabled = false })
	}
	return nil, fmt.Errorf("no such order: %q", o.Do)
}

// change alters an account, ends its connections and records it.
func (r *records) change(ctx context.Context, name string, what audit.Type, change func(*account.Account)) error {
	if err := r.accounts.Change(ctx, name, change); err != nil {
		return err
	}
	return errors.Join(server.CloseAccount(r.store, name), r.trail.Record(ctx, audit.Event{Type: what, Account: name}))
}

// admin takes orders while the service runs.
type admin struct {
	l       net.Listener
	records *records
	log     *slog.Logger
}

func adminSocket(folder string) string { return filepath.Join(folder, "admin.sock") }

// listenAdmin opens the socket. The data folder's lock is held, so one that is there is left from before.
func listenAdmin(folder string, r *records, log *slog.Logger) (*admin, error) {
	name := adminSocket(folder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	l, err := net.Listen("unix", name)
	if err != nil {
		return nil, fmt.Errorf("admin socket (its path may be about 100 characters long): %w", err)
	}
	if err := os.Chmod(name, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("admin socket: %w", err), l.Close())
	}
	return &admin{l, r, log}, nil
}

// serve takes orders until ctx ends.
func (a *admin) serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { a.close() })
	defer stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		c, err := a.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("admin socket: %w", err)
		}
		wg.Go(func() {
			defer c.Close()
			if err := a.take(ctx, c); err != nil {
				a.log.Warn("admin socket", "err", err)
			}
		})
	}
}

// take reads one order and answers with its report.
func (a *admin) take(ctx context.Context, c net.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	by, _ := ctx.Deadline()
	if err := c.SetDeadline(by); err != nil {
		return err
	}
	var o order
	d := json.NewDecoder(io.LimitReader(c, maxOrder))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return err
	}
	return json.NewEncoder(c).Encode(a.records.carryOut(ctx, o))
}

func (a *admin) close() error {
	if err := a.l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("admin socket: %w", err)
	}
	return nil
}

// errNotRunning says that no service listens at the socket.
var errNotRunning = errors.New("the service does not run")

// hand gives o to the running service.
func hand(ctx context.Context, folder string, o order) (report, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", adminSocket(folder))
	if err != nil {
		return report{}, fmt.Errorf("%w: %w", errNotRunning, err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(orderTime)); err != nil {
		return report{}, fmt.Errorf("admin socket: %w", err)
	}
	if err := json.NewEncoder(c).Encode(o); err != nil {
		return report{}, fmt.Errorf("admin socket: %w", err)
	}
	var r report
	if err := json.NewDecoder(io.LimitReader(c, maxReport)).Decode(&r); err != nil {
		return report{}, fmt.Errorf("admin socket: %w", err)
	}
	return r, nil
}
