package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"assist/signaling"
	"assist/signaling/account"
	"assist/signaling/audit"
)

// signInStart answers the first message of a sign-in. After failures it takes its time, whatever the account.
func (x *engineer) signInStart(ctx context.Context, id uint32, m signaling.SignInStart) error {
	if x.account != "" {
		return errOrder
	}
	if x.attempt != nil {
		x.signInFailed(ctx)
	}
	if err := pause(ctx, x.s.signIns.wait(x.addr.key(), m.Account, time.Now())); err != nil {
		return err
	}
	x.typed = m.Account
	attempt, ke2, err := x.s.Keys.Begin(ctx, x.s.Accounts, m.Account, m.KE1)
	if errors.Is(err, account.ErrFailed) {
		x.signInFailed(ctx)
		return err // no honest app sends this
	}
	if err != nil {
		return x.fail(ctx, id, err)
	}
	x.attempt = attempt
	return x.answer(ctx, id, signaling.Challenge{KE2: ke2})
}

func (x *engineer) signInFinish(ctx context.Context, id uint32, m signaling.SignInFinish) error {
	if x.attempt == nil {
		return errOrder
	}
	a, err := x.attempt.Finish(m.KE3)
	if err != nil {
		x.signInFailed(ctx)
		return x.refuse(ctx, id, signaling.SignInFailed)
	}
	x.attempt = nil
	if err := x.enter(ctx, a.Name); err != nil {
		if errors.Is(err, account.ErrFailed) {
			x.signInFailed(ctx)
			return x.refuse(ctx, id, signaling.SignInFailed)
		}
		return x.fail(ctx, id, err)
	}
	return x.answer(ctx, id, signaling.SignedIn{Certificate: a.Certificate, Relays: x.relays()})
}

// enter makes this a connection of the account called name.
func (x *engineer) enter(ctx context.Context, name string) (err error) {
	unlisten, err := x.s.Bus.Listen(accountSubject(name), x.take)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			unlisten()
		}
	}()
	// Disabled in between: the news came before this connection listened.
	a, err := x.s.Accounts.Get(ctx, name)
	if err != nil {
		return err
	}
	if a.Disabled {
		return account.ErrFailed
	}
	if err := x.record(ctx, audit.Event{Type: audit.SignedIn, Account: name}); err != nil {
		return err
	}
	x.s.signIns.succeeded(name, time.Now())
	x.account, x.unlisten = name, unlisten
	x.log = x.log.With("account", name)
	x.keep()
	x.setTimer()
	return nil
}

// signInFailed counts and records the sign-in that is going on as failed.
func (x *engineer) signInFailed(ctx context.Context) {
	x.attempt = nil
	x.s.signIns.failed(x.addr.key(), x.typed, time.Now())
	x.noteStranger(ctx, audit.Event{Type: audit.SignInFailed, Account: x.typed})
}

// CloseAccount ends every connection of the account called name, on all nodes. It is for an account that was disabled or got
// another password.
func CloseAccount(bus Bus, name string) error {
	message, err := json.Marshal(letter{Kind: "closed"})
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return bus.Publish(accountSubject(name), message)
}
