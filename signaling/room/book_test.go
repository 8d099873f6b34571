package room

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"assist/signaling/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func openBook(t *testing.T, dir string, c *clock) (*Book, *store.Store) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	rooms, err := s.Bucket(t.Context(), "rooms")
	if err != nil {
		t.Fatal(err)
	}
	shares, err := s.Bucket(t.Context(), "shares")
	if err != nil {
		t.Fatal(err)
	}
	return NewBook(rooms, shares, c.Now), s
}

func mustOpen(t *testing.T, b *Book, account string) Room {
	t.Helper()
	r, err := b.Open(t.Context(), account, "conn")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRacers(t *testing.T) {
	b, _ := openBook(t, t.TempDir(), &clock{now: start})
	r := mustOpen(t, b, "ann")
	const racers = 200
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { _, errs[i] = b.Claim(t.Context(), r.Digits, fmt.Sprint(i)) })
	}
	wg.Wait()
	winners := 0
	for _, err := range errs {
		switch {
		case err == nil:
			winners++
		case !errors.Is(err, ErrClaimed):
			t.Error(err)
		}
	}
	if winners != 1 {
		t.Errorf("%d winners of %d", winners, racers)
	}
}

func TestReasons(t *testing.T) {
	ctx, c := t.Context(), &clock{now: start}
	b, _ := openBook(t, t.TempDir(), c)
	used, burnt, cancelled, claimed, open := mustOpen(t, b, "ann"), mustOpen(t, b, "ann"), mustOpen(t, b, "ann"), mustOpen(t, b, "ann"), mustOpen(t, b, "ann")
	for _, step := range []func() (Room, error){
		func() (Room, error) { return b.Claim(ctx, used.Digits, "me") },
		func() (Room, error) { return b.Use(ctx, used.Digits, "ann", "me") },
		func() (Room, error) { return b.End(ctx, burnt.Digits, "ann", Burnt) },
		func() (Room, error) { return b.End(ctx, cancelled.Digits, "ann", Cancelled) },
		func() (Room, error) { return b.Claim(ctx, claimed.Digits, "other") },
	} {
		if _, err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.End(ctx, open.Digits, "bob", Cancelled); !errors.Is(err, ErrUnknown) {
		t.Errorf("somebody else's room: %v", err)
	}
	if _, err := b.Resume(ctx, open.Digits, "bob", "x"); !errors.Is(err, ErrUnknown) {
		t.Errorf("taking over somebody else's room: %v", err)
	}
	check := func(digits string, want error) {
		t.Helper()
		if _, err := b.Claim(ctx, digits, "me"); !errors.Is(err, want) {
			t.Errorf("Claim: %v, want %v", err, want)
		}
	}
	check(used.Digits, ErrUsed)
	check(burnt.Digits, ErrBurnt)
	check(cancelled.Digits, ErrCancelled)
	check(claimed.Digits, ErrClaimed)
	free := 0
	for ; ; free++ { // digits nobody has
		if r, rev, err := b.get(ctx, fmt.Sprintf("%03d", free)); err != nil || rev == 0 && r.Digits == "" {
			break
		}
	}
	check(fmt.Sprintf("%03d", free), ErrUnknown)
	c.Add(Validity)
	check(open.Digits, ErrExpired)
	c.Add(Rest)
	check(open.Digits, ErrUnknown)
}

func TestShareOfAnAccount(t *testing.T) {
	c := &clock{now: start}
	b, _ := openBook(t, t.TempDir(), c)
	var wg sync.WaitGroup
	var mu sync.Mutex
	digits := map[string]bool{}
	for range 3 * PerAccount { // all at once
		wg.Go(func() {
			r, err := b.Open(t.Context(), "ann", "conn")
			if err != nil {
				if !errors.Is(err, ErrFull) {
					t.Error(err)
				}
				return
			}
			mu.Lock()
			defer mu.Unlock()
			digits[r.Digits] = true
		})
	}
	wg.Wait()
	if len(digits) != PerAccount {
		t.Errorf("%d rooms, want %d", len(digits), PerAccount)
	}
	mustOpen(t, b, "bob") // has a share of his own
	for d := range maps.Keys(digits) {
		if _, err := b.End(t.Context(), d, "ann", Cancelled); err != nil {
			t.Fatal(err)
		}
		break
	}
	mustOpen(t, b, "ann")
	c.Add(Validity)
	mustOpen(t, b, "ann")
}

func TestAllRooms(t *testing.T) {
	c := &clock{now: start}
	b, _ := openBook(t, t.TempDir(), c)
	seen := map[string]bool{}
	for i := range Count {
		r := mustOpen(t, b, fmt.Sprint("account ", i/PerAccount))
		if seen[r.Digits] || len(r.Digits) != 3 {
			t.Fatalf("%q twice", r.Digits)
		}
		seen[r.Digits] = true
	}
	if _, err := b.Open(t.Context(), "ann", "conn"); !errors.Is(err, ErrFull) {
		t.Errorf("room %d: %v", Count, err)
	}
	c.Add(Validity + Rest - time.Nanosecond)
	if _, err := b.Open(t.Context(), "ann", "conn"); !errors.Is(err, ErrFull) {
		t.Errorf("while all rest: %v", err)
	}
	c.Add(time.Nanosecond)
	mustOpen(t, b, "ann")
}

func TestRestartKeepsRooms(t *testing.T) {
	dir, c := t.TempDir(), &clock{now: start}
	b, s := openBook(t, dir, c)
	r := mustOpen(t, b, "ann")
	c.Add(2 * time.Minute)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, _ = openBook(t, dir, c)
	again, err := b.Resume(t.Context(), r.Digits, "ann", "next")
	if err != nil || again.Owner != "next" || b.Remaining(again) != Validity-2*time.Minute {
		t.Errorf("after the restart: %+v, %v left, %v", again, b.Remaining(again), err)
	}
	c.Add(3 * time.Minute)
	if _, err := b.Claim(t.Context(), r.Digits, "me"); !errors.Is(err, ErrExpired) {
		t.Errorf("Claim after its time: %v", err)
	}
}

func TestClockSetBack(t *testing.T) {
	c := &clock{now: start}
	b, _ := openBook(t, t.TempDir(), c)
	r := mustOpen(t, b, "ann")
	c.Add(Validity)
	if err := b.Expire(t.Context(), r.Digits, "conn"); !errors.Is(err, ErrExpired) {
		t.Errorf("Expire: %v", err)
	}
	c.Add(-time.Hour)
	if _, err := b.Claim(t.Context(), r.Digits, "me"); !errors.Is(err, ErrExpired) {
		t.Errorf("after the clock was set back: %v", err)
	}

	early := mustOpen(t, b, "ann")
	c.Add(-time.Hour) // the wall clock says there is more time than there is; the owner's own clock knows better
	if err := b.Expire(t.Context(), early.Digits, "conn"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Claim(t.Context(), early.Digits, "me"); !errors.Is(err, ErrExpired) {
		t.Errorf("ended by the owner's clock: %v", err)
	}
	if err := b.Expire(t.Context(), early.Digits, "somebody else"); !errors.Is(err, ErrUnknown) {
		t.Errorf("ended by somebody else: %v", err)
	}
}

// Pearson's test over the first digits drawn: an order that is not even fails it.
func TestUniform(t *testing.T) {
	const draws, cells = 20000, 10
	var count [cells]int
	for range draws {
		order, err := shuffled(cells)
		if err != nil {
			t.Fatal(err)
		}
		count[order[0]]++
	}
	chi := 0.0
	for _, n := range count {
		d := float64(n) - draws/cells
		chi += d * d / (draws / cells)
	}
	if chi > 33.7 { // p = 0.0001 at 9 degrees of freedom
		t.Errorf("chi-square %.1f: %v", chi, count)
	}
}
