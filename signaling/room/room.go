// Package room is the life of the first three digits of a code: which rooms there are, who has
// claimed one, and when it no longer leads anywhere.
//
//	         Claim            Use
//	Open ------------> Claimed ----> Used
//	  ^                   |
//	  +----- Release -----+--------> Burnt      the third guess
//	Open, Claimed: time -> Expired, Cancel -> Cancelled, Burn -> Burnt
//
// [Room] is pure and is told the time. [Book] keeps rooms in a bucket where every step is one conditional
// write, so that of several who claim a room exactly one gets it, on whatever node they are. The package opens no
// socket, knows no account but by name, and never sees the secret half of a code.
package room

import (
	"errors"
	"fmt"
	"time"
)

// The rules.
const (
	Count      = 1000             // rooms "000" to "999"
	Validity   = 5 * time.Minute  // life of a room
	Extension  = 10 * time.Minute // added once, on request
	Rest       = 10 * time.Minute // before the digits of an ended room are given out again
	MaxGuesses = 3                // claims without Use
	MaxClaim   = 2 * time.Minute  // a claim that nobody ends ends by itself
	PerAccount = 10               // open rooms of one account
)

// Why a room cannot be had.
var (
	ErrUnknown   = errors.New("room: unknown")
	ErrExpired   = errors.New("room: expired")
	ErrUsed      = errors.New("room: used")
	ErrBurnt     = errors.New("room: burnt")
	ErrCancelled = errors.New("room: cancelled")
	ErrClaimed   = errors.New("room: claimed by somebody else")
	ErrExtended  = errors.New("room: extended already")
	ErrFull      = errors.New("room: none is free")
)

// errLate says that a claim is over: its holder was too slow, or the room went on without it.
var errLate = fmt.Errorf("%w: the claim is over", ErrUnknown)

// State says where a room is in its life.
type State string

// The states. Open and Claimed are alive, the others are how a room ended.
const (
	Open      State = "open"
	Claimed   State = "claimed"
	Used      State = "used"
	Expired   State = "expired"
	Burnt     State = "burnt"
	Cancelled State = "cancelled"
)

// ended is the error that stands for each way to end.
var ended = map[State]error{Used: ErrUsed, Expired: ErrExpired, Burnt: ErrBurnt, Cancelled: ErrCancelled}

// Room is one room as it is stored.
type Room struct {
	Digits   string    `json:"digits"`
	Account  string    `json:"account"` // who opened it
	Owner    string    `json:"owner"`   // the connection that hears of claims
	State    State     `json:"state"`
	Expires  time.Time `json:"expires"`
	Extended bool      `json:"extended,omitempty"`
	Guesses  int       `json:"guesses,omitempty"` // claims so far

	Claim        string    `json:"claim,omitempty"` // id of the claim, while Claimed
	ClaimedUntil time.Time `json:"claimed_until,omitzero"`

	Ended time.Time `json:"ended,omitzero"`
}

// New returns an open room.
func New(digits, account, owner string, now time.Time) Room {
	// The monotonic reading must go: it means nothing to another process.
	return Room{Digits: digits, Account: account, Owner: owner, State: Open, Expires: now.Round(0).Add(Validity)}
}

// Alive reports whether the room can still lead to a session.
func (r *Room) Alive() bool { return r.State == Open || r.State == Claimed }

// Left is how many guesses remain.
func (r *Room) Left() int {
	if !r.Alive() {
		return 0
	}
	return max(0, MaxGuesses-r.Guesses)
}

// Remaining is how long the room lives.
func (r *Room) Remaining(now time.Time) time.Duration {
	if !r.Alive() {
		return 0
	}
	return max(0, r.Expires.Sub(now))
}

// Free reports whether the digits may be given out again.
func (r *Room) Free(now time.Time) bool { return !r.Alive() && now.Sub(r.Ended) >= Rest }

// Settle does what time alone does. It must come before anything else is done.
func (r *Room) Settle(now time.Time) {
	if r.State == Claimed && !now.Before(r.ClaimedUntil) && r.ClaimedUntil.Before(r.Expires) {
		r.release(r.ClaimedUntil)
	}
	if r.Alive() && !now.Before(r.Expires) {
		r.end(Expired, r.Expires)
	}
}

// alive returns why the room is over, and nil if it is not. Digits that have rested long enough are unknown again.
func (r *Room) alive(now time.Time) error {
	switch {
	case r.Alive():
		return nil
	case r.Free(now):
		return ErrUnknown
	}
	return ended[r.State]
}

// Take claims an open room for id. It is a guess until Use or an uncounted Release.
func (r *Room) Take(id string, now time.Time) error {
	if err := r.alive(now); err != nil {
		return err
	}
	if r.State == Claimed {
		return ErrClaimed
	}
	r.State, r.Claim, r.ClaimedUntil = Claimed, id, now.Round(0).Add(MaxClaim)
	r.Guesses++
	return nil
}

// Release gives the room back. It ends burnt if that was the last guess. A claim that never reached the
// engineer does not count.
func (r *Room) Release(id string, counts bool, now time.Time) error {
	if err := r.held(id, now); err != nil {
		return err
	}
	if !counts {
		r.Guesses--
	}
	r.release(now)
	return nil
}

func (r *Room) release(at time.Time) {
	r.State, r.Claim, r.ClaimedUntil = Open, "", time.Time{}
	if r.Guesses >= MaxGuesses {
		r.end(Burnt, at)
	}
}

// Use ends the room well: the claim id led to a session.
func (r *Room) Use(id string, now time.Time) error {
	if err := r.held(id, now); err != nil {
		return err
	}
	r.end(Used, now)
	return nil
}

// held returns nil if the claim id has the room.
func (r *Room) held(id string, now time.Time) error {
	if err := r.alive(now); err != nil {
		return err
	}
	if r.State != Claimed || r.Claim != id {
		return errLate
	}
	return nil
}

// Extend makes the life longer, once.
func (r *Room) Extend(now time.Time) error {
	if err := r.alive(now); err != nil {
		return err
	}
	if r.Extended {
		return ErrExtended
	}
	r.Extended, r.Expires = true, r.Expires.Add(Extension)
	return nil
}

// Own makes owner the connection that hears of claims.
func (r *Room) Own(owner string, now time.Time) error {
	if err := r.alive(now); err != nil {
		return err
	}
	r.Owner = owner
	return nil
}

// End ends the room as state says: Cancelled, Burnt or, when a clock that cannot jump says so, Expired.
func (r *Room) End(state State, now time.Time) error {
	if err := r.alive(now); err != nil {
		return err
	}
	r.end(state, now)
	return nil
}

func (r *Room) end(state State, at time.Time) {
	r.State, r.Ended, r.Claim, r.ClaimedUntil = state, at.Round(0), "", time.Time{}
}
