package room

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// in returns a room in state.
func in(t *testing.T, state State) Room {
	t.Helper()
	r := New("042", "ann", "conn", start)
	var err error
	switch state {
	case Open:
	case Claimed:
		err = r.Take("me", start)
	case Used:
		err = errors.Join(r.Take("me", start), r.Use("me", start))
	default:
		err = r.End(state, start)
	}
	if err != nil || r.State != state {
		t.Fatalf("cannot make a room %s: %s, %v", state, r.State, err)
	}
	return r
}

// events are all there is to do with a room.
var events = map[string]func(*Room, time.Time) error{
	"take":           func(r *Room, now time.Time) error { return r.Take("me", now) },
	"release":        func(r *Room, now time.Time) error { return r.Release("me", true, now) },
	"release unsent": func(r *Room, now time.Time) error { return r.Release("me", false, now) },
	"other release":  func(r *Room, now time.Time) error { return r.Release("other", true, now) },
	"use":            func(r *Room, now time.Time) error { return r.Use("me", now) },
	"other use":      func(r *Room, now time.Time) error { return r.Use("other", now) },
	"extend":         (*Room).Extend,
	"own":            func(r *Room, now time.Time) error { return r.Own("next", now) },
	"cancel":         func(r *Room, now time.Time) error { return r.End(Cancelled, now) },
	"burn":           func(r *Room, now time.Time) error { return r.End(Burnt, now) },
}

func TestEveryStateWithEveryEvent(t *testing.T) {
	type result struct {
		to  State
		err error
	}
	want := map[State]map[string]result{
		Open: {
			"take": {Claimed, nil}, "release": {Open, errLate}, "release unsent": {Open, errLate}, "other release": {Open, errLate},
			"use": {Open, errLate}, "other use": {Open, errLate}, "extend": {Open, nil}, "own": {Open, nil},
			"cancel": {Cancelled, nil}, "burn": {Burnt, nil},
		},
		Claimed: {
			"take": {Claimed, ErrClaimed}, "release": {Open, nil}, "release unsent": {Open, nil}, "other release": {Claimed, errLate},
			"use": {Used, nil}, "other use": {Claimed, errLate}, "extend": {Claimed, nil}, "own": {Claimed, nil},
			"cancel": {Cancelled, nil}, "burn": {Burnt, nil},
		},
	}
	for state, err := range ended { // an ended room stays as it is, whatever happens
		want[state] = map[string]result{}
		for name := range events {
			want[state][name] = result{state, err}
		}
	}
	for state, row := range want {
		for name, event := range events {
			t.Run(fmt.Sprint(state, " ", name), func(t *testing.T) {
				w, ok := row[name]
				if !ok {
					t.Fatal("no row")
				}
				r := in(t, state)
				if err := event(&r, start); !errors.Is(err, w.err) || r.State != w.to {
					t.Errorf("%s, %v; want %s, %v", r.State, err, w.to, w.err)
				}
			})
		}
	}
}

func TestLife(t *testing.T) {
	for _, tt := range []struct {
		name   string
		extend bool
		after  time.Duration
		want   error
	}{
		{"at once", false, 0, nil},
		{"just in time", false, Validity - time.Nanosecond, nil},
		{"too late", false, Validity, ErrExpired},
		{"extended, just in time", true, Validity + Extension - time.Nanosecond, nil},
		{"extended, too late", true, Validity + Extension, ErrExpired},
		{"still resting", false, Validity + Rest - time.Nanosecond, ErrExpired},
		{"rested", false, Validity + Rest, ErrUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := New("042", "ann", "conn", start)
			if tt.extend {
				if err := r.Extend(start); err != nil {
					t.Fatal(err)
				}
				if err := r.Extend(start); !errors.Is(err, ErrExtended) {
					t.Errorf("second Extend: %v", err)
				}
			}
			now := start.Add(tt.after)
			r.Settle(now)
			if err := r.Take("me", now); !errors.Is(err, tt.want) {
				t.Errorf("Take after %v: %v, want %v", tt.after, err, tt.want)
			}
		})
	}
}

func TestExpiredWhileClaimed(t *testing.T) {
	r := New("042", "ann", "conn", start)
	late := start.Add(Validity - time.Second)
	if err := r.Take("me", late); err != nil {
		t.Fatal(err)
	}
	now := start.Add(Validity)
	r.Settle(now)
	if err := r.Use("me", now); !errors.Is(err, ErrExpired) {
		t.Errorf("Use after the end: %v", err)
	}
}

func TestGuesses(t *testing.T) {
	r := New("042", "ann", "conn", start)
	for left := MaxGuesses - 1; left >= 0; left-- {
		if err := r.Take("me", start); err != nil {
			t.Fatal(err)
		}
		if r.Left() != left {
			t.Errorf("%d left, want %d", r.Left(), left)
		}
		if err := r.Release("me", true, start); err != nil {
			t.Fatal(err)
		}
	}
	if r.State != Burnt {
		t.Errorf("%s after the third guess", r.State)
	}
	if err := r.Take("me", start); !errors.Is(err, ErrBurnt) {
		t.Errorf("fourth guess: %v", err)
	}
}

func TestForgottenClaim(t *testing.T) {
	r := New("042", "ann", "conn", start)
	now := start
	for guess := range MaxGuesses {
		if err := r.Take("me", now); err != nil {
			t.Fatalf("guess %d: %v", guess, err)
		}
		r.Settle(now.Add(MaxClaim - 1))
		if r.State != Claimed {
			t.Fatalf("%s before the claim was over", r.State)
		}
		now = now.Add(MaxClaim)
		r.Settle(now)
		if err := r.Use("me", now); err == nil {
			t.Error("a claim was used after its end")
		}
		if guess == 0 && r.State != Open {
			t.Errorf("%s after a claim nobody ended", r.State)
		}
		if guess == 1 { // two claims took four minutes
			if err := r.Extend(now); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r.State != Burnt {
		t.Errorf("%s after three claims nobody ended", r.State)
	}
}

// Whatever happens in whatever order: a room leads to one session at most, to none after its time, and to no
// more than three guesses.
func TestNoWayAround(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, now, claims, uses, extended := New("042", "ann", "conn", start), start, 0, 0, false
		for i := range 60 {
			now = now.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "seconds")) * time.Second)
			r.Settle(now)
			id := fmt.Sprint(i)
			if rapid.Bool().Draw(t, "same") && r.Claim != "" {
				id = r.Claim
			}
			switch rapid.IntRange(0, 4).Draw(t, "event") {
			case 0:
				if r.Take(id, now) == nil {
					claims++
				}
			case 1:
				_ = r.Release(id, true, now)
			case 2:
				if r.Use(id, now) == nil {
					uses++
				}
			case 3:
				extended = r.Extend(now) == nil || extended
			case 4:
				if r.Release(id, false, now) == nil {
					claims--
				}
			}
			life := Validity
			if extended {
				life += Extension
			}
			if claims > MaxGuesses || uses > 1 || r.Guesses != claims {
				t.Fatalf("%d claims (%d counted), %d uses", claims, r.Guesses, uses)
			}
			if r.Alive() && (uses > 0 || now.Sub(start) >= life) {
				t.Fatalf("alive after %d uses and %v", uses, now.Sub(start))
			}
		}
	})
}
