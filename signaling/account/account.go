// Package account is who may sign in as an engineer: the accounts there are, and sign-in and registration
// by OPAQUE (RFC 9807: ristretto255-SHA512, Argon2id at the app's end), which never shows a password, or anything to guess
// it from, to the service or to a wire.
//
//	app                         service
//	Start(password) -> KE1 ---> Begin(account, KE1)
//	                   KE2 <---
//	Finish(KE2) -----> KE3 ---> Finish(KE3)
//
// Wrong password, unknown account and disabled account take the same steps, with messages of the same size: unknown and
// disabled accounts are answered from a record made up for the occasion, which no password opens. The app gets
// an export key that only the password yields; what is derived from it is none of this package's business, nor
// is what a certificate says. The package opens no socket; its buckets are the caller's.
package account

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits.
const (
	MaxName     = 64   // bytes of an account's name
	MinPassword = 10   // bytes of a password
	MaxPassword = 1024 // bytes of a password
	maxRecord   = 64 << 10
)

var (
	// ErrName says that a text cannot be an account's name.
	ErrName = errors.New("account: a name has 1 to 64 of a-z, 0-9, '.', '_', '-', '@' and begins with a letter or digit")
	// ErrPassword says that a password is too short or too long.
	ErrPassword = fmt.Errorf("account: a password has %d to %d bytes", MinPassword, MaxPassword)
	// ErrExists says that there is an account of that name.
	ErrExists = errors.New("account: exists already")
	// ErrUnknown says that there is no account of that name.
	ErrUnknown = errors.New("account: there is none of that name")
	// ErrFailed says that a sign-in failed. There is no more to know.
	ErrFailed = errors.New("account: sign-in failed")
)

// Bucket is where a Book keeps accounts: keys with values, written only if the revision still is the one that was read.
// A revision of zero means that there is no such key.
type Bucket interface {
	Get(ctx context.Context, key string) (value []byte, revision uint64, err error)
	Put(ctx context.Context, key string, value []byte, revision uint64) (next uint64, ok bool, err error)
	Keys(ctx context.Context) ([]string, error)
}

// Account is one account as it is stored.
type Account struct {
	Name        string    `json:"name"`
	Record      []byte    `json:"record"`      // OPAQUE's registration record
	Certificate []byte    `json:"certificate"` // signed by the organisation; opaque here
	Disabled    bool      `json:"disabled,omitempty"`
	Created     time.Time `json:"created"`
}

// CheckName returns ErrName unless s can be an account's name.
func CheckName(s string) error {
	const first = "abcdefghijklmnopqrstuvwxyz0123456789"
	if s == "" || len(s) > MaxName || !strings.Contains(first, s[:1]) {
		return ErrName
	}
	for _, r := range s {
		if !strings.ContainsRune(first+"._-@", r) {
			return ErrName
		}
	}
	return nil
}

// Book is all accounts. Its methods may be called from any goroutine.
type Book struct{ bucket Bucket }

// NewBook returns the book kept in a bucket of its own.
func NewBook(bucket Bucket) *Book { return &Book{bucket} }

func key(name string) string { return hex.EncodeToString([]byte(name)) }

// Get returns the account called name, or ErrUnknown.
func (b *Book) Get(ctx context.Context, name string) (Account, error) {
	a, _, err := b.get(ctx, name)
	return a, err
}

func (b *Book) get(ctx context.Context, name string) (a Account, revision uint64, err error) {
	value, revision, err := b.bucket.Get(ctx, key(name))
	if err != nil {
		return Account{}, 0, fmt.Errorf("account: %w", err)
	}
	if revision == 0 {
		return Account{}, 0, ErrUnknown
	}
	if err := json.Unmarshal(value, &a); err != nil {
		return Account{}, 0, fmt.Errorf("account: stored account: %w", err)
	}
	return a, revision, nil
}

// Add writes a new account, or returns ErrExists.
func (b *Book) Add(ctx context.Context, a Account) error { return b.put(ctx, a, 0) }

// Change lets change alter the account called name.
func (b *Book) Change(ctx context.Context, name string, change func(*Account)) error {
	for {
		a, revision, err := b.get(ctx, name)
		if err != nil {
			return err
		}
		change(&a)
		a.Name = name
		if err := b.put(ctx, a, revision); !errors.Is(err, ErrExists) {
			return err
		}
	}
}

func (b *Book) put(ctx context.Context, a Account, revision uint64) error {
	if err := CheckName(a.Name); err != nil {
		return err
	}
	value, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if len(value) > maxRecord {
		return fmt.Errorf("account: record of %d bytes", len(value))
	}
	_, ok, err := b.bucket.Put(ctx, key(a.Name), value, revision)
	switch {
	case err != nil:
		return fmt.Errorf("account: %w", err)
	case !ok:
		return ErrExists
	}
	return nil
}

// List returns all accounts by name.
func (b *Book) List(ctx context.Context) ([]Account, error) {
	keys, err := b.bucket.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	var all []Account
	for _, k := range keys {
		name, err := hex.DecodeString(k)
		if err != nil {
			return nil, fmt.Errorf("account: stored name: %w", err)
		}
		a, err := b.Get(ctx, string(name))
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b Account) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}
