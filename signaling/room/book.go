package room

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// Bucket is where a Book keeps rooms: keys with values, written only if the revision still is the one that was read.
// A revision of zero means that there is no such key.
type Bucket interface {
	Get(ctx context.Context, key string) (value []byte, revision uint64, err error)
	Put(ctx context.Context, key string, value []byte, revision uint64) (next uint64, ok bool, err error)
	Delete(ctx context.Context, key string, revision uint64) (ok bool, err error)
}

// Book is all rooms. Its methods may be called from any goroutine and any node.
type Book struct {
	rooms  Bucket // by digits
	shares Bucket // the digits an account has open, by account
	now    func() time.Time
}

// NewBook returns the book kept in two buckets of its own. now may be nil.
func NewBook(rooms, shares Bucket, now func() time.Time) *Book {
	if now == nil {
		now = time.Now
	}
	return &Book{rooms, shares, now}
}

// maxRetries bounds how often a step is tried again after somebody else's came first. Every such loss is another's
// success, and a room has few steps in its life.
const maxRetries = 1000

var errContended = errors.New("room: changed by others all the time")

// Open opens a room for account: any of the free ones, all equally likely.
func (b *Book) Open(ctx context.Context, account, owner string) (Room, error) {
	order, err := shuffled(Count)
	if err != nil {
		return Room{}, err
	}
	for _, n := range order {
		r := New(fmt.Sprintf("%03d", n), account, owner, b.now())
		revision, ok, err := b.put(ctx, r)
		if err != nil {
			return Room{}, err
		}
		if !ok {
			continue
		}
		if err := b.share(ctx, account, r.Digits); err != nil {
			_, gone := b.rooms.Delete(context.WithoutCancel(ctx), r.Digits, revision) // nobody has seen it yet
			return Room{}, errors.Join(err, gone)
		}
		return r, nil
	}
	return Room{}, ErrFull
}

// put writes a new room if its digits are free.
func (b *Book) put(ctx context.Context, r Room) (revision uint64, ok bool, err error) {
	old, revision, err := b.get(ctx, r.Digits)
	if err != nil {
		return 0, false, err
	}
	old.Settle(b.now())
	if revision != 0 && !old.Free(b.now()) {
		return 0, false, nil
	}
	value, err := json.Marshal(r)
	if err != nil {
		return 0, false, fmt.Errorf("room: %w", err)
	}
	return b.rooms.Put(ctx, r.Digits, value, revision)
}

// share enters digits among those account has open, and refuses if it has its share.
func (b *Book) share(ctx context.Context, account, digits string) error {
	key := hex.EncodeToString([]byte(account))
	for range maxRetries {
		value, revision, err := b.shares.Get(ctx, key)
		if err != nil {
			return fmt.Errorf("room: %w", err)
		}
		var open []string
		if revision != 0 {
			if err := json.Unmarshal(value, &open); err != nil {
				return fmt.Errorf("room: share of an account: %w", err)
			}
		}
		if open, err = b.stillOpen(ctx, account, open); err != nil {
			return err
		}
		if len(open) >= PerAccount {
			return ErrFull
		}
		if value, err = json.Marshal(append(open, digits)); err != nil {
			return fmt.Errorf("room: %w", err)
		}
		if _, ok, err := b.shares.Put(ctx, key, value, revision); ok || err != nil {
			return err
		}
	}
	return errContended
}

// stillOpen returns those of digits that are alive and belong to account.
func (b *Book) stillOpen(ctx context.Context, account string, digits []string) ([]string, error) {
	var failed error
	open := slices.DeleteFunc(slices.Clone(digits), func(d string) bool {
		r, revision, err := b.get(ctx, d)
		failed = errors.Join(failed, err)
		r.Settle(b.now())
		return revision == 0 || !r.Alive() || r.Account != account
	})
	return open, failed
}

// Claim claims a room for id. The room returned says whom to tell.
func (b *Book) Claim(ctx context.Context, digits, id string) (Room, error) {
	return b.change(ctx, digits, func(r *Room, now time.Time) error { return r.Take(id, now) })
}

// Release ends the claim id. See [Room.Release].
func (b *Book) Release(ctx context.Context, digits, id string, counts bool) (Room, error) {
	return b.change(ctx, digits, func(r *Room, now time.Time) error { return r.Release(id, counts, now) })
}

// Use ends a room of account well.
func (b *Book) Use(ctx context.Context, digits, account, id string) (Room, error) {
	return b.own(ctx, digits, account, func(r *Room, now time.Time) error { return r.Use(id, now) })
}

// Extend makes the life of a room of the connection owner longer. If another connection has resumed it since it is ErrUnknown.
func (b *Book) Extend(ctx context.Context, digits, owner string) (Room, error) {
	return b.held(ctx, digits, owner, (*Room).Extend)
}

// Resume makes owner the connection that hears of claims to a room of account.
func (b *Book) Resume(ctx context.Context, digits, account, owner string) (Room, error) {
	return b.own(ctx, digits, account, func(r *Room, now time.Time) error { return r.Own(owner, now) })
}

// End ends a room of account as state says.
func (b *Book) End(ctx context.Context, digits, account string, state State) (Room, error) {
	return b.own(ctx, digits, account, func(r *Room, now time.Time) error { return r.End(state, now) })
}

// Expire ends a room of the connection owner when a clock that cannot jump says that its time is over. If another connection has
// resumed it since it is ErrUnknown.
func (b *Book) Expire(ctx context.Context, digits, owner string) error {
	_, err := b.held(ctx, digits, owner, func(r *Room, now time.Time) error { return r.End(Expired, now) })
	return err
}

// held is change for a room that must be held by the connection owner.
func (b *Book) held(ctx context.Context, digits, owner string, step func(*Room, time.Time) error) (Room, error) {
	return b.change(ctx, digits, func(r *Room, now time.Time) error {
		if r.Owner != owner {
			return ErrUnknown
		}
		return step(r, now)
	})
}

// own is change for a room that must belong to account: somebody else's is unknown.
func (b *Book) own(ctx context.Context, digits, account string, step func(*Room, time.Time) error) (Room, error) {
	return b.change(ctx, digits, func(r *Room, now time.Time) error {
		if r.Account != account {
			return ErrUnknown
		}
		return step(r, now)
	})
}

// change does one step: it reads the room, lets time do its part, then step, and writes it if nobody wrote in between. What time did
// is written even when step fails: a clock that is set back must not bring a room back.
func (b *Book) change(ctx context.Context, digits string, step func(*Room, time.Time) error) (Room, error) {
	for range maxRetries {
		r, revision, err := b.get(ctx, digits)
		if err != nil {
			return Room{}, err
		}
		if revision == 0 {
			return Room{}, ErrUnknown
		}
		now, before := b.now(), r.State
		r.Settle(now)
		settled := r.State != before
		no := step(&r, now)
		if no != nil && !settled {
			return r, no
		}
		value, err := json.Marshal(r)
		if err != nil {
			return Room{}, fmt.Errorf("room: %w", err)
		}
		_, ok, err := b.rooms.Put(ctx, digits, value, revision)
		if err != nil {
			return Room{}, fmt.Errorf("room: %w", err)
		}
		if ok {
			return r, no
		}
	}
	return Room{}, errContended
}

// get reads a room as it was written last. The revision is zero if there never was one.
func (b *Book) get(ctx context.Context, digits string) (r Room, revision uint64, err error) {
	value, revision, err := b.rooms.Get(ctx, digits)
	if err != nil {
		return Room{}, 0, fmt.Errorf("room: %w", err)
	}
	if revision == 0 {
		return Room{}, 0, nil
	}
	if err := json.Unmarshal(value, &r); err != nil {
		return Room{}, 0, fmt.Errorf("room: stored room: %w", err)
	}
	return r, revision, nil
}

// Remaining is how long r lives from now.
func (b *Book) Remaining(r Room) time.Duration { return r.Remaining(b.now()) }

// shuffled returns 0…n-1 in an order drawn from crypto/rand (Fisher and Yates).
func shuffled(n int) ([]int, error) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return nil, fmt.Errorf("room: random: %w", err)
		}
		order[i], order[j.Int64()] = order[j.Int64()], order[i]
	}
	return order, nil
}
